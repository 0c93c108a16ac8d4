"""Least-recently-used cache of unpacked tiles under a budget of bytes."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

Key = tuple[int, int]  # level, code
Tile = NDArray[np.generic]
_ENTRY = 200  # bytes that an entry costs beside its pixels


class TileCache:
    """Holds read-only tiles, and None for tiles known to be absent."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.used = 0
        self._tiles: OrderedDict[Key, Tile | None] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._tiles

    def get(self, key: Key) -> Tile | None:
        """A tile that is in the cache, which becomes the most recently used."""
        self._tiles.move_to_end(key)
        return self._tiles[key]

    def put(self, key: Key, tile: Tile | None) -> None:
        self.discard(key)
        cost = _cost(tile)
        if cost > self.budget:
            return
        self._tiles[key] = tile
        self.used += cost
        while self.used > self.budget:
            self.used -= _cost(self._tiles.popitem(last=False)[1])

    def discard(self, key: Key) -> None:
        if key in self._tiles:
            self.used -= _cost(self._tiles.pop(key))

    def clear(self) -> None:
        self._tiles.clear()
        self.used = 0


def _cost(tile: Tile | None) -> int:
    return _ENTRY + (0 if tile is None else tile.nbytes)
