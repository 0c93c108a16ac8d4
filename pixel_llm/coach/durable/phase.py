"""A run over a phase: what would be done, what was done, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from pixel_llm.coach.durable.worker import Done
from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.types import AgentKind, AttemptRecord, Completion, Review, Task, TaskState, Usage, Value

_FIXABLE = (TaskState.needs_human, TaskState.failed)


class Tally(Value):
    """Sums over tasks. `name` is a phase or an agent."""

    name: str = ""
    processed: int = 0
    """Tasks whose run ended."""
    accepted: int = 0
    needs_human: int = 0
    failed: int = 0
    interrupted: int = 0
    """Tasks that went back to the queue."""
    attempts: int = 0
    usage: Usage = Usage()
    seconds: float = 0.0

    @property
    def success_rate(self) -> float | None:
        """Accepted of processed, 0 to 1; None where nothing was processed."""
        return self.accepted / self.processed if self.processed else None

    @property
    def cost_per_task(self) -> Decimal | None:
        """Dollars a processed task; None where no price is known."""
        return None if self.usage.cost_usd is None or not self.processed else self.usage.cost_usd / self.processed


class Statistics(Value):
    """What a run over tasks came to: in all, per phase, and per writing and reviewing model."""

    total: Tally
    phases: tuple[Tally, ...]
    writers: tuple[Tally, ...]
    reviewers: tuple[Tally, ...]


def plan(
    queue: TaskQueue, *, phase: str | None = None, max_tasks: int | None = None, fix_failures: bool = False
) -> tuple[Task, ...]:
    """The tasks that a run would take, in order, if each were accepted. Nothing is changed."""
    tasks = {task.id: task for task in queue.list()}
    accepted = {task.id for task in tasks.values() if task.state is TaskState.accepted}
    open_states = (TaskState.ready, TaskState.pending, TaskState.blocked, *(_FIXABLE if fix_failures else ()))
    left = [
        task
        for task in tasks.values()
        if task.state in open_states
        and task.spec.agent is not AgentKind.human
        and (phase is None or task.spec.phase == phase)
    ]
    planned: list[Task] = []
    while left and (max_tasks is None or len(planned) < max_tasks):
        ready = [task for task in left if accepted.issuperset(task.spec.depends_on)]
        if not ready:
            break
        taken = max(ready, key=lambda task: task.spec.priority)  # the earliest of the most urgent: `left` is in order
        planned.append(taken)
        accepted.add(taken.id)
        left.remove(taken)
    return tuple(planned)


def take_up_failures(queue: TaskQueue, phase: str | None = None) -> tuple[str, ...]:
    """Put tasks that the coach could not do back into the queue; their ids. Tasks for people stay with people.

    Their next run starts with a fresh draft and what the earlier attempts taught.
    """
    tasks = [t for t in queue.list(phase=phase, states=_FIXABLE) if t.spec.agent is not AgentKind.human]
    for task in tasks:
        queue.retry(task.id)
    return tuple(task.id for task in tasks)


def count(done: Sequence[Done]) -> Statistics:
    """What the tasks of a run came to."""
    phases = dict.fromkeys(d.task.spec.phase for d in done)
    return Statistics(
        total=_tally("", done),
        phases=tuple(_tally(name, [d for d in done if d.task.spec.phase == name]) for name in phases),
        writers=_by_model(done, lambda attempt: attempt.completion),
        reviewers=_by_model(done, lambda attempt: attempt.review),
    )


def _tally(name: str, done: Sequence[Done]) -> Tally:
    endings = [d.ending for d in done if d.ending is not None]
    usage = Usage()
    for ending in endings:
        usage = usage + ending.usage
    states = [ending.state for ending in endings]
    return Tally(
        name=name,
        processed=len(endings),
        accepted=states.count(TaskState.accepted),
        needs_human=states.count(TaskState.needs_human),
        failed=states.count(TaskState.failed),
        interrupted=len(done) - len(endings),
        attempts=sum(len(ending.attempts) for ending in endings),
        usage=usage,
        seconds=sum(d.seconds for d in done),
    )


def _by_model(done: Sequence[Done], part: Callable[[AttemptRecord], Completion | Review | None]) -> tuple[Tally, ...]:
    """Per model: its calls as attempts, with their tokens, dollars and seconds, and the tasks that it had a part in."""
    tallies: dict[str, Tally] = {}
    for ending in (d.ending for d in done if d.ending is not None):
        calls = [call for call in map(part, ending.attempts) if call is not None]
        for name in dict.fromkeys(call.model for call in calls):
            mine = [call for call in calls if call.model == name]
            before = tallies.get(name, Tally(name=name))
            usage = before.usage
            for call in mine:
                usage = usage + call.usage
            tallies[name] = Tally(
                name=name,
                processed=before.processed + 1,
                accepted=before.accepted + (ending.state is TaskState.accepted),
                needs_human=before.needs_human + (ending.state is TaskState.needs_human),
                failed=before.failed + (ending.state is TaskState.failed),
                attempts=before.attempts + len(mine),
                usage=usage,
                seconds=before.seconds + sum(call.seconds for call in mine),
            )
    return tuple(tallies.values())
