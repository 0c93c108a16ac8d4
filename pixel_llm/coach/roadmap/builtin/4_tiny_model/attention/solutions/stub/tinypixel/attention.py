"""Attention with grouped query heads and a cache of keys and values."""
import numpy as np
from tinypixel.layers import softmax

class Cache:
    """Keys and values of `length` positions, at most `capacity`."""

    def __init__(self, capacity: int, kv_heads: int, head_dim: int) -> None:
        raise NotImplementedError('to be written')

def attend(q: np.ndarray, k: np.ndarray, v: np.ndarray, cache: Cache, window: int=0) -> np.ndarray:
    """Append k and v, then attend: float32 (n, heads, head_dim)."""
    raise NotImplementedError('to be written')
