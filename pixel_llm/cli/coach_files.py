"""`pixel-llm coach`: tasks from roadmaps and files, tasks to files, and the logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixel_llm.cli.coach_options import HERE, ConfigOption, DatabaseOption, ProjectOption
from pixel_llm.cli.options import ForceOption, JsonOption

if TYPE_CHECKING:
    from pixel_llm.coach.queue import Added
    from pixel_llm.coach.roadmap import Roadmap
    from pixel_llm.coach.types import TaskSpec

UpdateOption = Annotated[
    bool, typer.Option("--update", help="Give tasks that are there already their new specification.")
]


def init(
    roadmap: Annotated[
        Path | None,
        typer.Option("--roadmap", metavar="FILE", help="A YAML file or folder.", show_default="the built-in roadmap"),
    ] = None,
    phase: Annotated[
        list[str] | None,
        typer.Option(
            "--phase",
            metavar="PHASE",
            help="Only this phase and what it depends on; may be repeated.",
            show_default="all phases",
        ),
    ] = None,
    update: UpdateOption = False,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the task queue and add the tasks of a roadmap. May be repeated: tasks that are there keep their state.

    The format is described in `docs/coach.md`; its JSON schema is `docs/schemas/coach-roadmap.schema.json`.
    """
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.coach.roadmap import builtin, load_roadmap

    context = open_context(project, config, database)
    loaded = load_roadmap(roadmap or builtin())
    chosen, others = _of_phases(loaded, phase)
    with context.queue(create=True) as queue:
        added = queue.add_many(chosen, update=update)
        queue.set_phases((p.id, p.name, p.measure) for p in loaded.phases if any(t.phase == p.id for t in chosen))
        location = queue.location
    if others and not as_json:
        from pixel_llm.cli.output import note

        note(f"with {len(others)} tasks of other phases that they depend on: {', '.join(sorted(others))}")
    _tell(added, location, as_json)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .yaml or .json file.", show_default=False)],
    update: UpdateOption = False,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add the tasks of a list or of an export. Tasks of an export that are new keep what became of them."""
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.coach.transfer import import_tasks

    with open_context(project, config, database).queue(create=True) as queue:
        added = import_tasks(queue, file, update=update)
        location = queue.location
    _tell(added, location, as_json)


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .yaml or .json file to write.", show_default=False)],
    attempts: Annotated[bool, typer.Option("--attempts", help="With the record of every attempt.")] = False,
    force: ForceOption = False,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write every task with what became of it to a file, hidden tests too: to keep, or for another database."""
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.cli.output import emit_json, note
    from pixel_llm.coach.transfer import export_tasks

    with open_context(project, config, database).queue() as queue:
        count = export_tasks(queue, file, attempts=attempts, force=force)
    if as_json:
        emit_json({"path": str(file), "tasks": count})
    else:
        note(f"{count} tasks in {file}")


def logs(
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="The log's name.", show_default="the newest")
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", metavar="TASK", help="Only lines about this task.", show_default=False)
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more, until Ctrl-C.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the logs instead.")] = False,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The lines as they are in the file: JSON.")] = False,
) -> None:
    """Show the log of a run: what happened when, for which task. Keys and secrets are not in it."""
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.cli.output import emit_json, human_bytes, say
    from pixel_llm.coach.observe.reading import entries, find
    from pixel_llm.coach.observe.reading import logs as known_logs

    folder = open_context(project, config).logs
    if listed:
        found = [{"name": p.stem, "bytes": p.stat().st_size} for p in known_logs(folder)]
        if as_json:
            emit_json({"folder": str(folder), "logs": found})
        for entry in [] if as_json else found:
            say(f"{entry['name']}  {human_bytes(float(str(entry['bytes'])))}")
        return
    for line in entries(find(folder, run), follow=(lambda: True) if follow else None):
        if task is not None and line.get("task") != task:
            continue
        if as_json:
            say(json.dumps(line, ensure_ascii=False))
        else:
            say(_line(line), style={"error": "red", "warning": "yellow"}.get(str(line.get("level"))))


def _line(line: dict[str, Any]) -> str:
    """A log's line for people: time, task, event and the rest."""
    rest = {k: v for k, v in line.items() if k not in ("timestamp", "level", "event", "run", "task")}
    if line.get("event") == "text":
        shown = str(rest.get("text", "")).replace("\n", "⏎")
    else:
        shown = "  ".join(f"{k}={v}" for k, v in rest.items() if v not in ("", None))
    return (
        f"{str(line.get('timestamp', ''))[11:19]}  {line.get('task', '')!s:24}  {line.get('event')}  {shown}".rstrip()
    )


def _of_phases(roadmap: Roadmap, names: list[str] | None) -> tuple[list[TaskSpec], set[str]]:
    """The tasks of those phases with everything that they depend on; and the ids of the latter."""
    tasks = {task.id: task for task in roadmap.tasks}
    if not names:
        return list(tasks.values()), set()
    ids = {roadmap.phase(name).id for name in names}
    wanted = {task.id for task in tasks.values() if task.phase in ids}
    open_ = list(wanted)
    while open_:
        new = [d for d in tasks[open_.pop()].depends_on if d not in wanted]
        wanted.update(new)
        open_ += new
    return [t for t in tasks.values() if t.id in wanted], {i for i in wanted if tasks[i].phase not in ids}


def _tell(added: Added, location: str, as_json: bool) -> None:
    from pixel_llm.cli.output import emit_json, note, say

    if as_json:
        emit_json({"database": location, **added.model_dump(mode="json")})
        return
    parts = [f"{len(added.added)} tasks added"]
    if added.updated:
        parts.append(f"{len(added.updated)} updated")
    if added.unchanged:
        parts.append(f"{len(added.unchanged)} were there")
    say(", ".join(parts))
    note(location)


COMMANDS = (
    ("init", init, "Example: pixel-llm coach init --roadmap roadmap.yaml --phase parsing"),
    ("import", import_, "Example: pixel-llm coach import tasks.yaml"),
    ("export", export, "Example: pixel-llm coach export tasks.yaml --attempts"),
    ("logs", logs, "Example: pixel-llm coach logs --follow"),
)
