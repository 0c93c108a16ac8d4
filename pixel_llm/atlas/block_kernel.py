"""The kernels behind `statistics.py`: one pass over rows of weights, sixteen columns at a time.

`columns` reads float32 and keeps each column apart; `encoded` reads the planes of an encoding as they are stored and
adds up each sixteen columns. Both go over bands of rows. A band's result is `PLANES` runs of float32: sum, sum of
squares, smallest, largest, zeros, non-finite. What is not finite counts in the last one alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from pixel_llm.formats.encodings import Encoding
from pixel_llm.formats.quantise_kernels import from_half
from pixel_llm.formats.simd import LANES, Kernel, Vec

PLANES: Final = 6

_LOCK: Final = threading.Lock()
_COMPILED: Final[dict[tuple[Encoding | None, str | None], Callable[..., None]]] = {}
_INF: Final = float("inf")
_FIRST: Final = (0.0, 0.0, _INF, -_INF, 0.0, 0.0)


def columns(cpu: str | None = None) -> Callable[..., None]:
    """Each column of bands of float32 rows. Compiled on first use; `cpu` names an LLVM CPU model, not this host's.

    Arguments: the rows' address; bands; rows of a band; bytes of a row; its vectors of `LANES` columns; the result's
    address, float32 (bands, `PLANES`, columns).
    """
    return _compiled(None, cpu)


def encoded(enc: Encoding, cpu: str | None = None) -> Callable[..., None]:
    """Each `LANES` columns of bands of rows in `enc`. Compiled on first use; `cpu` as in `columns`.

    Arguments: the codes' (or floats') address, and bytes from row to row; that of the scales as float32 (scale, or
    scale and offset), and bytes from row to row; bands; rows of a band; units of `unit(enc)` columns; the result's
    address, float32 (bands, `PLANES`, columns / `LANES`).
    """
    return _compiled(enc, cpu)


def is_summed(enc: Encoding) -> bool:
    """Whether `encoded` has a kernel: not where sixteen columns share no whole vector of bytes."""
    return not (enc.bits == 4 and enc.group == LANES)


def unit(enc: Encoding) -> int:
    """The columns that `encoded` takes at a time."""
    return max(enc.group, LANES)


def _compiled(enc: Encoding | None, cpu: str | None) -> Callable[..., None]:
    with _LOCK:
        if (enc, cpu) not in _COMPILED:
            made = _columns() if enc is None else _Encoded(enc).build()
            _COMPILED[enc, cpu] = made.compile(cpu)
        return _COMPILED[enc, cpu]


def _added(x: Vec, sums: Sequence[Vec]) -> list[Vec]:
    """A vector of weights, counted."""
    total, square, low, high, zeros, odd = sums
    finite = (x - x).equals(0.0)
    value = finite.choose(x, 0.0)
    return [
        total + value,
        square + value * value,
        finite.choose(x, _INF).at_most(low),
        finite.choose(x, -_INF).at_least(high),
        x.equals(0.0).choose(zeros + 1.0, zeros),
        finite.choose(odd, odd + 1.0),
    ]


def _columns() -> Kernel:
    k = Kernel(6)
    values, bands, rows, stride, vectors, result = k.arguments

    def band(number: Any) -> tuple[Vec, ...]:
        top = k.at(values, k.product(number, rows), stride)
        target = k.at(result, k.product(number, stride), PLANES)

        def column(vector: Any) -> tuple[Vec, ...]:
            base = k.at(top, vector, LANES * 4)
            first = [k.number(v) for v in _FIRST]
            found = k.fold(rows, 1, first, lambda i, *sums: _added(k.load(k.at(base, i, stride)), sums))
            for i, value in enumerate(found):
                k.store(value, k.at(k.at(target, vector, LANES * 4), stride, i))
            return ()

        k.fold(vectors, 1, (), column)
        return ()

    k.fold(bands, 1, (), band)
    return k


class _Encoded:
    """Builds the kernel of one encoding."""

    def __init__(self, enc: Encoding) -> None:
        self.enc = enc
        self.k = Kernel(8)
        self.vectors = unit(enc) // LANES

    def build(self) -> Kernel:
        k = self.k
        codes, code_stride, scales, scale_stride, bands, rows, units, result = k.arguments
        code_bytes = unit(self.enc) * self.enc.bits // 8
        scale_bytes = 8 if self.enc.has_offset else 4

        def band(number: Any) -> tuple[Vec, ...]:
            top = k.product(number, rows)
            code_top, scale_top = k.at(codes, top, code_stride), k.at(scales, top, scale_stride)
            run = k.product(units, k.word(self.vectors * 4))  # bytes of a run of the result
            target = k.at(result, k.product(number, run), PLANES)

            def columns(place: Any) -> tuple[Vec, ...]:
                code_base, scale_base = k.at(code_top, place, code_bytes), k.at(scale_top, place, scale_bytes)

                def row(i: Any, *sums: Vec) -> list[Vec]:
                    weights = self._weights(k.at(code_base, i, code_stride), k.at(scale_base, i, scale_stride))
                    out: list[Vec] = []
                    for j, x in enumerate(weights):
                        out += _added(x, sums[j * PLANES : (j + 1) * PLANES])
                    return out

                first = [k.number(v) for v in _FIRST] * self.vectors
                found = k.fold(rows, 1, first, row)
                for j in range(self.vectors):
                    place_of = k.at(target, place, self.vectors * 4, j * 4)
                    for i, value in enumerate(found[j * PLANES : (j + 1) * PLANES]):
                        k.store_one(_over_lanes(value, i), k.at(place_of, run, i))
                return ()

            k.fold(units, 1, (), columns)
            return ()

        k.fold(bands, 1, (), band)
        return k

    def _weights(self, codes: Any, scales: Any) -> list[Vec]:
        """The weights of one row of a unit, as `encodings.decode_rows` gives them."""
        k, enc = self.k, self.enc
        if enc.group == 0:
            if enc.bits == 32:
                return [k.load(codes)]
            halves = k.load_integers(codes, 16)
            return [(halves << 16).floats() if enc.name == "bf16" else from_half(halves)]
        if enc.bits == 8:
            found = [
                k.load_integers(k.at(codes, k.zero, 0, j * LANES), 8, signed=enc.signed) for j in range(self.vectors)
            ]
        else:
            packed = k.load_integers(codes, 8)
            found = [packed & 15, packed >> 4]
        scale = k.load_one(scales)
        offset = k.load_one(k.at(scales, k.zero, 0, 4)) if enc.has_offset else None
        out = []
        for code in found:
            number = code.number() - float(enc.zero_point) if enc.zero_point else code.number()
            out.append(number * scale if offset is None else number * scale + offset)
        return out


def _over_lanes(v: Vec, which: int) -> Vec:
    """Sum, smallest or largest of sixteen lanes, in every lane; always in the same order."""
    for lanes in (8, 4, 2, 1):
        other = v.rotated(lanes)
        v = v.at_most(other) if which == 2 else v.at_least(other) if which == 3 else v + other
    return v
