"""Rectangles of pixels, their limits, and how they fall on tiles."""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

from pixel_llm.core.tiles.morton import Box
from pixel_llm.errors import InvalidArgumentError

LIMIT = 1 << 38  # pixels have columns and rows from -LIMIT to LIMIT - 1

Window = tuple[slice, slice]


class Region(NamedTuple):
    """Pixels from column `x` and row `y` on, `width` by `height`."""

    x: int
    y: int
    width: int
    height: int


def integers(**values: Any) -> list[int]:
    """The values as Python's integers, which do not wrap; NumPy's are welcome."""
    try:
        return [operator.index(value) for value in values.values()]
    except TypeError:
        raise InvalidArgumentError(f"must be integers: {values}") from None


def checked_region(x: int, y: int, width: int, height: int) -> Region:
    """The region; InvalidArgumentError where it is empty or reaches beyond the plane."""
    x, y, width, height = region = Region(*integers(x=x, y=y, width=width, height=height))
    if width < 1 or height < 1:
        raise InvalidArgumentError(f"{width} x {height} pixels are no region: both must be at least 1")
    if x < -LIMIT or y < -LIMIT or x + width > LIMIT or y + height > LIMIT:
        raise InvalidArgumentError(f"{region} is beyond the plane, whose coordinates go from -2^38 to 2^38 - 1")
    return region


def tile_box(region: Region, size: int) -> Box:
    """The tiles of level 0 that the region touches; not biased."""
    x, y, width, height = region
    return Box(x // size, y // size, (x + width - 1) // size, (y + height - 1) // size)


def overlaps(region: Region, tile_x: int, tile_y: int, size: int) -> tuple[Window, Window]:
    """Where a tile and the region meet: rows and columns in the tile, and the same in the region."""
    left, top = tile_x * size - region.x, tile_y * size - region.y
    x0, x1 = max(left, 0), min(left + size, region.width)
    y0, y1 = max(top, 0), min(top + size, region.height)
    return (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)), (slice(y0, y1), slice(x0, x1))
