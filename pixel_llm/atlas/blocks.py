"""Blocks of a plane, computed from weights: those of a model, or the differences of two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.atlas.layout import Layout, Region
from pixel_llm.atlas.statistics import Sums
from pixel_llm.atlas.weights import Weights

CHUNK: Final = 1 << 20
"""Weights decoded at a time: 4 MiB as float32. A quarter of that fits the cache better and is a fifth slower in all."""

Totals = dict[tuple[str, int | None], Sums]
"""(tensor, head) -> one block of all its weights that were met."""


def block_sums(
    weights: Weights,
    layout: Layout,
    level: int,
    x: int,
    y: int,
    width: int,
    height: int,
    totals: Totals | None = None,
) -> Sums:
    """Sums over `height` × `width` blocks of 2^level × 2^level weights, the first one being block (x, y).

    Adds what it meets to `totals`, by tensor and head. Raises `IntegrityError`.
    """
    size = 1 << level
    out = Sums.empty(height, width)
    for r in layout.within(x * size, y * size, width * size, height * size):
        for left, top, across, down in _pieces(r, x * size, y * size, width * size, height * size, size):
            part = weights.sums(r.tensor, r.row + top - r.y, r.col + left - r.x, down, across, (left, top), size)
            row, col = top // size - y, left // size - x
            out[row : row + part.count.shape[0], col : col + part.count.shape[1]].merge(part)
            if totals is not None:
                add_total(totals, (r.tensor, r.head), part.over_all())
    return out


def add_total(totals: Totals, key: tuple[str, int | None], sums: Sums) -> None:
    """Add one block to what is known of a tensor, or of a head of it."""
    if key in totals:
        totals[key].merge(sums)
    else:
        totals[key] = sums


def _pieces(r: Region, x: int, y: int, width: int, height: int, size: int) -> Iterator[tuple[int, int, int, int]]:
    """What a rectangle of the plane shows of a region, a few rows at a time: (x, y, width, height).

    A piece is whole bands of `size` rows, or divides one.
    """
    left, right = max(r.x, x), min(r.x + r.width, x + width)
    top, bottom = max(r.y, y), min(r.y + r.height, y + height)
    step = max(1, CHUNK // (right - left))
    step = step // size * size if step >= size else 1 << (step.bit_length() - 1)
    while top < bottom:
        stop = min(bottom, (top // step + 1) * step)
        yield left, top, right - left, stop - top
        top = stop


def values_of(weights: Weights, layout: Layout, x: int, y: int, width: int, height: int) -> NDArray[np.float32]:
    """The weights of a rectangle of the plane, float32 (height, width); NaN where there is none."""
    out = np.full((height, width), np.nan, np.float32)
    for r in layout.within(x, y, width, height):
        for left, top, across, down in _pieces(r, x, y, width, height, 1):
            part = weights.values(r.tensor, r.row + top - r.y, r.col + left - r.x, down, across)
            out[top - y : top - y + down, left - x : left - x + across] = part
    return out
