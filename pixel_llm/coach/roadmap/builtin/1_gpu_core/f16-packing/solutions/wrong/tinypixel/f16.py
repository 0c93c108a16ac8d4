"""Pairs of float16 numbers in 32-bit words, as WGSL's pack2x16float lays them out."""

import numpy as np


def pack(values: np.ndarray) -> np.ndarray:
    """float32 numbers to uint32 words, two in each, the first in the low half."""
    if values.dtype != np.float32:
        raise ValueError(f"expected float32, not {values.dtype}")
    halves = np.zeros(values.size + values.size % 2, "<f2")
    halves[: values.size] = np.clip(values.reshape(-1), -65504, 65504)
    return halves.view("<u4")


def unpack(words: np.ndarray, count: int) -> np.ndarray:
    """The first `count` numbers of uint32 words, as float32."""
    if words.dtype != np.uint32:
        raise ValueError(f"expected uint32, not {words.dtype}")
    if not 0 <= count <= 2 * words.size:
        raise ValueError(f"{count} numbers are not within the {2 * words.size} that the words hold")
    return np.ascontiguousarray(words).reshape(-1).astype("<u4").view("<f2")[:count].astype(np.float32)
