"""Statistics of blocks of weights: sums that can be added and merged without error, and what is read from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from pixel_llm.formats.encodings import Encoding, decode_rows

STATISTICS: Final = ("mean", "rms", "min", "max", "zeros", "nonfinite")
"""What a block is known by. mean, rms, min and max are over its finite weights, the others are shares of all."""

VECTOR: Final = 16
"""Columns that a kernel takes at a time."""
# Beyond these, squares of float32 overflow or vanish: such rows are summed again in float64.
_LARGE: Final = 2.0**60
_SMALL: Final = 2.0**-55


@dataclass(slots=True)
class Sums:
    """Sums over a grid of blocks, each array (rows, columns) of blocks.

    `count` weights of which `zeros` are 0 and `odd` not finite; `total` and `squares` (float64), `low` and `high`
    (float32; inf and -inf where nothing is finite) over the finite ones.
    """

    count: NDArray[np.int64]
    total: NDArray[np.float64]
    squares: NDArray[np.float64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    zeros: NDArray[np.int64]
    odd: NDArray[np.int64]

    @classmethod
    def empty(cls, rows: int, columns: int) -> Self:
        """A grid of blocks without weights."""
        shape = (rows, columns)
        low = np.full(shape, np.inf, np.float32)
        counts = [np.zeros(shape, np.int64) for _ in range(3)]
        return cls(counts[0], np.zeros(shape), np.zeros(shape), low, -low, counts[1], counts[2])

    def __getitem__(self, place: Any) -> Sums:
        """A part of the grid: views."""
        return Sums(*(getattr(self, f.name)[place] for f in fields(self)))

    def merge(self, other: Sums) -> None:
        """Add other weights of the same blocks."""
        for name in ("count", "total", "squares", "zeros", "odd"):
            array = getattr(self, name)
            array += getattr(other, name)
        np.minimum(self.low, other.low, out=self.low)
        np.maximum(self.high, other.high, out=self.high)

    def halved(self) -> Sums:
        """Blocks of twice the side; rows and columns must be even."""

        def quarters(a: NDArray[Any]) -> list[NDArray[Any]]:
            return [a[i::2, j::2] for i in (0, 1) for j in (0, 1)]

        def added(a: NDArray[Any]) -> NDArray[Any]:
            q = quarters(a)
            out: NDArray[Any] = (q[0] + q[1]) + (q[2] + q[3])
            return out

        low: NDArray[np.float32] = np.minimum.reduce(quarters(self.low))
        high: NDArray[np.float32] = np.maximum.reduce(quarters(self.high))
        return Sums(
            added(self.count), added(self.total), added(self.squares), low, high, added(self.zeros), added(self.odd)
        )

    def over_all(self) -> Sums:
        """One block of everything: (1, 1)."""

        def one(value: Any, kind: Any) -> NDArray[Any]:
            return np.full((1, 1), value, kind)

        return Sums(
            one(self.count.sum(), np.int64),
            one(self.total.sum(), np.float64),
            one(self.squares.sum(), np.float64),
            one(self.low.min(initial=np.inf), np.float32),
            one(self.high.max(initial=-np.inf), np.float32),
            one(self.zeros.sum(), np.int64),
            one(self.odd.sum(), np.int64),
        )

    def statistics(self) -> dict[str, NDArray[np.float64]]:
        """`STATISTICS` by name, float64. NaN where a block has no weight, or none that the statistic counts."""
        with np.errstate(invalid="ignore", divide="ignore"):
            finite = (self.count - self.odd).astype(np.float64)
            count = self.count.astype(np.float64)
            none = finite == 0
            return {
                "mean": self.total / finite,
                "rms": np.sqrt(self.squares / finite),
                "min": np.where(none, np.nan, self.low.astype(np.float64)),
                "max": np.where(none, np.nan, self.high.astype(np.float64)),
                "zeros": self.zeros / count,
                "nonfinite": self.odd / count,
            }


def block_starts(start: int, length: int, size: int) -> NDArray[np.int64]:
    """Where the blocks of `size` begin within start … start + length, counted from `start`: 0, then each border."""
    first = -start % size
    borders = np.arange(first if first else size, length, size, dtype=np.int64)
    return np.concatenate((np.zeros(1, np.int64), borders))


def sums_of(values: NDArray[np.float32], y: int, x: int, size: int) -> Sums:
    """Sums of float32 `values` (rows, columns), whose first lies at (x, y), over the blocks that they touch."""
    columns = values.shape[1]
    padded = _padded(values)

    def bands(top: int, count: int, height: int, lefts: NDArray[np.int64]) -> Sums:
        part = padded[top : top + count * height]
        lanes = np.empty((count, PLANES, part.shape[1]), np.float32)
        stride = part.shape[1] * 4
        column_kernel()(part.ctypes.data, count, height, stride, part.shape[1] // VECTOR, lanes.ctypes.data)
        return reduced(lanes[:, :, :columns], lefts)

    from pixel_llm.atlas.block_kernel import PLANES  # takes 0.1 s, which stored tiles need not wait for
    from pixel_llm.atlas.block_kernel import columns as column_kernel

    return banded(values.shape, y, x, size, bands, lambda top, stop: values[top:stop])


def encoded_sums(enc: Encoding, planes: Sequence[NDArray[Any]], columns: int, y: int, x: int, size: int) -> Sums | None:
    """`sums_of` what `planes` mean, without decoding them first; None where `enc` or the place of the blocks needs it.

    Blocks must begin at multiples of `VECTOR` columns, and the columns be whole groups.
    """
    from pixel_llm.atlas.block_kernel import PLANES, encoded, is_summed, unit

    if size % VECTOR or x % VECTOR or not is_summed(enc) or columns % unit(enc):
        return None
    codes = planes[0]
    rows, vectors = codes.shape[0], columns // VECTOR
    scales = np.ascontiguousarray(planes[1], np.float32) if enc.group else np.zeros((rows, 1), np.float32)

    def bands(top: int, count: int, height: int, lefts: NDArray[np.int64]) -> Sums:
        lanes = np.empty((count, PLANES, vectors), np.float32)
        first, second = codes[top:], scales[top:]
        encoded(enc)(
            *(first.ctypes.data, codes.strides[0], second.ctypes.data, scales.strides[0]),
            *(count, height, columns // unit(enc), lanes.ctypes.data),
        )
        return reduced(lanes, lefts // VECTOR)

    return banded((rows, columns), y, x, size, bands, lambda top, stop: decode_rows(enc, [p[top:stop] for p in planes]))


def banded(
    shape: tuple[int, int],
    y: int,
    x: int,
    size: int,
    bands: Callable[[int, int, int, NDArray[np.int64]], Sums],
    values: Callable[[int, int], NDArray[np.float32]],
) -> Sums:
    """Sums over the blocks of `size` that a rectangle of `shape` at (x, y) touches.

    `bands(top, count, height, lefts)` sums `count` bands of `height` rows from row `top` on, blocks beginning at the
    columns `lefts`, all but the count; `values(top, stop)` gives rows, for those that float32 cannot sum.
    """
    rows, columns = shape
    tops, lefts = block_starts(y, rows, size), block_starts(x, columns, size)
    out = Sums.empty(len(tops), len(lefts))
    heights, widths = np.diff(np.append(tops, rows)), np.diff(np.append(lefts, columns))
    out.count[:] = np.outer(heights, widths)
    for first, count, height in _runs(heights):
        top = int(tops[first])
        part = bands(top, count, height, lefts)
        magnitude = np.maximum(-part.low, part.high)
        if (magnitude > _LARGE).any() or ((magnitude < _SMALL) & (magnitude > 0)).any():
            part = reference_sums(values(top, top + count * height), height, lefts)
        target = out[first : first + count]
        for f in fields(Sums):
            if f.name != "count":
                getattr(target, f.name)[:] = getattr(part, f.name)
    return out


def _runs(heights: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Runs of equal heights: (first, how many, height)."""
    edges = np.concatenate(([0], np.flatnonzero(np.diff(heights)) + 1, [len(heights)]))
    for first, stop in pairwise(edges):
        yield int(first), int(stop - first), int(heights[first])


