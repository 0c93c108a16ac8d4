"""What the queue promises, on SQLite and PostgreSQL."""

from __future__ import annotations

import itertools
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update

from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.queue.schema import tasks
from pixel_llm.coach.types import AgentKind, TaskState
from pixel_llm.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError, TaskStateError
from pixel_llm.tests.coach.queue.support import attempt, task

S = TaskState


def states(queue: TaskQueue) -> dict[str, str]:
    return {t.id: str(t.state) for t in queue.list()}


def let_lease_end(queue: TaskQueue, name: str) -> None:
    with queue._writing() as connection:
        connection.execute(update(tasks).where(tasks.c.id == name).values(lease_expires=1.0))


def work(queue: TaskQueue, state: TaskState = S.accepted) -> str:
    claim = queue.claim("w")
    assert claim is not None
    queue.finish(claim, state)
    return claim.task.id


def test_the_most_urgent_comes_first_and_then_the_oldest(queue: TaskQueue) -> None:
    queue.add_many([task("a", priority=3), task("b", priority=9), task("c", priority=9), task("d", "b", priority=10)])
    assert queue.next().id == "b"
    assert [work(queue) for _ in range(4)] == ["b", "d", "c", "a"]
    assert queue.claim("w") is None and queue.next() is None


def test_a_claim_says_everything_about_its_task(queue: TaskQueue) -> None:
    spec = task("a", description="Zeile\n\x00ü", target_files=("x.py",), test_command="pytest -q")
    queue.add_many([spec])
    claim = queue.claim("host:1", lease=60)
    assert claim.task.spec == spec and claim.task.state is S.running and claim.task.worker == "host:1"
    assert 50 < (claim.task.lease_expires - claim.task.started).total_seconds() <= 60
    assert queue.get("a") == claim.task


def test_agents_and_phases_only_get_what_is_theirs(queue: TaskQueue) -> None:
    queue.add_many([task("a", agent=AgentKind.reviewer), task("b", phase="two"), task("c", agent=AgentKind.human)])
    assert states(queue) == {"a": "ready", "b": "ready", "c": "needs_human"}
    assert queue.claim("w", phase="one") is None
    assert queue.next(agent=None).id == "a"
    assert queue.claim("w", agent=AgentKind.human) is None
    assert queue.claim("w", agent=AgentKind.reviewer).task.id == "a"
    assert queue.claim("w", phase="two").task.id == "b"


def test_states_follow_dependencies(queue: TaskQueue) -> None:
    queue.add_many([task("a"), task("b"), task("c", "a", "b"), task("d", "c"), task("e", "d")])
    assert states(queue) == {"a": "ready", "b": "ready", "c": "pending", "d": "pending", "e": "pending"}
    work(queue)
    assert states(queue)["c"] == "pending"
    work(queue, S.needs_human)
    assert states(queue) == {"a": "accepted", "b": "needs_human", "c": "blocked", "d": "blocked", "e": "blocked"}
    assert queue.get("d").reason == "waits for c, which is blocked"
    queue.accept("b", reason="by hand", score=9, branch="mine")
    assert states(queue) == {"a": "accepted", "b": "accepted", "c": "ready", "d": "pending", "e": "pending"}
    assert (queue.get("b").score, queue.get("b").branch, queue.get("b").reason) == (9, "mine", "by hand")
    queue.cancel("c")
    assert states(queue)["e"] == "blocked"
    queue.retry("c")
    assert states(queue) == {"a": "accepted", "b": "accepted", "c": "ready", "d": "pending", "e": "pending"}
    queue.reject("a", "it is wrong")
    assert states(queue) == {"a": "failed", "b": "accepted", "c": "blocked", "d": "blocked", "e": "blocked"}
    assert queue.get("a").lessons == ("it is wrong",)
    queue.retry("a", lesson="and slow")
    assert states(queue)["c"] == "pending" and queue.get("a").lessons == ("it is wrong", "and slow")


