"""Keys of the linear quadtree: Morton codes of biased tile coordinates.

A tile of level L covers 2^L x 2^L tiles of level 0. Its coordinates lie in [-2^(30-L), 2^(30-L)); with that bias added
and the bits interleaved (x in the even places) they are its code, and `code >> 2` is its parent's code at level L + 1
(I. Gargantini, "An effective way to represent quadtrees", CACM 25(12), 1982). Every cell of the quadtree is therefore
one interval of codes, and a rectangle of tiles is a few of them.

Scalars are Python integers; the same functions take int64 arrays.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

BITS = 31  # a coordinate's bits at level 0: two of them fit the signed 64-bit integer of SQLite and NumPy
LEVELS = BITS
MAX_RANGES = 32

Codes = NDArray[np.int64]
_T = TypeVar("_T", int, Codes)

_COLUMNS = 0x5555555555555555  # the bits of x in a code
_ROWS = 0x2AAAAAAAAAAAAAAA  # the bits of y in a code


class Box(NamedTuple):
    """A rectangle of biased tile coordinates, both corners inside."""

    x0: int
    y0: int
    x1: int
    y1: int


class KeyRange(NamedTuple):
    """Codes from `first` to `last`; `exact` if all of them lie in the rectangle that was asked for."""

    first: int
    last: int
    exact: bool


def half(level: int) -> int:
    """The bias: coordinates of `level` lie in [-half, half)."""
    return 1 << (BITS - 1 - level)


def last_code(level: int) -> int:
    return (1 << 2 * (BITS - level)) - 1


def interleave(x: _T, y: _T) -> _T:
    """The code of biased coordinates."""
    return _spread(x) | _spread(y) << 1


def separate(code: _T) -> tuple[_T, _T]:
    """Biased coordinates of a code."""
    return _gather(code), _gather(code >> 1)


def encode(level: int, x: _T, y: _T) -> _T:
    """The code of tile (x, y), which must lie in the level's range."""
    return interleave(x + half(level), y + half(level))


def encoded(level: int, box: Box) -> list[int]:
    """Codes of all tiles of a rectangle (not biased), row by row."""
    bias = half(level)
    columns = [_spread(x + bias) for x in range(box.x0, box.x1 + 1)]
    return [_spread(y + bias) << 1 | column for y in range(box.y0, box.y1 + 1) for column in columns]


def decode(level: int, code: _T) -> tuple[_T, _T]:
    x, y = separate(code)
    return x - half(level), y - half(level)


def ancestor_shift(first: int, last: int) -> int:
    """Bits below the smallest quadtree cell that holds both codes: the cell's prefix is `first >> shift`."""
    bits = (first ^ last).bit_length()
    return bits + (bits & 1)


def cell_box(code: int, shift: int) -> Box:
    """The rectangle of the cell that holds `code` and spans 2^shift codes."""
    x0, y0 = separate(code >> shift << shift)
    side = (1 << shift // 2) - 1
    return Box(x0, y0, x0 + side, y0 + side)


def key_ranges(box: Box, limit: int = MAX_RANGES) -> list[KeyRange]:
    """At most `limit` ranges, in order, that hold every code of the rectangle: the quadtree's largest cells first.

    Cells that are still cut by the rectangle when the limit is reached are returned whole, trimmed to their first and
    last code inside, as ranges that are not exact.
    """
    first, last = interleave(box.x0, box.y0), interleave(box.x1, box.y1)
    shift = ancestor_shift(first, last)
    start = first >> shift << shift
    x, y = separate(start)
    inside: list[KeyRange] = []
    cut: list[tuple[int, int, int, int]] = []  # heap of (-shift, first code, and the cell's corner)

    def place(code: int, x: int, y: int, shift: int) -> None:
        edge = (1 << shift // 2) - 1
        if x > box.x1 or x + edge < box.x0 or y > box.y1 or y + edge < box.y0:
            return
        if x >= box.x0 and x + edge <= box.x1 and y >= box.y0 and y + edge <= box.y1:
            inside.append(KeyRange(code, code + (1 << shift) - 1, True))
        else:
            heapq.heappush(cut, (-shift, code, x, y))

    place(start, x, y, shift)
    while cut and len(inside) + len(cut) + 3 <= limit:
        negative, code, x, y = heapq.heappop(cut)
        shift = -negative - 2
        side, step = 1 << shift // 2, 1 << shift
        place(code, x, y, shift)
        place(code + step, x + side, y, shift)
        place(code + 2 * step, x, y + side, shift)
        place(code + 3 * step, x + side, y + side, shift)
    ranges = inside + [_trimmed(x, y, (1 << -negative // 2) - 1, box) for negative, _, x, y in cut]
    return _merged(sorted(ranges))


def in_box(codes: Codes, box: Box) -> NDArray[np.bool_]:
    """Which of the codes lie in the rectangle."""
    x, y = codes & _COLUMNS, codes & _ROWS  # interleaving keeps their order, so they stay as they are
    columns = (x >= _spread(box.x0)) & (x <= _spread(box.x1))
    result: NDArray[np.bool_] = columns & (y >= _spread(box.y0) << 1) & (y <= _spread(box.y1) << 1)
    return result


def _trimmed(x: int, y: int, edge: int, box: Box) -> KeyRange:
    first = interleave(max(x, box.x0), max(y, box.y0))
    return KeyRange(first, interleave(min(x + edge, box.x1), min(y + edge, box.y1)), False)


def _merged(ranges: list[KeyRange]) -> list[KeyRange]:
    merged: list[KeyRange] = []
    for new in ranges:
        if merged and merged[-1].last + 1 == new.first and merged[-1].exact == new.exact:
            merged[-1] = KeyRange(merged[-1].first, new.last, new.exact)
        else:
            merged.append(new)
    return merged


def _spread(v: _T) -> _T:
    v = (v | v << 16) & 0x0000FFFF0000FFFF
    v = (v | v << 8) & 0x00FF00FF00FF00FF
    v = (v | v << 4) & 0x0F0F0F0F0F0F0F0F
    v = (v | v << 2) & 0x3333333333333333
    return (v | v << 1) & _COLUMNS


def _gather(v: _T) -> _T:
    v = v & _COLUMNS
    v = (v | v >> 1) & 0x3333333333333333
    v = (v | v >> 2) & 0x0F0F0F0F0F0F0F0F
    v = (v | v >> 4) & 0x00FF00FF00FF00FF
    v = (v | v >> 8) & 0x0000FFFF0000FFFF
    return (v | v >> 16) & 0x00000000FFFFFFFF
