"""Attention with grouped query heads and a cache of keys and values."""

import numpy as np

from tinypixel.layers import softmax


class Cache:
    """Keys and values of `length` positions, at most `capacity`."""

    def __init__(self, capacity: int, kv_heads: int, head_dim: int) -> None:
        self.length = 0
        self.keys = np.zeros((capacity, kv_heads, head_dim), np.float32)
        self.values = np.zeros((capacity, kv_heads, head_dim), np.float32)


def attend(q: np.ndarray, k: np.ndarray, v: np.ndarray, cache: Cache, window: int = 0) -> np.ndarray:
    """Append k and v, then attend: float32 (n, heads, head_dim)."""
    capacity, kv_heads, dim = cache.keys.shape
    n, heads = q.shape[:2]
    if q.shape != (n, heads, dim) or k.shape != (n, kv_heads, dim) or v.shape != k.shape or heads % kv_heads:
        raise ValueError(f"queries {q.shape}, keys {k.shape} and values {v.shape} do not fit")
    start, end = cache.length, cache.length + n
    if end > capacity:
        raise ValueError(f"{end} positions are more than the {capacity} of the cache")
    cache.keys[start:end], cache.values[start:end] = k, v
    cache.length = end
    group = heads // kv_heads
    grouped = q.reshape(n, kv_heads, group, dim)
    scores = np.einsum("nhgd,mhd->nhgm", grouped, cache.keys[:end], optimize=True) / np.float32(np.sqrt(dim))
    back = np.arange(start, end)[:, None] - np.arange(end)[None, :]
    hidden = (back < 0) | ((back >= window) if window > 0 else False)
    scores[np.broadcast_to(hidden[:, None, None, :], scores.shape)] = -np.inf
    mixed = np.einsum("nhgm,mhd->nhgd", softmax(scores), cache.values[:end], optimize=True)
    return mixed.reshape(n, heads, dim).astype(np.float32)
