"""The task queue: who may do what next, kept in a database that many processes and machines share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import (
    Connection,
    delete,
    func,
    insert,
    select,
    update,
)

from pixel_llm.coach.queue import rows, states
from pixel_llm.coach.queue.adding import ordered
from pixel_llm.coach.queue.claims import Claims
from pixel_llm.coach.queue.decisions import Decisions
from pixel_llm.coach.queue.queries import Queries
from pixel_llm.coach.queue.schema import attempts, dependencies, phases, tasks
from pixel_llm.coach.types import (
    AttemptRecord,
    Task,
    TaskSpec,
    TaskState,
    Value,
)
from pixel_llm.errors import AlreadyExistsError, TaskStateError


class Added(Value):
    """What `add_many` did: ids of tasks that are new, that were there exactly so, and whose specification changed."""

    added: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()


class TaskQueue(Claims, Decisions, Queries):
    """Tasks, their states and their attempts in the database `database`: a path, `sqlite:///…` or `postgresql://…`.

    Every method is one transaction, safe among threads, processes and (with PostgreSQL) machines. The schema is made or
    brought up to date when the queue is opened. Raises InvalidArgumentError for what is no database, UnsupportedError
    for one of a newer version, StorageError and BusyError for what the database refuses.
    """

    def add_many(self, specs: Iterable[TaskSpec], *, update: bool = False) -> Added:
        """Add tasks with their dependencies; all of them or none. A task that is there with the same specification
        stays as it is; with another one it is an AlreadyExistsError, or with `update` takes the new one and keeps its
        state.

        Raises InvalidArgumentError for ids that occur twice, unknown dependencies and cycles, TaskStateError for an
        update of a task that a worker holds.
        """
        with self._changing() as connection:
            return self._add(connection, list(specs), update=update)

    def restore(
        self, saved: Iterable[tuple[Task, Sequence[tuple[str, AttemptRecord]]]], *, update: bool = False
    ) -> Added:
        """Add tasks of an export, each with its attempts as (run, record): like `add_many`, and those that are new keep
        what became of them. What was running or waiting gets the state that follows from its dependencies."""
        kept = list(saved)
        with self._changing() as connection:
            added = self._add(connection, [task.spec for task, _ in kept], update=update)
            new = set(added.added)
            for task, records in kept:
                if task.id in new:
                    self._restore(connection, task, records)
            states.resettle(connection, new)
            states.settle(connection, new)
            return added

    def _add(self, connection: Connection, new: list[TaskSpec], *, update: bool) -> Added:
        there = {
            row.id: row for row in connection.execute(select(tasks.c.id, tasks.c.seq, tasks.c.spec, tasks.c.state))
        }
        needs: dict[str, list[str]] = {name: [] for name in there}
        for task_id, name in connection.execute(select(dependencies.c.task_id, dependencies.c.depends_on)):
            needs[task_id].append(name)
        order = ordered(new, needs)
        changed = []
        for spec in new:
            if spec.id in there and there[spec.id].spec != spec.model_dump_json():
                if not update:
                    raise AlreadyExistsError(
                        "is in the queue with another specification",
                        part=f"task {spec.id}",
                        remedy="update it, or give the new task another id",
                    )
                if there[spec.id].state == TaskState.running:
                    raise TaskStateError("a worker holds it", part=f"task {spec.id}", remedy="cancel it first")
                changed.append(spec)
        fresh = [spec for spec in new if spec.id not in there]
        self._insert(connection, fresh, order, {row.id: row.state for row in there.values()})
        self._replace(connection, changed)
        listed = {spec.id for spec in (*fresh, *changed)}
        return Added(
            added=tuple(spec.id for spec in fresh),
            updated=tuple(spec.id for spec in changed),
            unchanged=tuple(spec.id for spec in new if spec.id not in listed),
        )

    def _insert(
        self, connection: Connection, specs: Sequence[TaskSpec], order: list[str], known: dict[str, str]
    ) -> None:
        if not specs:
            return
        by_id = {spec.id: spec for spec in specs}
        first = connection.execute(select(func.coalesce(func.max(tasks.c.seq), 0))).scalar_one() + 1
        now = self._now(connection)
        state: dict[str, tuple[TaskState, str]] = {}
        for name in order:
            if name in by_id:
                spec = by_id[name]
                state[name] = states.waiting_state(spec.agent, [(d, known[d]) for d in spec.depends_on])
                known[name] = state[name][0]
        connection.execute(
            insert(tasks),
            [
                {
                    **rows.row_of(spec),
                    "seq": first + number,
                    "state": str(state[spec.id][0]),
                    "reason": state[spec.id][1],
                    "lessons": "[]",
                    "attempts": 0,
                    "input_tokens": 0,
                    "output_tokens": 0,
                    "added": now,
                }
                for number, spec in enumerate(specs)
            ],
        )
        edges = [{"task_id": spec.id, "depends_on": name} for spec in specs for name in spec.depends_on]
        if edges:
            connection.execute(insert(dependencies), edges)

    def _replace(self, connection: Connection, specs: Sequence[TaskSpec]) -> None:
        for spec in specs:
            connection.execute(delete(dependencies).where(dependencies.c.task_id == spec.id))
            connection.execute(update(tasks).where(tasks.c.id == spec.id).values(rows.row_of(spec)))
            edges = [{"task_id": spec.id, "depends_on": name} for name in spec.depends_on]
            if edges:
                connection.execute(insert(dependencies), edges)
        if specs:
            names = {spec.id for spec in specs}
            states.resettle(connection, names)
            states.settle(connection, names)

    def _restore(self, connection: Connection, task: Task, records: Sequence[tuple[str, AttemptRecord]]) -> None:
        state = task.state if task.state.final else TaskState.pending
        connection.execute(
            update(tasks)
            .where(tasks.c.id == task.id)
            .values(
                state=str(state),
                reason=rows.storable(task.reason) if task.state.final else "",
                lessons=json.dumps(task.lessons),
                attempts=task.attempts,
                input_tokens=task.usage.input_tokens,
                output_tokens=task.usage.output_tokens,
                cost_nano=rows.to_nano(task.usage.cost_usd),
                priced_by=task.usage.priced_by,
                worker=task.worker,
                added=task.added.timestamp(),
                started=task.started.timestamp() if task.started else None,
                finished=task.finished.timestamp() if task.finished else None,
                score=task.score,
                branch=task.branch,
            )
        )
        at = (task.finished or task.added).timestamp()
        if records:
            connection.execute(
                insert(attempts), [rows.attempt_row(task.id, run, record, at) for run, record in records]
            )

    def set_phases(self, described: Iterable[tuple[str, str, str]]) -> None:
        """Names and measures of success of phases, in order: `(id, name, measure)`."""
        with self._changing() as connection:
            for phase, name, measure in described:
                values = {"name": name, "measure": measure}
                if not connection.execute(update(phases).where(phases.c.id == phase).values(values)).rowcount:
                    last = connection.execute(select(func.coalesce(func.max(phases.c.position), 0))).scalar_one()
                    connection.execute(insert(phases).values(id=phase, position=last + 1, **values))
