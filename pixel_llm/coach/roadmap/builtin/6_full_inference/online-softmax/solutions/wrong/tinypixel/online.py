"""Attention in stretches (Milakov and Gimelshein 2018; Dao et al. 2023, split along the keys)."""

import math
from typing import NamedTuple

import numpy as np


class Partial(NamedTuple):
    """A stretch's greatest score, the sum of its weights, and its weighted values."""

    top: float
    total: float
    mixed: np.ndarray


def part(q: np.ndarray, keys: np.ndarray, values: np.ndarray, scale: float) -> Partial:
    """Attention over one stretch of keys, not divided yet."""
    if len(keys) == 0:
        return Partial(-math.inf, 0.0, np.zeros(len(q)))
    scores = keys.astype(np.float64) @ q.astype(np.float64) * scale
    top = float(scores.max())
    weights = np.exp(scores - top)
    return Partial(top, float(weights.sum()), weights @ values.astype(np.float64))


def combine(parts: list[Partial]) -> np.ndarray:
    """Attention over all stretches, float32 (dim,)."""
    if not parts:
        raise ValueError("there are no parts to combine")
    top = max(p.top for p in parts)
    total, mixed = 0.0, np.zeros(len(parts[0].mixed))
    for p in parts:
        if p.total > 0:
            factor = 1.0
            total += factor * p.total
            mixed += factor * p.mixed
    return (mixed / total if total > 0 else mixed).astype(np.float32)
