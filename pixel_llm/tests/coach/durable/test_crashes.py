"""Killed at each step of a run, and taken up again: nothing lost, nothing done twice, nothing bought twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import Process
from pathlib import Path

import pytest

from pixel_llm.coach.agents.base import AgentUnavailableError
from pixel_llm.coach.loop.record import load
from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.types import TaskState
from pixel_llm.tests.coach.durable.support import PRICE, RIGHT, CountingService, killed_at, office, spec
from pixel_llm.tests.coach.loop.repository import git, shown

STEPS = ("base", "baseline", "write 1", "judge 1", "write 2", "judge 2", "review 2", "write back")
POINTS = [f"{when} {step}" for step in STEPS for when in ("before", "after")] + ["before finish", "after finish"]
ONCE = {"write one 1": 1, "write one 2": 1, "review one": 1}


def test_a_run_that_is_killed_at_every_step_in_turn_is_one_run(
    database: str, repository: Path, service: CountingService, process: Callable[..., Process]
) -> None:
    with TaskQueue(database) as queue:
        queue.add_many([spec("one")])
        # PostgreSQL differs in what is kept, not in the steps: half of the points are enough there.
        for point in POINTS if "postgresql" not in database else POINTS[1::2]:
            killed = process(killed_at, point, database, repository, service.url)
            killed.join(60)
            assert killed.exitcode == -signal.SIGKILL, point
        assert queue.get("one").state is TaskState.accepted
        last = process(killed_at, "", database, repository, service.url)
        last.join(60)
        assert last.exitcode == 0
        assert service.calls == ONCE
        assert queue.get("one").usage.cost_usd == 3 * PRICE
        assert [a.accepted for a in queue.attempts("one")] == [False, True]
    assert shown(repository, "one.py") == RIGHT
    assert git(repository, "rev-list", "--count", "main..coach/accepted").strip() == "1"
    [run] = (repository.parent / "records/one").iterdir()
    assert load(run).ending is not None
    assert (run / "best/one.py").read_text() == RIGHT


@pytest.mark.parametrize("asked", ["write one 1", "write one 2", "review one"])
def test_a_paid_call_that_was_under_way_is_never_made_again(
    tmp_path: Path, repository: Path, service: CountingService, process: Callable[..., Process], asked: str
) -> None:
    database = str(tmp_path / "queue.sqlite")
    with TaskQueue(database) as queue:
        queue.add_many([spec("one")])
        for point in (f"call {asked}", ""):
            work = process(killed_at, point, database, repository, service.url)
            work.join(60)
        assert work.exitcode == 0
        assert max(service.calls.values()) == 1
        assert service.calls[asked] == 1
        attempts = queue.attempts("one")
        assert [a.error for a in attempts if "may have been paid for" in a.error]
        if asked == "review one":
            assert queue.get("one").state is TaskState.needs_human
            assert "no usable review" in queue.get("one").reason
        else:
            assert queue.get("one").state is TaskState.accepted


def test_a_run_keeps_the_reviewer_that_it_began_with_or_without(
    tmp_path: Path, repository: Path, service: CountingService, process: Callable[..., Process]
) -> None:
    database = str(tmp_path / "queue.sqlite")
    with TaskQueue(database) as queue:
        queue.add_many([spec("one")])
        # Begun without one, it ends without one ...
        process(killed_at, "after write back", database, repository, service.url, review=False).join(60)
        with office(database, repository, service.url) as worker:
            worker.work()
        assert queue.get("one").reason == "tests alone: no reviewer is available"
        # ... and begun with one, it waits until there is one.
        queue.add_many([spec("two")])
        process(killed_at, "after judge 2", database, repository, service.url).join(60)
        waits = pytest.raises(AgentUnavailableError, match="began with a reviewer")
        with office(database, repository, service.url, review=False) as worker, waits:
            worker.work()
        assert queue.get("two").state is TaskState.ready
        with office(database, repository, service.url) as worker:
            worker.work()
        assert queue.get("two").score == 9
    assert max(service.calls.values()) == 1


def test_a_worker_that_only_slept_does_nothing_twice_when_it_wakes(
    database: str, repository: Path, service: CountingService, process: Callable[..., Process]
) -> None:
    service.answer_after = 0.3
    with TaskQueue(database) as queue:
        queue.add_many([spec("one")])
        sleeper = process(killed_at, "", database, repository, service.url, lease=1.0)
        while not service.calls:
            time.sleep(0.02)
        os.kill(sleeper.pid or 0, signal.SIGSTOP)
        while not _lease_is_over(queue):
            time.sleep(0.1)
        other = process(killed_at, "", database, repository, service.url)
        other.join(60)
        assert other.exitcode == 0
        before = queue.get("one")
        assert before.state is TaskState.accepted
        os.kill(sleeper.pid or 0, signal.SIGCONT)
        sleeper.join(60)
        assert sleeper.exitcode == 0
        assert queue.get("one") == before
        assert len(queue.attempts("one")) == 2
    [run] = (repository.parent / "records/one").iterdir()
    assert load(run).ending is not None
    assert max(service.calls.values()) == 1
    assert git(repository, "rev-list", "--count", "main..coach/accepted").strip() == "1"


def _lease_is_over(queue: TaskQueue) -> bool:
    expires = queue.get("one").lease_expires
    return expires is not None and expires < datetime.now(UTC)


def test_three_workers_of_which_one_is_killed(
    postgres_url: str, repository: Path, service: CountingService, process: Callable[..., Process]
) -> None:
    names = [f"task{n}" for n in range(6)]
    with TaskQueue(postgres_url) as queue:
        queue.add_many([spec(name, depends_on=("task0",) if name == "task5" else ()) for name in names])
        doomed = process(killed_at, "after write 2", postgres_url, repository, service.url, wait=True)
        doomed.join(60)
        assert doomed.exitcode == -signal.SIGKILL
        others = [process(killed_at, "", postgres_url, repository, service.url, parallel=2) for _ in range(2)]
        for worker in others:
            worker.join(120)
        assert [worker.exitcode for worker in others] == [0, 0]
        assert {task.id: str(task.state) for task in queue.list()} == dict.fromkeys(names, "accepted")
        assert [len(queue.attempts(name)) for name in names] == [2] * 6
    calls = {f"{what} {name}{n}" for name in names for what, n in (("write", " 1"), ("write", " 2"), ("review", ""))}
    assert service.calls == dict.fromkeys(calls, 1)
    assert [shown(repository, f"{name}.py") for name in names] == [RIGHT] * 6
    assert git(repository, "rev-list", "--count", "--no-merges", "main..coach/accepted").strip() == "6"
