"""Short ways to make tasks and records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pixel_llm.coach.types import AttemptRecord, Completion, Review, TaskSpec, Usage


def task(name: str, *depends_on: str, **more: Any) -> TaskSpec:
    """A task that depends on others."""
    return TaskSpec(id=name, title=f"Do {name}", depends_on=depends_on, **more)


def attempt(number: int = 1, *, accepted: bool = False, reviewed: bool = True, **more: Any) -> AttemptRecord:
    """An attempt of 100 tokens in, 20 out, free, with a review of 50 in, 5 out, at 3 millionths of a dollar."""
    review = Review(
        score=8 if accepted else 4,
        verdict="accept" if accepted else "revise",
        model="judge-1",
        usage=Usage(input_tokens=50, output_tokens=5, cost_usd=Decimal("0.000003"), priced_by="a list 1"),
    )
    return AttemptRecord(
        number=number,
        accepted=accepted,
        completion=Completion(
            text="answer \x00 ü",
            model="writer-1",
            usage=Usage(input_tokens=100, output_tokens=20, cost_usd=Decimal(0), priced_by="local"),
        ),
        review=review if reviewed else None,
        seconds=1.5,
        **more,
    )
