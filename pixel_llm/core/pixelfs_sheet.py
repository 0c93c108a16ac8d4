"""The picture of some bytes: page 0 of a stored file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

WIDTH = 1024  # pixels in a row of a "bytes" page
ROW_BYTES = 3 * WIDTH
_MAX_HEIGHT = 512


class SheetBuilder:
    """Builds the contact sheet of a byte stream in a few MiB, whatever the stream's length.

    Up to 512 rows the sheet is the page itself. Beyond, every f-th pixel of every f-th row is kept (f the smallest
    power of two that makes it fit), which leaves a strip of 1024 / f pixels wide; the strip is cut into f columns that
    stand side by side, like a newspaper's. Keeping pixels rather than averaging them touches a fraction of the rows
    and shows noise as noise, not as grey.
    """

    def __init__(self) -> None:
        self._step = 1
        self._rows = 0
        self._kept: list[NDArray[np.uint8]] = []

    def push(self, data: bytes | memoryview) -> None:
        """Takes the stream's next bytes: whole rows of 3072 bytes, except in the last call."""
        pixels = np.frombuffer(data, np.uint8)
        height = -(-pixels.size // ROW_BYTES)
        if pixels.size % ROW_BYTES:
            pixels = np.concatenate([pixels, np.zeros(height * ROW_BYTES - pixels.size, np.uint8)])
        while self._rows + height > _MAX_HEIGHT * self._step**2 and self._step < WIDTH:
            strip = self._strip()
            self._kept = [strip[::2, ::2].copy()]
            self._step *= 2
        first = -self._rows % self._step
        self._kept.append(pixels.reshape(height, WIDTH, 3)[first :: self._step, :: self._step].copy())
        self._rows += height

    def watch(self, blocks: Iterable[bytes | memoryview]) -> Iterator[bytes]:
        """The same blocks, each pushed as it passes."""
        for block in blocks:
            self.push(block)
            yield block  # type: ignore[misc]  # the container takes any buffer

    def image(self) -> NDArray[np.uint8]:
        """The sheet, uint8 (height, 1024, 3) with at least one row, as the page has one for a stream without bytes."""
        strip = self._strip()
        height = max(1, -(-len(strip) // self._step))
        columns = np.zeros((self._step * height, WIDTH // self._step, 3), np.uint8)
        columns[: len(strip)] = strip
        return np.ascontiguousarray(
            columns.reshape(self._step, height, WIDTH // self._step, 3).swapaxes(0, 1).reshape(height, WIDTH, 3)
        )

    def _strip(self) -> NDArray[np.uint8]:
        self._kept = [np.concatenate(self._kept)] if self._kept else [np.zeros((0, WIDTH // self._step, 3), np.uint8)]
        return self._kept[0]
