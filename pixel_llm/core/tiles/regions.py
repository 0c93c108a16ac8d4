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
    if all(type(value) is int for value in values.values()):
        return list(values.values())
    try:
        return [operator.index(value) for value in values.values()]
    except TypeError:
        raise InvalidArgumentError(f"must be integers: {values}") from None


def checked_region(x: int, y: int, width: int, height: int, limit: int = LIMIT) -> Region:
    """The region; InvalidArgumentError where it is empty or reaches beyond the plane, whose pixels go from -limit to
    limit - 1 (half of that a level)."""
    x, y, width, height = region = Region(*integers(x=x, y=y, width=width, height=height))
    if width < 1 or height < 1:
        raise InvalidArgumentError(f"{width} x {height} pixels are no region: both must be at least 1")
    if x < -limit or y < -limit or x + width > limit or y + height > limit:
        power = limit.bit_length() - 1
        raise InvalidArgumentError(
            f"{region} is beyond the plane, whose coordinates go from -2^{power} to 2^{power} - 1"
        )
    return region


def tile_box(region: Region, size: int) -> Box:
    """The tiles that the region touches, in its level; not biased."""
    x, y, width, height = region
    return Box(x // size, y // size, (x + width - 1) // size, (y + height - 1) // size)


def spans(start: int, length: int, size: int) -> list[Window]:
    """The tiles that pixels from `start` on fall on, along one axis: where each has them, and where the region has."""
    found: list[Window] = []
    at, end = start, start + length
    while at < end:
        stop = min(end, at - at % size + size)
        found.append((slice(at % size, at % size + stop - at), slice(at - start, stop - start)))
        at = stop
    return found


def overlaps(region: Region, tile_x: int, tile_y: int, size: int) -> tuple[Window, Window]:
    """Where a tile and the region meet: rows and columns in the tile, and the same in the region."""
    left, top = tile_x * size - region.x, tile_y * size - region.y
    x0, x1 = max(left, 0), min(left + size, region.width)
    y0, y1 = max(top, 0), min(top + size, region.height)
    return (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)), (slice(y0, y1), slice(x0, x1))
