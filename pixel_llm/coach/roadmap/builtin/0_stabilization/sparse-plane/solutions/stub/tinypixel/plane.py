"""An unbounded, sparse plane of pixels."""
import numpy as np
from tinypixel.tiles import address, tiles_of

class Plane:
    """uint8 pixels at any integer coordinates, stored as tiles that hold something other than `fill`."""

    def __init__(self, size: int=256, fill: int=0) -> None:
        raise NotImplementedError('to be written')

    @property
    def tiles(self) -> list[tuple[int, int]]:
        """Coordinates of the stored tiles, sorted."""
        raise NotImplementedError('to be written')

    def write(self, x: int, y: int, pixels: np.ndarray) -> None:
        """Store pixels (height, width) from column x and row y on."""
        raise NotImplementedError('to be written')

    def read(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        """A new array (height, width)."""
        raise NotImplementedError('to be written')

    def delete(self, x: int, y: int, width: int, height: int) -> None:
        """The region reads as fill again."""
        raise NotImplementedError('to be written')

    def _overlap(self, key, x, y, width, height):
        """Slices of a tile, and of a region, that lie on each other."""
        raise NotImplementedError('to be written')
