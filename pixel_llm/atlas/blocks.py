"""Blocks of a plane, computed from weights: those of a model, or the differences of two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.atlas.layout import Layout, Region
from pixel_llm.atlas.statistics import Sums, sums_of
from pixel_llm.atlas.window import read_window
from pixel_llm.formats.model_file import ModelFile

CHUNK: Final = 1 << 20
"""Weights decoded at a time: 4 MiB as float32. A quarter of that fits the cache better and is a fifth slower in all."""

Reader = Callable[[str, int, int, int, int], NDArray[np.float32]]
"""(tensor, row, column, height, width) -> float32 (height, width)."""

Totals = dict[tuple[str, int | None], Sums]
"""(tensor, head) -> one block of all its weights that were met."""


def weights_of(model: ModelFile) -> Reader:
    """Reads a model's weights."""

    def read(tensor: str, row: int, col: int, height: int, width: int) -> NDArray[np.float32]:
        return read_window(model.tensors[tensor], row, col, height, width)

    return read


def block_sums(
    read: Reader,
    layout: Layout,
    level: int,
    x: int,
    y: int,
    width: int,
    height: int,
    totals: Totals | None = None,
) -> Sums:
    """Sums over `height` × `width` blocks of 2^level × 2^level weights, the first one being block (x, y).

    Adds what it meets to `totals`, whole regions' parts by tensor and head. Raises `IntegrityError`.
    """
    size = 1 << level
    out = Sums.empty(height, width)
    for region in layout.within(x * size, y * size, width * size, height * size):
        for left, top, values in _pieces(read, region, x * size, y * size, width * size, height * size, size):
            part = sums_of(values, top, left, size)
            row, col = top // size - y, left // size - x
            out[row : row + part.count.shape[0], col : col + part.count.shape[1]].merge(part)
            if totals is not None:
                key = (region.tensor, region.head)
                whole = part.over_all()
                if key in totals:
                    totals[key].merge(whole)
                else:
                    totals[key] = whole
    return out


def _pieces(
    read: Reader, r: Region, x: int, y: int, width: int, height: int, size: int
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """What a rectangle of the plane shows of a region, a few rows at a time: (x, y, values). Cut at block borders."""
    left, right = max(r.x, x), min(r.x + r.width, x + width)
    top, bottom = max(r.y, y), min(r.y + r.height, y + height)
    step = max(1, CHUNK // (right - left))
    step = step // size * size if step >= size else 1 << (step.bit_length() - 1)  # divides a block, or is whole blocks
    while top < bottom:
        stop = min(bottom, (top // step + 1) * step)
        yield left, top, read(r.tensor, r.row + top - r.y, r.col + left - r.x, stop - top, right - left)
        top = stop


def values_of(read: Reader, layout: Layout, x: int, y: int, width: int, height: int) -> NDArray[np.float32]:
    """The weights of a rectangle of the plane, float32 (height, width); NaN where there is none."""
    out = np.full((height, width), np.nan, np.float32)
    for r in layout.within(x, y, width, height):
        for left, top, values in _pieces(read, r, x, y, width, height, 1):
            out[top - y : top - y + values.shape[0], left - x : left - x + values.shape[1]] = values
    return out
