"""Looking at the queue; nothing here changes it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import (
    func,
    select,
)

from pixel_llm.coach.queue import rows
from pixel_llm.coach.queue.claims import candidates
from pixel_llm.coach.queue.schema import attempts, dependencies, phases, tasks
from pixel_llm.coach.queue.statistics import Stats, collect
from pixel_llm.coach.queue.store import Store
from pixel_llm.coach.types import (
    AgentKind,
    AttemptRecord,
    PhaseProgress,
    Task,
    TaskState,
)


class Queries(Store):
    """What everybody sees. See `TaskQueue`."""

    def next(self, *, agent: AgentKind | None = AgentKind.local, phase: str | None = None) -> Task | None:
        """The task that `claim` would give, without taking it; with `agent=None` whoever it is for."""
        with self._reading() as connection:
            found = [
                row
                for kind in (AgentKind if agent is None else [agent])
                if (row := connection.execute(candidates(kind, phase, tasks).limit(1)).first())
            ]
            return rows.task_of(min(found, key=lambda row: (row.urgency, row.seq))) if found else None

    def get(self, task_id: str) -> Task:
        """One task. Raises NotFoundError with the nearest id."""
        with self._reading() as connection:
            return rows.task_of(self._row(connection, task_id))

    def list(
        self,
        *,
        phase: str | None = None,
        states: Iterable[TaskState] | None = None,
        agent: AgentKind | None = None,
        limit: int | None = None,
    ) -> list[Task]:
        """Tasks in the order in which they were added."""
        query = select(tasks).order_by(tasks.c.seq).limit(limit)
        if phase is not None:
            query = query.where(tasks.c.phase == phase)
        if states is not None:
            query = query.where(tasks.c.state.in_([str(s) for s in states]))
        if agent is not None:
            query = query.where(tasks.c.agent == agent)
        with self._reading() as connection:
            return [rows.task_of(row) for row in connection.execute(query)]

    def attempts(self, task_id: str, *, run_id: str | None = None) -> tuple[AttemptRecord, ...]:
        """The records of a task's attempts (of one run), oldest first. Raises NotFoundError."""
        query = select(attempts.c.record).where(attempts.c.task_id == task_id).order_by(attempts.c.id)
        if run_id is not None:
            query = query.where(attempts.c.run_id == run_id)
        with self._reading() as connection:
            self._row(connection, task_id)
            return tuple(AttemptRecord.model_validate_json(r) for r in connection.execute(query).scalars())

    def attempts_by_run(self, task_id: str) -> tuple[tuple[str, AttemptRecord], ...]:
        """The same with the run of each: `(run_id, record)`."""
        query = select(attempts.c.run_id, attempts.c.record).where(attempts.c.task_id == task_id)
        with self._reading() as connection:
            found = connection.execute(query.order_by(attempts.c.id)).all()
            return tuple((row.run_id, AttemptRecord.model_validate_json(row.record)) for row in found)

    def dependents(self, task_id: str) -> tuple[str, ...]:
        """The ids of tasks that depend on this one directly."""
        query = select(dependencies.c.task_id).where(dependencies.c.depends_on == task_id)
        with self._reading() as connection:
            return tuple(sorted(connection.execute(query).scalars()))

    def phases(self) -> tuple[tuple[str, str, str], ...]:
        """The described phases in order: id, name, measure of success."""
        with self._reading() as connection:
            found = connection.execute(select(phases).order_by(phases.c.position))
            return tuple((row.id, row.name, row.measure) for row in found)

    def progress(self, phase: str | None = None) -> tuple[PhaseProgress, ...]:
        """How many tasks of each phase that has any (or of one) are in which state; phases in order."""
        query = select(tasks.c.phase, tasks.c.state, func.count().label("number"), func.min(tasks.c.seq).label("first"))
        query = query.group_by(tasks.c.phase, tasks.c.state)
        if phase is not None:
            query = query.where(tasks.c.phase == phase)
        with self._reading() as connection:
            described = {row.id: row for row in connection.execute(select(phases))}
            counts: dict[str, dict[TaskState, int]] = {}
            first: dict[str, int] = {}
            for row in connection.execute(query):
                counts.setdefault(row.phase, {})[TaskState(row.state)] = row.number
                first[row.phase] = min(row.first, first.get(row.phase, row.first))
        order = sorted(counts, key=lambda p: (described[p].position if p in described else 1 << 30, first[p]))
        return tuple(
            PhaseProgress(
                phase=p,
                name=described[p].name if p in described else "",
                measure=described[p].measure if p in described else "",
                counts=counts[p],
            )
            for p in order
        )

    def stats(self, *, phase: str | None = None, run_id: str | None = None) -> Stats:
        """What the attempts (of a phase, of a run) came to, per model and per phase."""
        with self._reading() as connection:
            return collect(connection, phase=phase, run_id=run_id)
