"""Successive halving (Jamieson and Talwalkar 2016): more effort for fewer candidates."""
import math
from collections.abc import Callable
from typing import Any

def halving(candidates: list[Any], measure: Callable[[Any, int], float], first: int=1, keep: float=0.5) -> tuple[Any, list[tuple[int, Any, float]]]:
    """The best candidate, and every measurement."""
    raise NotImplementedError('to be written')
