"""Workers: which tasks they take, when they stop, and what becomes of what they could not finish."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from multiprocessing import Process
from pathlib import Path

import pytest

from pixel_llm.cli.coach_tools import stopping
from pixel_llm.coach.agents.base import AgentUnavailableError
from pixel_llm.coach.durable.ledger import BudgetError, Limits, PausedError
from pixel_llm.coach.durable.phase import count, plan, take_up_failures
from pixel_llm.coach.durable.worker import Worker, is_dead, worker_name
from pixel_llm.coach.loop.tools import Ending, Policy
from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.types import AgentKind, AttemptRecord, Completion, Review, TaskSpec, TaskState, Usage
from pixel_llm.errors import PixelLLMError, SandboxError
from pixel_llm.tests.coach.durable.support import PRICE, CountingService, killed_at, office, spec


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[TaskQueue]:
    with TaskQueue(tmp_path / "queue.sqlite") as made:
        yield made


class Told:
    """A runner that ends tasks as it is told."""

    def __init__(self, **endings: TaskState | Exception) -> None:
        self.endings = endings
        self.ran: list[str] = []
        self.lessons: dict[str, tuple[str, ...]] = {}
        self.abandoned: list[str] = []
        self.forgotten: list[str] = []
        self.during: Callable[[TaskSpec], None] = lambda task: None

    def run(self, task: TaskSpec, run_id: str, policy: Policy, lessons: tuple[str, ...] = ()) -> Ending:
        self.ran.append(task.id)
        self.lessons[task.id] = lessons
        self.during(task)
        state = self.endings.get(task.id, TaskState.accepted)
        if isinstance(state, Exception):
            raise state
        review = Review(score=9, verdict="accept", model="judge", usage=Usage(input_tokens=5, cost_usd=PRICE))
        attempt = AttemptRecord(
            number=1,
            completion=Completion(text="", model="writer", usage=Usage(output_tokens=7)),
            review=review,
            lessons=(f"{task.id} is hard",),
        )
        return Ending(task_id=task.id, run_id=run_id, state=state, reason="told", attempts=(attempt,), best=1)

    def abandon(self, task_id: str, run_id: str) -> None:
        self.abandoned.append(task_id)

    def forget(self, task_id: str, run_id: str) -> None:
        self.forgotten.append(task_id)


def worker(queue: TaskQueue, runner: Told, **more: object) -> Worker:
    return Worker(queue=queue, runner=runner, policy=Policy(), name=worker_name(), **more)


def states(queue: TaskQueue) -> dict[str, str]:
    return {task.id: str(task.state) for task in queue.list()}


def test_everything_that_can_be_done_is_done_in_order(queue: TaskQueue) -> None:
    queue.add_many([spec("a", depends_on=("b",)), spec("b"), spec("urgent", priority=9), spec("me", agent="human")])
    runner = Told()
    worker(queue, runner).work()
    assert runner.ran == ["urgent", "b", "a"]
    assert states(queue) == {"a": "accepted", "b": "accepted", "urgent": "accepted", "me": "needs_human"}
    assert queue.get("a").score == 9
    assert runner.forgotten == runner.ran


def test_a_worker_takes_no_more_and_nothing_else_than_asked(queue: TaskQueue) -> None:
    queue.add_many([spec("a"), spec("b", phase="two"), spec("c", phase="two"), spec("r", agent="reviewer")])
    runner = Told()
    worker(queue, runner, phase="two", max_tasks=1).work()
    assert runner.ran == ["b"]
    worker(queue, runner, agents=(AgentKind.reviewer,)).work()
    assert runner.ran == ["b", "r"]


def test_a_task_that_another_thread_sets_free_is_waited_for(queue: TaskQueue) -> None:
    queue.add_many([spec("a"), spec("b", depends_on=("a",)), spec("c", depends_on=("a",))])
    runner = Told()
    together = threading.Barrier(2)
    runner.during = lambda task: time.sleep(0.3) if task.id == "a" else print(together.wait(20))
    worker(queue, runner, parallel=2).work()
    assert sorted(runner.ran) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "error", [AgentUnavailableError("no model", remedy="start it"), SandboxError("no bubblewrap"), BudgetError("spent")]
)
def test_what_no_task_is_to_blame_for_stops_the_worker_and_harms_no_task(queue: TaskQueue, error: Exception) -> None:
    queue.add_many([spec("a"), spec("b")])
    runner = Told(a=error)
    made = worker(queue, runner)
    with pytest.raises(type(error), match=str(error).split()[0]):
        made.work()
    assert states(queue) == {"a": "ready", "b": "ready"}
    assert [(d.ending, d.problem) for d in made.done] == [(None, str(error))]


def test_an_error_in_one_task_fails_that_task_and_no_other(queue: TaskQueue) -> None:
    queue.add_many([spec("a"), spec("b")])
    worker(queue, Told(a=ZeroDivisionError("oops"))).work()
    assert states(queue) == {"a": "failed", "b": "accepted"}
    assert queue.get("a").reason == "ZeroDivisionError: oops"


def test_a_writer_that_never_answers_stops_the_worker(queue: TaskQueue) -> None:
    queue.add_many([spec("a"), spec("b"), spec("c")])
    with pytest.raises(PausedError, match="2 tasks in a row got no answer"):
        worker(queue, Told(a=TaskState.failed, b=TaskState.failed)).work()
    assert states(queue) == {"a": "failed", "b": "failed", "c": "ready"}


def test_a_person_may_take_a_task_away_while_it_runs(queue: TaskQueue) -> None:
    queue.add_many([spec("a"), spec("b")])
    runner = Told()

    def cancel(task: TaskSpec) -> None:
        if task.id == "a":
            queue.cancel("a")
            deadline = time.monotonic() + 30
            while not runner.abandoned and time.monotonic() < deadline:
                time.sleep(0.05)

    runner.during = cancel
    made = worker(queue, runner, lease=0.4)
    made.work()
    assert states(queue) == {"a": "cancelled", "b": "accepted"}
    assert runner.abandoned[:1] == ["a"]
    assert "does not hold it any more" in made.done[0].problem


def test_a_lease_is_kept_while_a_task_runs(queue: TaskQueue) -> None:
    queue.add_many([spec("a")])
    runner = Told()
    runner.during = lambda task: time.sleep(3.2)
    other = []
    timer = threading.Timer(2.8, lambda: other.append(queue.claim("other")))
    timer.start()
    worker(queue, runner, lease=2.0).work()
    timer.join()
    assert other == [None]
    assert states(queue) == {"a": "accepted"}


def test_what_earlier_runs_taught_is_told(queue: TaskQueue) -> None:
    queue.add_many([spec("a")])
    worker(queue, Told(a=TaskState.needs_human)).work()
    queue.retry("a", lesson="think of zero")
    runner = Told()
    worker(queue, runner).work()
    assert runner.lessons["a"] == ("a is hard", "think of zero")
    assert len(queue.attempts("a")) == 2


def test_failures_are_taken_up_again_when_asked(queue: TaskQueue) -> None:
    queue.add_many(
        [spec("a"), spec("b"), spec("me", agent="human"), spec("c", phase="other"), spec("d", depends_on=("a",))]
    )
    worker(queue, Told(a=TaskState.needs_human, b=TaskState.failed, c=TaskState.needs_human)).work()
    assert [t.id for t in plan(queue)] == []
    assert [t.id for t in plan(queue, phase="tasks", fix_failures=True)] == ["a", "b", "d"]
    assert take_up_failures(queue, "tasks") == ("a", "b")
    worker(queue, Told()).work()
    assert states(queue) == {"a": "accepted", "b": "accepted", "me": "needs_human", "c": "needs_human", "d": "accepted"}


def test_a_plan_changes_nothing_and_is_what_happens(queue: TaskQueue) -> None:
    queue.add_many(
        [spec("a", depends_on=("b",), priority=8), spec("b"), spec("c", priority=9), spec("d", depends_on=("a",))]
    )
    before = queue.list()
    planned = [t.id for t in plan(queue)]
    assert queue.list() == before
    assert [t.id for t in plan(queue, max_tasks=2)] == planned[:2] == ["c", "b"]
    runner = Told()
    worker(queue, runner).work()
    assert runner.ran == planned


def test_statistics_count_per_phase_and_per_model(queue: TaskQueue) -> None:
    queue.add_many([spec("a"), spec("b", phase="two"), spec("c", phase="two"), spec("e", phase="two")])
    made = worker(queue, Told(b=TaskState.needs_human, c=AgentUnavailableError("gone")))
    with pytest.raises(AgentUnavailableError):
        made.work()
    found = count(made.done)
    assert (found.total.processed, found.total.accepted, found.total.interrupted) == (2, 1, 1)
    assert found.total.success_rate == 0.5
    assert found.total.usage.cost_usd == 2 * PRICE
    assert found.total.cost_per_task == PRICE
    assert [(t.name, t.processed, t.accepted, t.needs_human) for t in found.phases] == [
        ("tasks", 1, 1, 0),
        ("two", 1, 0, 1),
    ]
    assert [(t.name, t.attempts, t.usage.output_tokens, t.usage.cost_usd) for t in found.writers] == [
        ("writer", 2, 14, None)
    ]
    assert [(t.name, t.attempts, t.usage.input_tokens) for t in found.reviewers] == [("judge", 2, 10)]
    assert count([]).total.success_rate is None


def test_the_tasks_of_a_worker_that_died_here_are_free_at_once(
    queue: TaskQueue, process: Callable[..., Process]
) -> None:
    gone = process(os.getpid)
    gone.join()
    name = worker_name().split("/")
    dead = "/".join([*name[:2], str(gone.pid), name[3]])
    queue.add_many([spec("a"), spec("b"), spec("c")])
    queue.claim(dead)
    queue.claim("elsewhere/4026531836/1/abc")
    assert is_dead(dead)
    assert not is_dead(worker_name())
    assert not is_dead("elsewhere/4026531836/1/abc")
    runner = Told()
    worker(queue, runner).work()
    assert runner.ran == ["a", "c"]


def test_a_spent_budget_pauses_a_run_that_a_new_budget_continues(
    tmp_path: Path, repository: Path, service: CountingService
) -> None:
    database = str(tmp_path / "queue.sqlite")
    with TaskQueue(database) as queue:
        queue.add_many([spec("one"), spec("two")])
        with office(database, repository, service.url, budget=2 * PRICE) as made, pytest.raises(BudgetError):
            made.work()
        assert sum(service.calls.values()) == 2
        assert states(queue) == {"one": "ready", "two": "ready"}
        with office(database, repository, service.url, budget=Decimal(1), session="next") as made:
            made.work()
        assert states(queue) == {"one": "accepted", "two": "accepted"}
        assert max(service.calls.values()) == 1


def test_stopping_finishes_the_step_and_the_run_goes_on_later(
    tmp_path: Path, repository: Path, service: CountingService
) -> None:
    database = str(tmp_path / "queue.sqlite")
    stop = threading.Event()
    with TaskQueue(database) as queue:
        queue.add_many([spec("one"), spec("two")])
        call = lambda asked: stop.set() if asked == "write one 1" else None  # noqa: E731
        with office(database, repository, service.url, stop=stop, before_call=call) as made:
            done = made.work()
        assert service.calls == {"write one 1": 1}
        assert [d.problem for d in done] == ["stopped between two steps"]
        assert states(queue) == {"one": "ready", "two": "ready"}
        with office(database, repository, service.url) as made:
            made.work()
        assert states(queue) == {"one": "accepted", "two": "accepted"}
        assert max(service.calls.values()) == 1
        assert len(list((repository.parent / "records/one").iterdir())) == 1


def test_a_specification_that_changed_is_a_new_run(tmp_path: Path, repository: Path, service: CountingService) -> None:
    database = str(tmp_path / "queue.sqlite")
    with TaskQueue(database) as queue:
        queue.add_many([spec("one")])
        with office(database, repository, service.url, budget=PRICE) as made, pytest.raises(BudgetError):
            made.work()
        queue.add_many([spec("one", description="Now with more words")], update=True)
        with office(database, repository, service.url) as made:
            made.work()
        assert service.calls["write one 1"] == 2
        assert states(queue) == {"one": "accepted"}


def test_a_run_does_not_go_on_by_other_rules(queue: TaskQueue) -> None:
    queue.add_many([spec("a")])
    claim = queue.claim("w")
    assert claim is not None
    first = queue.run_of(claim, "coach-1")
    assert queue.run_of(claim, "coach-1") == first
    second = queue.run_of(claim, "coach-2")
    assert second != first
    assert queue.run_of(claim, "coach-2") == second


def test_parallel_runs_keep_the_agents_limit(tmp_path: Path, repository: Path, service: CountingService) -> None:
    database = str(tmp_path / "queue.sqlite")
    service.answer_after = 0.05
    with TaskQueue(database) as queue:
        queue.add_many([spec(f"t{n}") for n in range(4)])
        with office(database, repository, service.url, parallel=4, limits=Limits(parallel=1)) as made:
            made.work()
        assert set(states(queue).values()) == {"accepted"}
    # one writer and one reviewer at a time
    assert service.most_under_way <= 2


def test_a_database_of_steps_that_is_none_is_named(tmp_path: Path, repository: Path, service: CountingService) -> None:
    (tmp_path / "queue-steps.sqlite").write_text("not a database, but long enough to look at " * 40)
    with pytest.raises(PixelLLMError, match=r"queue-steps\.sqlite"):
        office(str(tmp_path / "queue.sqlite"), repository, service.url).__enter__()
    (tmp_path / "queue-steps.sqlite").unlink()
    with office(str(tmp_path / "queue.sqlite"), repository, service.url) as made:
        assert made.work() == []


def test_a_signal_ends_a_worker_process_cleanly(
    tmp_path: Path, repository: Path, service: CountingService, process: Callable[..., Process]
) -> None:
    database = str(tmp_path / "queue.sqlite")
    service.answer_after = 0.5
    with TaskQueue(database) as queue:
        queue.add_many([spec("one")])
        running = process(worked_until_told, database, repository, service.url)
        while not service.calls:
            time.sleep(0.05)
        os.kill(running.pid or 0, signal.SIGINT)
        running.join(30)
        assert running.exitcode == 0
        assert states(queue) == {"one": "ready"}
        killed_at_nothing = process(killed_at, "", database, repository, service.url)
        killed_at_nothing.join(60)
        assert states(queue) == {"one": "accepted"}
    assert max(service.calls.values()) == 1


def test_a_second_signal_ends_it_at_once_and_loses_nothing(
    tmp_path: Path, repository: Path, service: CountingService, process: Callable[..., Process]
) -> None:
    database = str(tmp_path / "queue.sqlite")
    service.answer_after = 20
    with TaskQueue(database) as queue:
        queue.add_many([spec("one"), spec("two")])
        running = process(worked_until_told, database, repository, service.url)
        while not service.calls:
            time.sleep(0.05)
        for _ in range(2):
            os.kill(running.pid or 0, signal.SIGINT)
            time.sleep(0.3)
        running.join(10)
        assert running.exitcode == 130
        service.answer_after = 0
        after = process(killed_at, "", database, repository, service.url)
        after.join(60)
        assert states(queue) == {"one": "accepted", "two": "accepted"}
    assert max(service.calls.values()) == 1


def worked_until_told(database: str, repository: Path, url: str) -> None:
    stop = threading.Event()
    with office(database, repository, url, stop=stop) as made, stopping(stop):
        made.work()
