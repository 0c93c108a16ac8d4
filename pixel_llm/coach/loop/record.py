"""What a run leaves behind in every ending: the best attempt as files and as a diff, and all that happened as JSON.

<records>/<task>/<run>/record.json    the task and every attempt
<records>/<task>/<run>/best/...       the files of the best attempt
<records>/<task>/<run>/best.diff      the same as `git apply` takes it
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pixel_llm.coach.loop.ranking import best
from pixel_llm.coach.loop.tools import Ending
from pixel_llm.coach.sandbox.protect import write_inside
from pixel_llm.coach.types import AttemptRecord, TaskSpec, Value
from pixel_llm.errors import StorageError


class RunRecord(Value):
    """The contents of `record.json`. `ending` is None while the run may go on: it was interrupted or failed."""

    task: TaskSpec
    run_id: str
    attempts: tuple[AttemptRecord, ...]
    best: int | None = None
    ending: Ending | None = None


def folder_of(records: Path, task_id: str, run_id: str) -> Path:
    """Where a run's record lies."""
    return records / task_id / re.sub(r"[^A-Za-z0-9._-]+", "-", run_id)


def save(records: Path, task: TaskSpec, run_id: str, history: Sequence[AttemptRecord], ending: Ending | None) -> Path:
    """Write a run's record, whole or not at all; a run that goes on replaces it. Raises StorageError.

    A record that says more stays: a process that slept while another one finished its run knows less.
    """
    found = best(history)
    short = None if ending is None else ending.model_copy(update={"attempts": ()})
    record = RunRecord(
        task=task, run_id=run_id, attempts=tuple(history), best=found.number if found else None, ending=short
    )
    place = folder_of(records, task.id, run_id)
    if ending is None and _says_more(place, len(history)):
        return place
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
        _write(fresh / "record.json", record.model_dump_json(indent=1))
        if found is not None:
            (fresh / "best").mkdir()
            for file in found.files:
                write_inside(fresh / "best", file.path, file.content.encode())
            _write(fresh / "best.diff", found.diff)
        if place.exists():
            old = Path(tempfile.mkdtemp(prefix=".old-", dir=place.parent))
            place.rename(old / "record")
            fresh.rename(place)
            shutil.rmtree(old, ignore_errors=True)
        else:
            fresh.rename(place)
    except OSError as error:
        raise StorageError(f"cannot be written: {error.strerror or error}", file=place) from None
    return place


def load(place: Path) -> RunRecord:
    """The record in a folder that `save` wrote."""
    return RunRecord.model_validate_json((place / "record.json").read_text(encoding="utf-8"))


def _says_more(place: Path, attempts: int) -> bool:
    try:
        there = load(place)
    except (OSError, ValueError):
        return False
    return there.ending is not None or len(there.attempts) > attempts


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
