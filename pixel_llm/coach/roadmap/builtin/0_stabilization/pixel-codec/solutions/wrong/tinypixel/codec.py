"""Bytes as RGB pixels."""

import numpy as np


def to_pixels(data: bytes, width: int = 1024) -> np.ndarray:
    """The bytes as uint8 pixels (height, width, 3), zeros after the end."""
    if width < 1:
        raise ValueError(f"a width of {width} pixels is below 1")
    height = len(data) // (3 * width) + 1
    out = np.zeros(height * width * 3, np.uint8)
    out[: len(data)] = np.frombuffer(data, np.uint8)
    return out.reshape(height, width, 3)


def from_pixels(pixels: np.ndarray, length: int) -> bytes:
    """The first `length` bytes of uint8 pixels (height, width, 3)."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"expected uint8 pixels (height, width, 3), not {pixels.dtype}{pixels.shape}")
    if not 0 <= length <= pixels.size:
        raise ValueError(f"{length} bytes are not within the {pixels.size} that the pixels hold")
    return pixels.tobytes()[:length]