def test_a_task_for_a_person_comes_up_when_its_turn_comes(queue: TaskQueue) -> None:
    queue.add_many([task("a"), task("b", "a", agent=AgentKind.human), task("c", "b")])
    assert states(queue) == {"a": "ready", "b": "pending", "c": "pending"}
    work(queue)
    assert states(queue) == {"a": "accepted", "b": "needs_human", "c": "blocked"}
    queue.accept("b")
    assert states(queue)["c"] == "ready"


def test_every_decision_in_every_state_is_made_or_refused_with_a_remedy(tmp_path: Path) -> None:
    queue = TaskQueue(tmp_path / "queue.sqlite")
    allowed = {
        "accept": {S.pending, S.ready, S.blocked, S.needs_human, S.failed, S.cancelled, S.accepted},
        "reject": {S.accepted, S.needs_human, S.failed},
        "cancel": set(S) - {S.accepted},
        "hand_to_human": set(S) - {S.accepted, S.cancelled},
        "retry": {S.needs_human, S.failed, S.cancelled},
    }
    ends = {"accept": S.accepted, "reject": S.failed, "cancel": S.cancelled, "hand_to_human": S.needs_human}
    for number, (decision, state) in enumerate(itertools.product(allowed, S)):
        name = f"t{number}"
        before = [task(f"{name}-first")] if state in (S.pending, S.blocked) else []
        queue.add_many([*before, task(name, *(t.id for t in before))])
        bring(queue, name, state)
        assert queue.get(name).state is state
        argument = ("because",) if decision == "reject" else ()
        if state in allowed[decision]:
            assert getattr(queue, decision)(name, *argument).state is ends.get(decision, S.ready)
        else:
            with pytest.raises(TaskStateError, match=rf"task {name}: it is {state} \(.*(first|queue|dependency)"):
                getattr(queue, decision)(name, *argument)
            assert queue.get(name).state is state
    queue.close()


def bring(queue: TaskQueue, name: str, state: TaskState) -> None:
    """Bring a new task into a state, the way users would."""
    if state is S.blocked:
        queue.cancel(f"{name}-first")
    elif state is S.pending:
        queue.hand_to_human(f"{name}-first")
        queue.retry(f"{name}-first")
    elif state is not S.ready:
        for other in queue.list(states=[S.ready]):
            if other.id != name:
                queue.cancel(other.id)
        claim = queue.claim("w")
        assert claim.task.id == name
        if state is S.cancelled:
            queue.cancel(name)
        elif state is not S.running:
            queue.finish(claim, state)


def test_a_rejection_needs_a_reason(queue: TaskQueue) -> None:
    queue.add_many([task("a")])
    work(queue)
    with pytest.raises(InvalidArgumentError, match="reason"):
        queue.reject("a", "  ")


