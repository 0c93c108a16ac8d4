"""Rotary tables: the angles of every position, computed once, as the reference computes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixel_llm.models.rotary import inverse_frequencies
from pixel_llm.models.spec import Rotary


def angle_table(rotary: Rotary, positions: int, factors: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Cosine and sine of positions 0 … positions - 1: float32 (positions, dims/2, 2).

    On the host, because WGSL leaves the sine of large angles to the driver.
    """
    frequencies = inverse_frequencies(rotary, factors if rotary.scaling == "factors" else None)
    angles = np.arange(positions, dtype=np.float32)[:, None] * frequencies
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1).astype(np.float32)
