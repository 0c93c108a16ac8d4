"""The kernel behind `statistics.py`: each column of bands of rows, sixteen columns at a time, in one pass."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from pixel_llm.formats.simd import LANES, Kernel, Vec

PLANES: Final = 6
"""Sum, sum of squares, smallest, largest, zeros, non-finite: the rows of a band's result, each float32."""

_LOCK: Final = threading.Lock()
_COMPILED: Final[dict[str | None, Callable[..., None]]] = {}


def kernel(cpu: str | None = None) -> Callable[..., None]:
    """The kernel, compiled on first use. `cpu` names an LLVM CPU model instead of this host's.

    Its arguments: the address of float32 rows; the number of bands; the rows of a band; a row's bytes; its vectors of
    `LANES` columns; the address of the result, float32 (bands, `PLANES`, columns). What is not finite counts in the
    last plane alone.
    """
    with _LOCK:
        if cpu not in _COMPILED:
            _COMPILED[cpu] = _build().compile(cpu)
        return _COMPILED[cpu]


def _build() -> Kernel:
    k = Kernel(6)
    values, bands, rows, stride, vectors, result = k.arguments
    inf = float("inf")

    def band(number: Any) -> tuple[Vec, ...]:
        top = k.at(values, k.product(number, rows), stride)
        target = k.at(result, k.product(number, stride), PLANES)

        def column(vector: Any) -> tuple[Vec, ...]:
            base = k.at(top, vector, LANES * 4)

            def row(i: Any, total: Vec, square: Vec, low: Vec, high: Vec, zeros: Vec, odd: Vec) -> tuple[Vec, ...]:
                x = k.load(k.at(base, i, stride))
                finite = (x - x).equals(0.0)
                value = finite.choose(x, 0.0)
                low = finite.choose(x, inf).at_most(low)
                high = finite.choose(x, -inf).at_least(high)
                zeros = x.equals(0.0).choose(zeros + 1.0, zeros)
                odd = finite.choose(odd, odd + 1.0)
                return total + value, square + value * value, low, high, zeros, odd

            first = [k.number(v) for v in (0.0, 0.0, inf, -inf, 0.0, 0.0)]
            for i, found in enumerate(k.fold(rows, 1, first, row)):
                k.store(found, k.at(k.at(target, vector, LANES * 4), stride, i))
            return ()

        k.fold(vectors, 1, (), column)
        return ()

    k.fold(bands, 1, (), band)
    return k
