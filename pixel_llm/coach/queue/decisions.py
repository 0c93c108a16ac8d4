"""Deciding about tasks: what people do, whatever the workers are doing."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    delete,
    insert,
    select,
    update,
)

from pixel_llm.coach.queue import rows, states
from pixel_llm.coach.queue.claims import PAUSED
from pixel_llm.coach.queue.schema import control, runs, tasks
from pixel_llm.coach.queue.store import Store
from pixel_llm.coach.types import (
    Task,
    TaskState,
)
from pixel_llm.errors import InvalidArgumentError, TaskStateError

_REMEDIES: dict[TaskState, str] = {
    TaskState.running: "cancel it or hand it to a human first",
    TaskState.accepted: "reject it first",
    TaskState.cancelled: "retry it first",
    TaskState.ready: "it is in the queue already",
    TaskState.pending: "it is in the queue already, behind its dependencies",
    TaskState.blocked: "deal with the dependency that blocks it",
}


class Decisions(Store):
    """What people do. See `TaskQueue`."""

    def accept(self, task_id: str, *, reason: str = "", score: int | None = None, branch: str | None = None) -> Task:
        """A person says that it is done. Raises TaskStateError while a worker holds it, NotFoundError."""
        return self._decide(
            task_id,
            TaskState.accepted,
            refused=(TaskState.running,),
            reason=reason or "a person accepted it",
            score=score,
            branch=branch,
        )

    def reject(self, task_id: str, reason: str) -> Task:
        """A person turns work down: the task is failed, and the reason is a lesson for whoever tries again.

        Raises TaskStateError unless it is accepted, needs_human or failed.
        """
        if not reason.strip():
            raise InvalidArgumentError("say why: the writer is told when the task is tried again", part="reason")
        waiting = (*states.WAITING, TaskState.running, TaskState.cancelled)
        return self._decide(task_id, TaskState.failed, refused=waiting, reason=reason, lesson=reason, branch=None)

    def cancel(self, task_id: str, reason: str = "") -> Task:
        """Nobody wants it any more; a worker that holds it stops at its next heartbeat. Not for accepted tasks."""
        return self._decide(
            task_id,
            TaskState.cancelled,
            refused=(TaskState.accepted,),
            reason=reason or "a person cancelled it",
        )

    def hand_to_human(self, task_id: str, reason: str = "") -> Task:
        """Take it from the models, a worker that holds it included. Not for accepted or cancelled tasks."""
        return self._decide(
            task_id,
            TaskState.needs_human,
            refused=(TaskState.accepted, TaskState.cancelled),
            reason=reason or "handed to a person",
        )

    def retry(self, task_id: str, *, lesson: str = "") -> Task:
        """Put a task that needs a human, failed or was cancelled back into the queue. The writer is told `lesson`."""
        allowed = (TaskState.needs_human, TaskState.failed, TaskState.cancelled)
        refused = tuple(s for s in TaskState if s not in allowed)
        return self._decide(task_id, TaskState.pending, refused=refused, reason="", lesson=lesson, finished=None)

    def _decide(
        self,
        task_id: str,
        state: TaskState,
        *,
        refused: tuple[TaskState, ...],
        reason: str,
        lesson: str = "",
        **values: Any,
    ) -> Task:
        with self._changing() as connection:
            row = self._row(connection, task_id, lock=True)
            if row.state in refused:
                raise TaskStateError(
                    f"it is {row.state}", part=f"task {task_id}", remedy=_REMEDIES.get(TaskState(row.state))
                )
            lessons = json.loads(row.lessons)
            if lesson.strip() and lesson not in lessons:
                lessons.append(rows.storable(lesson))
            values = {"finished": self._now(connection), **values}
            connection.execute(
                update(tasks)
                .where(tasks.c.id == task_id)
                .values(
                    state=str(state),
                    reason=rows.storable(reason),
                    lessons=json.dumps(lessons),
                    lease_expires=None,
                    token=None,
                    **values,
                )
            )
            connection.execute(update(runs).where(runs.c.task_id == task_id).values(open=False))
            if state is TaskState.pending:
                states.resettle(connection, {task_id})
            states.settle(connection, {task_id})
            return rows.task_of(self._row(connection, task_id))

    @property
    def paused(self) -> bool:
        """Whether claims give nothing."""
        with self._reading() as connection:
            return connection.execute(select(control.c.name).where(control.c.name == PAUSED)).first() is not None

    def pause(self, wanted: bool = True) -> None:
        """Stop (or with False resume) handing out tasks; what is running goes on."""
        with self._changing() as connection:
            connection.execute(delete(control).where(control.c.name == PAUSED))
            if wanted:
                connection.execute(insert(control).values(name=PAUSED, value="1"))
