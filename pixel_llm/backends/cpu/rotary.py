"""Rotary angles for every position, computed as far as the text has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.models.rotary import inverse_frequencies
from pixel_llm.models.spec import DecoderSpec, Rotary

_STEP: Final = 512  # positions by which the tables grow


class RotaryTables:
    """For each rotary embedding of a spec, a float32 row of cosines and sines a position.

    `half`: dims/2 cosines, then the sines. `interleaved`: each cosine twice, then each sine twice, the first of a pair
    negated, so that a pair is rotated by two multiplications and a swap.
    """

    def __init__(self, spec: DecoderSpec, context_length: int, vector: Callable[[str], NDArray[np.float32]]) -> None:
        self._context_length = context_length
        self._filled = 0
        self._tables: dict[Rotary, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
        for rotary in {spec.rotary_of(layer) for layer in range(spec.layers)}:
            factors = vector("rope_freqs.weight") if rotary.scaling == "factors" else None
            width = rotary.dims * (2 if rotary.kind == "interleaved" else 1)
            table = np.empty((context_length, width), np.float32)
            self._tables[rotary] = (inverse_frequencies(rotary, factors), table)

    def place(self, rotary: Rotary) -> tuple[int, int]:
        """Address of the table, and bytes of a row."""
        table = self._tables[rotary][1]
        return table.ctypes.data, table.strides[0]

    def fill(self, end: int) -> None:
        """Make the rows before `end` valid."""
        while self._filled < end:
            first, last = self._filled, min(self._filled + _STEP, self._context_length)
            positions = np.arange(first, last).astype(np.float32)
            for rotary, (frequencies, table) in self._tables.items():
                angles = positions[:, None] * frequencies[None, :]
                cos, sin = np.cos(angles), np.sin(angles)
                if rotary.kind == "interleaved":
                    cos, sin = np.repeat(cos, 2, axis=1), np.repeat(sin, 2, axis=1)
                    sin[:, 0::2] *= -1
                np.concatenate([cos, sin], axis=1, out=table[first:last])
            self._filled = last
