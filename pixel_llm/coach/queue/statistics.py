"""What the attempts came to: counted by the database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, distinct, func, select

from pixel_llm.coach.queue.rows import to_dollars
from pixel_llm.coach.queue.schema import attempts, tasks
from pixel_llm.coach.types import Usage, Value


class Counted(Value):
    """Sums over attempts. `tasks` is how many tasks were tried, `accepted` how many of them ended with an accepted
    attempt; `usage.cost_usd` leaves out what has no known price."""

    name: str = ""
    tasks: int = 0
    accepted: int = 0
    attempts: int = 0
    usage: Usage = Usage()
    seconds: float = 0.0

    @property
    def success_rate(self) -> float | None:
        """Accepted of tried, 0 to 1; None where nothing was tried."""
        return self.accepted / self.tasks if self.tasks else None

    @property
    def cost_per_task(self) -> Decimal | None:
        """Dollars a task tried; None where no price is known."""
        return None if self.usage.cost_usd is None or not self.tasks else self.usage.cost_usd / self.tasks


class Stats(Value):
    """All attempts, and the same per writing model, per reviewing model (their reviews alone) and per phase."""

    total: Counted
    writers: tuple[Counted, ...]
    reviewers: tuple[Counted, ...]
    phases: tuple[Counted, ...]


def collect(connection: Connection, *, phase: str | None, run_id: str | None) -> Stats:
    """Count the attempts, of one phase or one run where they are given."""
    where: list[ColumnElement[bool]] = []
    if phase is not None:
        where.append(tasks.c.phase == phase)
    if run_id is not None:
        where.append(attempts.c.run_id == run_id)
    a = attempts.c
    written = (a.input_tokens, a.output_tokens, a.cost_nano)
    reviewed = (a.review_input_tokens, a.review_output_tokens, a.review_cost_nano)
    both = (
        a.input_tokens + a.review_input_tokens,
        a.output_tokens + a.review_output_tokens,
        case(
            (a.cost_nano.is_(None), a.review_cost_nano),
            else_=a.cost_nano + func.coalesce(a.review_cost_nano, 0),
        ),
    )

    def sums(key: Any, usage: tuple[Any, Any, Any]) -> tuple[Counted, ...]:
        query = (
            select(
                key.label("name"),
                func.count(distinct(a.task_id)).label("tasks"),
                func.count(distinct(case((a.accepted, a.task_id)))).label("accepted"),
                func.count().label("attempts"),
                func.sum(usage[0]).label("input"),
                func.sum(usage[1]).label("output"),
                func.sum(usage[2]).label("cost"),
                func.sum(a.seconds).label("seconds"),
            )
            .join(tasks, tasks.c.id == a.task_id)
            .where(key.is_not(None), *where)
            .group_by(key)
            .order_by(func.min(tasks.c.seq))
        )
        return tuple(
            Counted(
                name=str(row.name),
                tasks=row.tasks,
                accepted=row.accepted,
                attempts=row.attempts,
                usage=Usage(input_tokens=int(row.input), output_tokens=int(row.output), cost_usd=to_dollars(row.cost)),
                seconds=row.seconds,
            )
            for row in connection.execute(query)
        )

    by_phase = sums(tasks.c.phase, both)
    return Stats(
        total=_sum(by_phase), writers=sums(a.model, written), reviewers=sums(a.reviewer, reviewed), phases=by_phase
    )


def _sum(parts: tuple[Counted, ...]) -> Counted:
    usage = Usage()
    for part in parts:
        usage = usage + part.usage
    return Counted(
        name="total",
        tasks=sum(p.tasks for p in parts),
        accepted=sum(p.accepted for p in parts),
        attempts=sum(p.attempts for p in parts),
        usage=usage,
        seconds=sum(p.seconds for p in parts),
    )
