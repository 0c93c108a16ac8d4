"""Low-rank adapters (Hu et al. 2021) on 4-bit weights."""

import math

import numpy as np

from tinypixel.q4 import dequantise, quantise


def apply(
    x: np.ndarray, codes: np.ndarray, scales: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float
) -> np.ndarray:
    """x · (W + alpha / rank · b · a)ᵀ, float32 (n, out)."""
    weights, factor = _checked(codes, scales, a, b, alpha)
    if x.ndim != 2 or x.dtype != np.float32 or x.shape[1] != weights.shape[1]:
        raise ValueError(f"x {x.dtype}{x.shape} does not fit weights {weights.shape}")
    return (x @ weights.T + np.float32(factor) * ((x @ a.T) @ b.T)).astype(np.float32)


def merge(
    codes: np.ndarray, scales: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float
) -> tuple[tuple[np.ndarray, np.ndarray], float]:
    """Planes of the sum, and the largest error that quantising it made."""
    weights, factor = _checked(codes, scales, a, b, alpha)
    total = (weights + np.float32(factor) * (b @ a)).astype(np.float32)
    planes = quantise(total)
    return planes, float(np.abs(dequantise(*planes) - total).max())


def _checked(codes: np.ndarray, scales: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> tuple[np.ndarray, float]:
    weights = dequantise(codes, scales)
    out, width = weights.shape
    fits = a.ndim == b.ndim == 2 and a.dtype == b.dtype == np.float32
    if not fits or a.shape[1] != width or b.shape[0] != out or a.shape[0] != b.shape[1]:
        raise ValueError(f"an adapter of {a.dtype}{a.shape} and {b.dtype}{b.shape} does not fit weights {weights.shape}")
    if not math.isfinite(alpha):
        raise ValueError(f"an alpha of {alpha}")
    return weights, alpha / a.shape[0] if a.shape[0] else 0.0
