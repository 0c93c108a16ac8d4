"""Successive halving (Jamieson and Talwalkar 2016): more effort for fewer candidates."""

import math
from collections.abc import Callable
from typing import Any


def halving(
    candidates: list[Any], measure: Callable[[Any, int], float], first: int = 1, keep: float = 0.5
) -> tuple[Any, list[tuple[int, Any, float]]]:
    """The best candidate, and every measurement."""
    if not candidates or first < 1 or not 0 < keep < 1:
        raise ValueError("expected candidates, an effort of at least 1 and a share between 0 and 1")
    log: list[tuple[int, Any, float]] = []
    left, effort = list(candidates), first
    while True:
        values = []
        for candidate in left:
            try:
                value = float(measure(candidate, effort))
            except ValueError:
                value = math.inf
            values.append(math.inf if math.isnan(value) else value)
            log.append((effort, candidate, values[-1]))
        if all(value == math.inf for value in values):
            raise ValueError(f"no candidate could be measured with an effort of {effort}")
        if len(left) == 1:
            return left[0], log
        count = max(1, min(math.ceil(keep * len(left)), len(left) - 1))
        best = sorted(range(len(left)), key=lambda i: values[i])[:count]
        left = [left[i] for i in sorted(best)]
        effort *= 2
