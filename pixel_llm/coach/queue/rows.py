"""Between rows of the tables and the values of `coach/types.py`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Row

from pixel_llm.coach.types import AttemptRecord, Task, TaskSpec, TaskState, Usage

_NANO = Decimal(10) ** 9


def to_nano(dollars: Decimal | None) -> int | None:
    """Dollars as whole billionths."""
    return None if dollars is None else int((dollars * _NANO).to_integral_value(ROUND_HALF_UP))


def to_dollars(nano: int | None) -> Decimal | None:
    """Billionths as dollars."""
    return None if nano is None else Decimal(int(nano)) / _NANO


def to_time(seconds: float | None) -> datetime | None:
    """Seconds since 1970 as a UTC time."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def storable(text: str) -> str:
    """`text` without what PostgreSQL cannot store and UTF-8 cannot encode."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def task_of(row: Row[Any]) -> Task:
    """The task in a row of the table `coach_tasks`."""
    added = to_time(row.added)
    assert added is not None
    return Task(
        spec=TaskSpec.model_validate_json(row.spec),
        state=TaskState(row.state),
        reason=row.reason,
        lessons=tuple(json.loads(row.lessons)),
        attempts=row.attempts,
        usage=Usage(
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cost_usd=to_dollars(row.cost_nano),
            priced_by=row.priced_by,
        ),
        worker=row.worker,
        lease_expires=to_time(row.lease_expires),
        added=added,
        started=to_time(row.started),
        finished=to_time(row.finished),
        score=row.score,
        branch=row.branch,
    )


def row_of(spec: TaskSpec) -> dict[str, Any]:
    """The columns of a task that its specification decides."""
    return {
        "id": spec.id,
        "phase": spec.phase,
        "agent": str(spec.agent),
        "urgency": 10 - spec.priority,
        "spec": spec.model_dump_json(),
    }


def attempt_row(task_id: str, run_id: str, record: AttemptRecord, at: float) -> dict[str, Any]:
    """The row of the table `coach_attempts` for a record."""
    written = record.completion.usage if record.completion else Usage()
    reviewed = record.review.usage if record.review else Usage()
    if record.completion:  # what was wasted is the review's where there was an answer to review
        reviewed = reviewed + record.wasted
    else:
        written = written + record.wasted
    return {
        "task_id": task_id,
        "run_id": run_id,
        "number": record.number,
        "at": at,
        "model": storable(record.completion.model) if record.completion else None,
        "reviewer": storable(record.review.model) if record.review else None,
        "accepted": record.accepted,
        "score": record.review.score if record.review else None,
        "seconds": record.seconds,
        "input_tokens": written.input_tokens,
        "output_tokens": written.output_tokens,
        "cost_nano": to_nano(written.cost_usd),
        "review_input_tokens": reviewed.input_tokens,
        "review_output_tokens": reviewed.output_tokens,
        "review_cost_nano": to_nano(reviewed.cost_usd),
        "record": record.model_dump_json(),
    }
