"""Tasks from and to JSON and YAML. The queue is the truth; a file is a copy of it at one moment.

Two kinds of files are read: a list of tasks as people write it,

    tasks:
      - {id: parse-date, title: Parse ISO dates, target_files: [dates.py], visible_tests: [tests/test_dates.py]}

and an export, which says what became of each task and, if wanted, holds the record of each attempt.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel

from pixel_llm.coach.queue import Added, TaskQueue
from pixel_llm.coach.roadmap.loader import read_tests
from pixel_llm.coach.structured import build, read
from pixel_llm.coach.types import AttemptRecord, Task, TaskSpec, Value
from pixel_llm.core import durable
from pixel_llm.errors import AlreadyExistsError, InvalidArgumentError, TaskFormatError

FORMAT: Literal["pixel-llm coach tasks 1"] = "pixel-llm coach tasks 1"
SUFFIXES = (".json", ".yaml", ".yml")


class KeptAttempt(Value):
    """An attempt in an export."""

    run_id: str
    record: AttemptRecord


class ExportedTask(Value):
    """A task in an export."""

    task: Task
    attempts: tuple[KeptAttempt, ...] = ()


class Export(Value):
    """What `export_tasks` writes."""

    format: Literal["pixel-llm coach tasks 1"] = FORMAT
    phases: tuple[tuple[str, str, str], ...] = ()
    tasks: tuple[ExportedTask, ...]


class TaskList(BaseModel):
    """Tasks as people write them."""

    model_config = {"extra": "forbid"}

    tasks: tuple[TaskSpec, ...]


def export_tasks(queue: TaskQueue, path: Path, *, attempts: bool = False, force: bool = False) -> int:
    """Write every task to a `.json`, `.yaml` or `.yml` file, all at once or not at all; returns how many.

    Raises InvalidArgumentError for another kind of file, AlreadyExistsError unless `force`.
    """
    kind = _suffix(path)
    if path.exists() and not force:
        raise AlreadyExistsError("the file exists already", file=path, remedy="--force replaces it")
    tasks = queue.list()
    exported = Export(
        phases=queue.phases(),
        tasks=tuple(
            ExportedTask(
                task=task,
                attempts=tuple(KeptAttempt(run_id=run, record=record) for run, record in queue.attempts_by_run(task.id))
                if attempts
                else (),
            )
            for task in tasks
        ),
    )
    data = exported.model_dump(mode="json", exclude_defaults=True) | {"format": FORMAT}
    if kind == ".json":
        text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    else:
        text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    _write(path, text)
    return len(tasks)


def import_tasks(queue: TaskQueue, path: Path, *, update: bool = False) -> Added:
    """Add the tasks of a list or an export. New tasks of an export keep what became of them; one that was running is
    ready again. Tasks that are in the queue already keep their state; see `TaskQueue.add_many` for `update`.

    Raises NotFoundError, and TaskFormatError naming file, place and remedy.
    """
    _suffix(path)
    data = read(path)
    if isinstance(data, list):
        data = {"tasks": data}
    if not isinstance(data, dict):
        raise TaskFormatError("a list of tasks or an export was expected", file=path)
    if "format" in data:
        return _restore(queue, data, path, update=update)
    if "phases" in data:
        raise TaskFormatError("is a roadmap", file=path, part="phases", remedy=f"pixel-llm coach init --roadmap {path}")
    if isinstance(data.get("tasks"), list):
        data = {**data, "tasks": [read_tests(t, path) if isinstance(t, dict) else t for t in data["tasks"]]}
    return queue.add_many(build(TaskList, data, file=path).tasks, update=update)


def _restore(queue: TaskQueue, data: dict[str, Any], path: Path, *, update: bool) -> Added:
    if data["format"] != FORMAT:
        raise TaskFormatError(
            f"has format {data['format']!r}, this Pixel-LLM reads {FORMAT!r}", file=path, remedy="upgrade Pixel-LLM"
        )
    exported = build(Export, data, file=path)
    queue.set_phases(exported.phases)
    return queue.restore(
        [(e.task, [(kept.run_id, kept.record) for kept in e.attempts]) for e in exported.tasks], update=update
    )


def _suffix(path: Path) -> str:
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidArgumentError(
            "the file's name says how it is written", file=path, remedy=f"end it with {', '.join(SUFFIXES)}"
        )
    return path.suffix.lower()


def _write(path: Path, text: str) -> None:
    """The file appears whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    file = durable.DurableFile.create(temporary)
    try:
        try:
            file.write(text.encode("utf-8"), 0)
            file.sync()
        finally:
            file.close()
        durable.rename(temporary, path)
    except BaseException:
        durable.unlink(temporary)
        raise
    durable.sync_directory(path.parent)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, so that people can read and diff them; no aliases, which are not read back."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
