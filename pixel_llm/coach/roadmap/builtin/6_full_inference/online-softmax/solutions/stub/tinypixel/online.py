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
    raise NotImplementedError('to be written')

def combine(parts: list[Partial]) -> np.ndarray:
    """Attention over all stretches, float32 (dim,)."""
    raise NotImplementedError('to be written')
