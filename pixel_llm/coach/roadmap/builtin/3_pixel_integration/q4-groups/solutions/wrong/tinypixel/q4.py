"""Weights as 4-bit codes with a float16 scale and offset for every 32 of them."""

import numpy as np

GROUP = 32


def quantise(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes uint8 (rows, columns / 2) and scales float16 (rows, columns / 32, 2)."""
    if weights.dtype != np.float32 or weights.ndim != 2 or weights.shape[1] % GROUP:
        raise ValueError(f"expected float32 (rows, a multiple of {GROUP}), not {weights.dtype}{weights.shape}")
    if not np.isfinite(weights).all():
        raise ValueError("weights must be finite")
    groups = weights.reshape(len(weights), -1, GROUP)
    with np.errstate(over="ignore", invalid="ignore"):
        offset = groups.min(axis=2).astype(np.float16)
        high = groups.max(axis=2)
        scale = ((high - offset.astype(np.float32)) / np.float32(15)).astype(np.float16)
    if not (np.isfinite(offset).all() and np.isfinite(scale).all()):
        raise ValueError("weights are beyond what float16 scales reach")
    step = scale.astype(np.float32)[:, :, None]
    away = groups - offset.astype(np.float32)[:, :, None]
    codes = np.divide(away, step, out=np.zeros_like(groups), where=step != 0)
    codes = np.clip(np.rint(codes), 0, 15).astype(np.uint8)
    packed = codes[:, :, 0::2] | codes[:, :, 1::2] << 4
    return packed.reshape(len(weights), -1), np.stack([scale, offset], axis=2)


def dequantise(codes: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """float32 weights (rows, columns)."""
    fits = codes.dtype == np.uint8 and scales.dtype == np.float16 and codes.ndim == 2 and scales.ndim == 3
    if not fits or scales.shape != (codes.shape[0], codes.shape[1] // 16, 2) or codes.shape[1] % 16:
        raise ValueError(f"planes {codes.dtype}{codes.shape} and {scales.dtype}{scales.shape} do not fit")
    packed = codes.reshape(codes.shape[0], -1, 16)
    values = np.stack([packed & 15, packed >> 4], axis=3).reshape(codes.shape[0], -1, 32).astype(np.float32)
    pair = scales.astype(np.float32)
    return (pair[:, :, :1] * values + pair[:, :, 1:]).reshape(codes.shape[0], -1)
