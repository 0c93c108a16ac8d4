"""Reading roadmaps, of one file or of folders; `format.py` describes both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pixel_llm.coach.roadmap.format import PHASE_FILE, ROADMAP_FILE, SOLUTIONS, TASK_FILE, TESTS_AT, Roadmap
from pixel_llm.coach.structured import build, read, read_text
from pixel_llm.coach.types import TaskFile, TaskSpec, relative_path
from pixel_llm.errors import NotFoundError, TaskFormatError

_TESTS = ("visible_tests", "hidden_tests")
_IGNORED = ("__pycache__",)


def load_roadmap(path: Path) -> Roadmap:
    """The roadmap in a `.yaml` or `.json` file, or in a folder with a `roadmap.yaml`; tests are read along.

    Raises NotFoundError, and TaskFormatError naming file, place and remedy.
    """
    if not path.is_dir():
        data = read(path)
        if isinstance(data, dict):
            data = {**data, "phases": [_with_tests(p, path) for p in _mappings(data.get("phases"))]}
        return build(Roadmap, data, file=path)
    head = _mapping(path / ROADMAP_FILE)
    if "phases" in head:
        raise TaskFormatError(
            "phases are folders here", file=path / ROADMAP_FILE, part="phases", remedy="load the file itself instead"
        )
    folders = sorted(f.parent for f in path.glob(f"*/{PHASE_FILE}"))
    return build(Roadmap, {**head, "phases": [_phase(folder) for folder in folders]}, file=path)


def solution(roadmap: Path, task: TaskSpec, kind: str) -> tuple[TaskFile, ...]:
    """The files of a task's solution `good`, `stub` or `wrong` in a roadmap of folders. Raises NotFoundError."""
    folder = roadmap / task.phase / task.id / "solutions" / kind
    if kind not in SOLUTIONS or not folder.is_dir():
        raise NotFoundError(f"no solution {kind!r} of task {task.id}", file=folder)
    return tuple(TaskFile(path=p, content=read_text(folder / p)) for p in _files(folder))


def read_tests(task: dict[str, Any], file: Path) -> dict[str, Any]:
    """A task's mapping in which tests that are paths beside `file` are replaced by their text."""
    made = dict(task)
    for key in _TESTS:
        if isinstance(task.get(key), list):
            made[key] = [_test(entry, file, f"task {task.get('id')}.{key}") for entry in task[key]]
    return made


def _test(entry: Any, file: Path, part: str) -> Any:
    if not isinstance(entry, str):
        return entry
    try:
        path = relative_path(entry)
    except ValueError as error:
        raise TaskFormatError(str(error), file=file, part=part) from None
    try:
        return {"path": path, "content": read_text(file.parent / path)}
    except NotFoundError:
        raise TaskFormatError(f"there is no test {entry} beside this file", file=file, part=part) from None


def _phase(folder: Path) -> dict[str, Any]:
    head = _mapping(folder / PHASE_FILE)
    _only_by_folder(head, ("id", "tasks"), folder / PHASE_FILE)
    tasks = [_task(f.parent) for f in sorted(folder.glob(f"*/{TASK_FILE}"))]
    return {**head, "id": folder.name, "tasks": tasks}


def _task(folder: Path) -> dict[str, Any]:
    file = folder / TASK_FILE
    head = _mapping(file)
    _only_by_folder(head, ("id", "phase", *_TESTS), file)
    task = {**head, "id": folder.name}
    for key, kind in zip(_TESTS, ("visible", "hidden"), strict=True):
        tests = folder / "tests" / kind
        task[key] = [
            {"path": f"{TESTS_AT}/{folder.name}/{kind}/{name}", "content": read_text(tests / name)}
            for name in _files(tests)
        ]
    build(TaskSpec, task, file=file)  # so that a mistake is reported with the task's own file
    return task


def _only_by_folder(head: dict[str, Any], keys: tuple[str, ...], file: Path) -> None:
    for key in keys:
        if key in head:
            raise TaskFormatError("is given by the folder", file=file, part=key, remedy="take it out")


def _files(folder: Path) -> list[str]:
    """Regular files under `folder`, as sorted relative POSIX paths."""
    if not folder.is_dir():
        return []
    found = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    return sorted(p.as_posix() for p in found if not set(p.parts) & set(_IGNORED))


def _with_tests(phase: dict[str, Any], file: Path) -> dict[str, Any]:
    if not isinstance(phase, dict) or not isinstance(phase.get("tasks"), list):
        return phase
    return {**phase, "tasks": [read_tests(t, file) if isinstance(t, dict) else t for t in phase["tasks"]]}


def _mappings(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(file: Path) -> dict[str, Any]:
    data = read(file)
    if not isinstance(data, dict):
        raise TaskFormatError("a mapping was expected", file=file)
    return data
