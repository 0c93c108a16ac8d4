"""Any tile of a plane: from the atlas where it is stored, else computed from the weights."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from pixel_llm.atlas import tile_format
from pixel_llm.atlas.atlas_file import AtlasFile
from pixel_llm.atlas.blocks import block_sums, values_of
from pixel_llm.atlas.layout import TILE, Layout
from pixel_llm.atlas.statistics import Sums
from pixel_llm.atlas.weights import Weights

DIRECT: Final = 5
"""Levels up to this are computed from the weights; those above from four tiles of the level below."""
_KEPT: Final = 256
"""Sums of tiles that are kept for the level above: 0.8 MB each."""
_EFFORT: Final = 1  # of deflate, for tiles that somebody waits for
_HALF: Final = TILE // 2


class Pyramid:
    """Tiles over `weights`, laid out by `layout`; safe to use from several threads.

    `atlas` holds tiles that need not be computed. Attributes: `layout`, `max_level`.
    """

    def __init__(self, weights: Weights, layout: Layout, atlas: AtlasFile | None = None) -> None:
        self._weights, self.layout, self._atlas = weights, layout, atlas
        self.max_level = layout.max_level if atlas is None else atlas.max_level
        self._kept: OrderedDict[tuple[int, int, int], Sums] = OrderedDict()
        self._lock = threading.Lock()

    def holds(self, level: int, x: int, y: int) -> bool:
        """Whether the tile is one of this plane's: a level that it has, and within its bounds."""
        if not 0 <= level <= self.max_level:
            return False
        b, size = self.layout.bounds, TILE << level
        across = b.x // size <= x <= (b.x + b.width - 1) // size
        return across and b.y // size <= y <= (b.y + b.height - 1) // size

    def tile(self, level: int, x: int, y: int) -> bytes | None:
        """A tile as a zlib stream of `tile_format`, or None where there is no weight.

        Raises `IntegrityError` where the model or the atlas is damaged.
        """
        if self._atlas is not None and level >= self._atlas.first_level:
            return self._atlas.stored(level, x, y)
        size = TILE << level
        if not self.layout.within(x * size, y * size, size, size):
            return None
        if level == 0:
            raw = tile_format.encode_values(values_of(self._weights, self.layout, x * TILE, y * TILE, TILE, TILE))
        else:
            raw = tile_format.encode_sums(level, self.sums(level, x, y))
        return tile_format.pack(raw, _EFFORT)

    def sums(self, level: int, x: int, y: int) -> Sums:
        """The sums of a tile's 256 × 256 blocks."""
        if level <= DIRECT:
            return block_sums(self._weights, self.layout, level, x * TILE, y * TILE, TILE, TILE)
        out, size = Sums.empty(TILE, TILE), TILE << (level - 1)
        for dy in (0, 1):
            for dx in (0, 1):
                child_x, child_y = 2 * x + dx, 2 * y + dy
                if self.layout.within(child_x * size, child_y * size, size, size):
                    quarter = self._quarter(level - 1, child_x, child_y)
                    out[dy * _HALF : dy * _HALF + _HALF, dx * _HALF : dx * _HALF + _HALF].merge(quarter)
        return out

    def _quarter(self, level: int, x: int, y: int) -> Sums:
        """A tile's sums at the next level, 128 × 128."""
        key = (level, x, y)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = self.sums(level, x, y).halved()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made
