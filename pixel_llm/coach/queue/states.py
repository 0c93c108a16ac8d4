"""How states follow from each other.

A task that waits (pending, ready, blocked) is `blocked` while a dependency is failed, cancelled, needs_human or itself
blocked, `ready` once all of them are accepted (`needs_human` if it is one for a person), and `pending` otherwise.
`settle` carries a change downstream, inside the transaction that made it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from pixel_llm.coach.queue.schema import dependencies, tasks
from pixel_llm.coach.types import AgentKind, TaskState

WAITING = (TaskState.pending, TaskState.ready, TaskState.blocked)
OBSTACLES = (TaskState.failed, TaskState.cancelled, TaskState.needs_human, TaskState.blocked)
FOR_A_PERSON = "a task for a person"
_CHUNK = 500  # ids in one statement: SQLite took at most 999 parameters for long


def waiting_state(agent: str, before: Iterable[tuple[str, str]]) -> tuple[TaskState, str]:
    """State and reason of a task that waits; `before` is the id and state of each dependency."""
    open_ = False
    for name, state in before:
        if state in OBSTACLES:
            return TaskState.blocked, f"waits for {name}, which is {state}"
        open_ = open_ or state != TaskState.accepted
    if open_:
        return TaskState.pending, ""
    return (TaskState.needs_human, FOR_A_PERSON) if agent == AgentKind.human else (TaskState.ready, "")


def settle(connection: Connection, changed: Collection[str]) -> None:
    """Give everything downstream of the tasks `changed` the state that follows."""
    frontier: set[str] = set(changed)
    while frontier:
        below: set[str] = set()
        for ids in _chunks(frontier):
            below.update(
                connection.execute(select(dependencies.c.task_id).where(dependencies.c.depends_on.in_(ids))).scalars()
            )
        frontier = resettle(connection, below)


def resettle(connection: Connection, ids: Collection[str]) -> set[str]:
    """Give those of `ids` that wait the state that follows; returns those whose dependents may be affected by it."""
    moved: set[str] = set()
    changes: list[dict[str, Any]] = []
    for chunk in _chunks(ids):
        waiting = connection.execute(
            select(tasks.c.id, tasks.c.agent, tasks.c.state, tasks.c.reason)
            .where(tasks.c.id.in_(chunk), tasks.c.state.in_(WAITING))
            .order_by(tasks.c.id)
        ).all()
        before: dict[str, list[tuple[str, str]]] = {row.id: [] for row in waiting}
        for task_id, name, state in connection.execute(
            select(dependencies.c.task_id, tasks.c.id, tasks.c.state)
            .join(tasks, tasks.c.id == dependencies.c.depends_on)
            .where(dependencies.c.task_id.in_(before))
            .order_by(tasks.c.seq)
        ):
            before[task_id].append((name, state))
        for row in waiting:
            state, reason = waiting_state(row.agent, before[row.id])
            if state == row.state and reason == row.reason:
                continue
            changes.append({"the_id": row.id, "new_state": str(state), "new_reason": reason})
            if state != row.state and (state in OBSTACLES or row.state in OBSTACLES):
                moved.add(row.id)
    if changes:
        connection.execute(
            update(tasks)
            # A worker may have claimed it since it was read: then it runs, and is looked at again when it ends.
            .where(tasks.c.id == bindparam("the_id"), or_(*(tasks.c.state == str(s) for s in WAITING)))
            .values(state=bindparam("new_state"), reason=bindparam("new_reason")),
            changes,
        )
    return moved


def _chunks(ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
