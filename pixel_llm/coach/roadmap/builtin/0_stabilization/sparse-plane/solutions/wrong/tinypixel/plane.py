"""An unbounded, sparse plane of pixels."""

import numpy as np

from tinypixel.tiles import address, tiles_of


class Plane:
    """uint8 pixels at any integer coordinates, stored as tiles that hold something other than `fill`."""

    def __init__(self, size: int = 256, fill: int = 0) -> None:
        address(0, 0, size)
        self._size, self._fill = size, fill
        self._tiles: dict[tuple[int, int], np.ndarray] = {}

    @property
    def tiles(self) -> list[tuple[int, int]]:
        """Coordinates of the stored tiles, sorted."""
        return sorted(self._tiles)

    def write(self, x: int, y: int, pixels: np.ndarray) -> None:
        """Store pixels (height, width) from column x and row y on."""
        if pixels.ndim != 2 or pixels.dtype != np.uint8 or pixels.size == 0:
            raise ValueError(f"expected uint8 pixels (height, width), not {pixels.dtype}{pixels.shape}")
        height, width = pixels.shape
        for key in tiles_of(x, y, width, height, self._size):
            inside, source = self._overlap(key, x, y, width, height)
            tile = self._tiles.get(key)
            if tile is None:
                tile = np.full((self._size, self._size), self._fill, np.uint8)
            tile[inside] = pixels[source]
            self._tiles[key] = tile

    def read(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        """A new array (height, width)."""
        out = np.full((height, width), self._fill, np.uint8)
        for key in tiles_of(x, y, width, height, self._size):
            if (tile := self._tiles.get(key)) is not None:
                inside, source = self._overlap(key, x, y, width, height)
                out[source] = tile[inside]
        return out

    def delete(self, x: int, y: int, width: int, height: int) -> None:
        """The region reads as fill again."""
        self.write(x, y, np.full((height, width), self._fill, np.uint8))

    def _overlap(self, key, x, y, width, height):
        """Slices of a tile, and of a region, that lie on each other."""
        inside, source = [], []
        for tile, start, length in ((key[1], y, height), (key[0], x, width)):
            first, last = max(tile * self._size, start), min((tile + 1) * self._size, start + length)
            inside.append(slice(first - tile * self._size, last - tile * self._size))
            source.append(slice(first - start, last - start))
        return tuple(inside), tuple(source)
