"""Rotary position embedding (Su et al. 2021)."""

import numpy as np


def rotate(x: np.ndarray, positions: np.ndarray, base: float = 10000.0, interleaved: bool = False) -> np.ndarray:
    """x float32 (n, heads, head_dim) turned by its positions (n,)."""
    if x.ndim != 3 or x.shape[2] % 2 or positions.shape != x.shape[:1]:
        raise ValueError(f"cannot rotate {x.shape} by positions {positions.shape}")
    if not base > 1:
        raise ValueError(f"a base of {base}")
    pairs = x.shape[2] // 2
    angles = (positions.astype(np.float32)[:, None] * (base ** (-np.arange(pairs) / pairs)).astype(np.float32))
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    first, second = (slice(0, None, 2), slice(1, None, 2)) if interleaved else (slice(0, pairs), slice(pairs, None))
    a, b = x[..., first].astype(np.float64), x[..., second].astype(np.float64)
    out = np.empty(x.shape, np.float32)
    out[..., first] = a * cos - b * sin
    out[..., second] = b * cos + a * sin
    return out
