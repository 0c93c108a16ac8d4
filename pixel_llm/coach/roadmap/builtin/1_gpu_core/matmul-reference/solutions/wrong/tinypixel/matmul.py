"""The matrix product that kernels are measured against."""

import numpy as np


def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A · B in float64, rounded once to float32 (M, N)."""
    _check(a, b)
    with np.errstate(over="ignore", invalid="ignore"):
        return a.astype(np.float32) @ b.astype(np.float32)


def scale(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """|A| · |B|, float64 (M, N)."""
    _check(a, b)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.abs(a.astype(np.float64)) @ np.abs(b.astype(np.float64))


def _check(a: np.ndarray, b: np.ndarray) -> None:
    kinds = (np.float16, np.float32)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0] or a.dtype not in kinds or b.dtype not in kinds:
        raise ValueError(f"cannot multiply {a.dtype}{a.shape} by {b.dtype}{b.shape}")
