"""The kernels behind `quantise.py`: sixteen groups at a time, one a lane, in one pass over the weights.

A block of 16 groups is transposed, so that element j of every group is one vector; sums over a group then run in the
order of its elements. Codes are never stored before they are final: they follow from scale and offset, and computing
them again is cheaper than keeping them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pixel_llm.formats.encodings import Encoding
from pixel_llm.formats.simd import LANES, Kernel, Vec, transpose

# The share of a group's range that its search starts without, at either end, and for a fixed zero point: the best of 0
# to 0.12 over normal, Laplace and SmolLM2's weights.
CUT: Final = 0.02
CUT_FIXED: Final = 0.06
ROUNDS: Final = {4: 2, 8: 0}  # rounds of least squares: with 8 bits they gain under 0.1 %

BLOCK: Final = LANES
"""Groups in a block; a kernel works on whole blocks."""
RESULT_WORDS: Final = 3 * LANES
"""32-bit words of a kernel's result."""

_TINY: Final = 2.0**-24  # the smallest float16 above zero
_INFINITE: Final = 0x7C00  # float16
_INTEGER: Final = 1.5 * 2.0**23  # adding it rounds to the nearest integer, ties to even, which is then in the low bits
_UNROLL: Final = 4  # elements a turn of a loop

_LOCK: Final = threading.Lock()
_COMPILED: Final[dict[tuple[Encoding, str | None], Callable[..., None]]] = {}


class _Sums(NamedTuple):
    """Over a group: squared error, codes, squared codes, codes times weights."""

    error: Vec
    code: Vec
    square: Vec
    product: Vec


def kernel(enc: Encoding, cpu: str | None = None) -> Callable[..., None]:
    """The kernel of a grouped encoding, compiled on first use. `cpu` names an LLVM CPU model instead of this host's.

    Its arguments are addresses, and a count: float32 weights (`BLOCK` · blocks, group), blocks, codes, scales, and a
    result of `RESULT_WORDS`: a third of them float32, largest errors; a third float32, NaN after weights that are not
    finite; a third uint32, not 0 after a scale or offset beyond float16.
    """
    with _LOCK:
        if (enc, cpu) not in _COMPILED:
            _COMPILED[enc, cpu] = _Quantiser(enc).build().compile(cpu)
        return _COMPILED[enc, cpu]


def _to_half(v: Vec) -> Vec:
    """float16 bits of floats, to nearest, ties to even; infinite for NaN too."""
    bits = v.bits()
    size = bits & 0x7FFFFFFF
    # Below 2^-14, adding 0.5 makes the FPU round at float16's subnormal spacing.
    small = (size.floats() + 0.5).bits() - 0x3F000000
    normal = (size + 0xFFF + ((size >> 13) & 1) - 0x38000000) >> 13
    half = (size < 0x38800000).choose(small, normal)
    return (size < 0x477FF000).choose(half, _INFINITE) | ((bits >> 16) & 0x8000)


def from_half(half: Vec) -> Vec:
    """The float of float16 bits."""
    size = half & 0x7FFF
    small = ((size | 0x3F000000).floats() - 0.5).bits()
    value = (size < 0x400).choose(small, (size << 13) + 0x38000000)
    value = (size < _INFINITE).choose(value, 0x7F800000)
    return (value | ((half & 0x8000) << 16)).floats()


def _rounded(v: Vec) -> Vec:
    return from_half(_to_half(v))


def _beyond(half: Vec) -> Vec:
    """Not 0 where float16 bits are infinite."""
    return (half & _INFINITE).equals(_INFINITE).choose(half | 1, 0)


