"""Root mean squares of blocks of a tensor, gathered while its rows stream by, from a stratified sample of them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

# Rows are sampled so that a tensor costs about this many decoded weights, whatever its size. On SmolLM2's sheet a block
# of a layer's matrix is then known to 5 to 7 %, for 0.25 s of one core in all.
SAMPLE: Final = 1 << 18


class BlockStatistics:
    """Mean squares of `rows` × `cols` weights over a grid of `grid_rows` × `grid_cols` blocks.

    Blocks are as equal as they can be. `wanted` says which rows to hand to `add`; rows that nobody wants need not
    even be decoded. Which these are is a fixed function of the sizes, so the same tensor gives the same picture.
    """

    def __init__(self, rows: int, cols: int, grid_rows: int, grid_cols: int, *, sample: int = SAMPLE) -> None:
        self.grid = (min(grid_rows, rows), min(grid_cols, cols))
        self._col_edges = np.arange(self.grid[1], dtype=np.int64) * cols // self.grid[1]
        self._col_counts = np.diff(np.append(self._col_edges, cols))
        edges = np.arange(self.grid[0] + 1, dtype=np.int64) * rows // self.grid[0]
        per_block = max(1, sample // (cols * self.grid[0]))
        # One row at a random place of each of `per_block` strata: a fixed stride would beat with rotary pairs.
        jitter = np.random.default_rng(0).random((self.grid[0], per_block))
        heights = np.diff(edges)[:, None]
        picked = edges[:-1, None] + ((np.arange(per_block) + jitter) * heights / per_block).astype(np.int64)
        self._rows = np.unique(picked)
        self._block = np.searchsorted(edges, self._rows, side="right") - 1
        self._sum = np.zeros(self.grid, np.float64)
        self._count = np.zeros(self.grid, np.float64)

    def wanted(self, start: int, stop: int) -> NDArray[np.int64]:
        """The rows to sample among start:stop, ascending."""
        return self._rows[slice(*np.searchsorted(self._rows, (start, stop)))]

    def add(self, rows: NDArray[np.int64], values: NDArray[np.float32]) -> None:
        """Count float32 `values` (len(rows), cols) of the rows that `wanted` gave; what is not finite counts as 0."""
        if not len(rows):
            return
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
        sums = np.add.reduceat(np.square(values, dtype=np.float64), self._col_edges, axis=1)
        block = self._block[np.searchsorted(self._rows, rows)]
        first = np.flatnonzero(np.diff(block, prepend=-1))
        self._sum[block[first]] += np.add.reduceat(sums, first, axis=0)
        self._count[block[first]] += np.diff(np.append(first, len(block)))[:, None] * self._col_counts

    def rms(self) -> NDArray[np.float64]:
        """The grid of root mean squares; 0 where nothing was counted."""
        return np.sqrt(self._sum / np.maximum(self._count, 1))

    def noise(self) -> float:
        """Standard deviation, in octaves, that a block's RMS has from sampling alone, were its weights normal."""
        counted = self._count[self._count > 0]
        return float(np.log2(np.e) / np.sqrt(2 * counted.mean())) if counted.size else 0.0


def loudness(statistics: BlockStatistics) -> NDArray[np.float64]:
    """Each block against the tensor's own median block, in -1 … 1: octaves above or below, by the tensor's spread.

    A block is a row effect, a column effect and a rest. Heads, neurons and channels live in the effects; of the rest,
    which in most tensors is sampling noise, only the share beyond that noise is kept (shrinkage, James and Stein
    1961). The spread counts as at least a third of an octave, so a tensor without structure stays near 0.
    """
    rms = statistics.rms()
    positive = rms[rms > 0]
    if positive.size == 0:
        return np.zeros_like(rms)
    octaves = np.log2(np.maximum(rms, positive.min() / 4) / np.median(positive))
    if min(octaves.shape) > 1:
        effects = octaves.mean(1, keepdims=True) + octaves.mean(0, keepdims=True) - octaves.mean()
        rest = octaves - effects
        variance = float(rest.var())
        keep = max(0.0, 1 - 1.5 * statistics.noise() ** 2 / variance) if variance > 0 else 0.0
        octaves = effects + keep * rest
        octaves -= np.median(octaves)
    spread = max(float(np.quantile(np.abs(octaves), 0.98)), 1 / 3)
    out: NDArray[np.float64] = np.tanh(1.25 * octaves / spread) / np.tanh(1.25)
    return out