def test_unknown_tasks_come_with_the_nearest_name(queue: TaskQueue) -> None:
    queue.add_many([task("parse-date")])
    for ask in (queue.get, queue.accept, queue.attempts, lambda name: queue.record_attempt(name, "r", attempt())):
        with pytest.raises(NotFoundError, match=r"no task 'parse-dat'.*did you mean parse-date\?"):
            ask("parse-dat")


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        ([task("b", "a"), task("a", "b")], r"circle: (a -> b -> a|b -> a -> b)"),
        ([task("c", "e"), task("d", "c"), task("e", "d")], r"circle: \w -> \w -> \w -> \w"),
        ([task("a", "nothing")], "task a: depends on nothing, which does not exist"),
        ([task("a"), task("a")], "task a: occurs twice"),
    ],
)
def test_impossible_tasks_are_refused_and_nothing_is_added(queue: TaskQueue, specs: list, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        queue.add_many([task("fine"), *specs])
    assert queue.list() == []


def test_a_cycle_through_what_is_there_is_refused(queue: TaskQueue) -> None:
    queue.add_many([task("a"), task("b", "a"), task("c", "b")])
    with pytest.raises(InvalidArgumentError, match="circle"):
        queue.add_many([task("a", "c")], update=True)
    assert queue.get("a").spec.depends_on == ()


def test_adding_again_changes_nothing_unless_asked(queue: TaskQueue) -> None:
    first = [task("a"), task("b", "a")]
    assert queue.add_many(first).added == ("a", "b")
    work(queue)
    assert queue.add_many(first).unchanged == ("a", "b")
    other = [task("a", description="more"), task("b"), task("c", "b")]
    with pytest.raises(AlreadyExistsError, match="task a"):
        queue.add_many(other)
    assert [t.id for t in queue.list()] == ["a", "b"]
    done = queue.add_many(other, update=True)
    assert (done.added, done.updated, done.unchanged) == (("c",), ("a", "b"), ())
    assert (
        states(queue) == {"a": "accepted", "b": "ready", "c": "pending"} and queue.get("a").spec.description == "more"
    )
    queue.claim("w")
    with pytest.raises(TaskStateError, match="task b: a worker holds it"):
        queue.add_many([task("b", "a")], update=True)


def test_an_update_carries_its_dependencies_downstream(queue: TaskQueue) -> None:
    queue.add_many([task("a"), task("b"), task("c", "b")])
    queue.cancel("a")
    queue.add_many([task("b", "a")], update=True)
    assert states(queue) == {"a": "cancelled", "b": "blocked", "c": "blocked"}
    assert queue.dependents("a") == ("b",)


def test_a_claim_is_lost_with_its_lease_and_the_worker_learns_it(queue: TaskQueue, monkeypatch) -> None:
    monkeypatch.setattr("pixel_llm.coach.queue.claims._LOOK_FOR_LOST", 0.0)
    queue.add_many([task("a")])
    slow = queue.claim("slow", lease=60)
    assert queue.claim("other") is None
    let_lease_end(queue, "a")
    fast = queue.claim("fast")
    assert fast.task.id == "a" and fast.token != slow.token
    for lost in (
        lambda: queue.heartbeat(slow),
        lambda: queue.release(slow),
        lambda: queue.finish(slow, S.accepted),
    ):
        with pytest.raises(TaskStateError, match="task a: slow does not hold it any more: fast has it now"):
            lost()
    queue.finish(fast, S.accepted)
    with pytest.raises(TaskStateError, match="it is accepted"):
        queue.heartbeat(slow)


def test_a_heartbeat_keeps_the_claim(queue: TaskQueue, monkeypatch) -> None:
    monkeypatch.setattr("pixel_llm.coach.queue.claims._LOOK_FOR_LOST", 0.0)
    queue.add_many([task("a")])
    claim = queue.claim("w", lease=60)
    let_lease_end(queue, "a")
    queue.heartbeat(claim, lease=60)  # late, and nobody has taken it
    assert queue.claim("other") is None
    queue.finish(claim, S.accepted)


def test_lost_work_whose_dependency_was_turned_down_is_blocked(queue: TaskQueue, monkeypatch) -> None:
    monkeypatch.setattr("pixel_llm.coach.queue.claims._LOOK_FOR_LOST", 0.0)
    queue.add_many([task("a"), task("b", "a")])
    work(queue)
    queue.claim("w")
    queue.reject("a", "wrong")
    let_lease_end(queue, "b")
    assert queue.claim("other") is None
    assert states(queue) == {"a": "failed", "b": "blocked"}


def test_released_work_is_ready_again(queue: TaskQueue) -> None:
    queue.add_many([task("a")])
    queue.release(queue.claim("w"), "Ctrl-C")
    assert states(queue) == {"a": "ready"}
    assert queue.claim("other").task.id == "a"


def test_claiming_and_finishing_may_be_repeated(queue: TaskQueue) -> None:
    queue.add_many([task("a"), task("b")])
    claim = queue.claim("w", token="t-1")
    assert queue.claim("w", token="t-1") == claim
    done = queue.finish(claim, S.accepted, score=9, branch="x", reason="tests")
    assert queue.finish(claim, S.accepted) == done
    assert (done.score, done.branch, done.reason) == (9, "x", "tests") and done.finished >= done.started
    with pytest.raises(TaskStateError):
        queue.finish(claim, S.failed)
    with pytest.raises(InvalidArgumentError):
        queue.finish(claim, S.running)


def test_what_a_person_decides_wins_over_the_worker(queue: TaskQueue) -> None:
    queue.add_many([task("a")])
    claim = queue.claim("w")
    queue.cancel("a", "not wanted")
    with pytest.raises(TaskStateError, match="it is cancelled"):
        queue.finish(claim, S.accepted)
    assert queue.get("a").reason == "not wanted"


def test_a_paused_queue_hands_out_nothing(queue: TaskQueue) -> None:
    queue.add_many([task("a")])
    queue.pause()
    queue.pause()
    assert queue.paused and queue.claim("w") is None and queue.next().id == "a"
    queue.pause(False)
    assert not queue.paused and queue.claim("w").task.id == "a"


def test_attempts_are_kept_and_counted_once(queue: TaskQueue) -> None:
    queue.add_many([task("a"), task("b", phase="two")])
    first, second = attempt(1), attempt(2, accepted=True, reviewed=False)
    queue.record_attempt("a", "run-1", first)
    queue.record_attempt("a", "run-1", first)
    queue.record_attempt("a", "run-1", second)
    queue.record_attempt("b", "run-2", attempt(1))
    assert queue.attempts("a") == (first, second) and queue.attempts("a", run_id="run-2") == ()
    got = queue.get("a")
    assert got.attempts == 2 and got.usage.input_tokens == 250 and got.usage.output_tokens == 45
    assert got.usage.cost_usd == Decimal("0.000003") and got.usage.priced_by == "a list 1, local"
    stats = queue.stats()
    assert (stats.total.tasks, stats.total.accepted, stats.total.attempts, stats.total.seconds) == (2, 1, 3, 4.5)
    assert stats.total.usage.cost_usd == Decimal("0.000006") and stats.total.success_rate == 0.5
    assert stats.total.cost_per_task == Decimal("0.000003")
    assert [(w.name, w.attempts, w.usage.input_tokens) for w in stats.writers] == [("writer-1", 3, 300)]
    assert [(r.name, r.attempts, r.usage.input_tokens) for r in stats.reviewers] == [("judge-1", 2, 100)]
    assert [(p.name, p.tasks) for p in stats.phases] == [("tasks", 1), ("two", 1)]
    assert queue.stats(phase="two").total.attempts == 1 and queue.stats(run_id="run-1").total.attempts == 2
    assert queue.stats(run_id="none").total.success_rate is None


def test_a_cost_that_nobody_knows_is_not_zero(queue: TaskQueue) -> None:
    queue.add_many([task("a")])
    record = attempt(1, reviewed=False)
    unpriced = record.completion.usage.model_copy(update={"cost_usd": None, "priced_by": None})
    record = record.model_copy(update={"completion": record.completion.model_copy(update={"usage": unpriced})})
    queue.record_attempt("a", "r", record)
    assert queue.get("a").usage.cost_usd is None and queue.stats().total.usage.cost_usd is None


def test_progress_counts_each_phase_in_order(queue: TaskQueue) -> None:
    queue.set_phases([("two", "Second", "it works"), ("one", "First", "")])
    queue.add_many([task("a", phase="one"), task("b", "a", phase="two"), task("c", phase="three")])
    work(queue)
    assert [(p.phase, p.name, dict(p.counts), p.accepted, p.total) for p in queue.progress()] == [
        ("two", "Second", {S.ready: 1}, 0, 1),
        ("one", "First", {S.accepted: 1}, 1, 1),
        ("three", "", {S.ready: 1}, 0, 1),
    ]
    queue.set_phases([("two", "Renamed", "")])
    assert queue.progress("two")[0].name == "Renamed" and queue.phases()[0] == ("two", "Renamed", "")
