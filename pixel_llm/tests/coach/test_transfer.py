"""Tasks to files and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.transfer import export_tasks, import_tasks
from pixel_llm.coach.types import TaskState
from pixel_llm.core import durable
from pixel_llm.errors import (
    AlreadyExistsError,
    InvalidArgumentError,
    NotFoundError,
    PixelLLMError,
    StorageError,
    TaskFormatError,
)
from pixel_llm.tests.coach.queue.support import attempt, task


@pytest.fixture
def worked(tmp_path: Path) -> TaskQueue:
    """A queue in which everything has happened."""
    queue = TaskQueue(tmp_path / "worked.sqlite")
    queue.set_phases([("tasks", "All", "done")])
    queue.add_many([task(n, description="Zeile 1\n  Zeile ü\n\n") for n in ("a", "b", "c")])
    queue.add_many([task("d", "a"), task("e", "b"), task("f"), task("g", "f")])
    for state in (TaskState.accepted, TaskState.needs_human):
        claim = queue.claim("w")
        queue.record_attempt(claim.task.id, "run-1", attempt(1))
        queue.record_attempt(claim.task.id, "run-1", attempt(2, accepted=state is TaskState.accepted))
        queue.finish(claim, state, score=8, branch="coach/accepted", reason="tests")
    queue.cancel("f", "no")
    queue.claim("w")
    return queue


@pytest.mark.parametrize("name", ["x.yaml", "x.json", "x.yml"])
def test_an_export_gives_the_same_queue_again(worked: TaskQueue, tmp_path: Path, name: str) -> None:
    assert export_tasks(worked, tmp_path / name, attempts=True) == 7
    with TaskQueue(tmp_path / "other.sqlite") as other:
        assert len(import_tasks(other, tmp_path / name).added) == 7
        for before, after in zip(worked.list(), other.list(), strict=True):
            if before.state is TaskState.running:  # nobody works on it there
                assert after.state is TaskState.ready and after.id == "c"
                continue
            ignored = {"lease_expires": None}
            assert after.model_copy(update=ignored) == before.model_copy(update=ignored)
        assert other.attempts_by_run("a") == worked.attempts_by_run("a") != ()
        assert other.stats() == worked.stats() and other.phases() == worked.phases()
        assert len(import_tasks(other, tmp_path / name).unchanged) == 7


def test_yaml_is_for_people(worked: TaskQueue, tmp_path: Path) -> None:
    export_tasks(worked, tmp_path / "x.yaml")
    text = (tmp_path / "x.yaml").read_text(encoding="utf-8")
    assert "ü" in text and "description: |" in text and "&" not in text and "attempts:\n" not in text


def test_a_list_of_tasks_brings_its_tests(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test(): ...")
    for data in ({"tasks": [entry := {"id": "a", "title": "A", "visible_tests": ["test_a.py"]}]}, [entry]):
        (tmp_path / "x.yaml").write_text(yaml.safe_dump(data))
        with TaskQueue(tmp_path / f"{type(data).__name__}.sqlite") as queue:
            assert import_tasks(queue, tmp_path / "x.yaml").added == ("a",)
            assert queue.get("a").spec.visible_tests[0].content == "def test(): ..."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"format": "pixel-llm coach tasks 9", "tasks": []}, "upgrade Pixel-LLM"),
        ({"phases": []}, "init --roadmap"),
        ({"tasks": [{"id": "a"}]}, "tasks.0.title: is missing"),
        ({"tasks": {}}, "tasks: "),
        ({"task": []}, r"task: unknown key \(did you mean tasks\?\)"),
        ("text", "a list of tasks or an export"),
        (
            {"format": "pixel-llm coach tasks 1", "tasks": [{"task": {"spec": {"id": "a", "title": "A"}}}]},
            "state: is missing",
        ),
    ],
)
def test_other_files_are_refused_and_add_nothing(tmp_path: Path, data: object, message: str) -> None:
    (tmp_path / "x.json").write_text(json.dumps(data))
    with TaskQueue(tmp_path / "q.sqlite") as queue:
        with pytest.raises(TaskFormatError, match=message):
            import_tasks(queue, tmp_path / "x.json")
        assert queue.list() == []


def test_places_and_kinds_of_files(worked: TaskQueue, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match=r"\.json, \.yaml, \.yml"):
        export_tasks(worked, tmp_path / "x.txt")
    with pytest.raises(NotFoundError):
        import_tasks(worked, tmp_path / "x.yaml")
    with pytest.raises(PixelLLMError):
        export_tasks(worked, tmp_path / "gone" / "x.yaml")
    (tmp_path / "x.yaml").write_text("mine")
    with pytest.raises(AlreadyExistsError):
        export_tasks(worked, tmp_path / "x.yaml")
    assert (tmp_path / "x.yaml").read_text() == "mine"
    export_tasks(worked, tmp_path / "x.yaml", force=True)


def test_an_export_that_is_interrupted_leaves_the_old_file(worked: TaskQueue, tmp_path: Path) -> None:
    path = tmp_path / "out" / "x.yaml"
    path.parent.mkdir()
    path.write_text("old")
    seen: list[str] = []
    with durable.watched(lambda operation: seen.append(operation.kind)):
        export_tasks(worked, path, force=True)
    assert "rename" in seen and "sync" in seen
    for stop in range(seen.index("rename") + 1):
        path.write_text("old")
        count = iter(range(100))

        def refuse(operation: durable.Operation, stop: int = stop, count=count) -> None:
            if next(count) == stop:
                raise StorageError("disk full")

        with durable.watched(refuse), pytest.raises(StorageError):
            export_tasks(worked, path, force=True)
        assert path.read_text() == "old" and list(path.parent.iterdir()) == [path]
