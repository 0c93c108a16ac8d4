"""Parts of a transformer's layer, in float32."""

import numpy as np


def rms_norm(x: np.ndarray, weight: np.ndarray, eps: float) -> np.ndarray:
    """Root mean square norm over the last axis (Zhang and Sennrich 2019)."""
    wide = x
    root = np.sqrt(np.mean(wide * wide, axis=-1, keepdims=True) + eps)
    return (wide / root * weight).astype(np.float32)


def swiglu(gate: np.ndarray, up: np.ndarray) -> np.ndarray:
    """gate · sigmoid(gate) · up (Shazeer 2020)."""
    small = np.exp(-np.abs(gate).astype(np.float64))
    sigmoid = np.where(gate >= 0, 1 / (1 + small), small / (1 + small))
    return (gate * sigmoid * up).astype(np.float32)


def softmax(x: np.ndarray) -> np.ndarray:
    """Probabilities over the last axis; a row of -inf alone gives zeros."""
    top = x.max(axis=-1, keepdims=True)
    weights = np.exp(x - top)
    total = weights.sum(axis=-1, keepdims=True)
    return (weights / np.where(total > 0, total, 1)).astype(np.float32)
