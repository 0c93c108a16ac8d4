"""`pixel-llm coach`: the commands that look and change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixel_llm.cli.coach_options import (
    HERE,
    ConfigOption,
    DatabaseOption,
    PhaseOption,
    ProjectOption,
    SetOption,
    TaskArgument,
)
from pixel_llm.cli.options import JsonOption

if TYPE_CHECKING:
    from pixel_llm.coach.queue import Counted
    from pixel_llm.coach.types import AttemptRecord, PhaseProgress, Task, TaskSpec

_SHOWN = 20  # rows of a list inside another page
_STATES = ("pending", "ready", "running", "accepted", "needs_human", "blocked", "failed", "cancelled")


class State(StrEnum):
    """States of tasks, for an option; the coach's own type is only loaded by its commands."""

    pending = "pending"
    ready = "ready"
    running = "running"
    accepted = "accepted"
    needs_human = "needs_human"
    blocked = "blocked"
    failed = "failed"
    cancelled = "cancelled"


def status(
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how far each phase is, what is running, and what waits for a person."""
    from pixel_llm.cli.coach_context import FIRST_STEPS, open_context
    from pixel_llm.cli.output import console, emit_json, note, say, table
    from pixel_llm.coach.types import TaskState

    context = open_context(project, config, database)
    if not context.exists():
        if as_json:
            emit_json({"database": context.database, "paused": False, "phases": [], "running": [], "needs_human": []})
        else:
            say("No tasks yet.")
            note(f"Add some: {FIRST_STEPS}, or `pixel-llm coach init` for the built-in roadmap.")
        return
    with context.queue() as queue:
        phases, paused, total = queue.progress(), queue.paused, queue.stats().total
        running, waiting = queue.list(states=[TaskState.running]), queue.list(states=[TaskState.needs_human])
        location = queue.location
    if as_json:
        emit_json(
            {
                "database": location,
                "paused": paused,
                "phases": [_phase_json(p) for p in phases],
                "running": [_task_json(t) for t in running],
                "needs_human": [_task_json(t) for t in waiting],
                "cost_usd": _dollars_json(total.usage.cost_usd),
            }
        )
        return
    say(f"{location}{'  (paused)' if paused else ''}", style="dim")
    console().print(_phase_table(phases))
    if running:
        say("\nRunning", style="bold")
        rows = [[t.id, t.worker or "", _ago(t.started), _ago(t.lease_expires)] for t in running[:_SHOWN]]
        console().print(table(["task", "worker", "since", "lease until"], rows))
    if waiting:
        say(f"\nWaiting for a person ({len(waiting)})", style="bold")
        console().print(table(["task", "title", "why"], [[t.id, t.spec.title, t.reason] for t in waiting[:_SHOWN]]))
    if total.attempts:
        say(f"\n{total.attempts} attempts at {total.tasks} tasks, {dollars(total.usage.cost_usd)}", style="dim")


def next_(
    phase: PhaseOption = None,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the task that would be worked on next, without taking it."""
    from pixel_llm.cli.coach_context import known_phase, open_context
    from pixel_llm.cli.output import emit_json, note, say

    context = open_context(project, config, database)
    with context.queue() as queue:
        task = queue.next(agent=None, phase=known_phase(queue, phase))
        progress = queue.progress(phase)
    if as_json:
        emit_json({"task": None if task is None else _task_json(task)})
    elif task is None:
        say("Nothing is ready.")
        counts = {state: sum(_count(p, state) for p in progress) for state in _STATES}
        note(", ".join(f"{n} {state}" for state, n in counts.items() if n) or "There are no tasks.")
    else:
        say(f"{task.id}  {task.spec.title}", style="bold")
        note(f"phase {task.spec.phase}, priority {task.spec.priority}, for {task.spec.agent}")


def list_phases(
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the phases with their progress and their measure of success."""
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.cli.output import console, emit_json

    with open_context(project, config, database).queue() as queue:
        phases = queue.progress()
    if as_json:
        emit_json({"phases": [_phase_json(p) for p in phases]})
        return
    console().print(_phase_table(phases, measure=True))


def list_tasks(
    phase: PhaseOption = None,
    state: Annotated[
        list[State] | None,
        typer.Option("--state", metavar="STATE", help=f"{', '.join(_STATES)}; may be repeated.", show_default=False),
    ] = None,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List tasks in the order in which they were added."""
    from pixel_llm.cli.coach_context import known_phase, open_context
    from pixel_llm.cli.output import console, emit_json, table
    from pixel_llm.coach.types import TaskState

    with open_context(project, config, database).queue() as queue:
        tasks = queue.list(phase=known_phase(queue, phase), states=[TaskState(s) for s in state] if state else None)
    if as_json:
        emit_json({"tasks": [_task_json(t) for t in tasks]})
        return
    rows = [
        [t.id, t.state, str(t.spec.priority), str(t.attempts or ""), str(t.score or ""), t.spec.phase, t.spec.title]
        for t in tasks
    ]
    columns = ["task", "state", "priority", "attempts", "score", "phase", "title"]
    console().print(table(columns, rows, right=(2, 3, 4)))


def show_task(
    task_id: TaskArgument,
    diff: Annotated[bool, typer.Option("--diff", help="The best attempt's changes too.")] = False,
    tests: Annotated[bool, typer.Option("--tests", help="What the latest tests printed too.")] = False,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a task: what is to be done, how far it is, and what became of each attempt."""
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.cli.output import console, emit_json, facts, say

    with open_context(project, config, database).queue() as queue:
        task, attempts, dependents = queue.get(task_id), queue.attempts(task_id), queue.dependents(task_id)
    if as_json:
        emit_json(
            {
                "task": task.model_dump(mode="json"),
                "dependents": list(dependents),
                "attempts": [a.model_dump(mode="json") for a in attempts],
            }
        )
        return
    say(f"{task.id}  {task.spec.title}", style="bold")
    console().print(facts((name, value) for name, value in _facts(task, dependents) if value))
    if task.spec.description:
        say(f"\n{task.spec.description.strip()}")
    if attempts:
        say("\nAttempts", style="bold")
        console().print(_attempt_table(attempts))
        best = _best(attempts)
        for defect in best.review.defects if best.review else ():
            say(f"  {defect.place}: {defect.reason}")
        if tests:
            for report in attempts[-1].reports:
                say(f"\n{report.kind} tests", style="bold")
                say(report.output.rstrip() or report.reason)
        if diff:
            say()
            say(best.diff.rstrip())


def stats(
    phase: PhaseOption = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="RUN", help="Only attempts of this run.", show_default=False)
    ] = None,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the attempts came to: success rate, tokens, dollars and time, per phase and per model."""
    from pixel_llm.cli.coach_context import known_phase, open_context
    from pixel_llm.cli.output import console, emit_json, note, say

    with open_context(project, config, database).queue() as queue:
        counted = queue.stats(phase=known_phase(queue, phase), run_id=run)
    groups = (("phase", counted.phases), ("writer", counted.writers), ("reviewer", counted.reviewers))
    if as_json:
        emit_json(
            {"total": _counted_json(counted.total)}
            | {f"{name}s": [_counted_json(c) for c in group] for name, group in groups}
        )
        return
    if not counted.total.attempts:
        say("No attempts yet.")
        return
    for name, group in groups:
        if group:
            console().print(_counted_table(name, [*group, *([counted.total] if name == "phase" else [])]))
            say()
    note("A reviewer's row counts its reviews alone. Dollars leave out what has no known price.")


def settings(
    changes: SetOption = None,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every setting, what it means and its value here: from coach.yaml, the environment and the flags.

    In a project without coach.yaml it shows the defaults; `pixel-llm coach settings > coach.yaml` is a place to start.
    """
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.cli.docs_coach import explained
    from pixel_llm.cli.output import emit_json, say
    from pixel_llm.coach.queue.engine import database_url, shown

    made = open_context(project, config, database, settings=changes).config
    if "://" in made.database:
        made = made.model_copy(update={"database": shown(database_url(made.database))})
    if as_json:
        emit_json(made.model_dump(mode="json"))
    else:
        say(explained(made).rstrip())


def _facts(task: Task, dependents: Sequence[str]) -> list[tuple[str, str]]:
    spec, usage = task.spec, task.usage
    return [
        ("state", f"{task.state}{f': {task.reason}' if task.reason else ''}"),
        ("phase", spec.phase),
        ("priority", str(spec.priority)),
        ("for", str(spec.agent)),
        ("worker", f"{task.worker}, lease until {_ago(task.lease_expires)}" if task.lease_expires else ""),
        ("depends on", ", ".join(spec.depends_on)),
        ("needed by", ", ".join(dependents[:_SHOWN])),
        ("target files", ", ".join(spec.target_files)),
        ("context files", ", ".join(spec.context_files)),
        ("protected", ", ".join(spec.protected_paths)),
        ("visible tests", ", ".join(t.path for t in spec.visible_tests)),
        ("hidden tests", str(len(spec.hidden_tests)) if spec.hidden_tests else ""),
        ("regression tests", ", ".join(spec.regression_tests)),
        ("test command", " ".join(spec.test_command)),
        ("estimate", _estimate(spec)),
        ("score", str(task.score or "")),
        ("branch", task.branch or ""),
        ("lessons", "; ".join(task.lessons)),
        ("tokens", f"{usage.input_tokens:,} in, {usage.output_tokens:,} out" if task.attempts else ""),
        ("cost", f"{dollars(usage.cost_usd)} ({usage.priced_by})" if usage.priced_by else ""),
        ("added", f"{task.added:%Y-%m-%d %H:%M} UTC"),
        ("finished", f"{task.finished:%Y-%m-%d %H:%M} UTC" if task.finished else ""),
    ]


def _estimate(spec: TaskSpec) -> str:
    from pixel_llm.cli.output import human_seconds

    wanted = spec.estimates
    parts = [
        human_seconds(wanted.minutes * 60) if wanted.minutes is not None else "",
        f"{wanted.tokens:,} tokens" if wanted.tokens is not None else "",
        dollars(wanted.cost_usd) if wanted.cost_usd is not None else "",
    ]
    return ", ".join(filter(None, parts))


def _attempt_table(attempts: Sequence[AttemptRecord]) -> Any:
    from pixel_llm.cli.output import human_seconds, table

    rows = []
    for attempt in attempts:
        reports = ", ".join(f"{r.kind} {r.passed}/{r.expected}{'' if r.ok else ' ✗'}" for r in attempt.reports)
        rows.append(
            [
                str(attempt.number),
                "accepted" if attempt.accepted else f"not accepted: {attempt.error or attempt.decided_by or '?'}",
                reports,
                str(attempt.review.score) if attempt.review else "",
                attempt.completion.model if attempt.completion else "",
                dollars(attempt.usage.cost_usd),
                human_seconds(attempt.seconds),
            ]
        )
    return table(["attempt", "outcome", "tests", "score", "writer", "cost", "time"], rows, right=(0, 3, 5, 6))


def _best(attempts: Sequence[AttemptRecord]) -> AttemptRecord:
    from pixel_llm.coach.loop.ranking import best

    return best(attempts) or attempts[-1]


def _phase_table(phases: Sequence[PhaseProgress], *, measure: bool = False) -> Any:
    from pixel_llm.cli.output import table

    states = [s for s in _STATES if any(_count(p, s) for p in phases)]
    rows = [
        [
            f"{p.phase}{f'  {p.name}' if p.name else ''}",
            f"{p.accepted}/{p.total}",
            *(str(_count(p, s) or "") for s in states),
            *([p.measure] if measure else []),
        ]
        for p in phases
    ]
    columns = ["phase", "done", *(s.replace("_", " ") for s in states), *(["measure of success"] if measure else [])]
    return table(columns, rows, right=range(1, 2 + len(states)))


def _counted_table(name: str, rows: Sequence[Counted]) -> Any:
    from pixel_llm.cli.output import human_seconds, table

    return table(
        [name, "tasks", "accepted", "rate", "attempts", "tokens in", "tokens out", "cost", "cost a task", "time"],
        [
            [
                c.name,
                str(c.tasks),
                str(c.accepted),
                "" if c.success_rate is None else f"{c.success_rate:.0%}",
                str(c.attempts),
                f"{c.usage.input_tokens:,}",
                f"{c.usage.output_tokens:,}",
                dollars(c.usage.cost_usd),
                dollars(c.cost_per_task),
                human_seconds(c.seconds),
            ]
            for c in rows
        ],
        right=range(1, 10),
    )


def _count(progress: PhaseProgress, state: str) -> int:
    from pixel_llm.coach.types import TaskState

    return progress.counts.get(TaskState(state), 0)


def _phase_json(progress: PhaseProgress) -> dict[str, Any]:
    counts = {str(state): n for state, n in progress.counts.items()}
    names = {"phase": progress.phase, "name": progress.name, "measure": progress.measure}
    return {**names, "accepted": progress.accepted, "total": progress.total, "states": counts}


def _task_json(task: Task) -> dict[str, Any]:
    keys = {"visible_tests", "hidden_tests", "description"}
    return {**task.model_dump(mode="json", exclude={"spec"}), **task.spec.model_dump(mode="json", exclude=keys)}


def _counted_json(counted: Counted) -> dict[str, Any]:
    return {
        **counted.model_dump(mode="json"),
        "success_rate": counted.success_rate,
        "cost_per_task": _dollars_json(counted.cost_per_task),
    }


def dollars(amount: Decimal | None) -> str:
    """Dollars with as many digits as a fraction of a cent needs; `?` where no price is known."""
    if amount is None:
        return "?"
    return f"${amount:.2f}" if amount >= 1 or amount == 0 else f"${amount:.6f}".rstrip("0")


def _dollars_json(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _ago(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%H:%M:%S} UTC"


COMMANDS = (
    ("status", status, "Example: pixel-llm coach status"),
    ("next", next_, "Example: pixel-llm coach next --phase 1_gpu_core"),
    ("list-phases", list_phases, "Example: pixel-llm coach list-phases"),
    ("list-tasks", list_tasks, "Example: pixel-llm coach list-tasks --state needs_human"),
    ("show-task", show_task, "Example: pixel-llm coach show-task parse-date --diff"),
    ("stats", stats, "Example: pixel-llm coach stats --phase 1_gpu_core"),
    ("settings", settings, "Example: pixel-llm coach settings > coach.yaml"),
)