class _Quantiser:
    """Builds one encoding's kernel."""

    def __init__(self, enc: Encoding) -> None:
        self.enc, self.group = enc, enc.group
        self.k = Kernel(5)
        self.tile = self.k.array(enc.group)
        if enc.has_offset:
            self.lowest, self.highest = 0.0, float((1 << enc.bits) - 1)
        else:
            self.lowest, self.highest = (-127.0, 127.0) if enc.bits == 8 else (-8.0, 7.0)

    def build(self) -> Kernel:
        k, enc = self.k, self.enc
        weights, blocks, codes, scales, result = k.arguments

        def block(number: Any, worst: Vec, odd: Vec, beyond: Vec) -> tuple[Vec, Vec, Vec]:
            self._read(k.at(weights, number, LANES * self.group * 4))
            low, high, total, odd = self._range(odd)
            scale, offset, outside = self._affine(low, high, total) if enc.has_offset else self._fixed(low, high)
            worst = self._write(k.at(codes, number, LANES * self.group * enc.bits // 8), scale, offset, worst)
            if offset is not None:
                k.store(_to_half(scale) | (_to_half(offset) << 16), k.at(scales, number, LANES * 4))
            else:
                k.store(_to_half(scale), k.at(scales, number, LANES * 2), align=2, bits=16)
            return worst, odd, beyond | outside

        for i, value in enumerate(k.fold(blocks, 1, (k.number(0), k.number(0), k.integer(0)), block)):
            k.store(value, k.at(result, k.zero, 0, i * LANES * 4))
        return k

    # Passes over the elements of a block
    def _read(self, address: Any) -> None:
        k = self.k
        for column in range(0, self.group, LANES):
            rows = [k.load(k.at(address, k.zero, 0, (i * self.group + column) * 4)) for i in range(LANES)]
            for j, v in enumerate(transpose(rows), column):
                k.store(v, k.at(self.tile, k.zero, 0, j * LANES * 4), align=64)

    def _element(self, turn: Any, j: int) -> Vec:
        return self.k.load(self.k.at(self.tile, turn, LANES * 4, j * LANES * 4), align=64)

    def _range(self, odd: Vec) -> list[Vec]:
        """Lowest, highest and sum of every group, and `odd`, NaN after a weight that is not finite."""

        def elements(turn: Any, low: Vec, high: Vec, total: Vec, odd: Vec) -> tuple[Vec, ...]:
            for j in range(_UNROLL):
                x = self._element(turn, j)
                low, high, total, odd = x.at_most(low), x.at_least(high), total + x, odd + (x - x)
            return low, high, total, odd

        first = self.k.load(self.tile, align=64)
        low, high, total, odd = self.k.fold(self.group, _UNROLL, (first, first, self.k.number(0), odd), elements)
        return [low + 0.0, high + 0.0, total, odd]  # + 0.0: no negative zeros

    def _code(self, x: Vec, inverse: Vec, offset: Vec | None) -> Vec:
        """The nearest code, still with `_INTEGER` added."""
        q = (x if offset is None else x - offset) * inverse
        return q.at_least(self.lowest).at_most(self.highest) + _INTEGER

    def _sums(self, scale: Vec, offset: Vec | None) -> _Sums:
        inverse = self._inverse(scale)

        def elements(turn: Any, error: Vec, code: Vec, square: Vec, product: Vec) -> tuple[Vec, ...]:
            for j in range(_UNROLL):
                x = self._element(turn, j)
                q = self._code(x, inverse, offset) - _INTEGER
                r = self._value(q, scale, offset) - x
                error, code, square, product = error + r * r, code + q, square + q * q, product + q * x
            return error, code, square, product

        return _Sums(*self.k.fold(self.group, _UNROLL, [self.k.number(0)] * 4, elements))

    def _write(self, address: Any, scale: Vec, offset: Vec | None, worst: Vec) -> Vec:
        """Final codes, packed; `worst` or a larger error."""
        k, half, inverse = self.k, self.group // 2, self._inverse(scale)

        def final(j: int) -> Vec:
            nonlocal worst
            x = self._element(k.zero, j)
            code = self._code(x, inverse, offset)
            worst = abs(self._value(code - _INTEGER, scale, offset) - x).at_least(worst)
            return code.bits() + self.enc.zero_point

        def byte(i: int) -> Vec:
            if self.enc.bits == 8:
                return final(i) & 0xFF
            return (final(i) & 15) | ((final(i + half) & 15) << 4)

        words = [
            byte(i) | (byte(i + 1) << 8) | (byte(i + 2) << 16) | (byte(i + 3) << 24)
            for i in range(0, self.group * self.enc.bits // 8, 4)
        ]
        for i, v in enumerate(transpose(words)):
            k.store(v, k.at(address, k.zero, 0, i * LANES * 4))
        return worst

    def _inverse(self, scale: Vec) -> Vec:
        """1 / scale, 0 for 0."""
        return scale.equals(0.0).choose(scale.like(0.0), scale.like(1.0) / scale)

    @staticmethod
    def _value(q: Vec, scale: Vec, offset: Vec | None) -> Vec:
        return q * scale if offset is None else q * scale + offset

    # The search for a group's scale and offset
    def _affine(self, low: Vec, high: Vec, total: Vec) -> tuple[Vec, Vec, Vec]:
        # The offset rounds down and the scale up, so that the first codes reach both ends even where float16 is coarse.
        half = _to_half(low)
        below = (half > 0x8000).choose(half + 1, (half & 0x7FFF).equals(0).choose(half.like(0x8001), half - 1))
        half = (from_half(half) > low).choose(below, half)
        beyond = _beyond(half)
        offset = from_half(half)
        span = (high - offset) / self.highest
        half = _to_half(span)
        half = (from_half(half) < span).choose(half + 1, half)
        beyond = beyond | _beyond(half)
        scale = from_half(half)
        if not (rounds := ROUNDS[self.enc.bits]):
            return scale, offset, beyond
        n = float(self.group)
        best = self._sums(scale, offset)
        held = self._sums((scale * (1 - 2 * CUT)).at_least(_TINY), offset + scale * (CUT * self.highest))
        for _ in range(rounds):
            slope = (held.product * n - held.code * total) / (held.square * n - held.code * held.code)
            s = _rounded(((slope - slope).equals(0.0) & (slope > 0.0)).choose(slope, scale))
            o = _rounded((total - s * held.code) / n)
            found = self._sums(s, o)
            better = found.error < best.error
            scale, offset = better.choose(s, scale), better.choose(o, offset)
            held = best = _Sums(*(better.choose(new, old) for new, old in zip(found, best, strict=True)))
        return scale, offset, beyond

    def _fixed(self, low: Vec, high: Vec) -> tuple[Vec, None, Vec]:
        down = low * -1.0
        if self.enc.bits == 8:
            peak = down.at_least(high) / self.highest
            half = _to_half((peak > 0.0).choose(peak.at_least(_TINY), 0.0))
            return from_half(half), None, _beyond(half)
        # The end of larger magnitude gets code -8, so that all sixteen codes are in use.
        peak = (down > high).choose(low, high) / self.lowest
        sign = (peak > 0.0).choose(peak.like(_TINY), (peak < 0.0).choose(peak.like(-_TINY), 0.0))
        half = _to_half((abs(peak) < _TINY).choose(sign, peak))
        beyond = _beyond(half)
        scale = from_half(half)
        best = self._sums(scale, None)
        held = self._sums(scale * (1 - CUT_FIXED), None)
        for _ in range(ROUNDS[self.enc.bits]):
            slope = held.product / held.square
            s = _rounded((slope - slope).equals(0.0).choose(slope, scale))
            found = self._sums(s, None)
            better = found.error < best.error
            scale = better.choose(s, scale)
            held = best = _Sums(*(better.choose(new, old) for new, old in zip(found, best, strict=True)))
        return scale, None, beyond