def _padded(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """`values` contiguous, with columns added up to a whole vector (their sums are thrown away)."""
    rows, columns = values.shape
    if columns % VECTOR == 0:
        return np.ascontiguousarray(values)
    out = np.zeros((rows, -(-columns // VECTOR) * VECTOR), np.float32)
    out[:, :columns] = values
    return out


def reduced(lanes: NDArray[np.float32], lefts: NDArray[np.int64]) -> Sums:
    """A kernel's result (bands, planes, columns) added up to blocks that begin at `lefts`; without counts."""
    total, squares, low, high, zeros, odd = (lanes[:, i] for i in range(lanes.shape[1]))

    def over(ufunc: np.ufunc, array: NDArray[np.float32], kind: Any) -> NDArray[Any]:
        if len(lefts) < array.shape[1]:
            array = ufunc.reduceat(array, lefts, axis=1)
        out: NDArray[Any] = array.astype(kind)
        return out

    return Sums(
        np.empty(0, np.int64),
        over(np.add, total, np.float64),
        over(np.add, squares, np.float64),
        over(np.minimum, low, np.float32),
        over(np.maximum, high, np.float32),
        over(np.add, zeros, np.int64),
        over(np.add, odd, np.int64),
    )


def reference_sums(values: NDArray[np.float32], height: int, lefts: NDArray[np.int64]) -> Sums:
    """The same in NumPy and float64: bands of `height` rows, blocks that begin at the columns `lefts`."""
    tops = np.arange(0, len(values), height)

    def reduced(array: NDArray[Any], ufunc: np.ufunc) -> NDArray[Any]:
        out: NDArray[Any] = ufunc.reduceat(ufunc.reduceat(array, tops, axis=0), lefts, axis=1)
        return out

    finite = np.isfinite(values)
    wide = np.where(finite, values, 0).astype(np.float64)
    return Sums(
        reduced(np.ones(values.shape, np.int64), np.add),
        reduced(wide, np.add),
        reduced(wide * wide, np.add),
        reduced(np.where(finite, values, np.float32(np.inf)), np.minimum),
        reduced(np.where(finite, values, np.float32(-np.inf)), np.maximum),
        reduced((values == 0).astype(np.int64), np.add),
        reduced((~finite).astype(np.int64), np.add),
    )
