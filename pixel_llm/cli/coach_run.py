"""`pixel-llm coach`: the commands that put agents to work."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixel_llm.cli.coach_options import HERE, ConfigOption, DatabaseOption, PhaseOption, ProjectOption, SetOption
from pixel_llm.cli.options import JsonOption

if TYPE_CHECKING:
    from pixel_llm.cli.coach_context import Context
    from pixel_llm.coach.durable.phase import Statistics

ParallelOption = Annotated[
    int | None,
    typer.Option("--parallel", min=1, metavar="K", help="Tasks at the same time.", show_default="run.parallel, 1"),
]
BudgetOption = Annotated[
    float | None,
    typer.Option("--budget", min=0, metavar="USD", help="Dollars to spend, at most.", show_default="no limit"),
]
NoReviewOption = Annotated[bool, typer.Option("--no-review", help="Let the tests decide alone.")]
UnsafeOption = Annotated[
    bool,
    typer.Option("--unsafe-no-sandbox", help="Run generated code unconfined, with all that you may do. Rarely wise."),
]


def coach(
    phase: PhaseOption = None,
    max_tasks: Annotated[
        int | None, typer.Option("--max-tasks", min=1, metavar="N", help="Tasks, at most.", show_default="all")
    ] = None,
    parallel: ParallelOption = None,
    budget: BudgetOption = None,
    no_review: NoReviewOption = False,
    fix_failures: Annotated[
        bool, typer.Option("--fix-failures", help="Take up again what failed or needs a human, with what was learnt.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done; do nothing.")] = False,
    unsafe_no_sandbox: UnsafeOption = False,
    settings: SetOption = None,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Work on the tasks of a phase until they are accepted, wait for a person, or nothing more is ready.

    Accepted work is committed on the branch coach/accepted; your working tree is not touched. The budget is checked
    before each call. Ctrl-C finishes what is under way; the next run goes on where this one stopped, and nothing is
    paid for twice.
    """
    from pixel_llm.cli.coach_context import open_context

    flags = _flags(parallel, budget, no_review)
    context = open_context(project, config, database, flags, settings)
    if dry_run:
        _plan(context, phase, max_tasks, fix_failures, as_json)
        return
    _work(
        context,
        phase=phase,
        max_tasks=max_tasks,
        fix_failures=fix_failures,
        wait=False,
        unsafe=unsafe_no_sandbox,
        as_json=as_json,
    )


