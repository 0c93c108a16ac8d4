"""Filling the levels above 0: each tile is reduced from the four below it (S. Tanimoto, T. Pavlidis, "A hierarchical
data structure for picture processing", Computer Graphics and Image Processing 4(2), 1975)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pixel_llm.core.tiles.morton import Box, Codes, half, last_code
from pixel_llm.core.tiles.reducers import Reducer
from pixel_llm.core.tiles.transactions import Pixels, TileTransactions

Progress = Callable[[int, int, int], None]


def height(tiles: Box, top: int) -> int:
    """The least level at which the tiles `tiles` of level 0 (not biased) become at most 2 x 2; at most `top`."""
    level = 0
    while level < top:
        x0, y0, x1, y1 = (edge >> level for edge in tiles)
        if x1 - x0 < 2 and y1 - y0 < 2:
            break
        level += 1
    return level


def build(
    plane: TileTransactions, reduce: Reducer, tiles: Box | None, levels: int, top: int, progress: Progress | None
) -> None:
    """Makes the levels 1 to `levels` anew above `tiles` of level 0 (not biased; None: all), empties those up to `top`.

    Within a batch. `progress(level, tiles made, tiles to make)`.
    """
    box = Box(-half(0), -half(0), half(0) - 1, half(0) - 1) if tiles is None else tiles
    for level in range(1, levels + 1):
        box = Box(*(edge >> 1 for edge in box))
        parents = _parents(plane, level, box)
        for number, code in enumerate(parents.tolist(), 1):
            plane._stage(level, code, reduce(_below(plane, level, code)))
            if progress is not None:
                progress(level, number, len(parents))
        plane._flush()
    for level in range(levels + 1, top + 1):
        plane._store.delete(level, 0, last_code(level))
    plane._cache.clear()


def _parents(plane: TileTransactions, level: int, box: Box) -> Codes:
    """Codes of the tiles to make: those with a tile below, and those that are there and may have lost theirs."""
    below = Box(2 * box.x0, 2 * box.y0, 2 * box.x1 + 1, 2 * box.y1 + 1)
    return np.union1d(plane._codes(level - 1, below) >> 2, plane._codes(level, box))


def _below(plane: TileTransactions, level: int, code: int) -> Pixels:
    """The four tiles below one, side by side."""
    size = plane.settings.tile_size
    pixels = plane.settings.filled(2 * size, 2 * size)
    for child in range(4):
        tile = plane._tile(level - 1, code << 2 | child)
        if tile is not None:
            top, left = (child >> 1) * size, (child & 1) * size
            pixels[top : top + size, left : left + size] = tile
    return pixels
