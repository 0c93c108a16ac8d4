"""`pixel-llm coach review`: tests and reviewer for code that a person has written."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixel_llm.cli.coach_options import HERE, ConfigOption, DatabaseOption, ProjectOption, SetOption
from pixel_llm.cli.coach_run import NoReviewOption, UnsafeOption
from pixel_llm.cli.options import JsonOption

if TYPE_CHECKING:
    from pixel_llm.cli.coach_context import Context
    from pixel_llm.coach.types import AttemptRecord, Review, TaskFile, TaskSpec

_BY_HAND = "human"


def review(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of the project.", show_default=False)],
    task_id: Annotated[
        str | None,
        typer.Option("--task", metavar="TASK", help="The task that it is for: its tests run too.", show_default=False),
    ] = None,
    about: Annotated[
        str, typer.Option("--about", metavar="TEXT", help="What the code is for, without a task.", show_default=False)
    ] = "",
    no_review: NoReviewOption = False,
    unsafe_no_sandbox: UnsafeOption = False,
    settings: SetOption = None,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have hand-written code judged: the task's tests in the sandbox, then the reviewer.

    The attempt is kept with the task; whether the task is done you say with `accept` or `reject`. Nothing is written to
    the project. Without `--task` the reviewer alone gives its opinion.
    """
    from pixel_llm.cli.coach_context import open_context

    flags = {"reviewer.kind": "none" if no_review else None, "writer.kind": "none"}
    context = open_context(project, config, database, flags, settings)
    path = _below(file, context.project)
    if task_id is None:
        _opinion(context, path, about, as_json)
    else:
        _judge(context, path, task_id, unsafe_no_sandbox, as_json)


def _opinion(context: Context, path: str, about: str, as_json: bool) -> None:
    from pixel_llm.cli.coach_tools import agents_of
    from pixel_llm.cli.output import emit_json
    from pixel_llm.coach.types import ReviewRequest, TaskSpec
    from pixel_llm.errors import AgentError

    reviewer = agents_of(context.config).reviewer
    assert reviewer is not None, "without a writer there is a reviewer, or an error"
    task = TaskSpec(id="by-hand", title=f"Review of {Path(path).name}", description=about, target_files=(path,))
    made = reviewer.review(ReviewRequest(task=task, files=(_read(context, path),)))
    if made is None:
        raise AgentError(f"{reviewer.name} gave no usable review in two tries", remedy="try again, or another model")
    if as_json:
        emit_json({"file": path, "review": made.model_dump(mode="json")})
    else:
        _show_review(made)


def _judge(context: Context, path: str, task_id: str, unsafe: bool, as_json: bool) -> None:
    from pixel_llm.cli.coach_tools import ledger_of, policy_of, tools_of
    from pixel_llm.cli.output import emit_json, note, say
    from pixel_llm.coach.agents.choosing import choose_agents
    from pixel_llm.coach.loop.attempt import decide, wants_review
    from pixel_llm.coach.loop.attempt import review as reviewed
    from pixel_llm.coach.loop.judging import baseline, judge
    from pixel_llm.coach.loop.tools import Run, Silent
    from pixel_llm.errors import InvalidArgumentError

    chosen = choose_agents(context.config, review=context.config.reviewer.kind != "none")
    if chosen.reviewer is None:
        note("Nobody reviews: tests alone decide.", style="yellow")
    with context.queue() as queue:
        task = queue.get(task_id)
        if path not in task.spec.target_files:
            raise InvalidArgumentError(
                f"is no target of {task_id}",
                file=path,
                remedy=f"its targets: {', '.join(task.spec.target_files) or '-'}",
            )
        number = task.attempts + 1
        run_id = f"by-hand-{number}"
        with ledger_of(context, f"{task_id}:{run_id}", threading.Event()) as ledger:
            tools = tools_of(context, chosen, ledger, Silent(), unsafe=unsafe)
            run = Run(task.spec, run_id, tools, policy_of(context.config), base=tools.project.base())
            run = Run(task.spec, run_id, tools, run.policy, base=run.base, before=baseline(run))
            attempt = judge(run, _handed_in(context, task.spec, run, number))
            if wants_review(run, attempt):
                attempt = reviewed(run, attempt)
            attempt = decide(run, attempt)
        queue.record_attempt(task_id, run_id, attempt)
    if as_json:
        emit_json({"task": task_id, "attempt": attempt.model_dump(mode="json")})
        return
    for check in attempt.checks:
        if not check.ok:
            say(check.message, style="red")
    for report in attempt.reports:
        say(f"{report.kind} tests: {report.passed} of {report.expected} passed {report.reason}".rstrip())
        if not report.ok and report.kind != "hidden":
            say(report.output.rstrip(), style="dim")
    if attempt.review:
        _show_review(attempt.review)
    say(f"{'good enough' if attempt.accepted else 'not good enough'}: {attempt.decided_by}", style="bold")
    decision = "accept" if attempt.accepted else "reject --reason …"
    note(f"Yours to decide: pixel-llm coach {decision} {task_id}")


def _handed_in(context: Context, task: TaskSpec, run: Any, number: int) -> AttemptRecord:
    """The task's target files as they are in the working tree, as an attempt."""
    from decimal import Decimal

    from pixel_llm.coach.loop.workspace import difference
    from pixel_llm.coach.types import AttemptRecord, Completion, Usage

    files = tuple(_read(context, p) for p in task.target_files if (context.project / p).is_file())
    return AttemptRecord(
        number=number,
        completion=Completion(
            text="", model=_BY_HAND, endpoint="by hand", usage=Usage(cost_usd=Decimal(0), priced_by="local")
        ),
        files=files,
        diff=difference(run.tools.project, run.base, files),
    )


def _read(context: Context, path: str) -> TaskFile:
    from pixel_llm.coach.structured import read_text
    from pixel_llm.coach.types import MAX_TEXT, TaskFile
    from pixel_llm.errors import InvalidArgumentError

    content = read_text(context.project / path)
    if len(content) > MAX_TEXT:
        raise InvalidArgumentError(f"longer than {MAX_TEXT} characters", file=path)
    return TaskFile(path=path, content=content)


def _below(file: Path, project: Path) -> str:
    from pixel_llm.errors import InvalidArgumentError, NotFoundError

    if not file.is_file():
        raise NotFoundError("no such file", file=file)
    try:
        return file.resolve().relative_to(project.resolve()).as_posix()
    except ValueError:
        raise InvalidArgumentError("is not in the project", file=file, part=str(project)) from None


def _show_review(made: Review) -> None:
    from pixel_llm.cli.coach_show import dollars
    from pixel_llm.cli.output import note, say

    say(f"{made.score}/10, {made.verdict}", style="bold")
    for defect in made.defects:
        say(f"  {defect.place}: {defect.reason}")
    usage = made.usage
    note(f"{made.model}, {usage.input_tokens + usage.output_tokens:,} tokens, {dollars(usage.cost_usd)}")


COMMANDS = (("review", review, "Example: pixel-llm coach review dates.py --task parse-date"),)