def worker(
    phase: PhaseOption = None,
    parallel: ParallelOption = None,
    budget: BudgetOption = None,
    no_review: NoReviewOption = False,
    unsafe_no_sandbox: UnsafeOption = False,
    settings: SetOption = None,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Work on whatever becomes ready, until Ctrl-C: one of several workers on one or many machines.

    Each machine has a clone of the project; the queue and the finished steps are in the database that they share.
    """
    from pixel_llm.cli.coach_context import open_context

    flags = _flags(parallel, budget, no_review)
    _work(
        open_context(project, config, database, flags, settings),
        phase=phase,
        max_tasks=None,
        fix_failures=False,
        wait=True,
        unsafe=unsafe_no_sandbox,
        as_json=as_json,
    )


def agents(
    settings: SetOption = None,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who can write and who can review here; for those who cannot, why not and what to do about it."""
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.cli.output import console, emit_json, note, say, table
    from pixel_llm.coach.agents.choosing import SETTING_UP, choose_agents
    from pixel_llm.coach.sandbox import choose
    from pixel_llm.errors import SandboxError

    wanted = open_context(project, config, settings=settings).config
    chosen = choose_agents(wanted, review=wanted.reviewer.kind != "none")
    try:
        sandbox, problem = str(choose(wanted.sandbox.engine).name), None
    except SandboxError as error:
        sandbox, problem = None, error
    if as_json:
        rows = [c.model_dump(mode="json") for c in chosen.candidates]
        emit_json({"agents": rows, "sandbox": sandbox, "sandbox_problem": None if problem is None else str(problem)})
        return
    lines = [
        [c.role, c.name, c.model, c.endpoint, "chosen" if c.chosen else "yes" if c.available else "no"]
        for c in chosen.candidates
    ]
    console().print(table(["role", "agent", "model", "where", "available"], lines))
    for candidate in chosen.candidates:
        if not candidate.available:
            say(f"\n{candidate.name} cannot be the {candidate.role}: {candidate.why_not}")
            say(f"  {candidate.remedy}", style="bold")
    say(f"\nsandbox: {sandbox or problem}")
    if chosen.writer is None and chosen.reviewer is None:
        say("\nNobody writes or reviews. One of these sets somebody up:")
        for command in SETTING_UP:
            say(f"  {command}", style="bold")
    elif chosen.notice:
        note(chosen.notice, style="yellow")


def _flags(parallel: int | None, budget: float | None, no_review: bool) -> dict[str, Any]:
    return {
        "run.parallel": parallel,
        "run.budget_usd": budget,
        "reviewer.kind": "none" if no_review else None,
    }


def _plan(context: Context, phase: str | None, max_tasks: int | None, fix_failures: bool, as_json: bool) -> None:
    from pixel_llm.cli.coach_context import known_phase
    from pixel_llm.cli.output import console, emit_json, note, table
    from pixel_llm.coach.durable.phase import plan

    with context.queue() as queue:
        tasks = plan(queue, phase=known_phase(queue, phase), max_tasks=max_tasks, fix_failures=fix_failures)
    if as_json:
        emit_json({"tasks": [{"id": t.id, "phase": t.spec.phase, "title": t.spec.title} for t in tasks]})
        return
    console().print(table(["task", "phase", "title"], [[t.id, t.spec.phase, t.spec.title] for t in tasks]))
    note(f"{len(tasks)} tasks, if each is accepted.")


def _work(
    context: Context,
    *,
    phase: str | None,
    max_tasks: int | None,
    fix_failures: bool,
    wait: bool,
    unsafe: bool,
    as_json: bool,
) -> None:
    from pixel_llm.cli.coach_context import known_phase
    from pixel_llm.cli.coach_tools import agents_of, ledger_of, policy_of, stopping, tools_of
    from pixel_llm.cli.output import clean, console, note
    from pixel_llm.coach.config import state_folder
    from pixel_llm.coach.durable.engine import Engine
    from pixel_llm.coach.durable.phase import count, take_up_failures
    from pixel_llm.coach.durable.worker import Worker, worker_name
    from pixel_llm.coach.observe import RunLog, Several, Terminal
    from pixel_llm.coach.types import AgentKind

    stop = threading.Event()
    name = worker_name()
    chosen = agents_of(context.config)
    terminal = Terminal(console(stderr=True), clean)
    with (
        context.queue() as queue,
        RunLog(state_folder(context.project) / context.logs.name) as log,
        ledger_of(context, log.name, stop) as ledger,
    ):
        known_phase(queue, phase)
        observer = Several([log, terminal])
        tools = tools_of(context, chosen, ledger, observer, unsafe=unsafe)
        if queue.paused:
            note("The queue is paused: nothing is handed out before `pixel-llm coach resume`.", style="yellow")
        if fix_failures:
            taken_up = take_up_failures(queue, phase)
            observer.event("taken up again", tasks=list(taken_up))
        observer.event(
            "run started",
            worker=name,
            phase=phase,
            database=queue.location,
            **chosen.summary(),
            notice=chosen.notice,
        )
        engine = Engine(context.database, name, tools, stop=stop)
        kinds = (AgentKind.local, AgentKind.reviewer) if chosen.writer else (AgentKind.reviewer,)
        work = Worker(
            queue,
            engine,
            policy_of(context.config),
            name,
            agents=kinds,
            phase=phase,
            parallel=context.config.run.parallel,
            max_tasks=max_tasks,
            wait=wait,
            lease=context.config.run.lease_seconds,
            stop=stop,
            observer=observer,
        )
        try:
            with stopping(stop):
                work.work()
        finally:
            engine.close()
            terminal.close()
            statistics = count(work.done)
            observer.event("run finished", statistics=statistics.model_dump(mode="json"), spent=str(ledger.spent()))
            _report(statistics, log.path, as_json)
            if log.failed is not None:
                note(f"the log has gaps: {log.failed.strerror}", style="red")
    if stop.is_set() and not wait:  # a worker's end is always somebody's signal
        raise KeyboardInterrupt


def _report(statistics: Statistics, log: Path, as_json: bool) -> None:
    from pixel_llm.cli.output import console, emit_json, note, say

    if as_json:
        emit_json({**_json(statistics), "log": str(log)})
        return
    total = statistics.total
    if not (total.processed or total.interrupted):
        say("Nothing was ready.")
    else:
        for title, rows in (
            ("phase", [*statistics.phases, total.model_copy(update={"name": "total"})]),
            ("writer", list(statistics.writers)),
            ("reviewer", list(statistics.reviewers)),
        ):
            if rows:
                console().print(_table(title, rows))
                say()
    note(f"log: {log}")


def _table(title: str, rows: list[Any]) -> Any:
    from pixel_llm.cli.coach_show import dollars
    from pixel_llm.cli.output import human_seconds, table

    return table(
        [
            title,
            "processed",
            "accepted",
            "rate",
            "needs human",
            "failed",
            "attempts",
            "tokens",
            "cost",
            "a task",
            "time",
        ],
        [
            [
                row.name,
                str(row.processed),
                str(row.accepted),
                "" if row.success_rate is None else f"{row.success_rate:.0%}",
                str(row.needs_human or ""),
                str(row.failed or ""),
                str(row.attempts),
                f"{row.usage.input_tokens + row.usage.output_tokens:,}",
                dollars(row.usage.cost_usd),
                dollars(row.cost_per_task),
                human_seconds(row.seconds),
            ]
            for row in rows
        ],
        right=range(1, 11),
    )


def _json(statistics: Statistics) -> dict[str, Any]:
    def one(tally: Any) -> dict[str, Any]:
        cost = tally.cost_per_task
        return {
            **tally.model_dump(mode="json"),
            "success_rate": tally.success_rate,
            "cost_per_task": None if cost is None else str(cost),
        }

    groups = {name: [one(t) for t in getattr(statistics, name)] for name in ("phases", "writers", "reviewers")}
    return {"total": one(statistics.total), **groups}


COMMANDS = (
    ("agents", agents, "Example: pixel-llm coach agents"),
    ("coach", coach, "Example: pixel-llm coach coach --phase 1_gpu_core --max-tasks 5 --budget 0.05"),
    ("worker", worker, "Example: pixel-llm coach worker --database postgresql://coach@db.example/coach --parallel 2"),
)
