"""Working on tasks: claims, heartbeats, endings, attempts."""

from __future__ import annotations

import hashlib
import time
import uuid
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from pixel_llm.coach.queue import rows, states
from pixel_llm.coach.queue.schema import attempts, control, runs, tasks
from pixel_llm.coach.queue.store import SERVER_CLOCK, Store
from pixel_llm.coach.types import (
    AgentKind,
    AttemptRecord,
    Claim,
    Task,
    TaskState,
)
from pixel_llm.errors import InvalidArgumentError, TaskStateError

LEASE = 120.0  # seconds that a claim holds without a heartbeat
_LOOK_FOR_LOST = 1.0  # seconds between looks for claims whose worker has gone
PAUSED = "paused"


def candidates(agent: AgentKind, phase: str | None, what: Any = tasks.c.id) -> Select[Any]:
    """Ready tasks for `agent`, the most urgent first."""
    query = select(what).where(tasks.c.state == TaskState.ready, tasks.c.agent == agent)
    if phase is not None:
        query = query.where(tasks.c.phase == phase)
    return query.order_by(tasks.c.urgency, tasks.c.seq)


@cache
def _take(shared: bool, of_phase: bool) -> ReturningUpdate[Any]:
    """The statement that claims: built once, since building takes longer than running it."""
    now: ColumnElement[float] = SERVER_CLOCK if shared else bindparam("now", type_=Double)
    candidate = select(tasks.c.id).where(tasks.c.state == TaskState.ready, tasks.c.agent == bindparam("kind"))
    if of_phase:
        candidate = candidate.where(tasks.c.phase == bindparam("where"))
    candidate = (
        candidate.where(~exists().where(control.c.name == PAUSED))
        .order_by(tasks.c.urgency, tasks.c.seq)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (
        update(tasks)
        .where(tasks.c.id == candidate.scalar_subquery())
        .values(
            state=str(TaskState.running),
            reason="",
            worker=bindparam("by"),
            token=bindparam("key"),
            lease_expires=now + bindparam("lease", type_=Double),
            started=func.coalesce(tasks.c.started, now),
            finished=None,
        )
        .returning(tasks)
    )


class Claims(Store):
    """What workers do. See `TaskQueue`."""

    _looked = 0.0

    def claim(
        self,
        worker: str,
        *,
        agent: AgentKind = AgentKind.local,
        phase: str | None = None,
        lease: float = LEASE,
        token: str | None = None,
    ) -> Claim | None:
        """Take the most urgent ready task, or None where there is none or the queue is paused.

        `worker` is a name for people. The claim holds for `lease` seconds and as long as `heartbeat` extends it; after
        that another worker may take the task. `token` makes the call repeatable: the same token gives the same claim
        while it holds.
        """
        if lease <= 0:
            raise InvalidArgumentError("must be more than 0 seconds", part="lease")
        if time.monotonic() - self._looked > _LOOK_FOR_LOST:
            self._take_back()
        with self._at_once() as connection:
            if token is not None:
                mine = select(tasks).where(tasks.c.token == token, tasks.c.state == TaskState.running)
                if row := connection.execute(mine).first():
                    return Claim(task=rows.task_of(row), token=token, worker=worker)
            given = {"by": rows.storable(worker), "key": token or uuid.uuid4().hex, "kind": str(agent), "lease": lease}
            given |= {} if phase is None else {"where": phase}
            given |= {} if self._shared else {"now": time.time()}
            row = connection.execute(_take(self._shared, phase is not None), given).first()
            return None if row is None else Claim(task=rows.task_of(row), token=row.token, worker=worker)

    def heartbeat(self, claim: Claim, lease: float = LEASE) -> None:
        """Hold the claim for another `lease` seconds. Raises TaskStateError once it is lost: stop working then."""
        with self._at_once() as connection:
            self._held(connection, claim, lease_expires=self._clock + lease)

    def release(self, claim: Claim, reason: str = "") -> None:
        """Give an unfinished task back. Raises TaskStateError where the claim is lost."""
        with self._changing() as connection:
            self._held(
                connection, claim, state=str(TaskState.pending), reason=rows.storable(reason), lease_expires=None
            )
            states.resettle(connection, {claim.task.id})

    def run_of(self, claim: Claim, rules: str = "") -> str:
        """The id of the run that the claim is for: the one that was interrupted before its task was finished, if the
        specification and the `rules` of running it are still the same, or else a new one. Raises TaskStateError where
        the claim is lost."""
        digest = hashlib.sha256(f"{rules}\n{claim.task.spec.model_dump_json()}".encode()).hexdigest()[:8]
        mine = runs.c.task_id == claim.task.id
        with self._changing() as connection:
            self._held(connection, claim, state=str(TaskState.running))
            row = connection.execute(select(runs).where(mine)).first()
            number = 1 if row is None else row.number
            if row is None:
                connection.execute(insert(runs).values(task_id=claim.task.id, number=1, digest=digest, open=True))
            elif not row.open or row.digest != digest:
                number += 1
                connection.execute(update(runs).where(mine).values(number=number, digest=digest, open=True))
        return f"{digest}-{number}"

    def take_back_from(self, worker: str) -> None:
        """The tasks of a worker that is known to have died become ready before their lease ends."""
        with self._writing() as connection:
            held = and_(tasks.c.state == TaskState.running, tasks.c.worker == worker)
            connection.execute(update(tasks).where(held).values(lease_expires=self._now(connection) - 1))
        self._take_back()

    def finish(
        self,
        claim: Claim,
        state: TaskState,
        *,
        reason: str = "",
        score: int | None = None,
        branch: str | None = None,
    ) -> Task:
        """End the work on a claimed task as accepted, needs_human or failed; may be repeated with the same state.

        Raises TaskStateError where the claim is lost: somebody else has the task, or a person has decided.
        """
        if state not in (TaskState.accepted, TaskState.needs_human, TaskState.failed):
            raise InvalidArgumentError(f"a worker cannot end a task as {state}")
        with self._changing() as connection:
            row = self._row(connection, claim.task.id)
            if row.token == claim.token and row.state == state:
                return rows.task_of(row)
            self._held(
                connection,
                claim,
                state=str(state),
                reason=rows.storable(reason),
                score=score,
                branch=branch,
                finished=self._now(connection),
                lease_expires=None,
            )
            connection.execute(update(runs).where(runs.c.task_id == claim.task.id).values(open=False))
            states.settle(connection, {claim.task.id})
            return rows.task_of(self._row(connection, claim.task.id))

    def record_attempt(self, task_id: str, run_id: str, record: AttemptRecord) -> None:
        """Keep an attempt and add it to the task's counts; the same run and number replace what was kept."""
        with self._changing() as connection:
            self._row(connection, task_id)
            row = rows.attempt_row(task_id, run_id, record, self._now(connection))
            same = and_(attempts.c.task_id == task_id, attempts.c.run_id == run_id, attempts.c.number == record.number)
            if not connection.execute(update(attempts).where(same).values(row)).rowcount:
                connection.execute(insert(attempts).values(row))
            self._recount(connection, task_id, record)

    def _recount(self, connection: Connection, task_id: str, record: AttemptRecord) -> None:
        a = attempts.c
        total = connection.execute(
            select(
                func.count(),
                func.sum(a.input_tokens + a.review_input_tokens),
                func.sum(a.output_tokens + a.review_output_tokens),
                func.sum(func.coalesce(a.cost_nano, 0) + func.coalesce(a.review_cost_nano, 0)),
                func.count(a.cost_nano) + func.count(a.review_cost_nano),
            ).where(a.task_id == task_id)
        ).one()
        before = connection.execute(select(tasks.c.priced_by).where(tasks.c.id == task_id)).scalar()
        names = {p for known in (before, record.usage.priced_by) if known for p in known.split(", ")}
        connection.execute(
            update(tasks)
            .where(tasks.c.id == task_id)
            .values(
                attempts=total[0],
                input_tokens=int(total[1]),
                output_tokens=int(total[2]),
                cost_nano=int(total[3]) if total[4] else None,
                priced_by=", ".join(sorted(names)) or None,
            )
        )

    def _take_back(self) -> None:
        """Tasks whose worker has not been heard of become ready again."""
        self._looked = time.monotonic()
        with self._reading() as connection:
            lost = and_(tasks.c.state == TaskState.running, tasks.c.lease_expires < self._now(connection))
            if connection.execute(select(tasks.c.id).where(lost).limit(1)).first() is None:
                return
        with self._changing() as connection:
            back = update(tasks).where(lost).values(state=str(TaskState.pending), token=None, lease_expires=None)
            states.resettle(connection, set(connection.execute(back.returning(tasks.c.id)).scalars()))

    def _held(self, connection: Connection, claim: Claim, **values: Any) -> None:
        held = and_(tasks.c.id == claim.task.id, tasks.c.token == claim.token, tasks.c.state == TaskState.running)
        if connection.execute(update(tasks).where(held).values(values)).rowcount:
            return
        row = self._row(connection, claim.task.id)
        what = f"{row.worker} has it now" if row.state == TaskState.running else f"it is {row.state}"
        raise TaskStateError(f"{claim.worker} does not hold it any more: {what}", part=f"task {claim.task.id}")
