"""`pixel-llm coach`: what a person decides about a task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixel_llm.cli.coach_options import HERE, ConfigOption, DatabaseOption, ProjectOption, TaskArgument
from pixel_llm.cli.options import JsonOption

if TYPE_CHECKING:
    from pixel_llm.coach.types import Task

ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the task.", show_default=False)
]


def accept(
    task_id: TaskArgument,
    reason: ReasonOption = "",
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a task is done. What waited for it becomes ready.

    This changes the queue alone: code of your own is in your repository already, an attempt's changes are in its record
    (`show-task --diff`).
    """
    from pixel_llm.cli.coach_context import open_context

    with open_context(project, config, database).queue() as queue:
        task = queue.accept(task_id, reason=reason)
    _tell(task, as_json)


def reject(
    task_id: TaskArgument,
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help="What is wrong; the writer is told it.", show_default=False),
    ],
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn work down, accepted work too. `retry` puts the task back; the reason is then a lesson for the writer."""
    from pixel_llm.cli.coach_context import open_context

    with open_context(project, config, database).queue() as queue:
        task = queue.reject(task_id, reason)
    _tell(task, as_json)


def retry(
    task_id: TaskArgument,
    lesson: Annotated[
        str, typer.Option("--lesson", metavar="TEXT", help="Something to tell the writer.", show_default=False)
    ] = "",
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a task that needs a human, has failed or was cancelled back into the queue."""
    from pixel_llm.cli.coach_context import open_context

    with open_context(project, config, database).queue() as queue:
        task = queue.retry(task_id, lesson=lesson)
    _tell(task, as_json)


def cancel(
    task_id: TaskArgument,
    reason: ReasonOption = "",
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a task out; a worker that holds it stops. What depends on it is blocked until it is tried again."""
    from pixel_llm.cli.coach_context import open_context

    with open_context(project, config, database).queue() as queue:
        task = queue.cancel(task_id, reason)
    _tell(task, as_json)


def hand_over(
    task_id: TaskArgument,
    reason: ReasonOption = "",
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a task from the models and leave it to a person; a worker that holds it stops."""
    from pixel_llm.cli.coach_context import open_context

    with open_context(project, config, database).queue() as queue:
        task = queue.hand_to_human(task_id, reason)
    _tell(task, as_json)


def pause(
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand out no more tasks, to any worker; what is running goes on."""
    _pause(project, config, database, as_json, wanted=True)


def resume(
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand out tasks again after `pause`."""
    _pause(project, config, database, as_json, wanted=False)


def _pause(project: Path, config: Path | None, database: str | None, as_json: bool, *, wanted: bool) -> None:
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.cli.output import emit_json, say

    with open_context(project, config, database).queue() as queue:
        queue.pause(wanted)
    if as_json:
        emit_json({"paused": wanted})
    else:
        say("paused" if wanted else "resumed")


def _tell(task: Task, as_json: bool) -> None:
    from pixel_llm.cli.output import emit_json, say

    if as_json:
        emit_json({"task": task.id, "state": str(task.state), "reason": task.reason})
    else:
        say(f"{task.id} is {task.state}{f': {task.reason}' if task.reason else ''}")


COMMANDS = (
    ("accept", accept, "Example: pixel-llm coach accept parse-date --reason 'written by hand'"),
    ("reject", reject, "Example: pixel-llm coach reject parse-date --reason 'wrong for leap years'"),
    ("retry", retry, "Example: pixel-llm coach retry parse-date --lesson 'February has 29 days in leap years'"),
    ("cancel", cancel, "Example: pixel-llm coach cancel parse-date"),
    ("hand-over", hand_over, "Example: pixel-llm coach hand-over parse-date --reason 'needs a decision'"),
    ("pause", pause, "Example: pixel-llm coach pause"),
    ("resume", resume, "Example: pixel-llm coach resume"),
)
