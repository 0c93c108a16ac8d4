"""Quantisation of float32 rows to the encodings of `encodings.py`.

Round to nearest with the float16 scale (and offset) that will be stored, then a few rounds of least squares: with the
codes held, the best scale and offset are a linear regression; with those held, the best codes are the nearest. A
round is kept for the groups whose squared error it lowers, so the result is never worse than plain rounding.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError
from pixel_llm.formats.encodings import Encoding, Planes

_F32 = NDArray[np.float32]
_LANES: Final = 4096  # groups worked on at a time; 32 × 4,096 float32 stay in the second-level cache
_TINY: Final = np.float32(2.0**-24)  # the smallest float16 above zero
# The share of a group's range that its search starts without, at either end, and for a fixed zero point: the best of 0
# to 0.12 over normal, Laplace and SmolLM2's weights.
_CUT: Final = 0.02
_CUT_FIXED: Final = 0.06
_ROUNDS: Final = {4: 2, 8: 0}  # rounds of least squares: with 8 bits they gain under 0.1 %


def quantise(enc: Encoding, rows: _F32, name: str | None) -> Planes:
    """`rows` (rows, cols) in the planes of `enc`; the checked entry is `encodings.encode_rows`."""
    if enc.group == 0:
        return (_to_float(enc, rows, name),)
    height, width = rows.shape
    groups = height * (width // enc.group)
    flat = rows.reshape(groups, enc.group)
    codes = np.empty((groups, enc.group * enc.bits // 8), np.int8 if enc.signed else np.uint8)
    scales = np.empty((groups, 2 if enc.has_offset else 1), np.float16)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for start in range(0, groups, _LANES):
            part = slice(start, start + _LANES)
            x = np.ascontiguousarray(flat[part].T)  # (group, lanes): reductions run along the fast axis
            fit = _affine if enc.has_offset else _fixed
            q, params = fit(enc, x, name)
            scales[part] = params
            if enc.bits == 4:
                half = enc.group // 2
                byte = q.astype(np.uint8)
                byte[half:] <<= 4
                byte[:half] |= byte[half:]
                codes[part] = byte[:half].T
            else:
                codes[part] = q.astype(codes.dtype).T
    scale_shape = (height, width // enc.group, 2) if enc.has_offset else (height, width // enc.group)
    return codes.reshape(height, -1), scales.reshape(scale_shape)


def _to_float(enc: Encoding, rows: _F32, name: str | None) -> NDArray[Any]:
    if enc.name == "f32":
        return rows
    if enc.name == "f16":
        with np.errstate(over="ignore", invalid="ignore"):
            half = rows.astype(np.float16)
        if np.isinf(half).any() and not np.array_equal(np.isinf(half), np.isinf(rows)):
            raise InvalidArgumentError(
                "has weights beyond float16's 65,504", part=name, remedy="store this tensor as bf16 or f32"
            )
        return half
    bits = rows.view(np.uint32)
    rounded = ((bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)) >> 16).astype(np.uint16)  # to nearest, ties to even
    nan = np.isnan(rows)
    if nan.any():
        rounded[nan] = ((bits[nan] >> 16) | 0x40).astype(np.uint16)
    return rounded


def _check(low: _F32, high: _F32, name: str | None) -> None:
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise InvalidArgumentError(
            "has NaN or infinite weights, which codes cannot hold", part=name, remedy="import with --quant none"
        )


def _half(values: _F32, name: str | None) -> _F32:
    """Rounded to float16, held as float32."""
    out = values.astype(np.float16).astype(np.float32)
    if np.isinf(out).any():
        raise InvalidArgumentError(
            "has weights whose scale is beyond float16's 65,504", part=name, remedy="import with --quant none"
        )
    return out


def _affine(enc: Encoding, x: _F32, name: str | None) -> tuple[_F32, NDArray[np.float16]]:
    """Codes (group, lanes) as float32 and (lanes, 2) scales and offsets."""
    top = float((1 << enc.bits) - 1)
    low, high = x.min(0), x.max(0)
    _check(low, high, name)
    # The offset rounds down and the scale up, so that the first codes reach both ends even where float16 is coarse.
    offset = _half(low, name)
    offset = np.where(offset > low, np.nextafter(offset.astype(np.float16), np.float16(-np.inf)), offset)
    offset = _half(offset.astype(np.float32), name)
    span = (high - offset) / np.float32(top)
    scale = _half(span, name)
    scale = np.where(scale < span, np.nextafter(scale.astype(np.float16), np.float16(np.inf)), scale)
    scale = _half(scale.astype(np.float32), name)
    q = _codes(x, scale, offset, top)
    if not (rounds := _ROUNDS[enc.bits]):
        return q, np.stack((scale, offset), 1).astype(np.float16)
    best = _squared_error(x, q, scale, offset)
    total = x.sum(0)
    n = np.float32(enc.group)
    held = _codes(x, scale * np.float32(1 - 2 * _CUT), offset + scale * np.float32(_CUT * top), top)
    for _ in range(rounds):
        sum_q = held.sum(0)
        det = n * np.einsum("ij,ij->j", held, held) - sum_q * sum_q
        slope = (n * np.einsum("ij,ij->j", held, x) - sum_q * total) / det
        s = np.where(np.isfinite(slope) & (slope > 0), slope, scale).astype(np.float16).astype(np.float32)
        o = ((total - s * sum_q) / n).astype(np.float16).astype(np.float32)
        candidate = _codes(x, s, o, top)
        error = _squared_error(x, candidate, s, o)
        better = error < best  # False for NaN
        held = q = np.where(better, candidate, q)
        scale, offset, best = np.where(better, s, scale), np.where(better, o, offset), np.where(better, error, best)
    return q, np.stack((scale, offset), 1).astype(np.float16)


def _codes(x: _F32, scale: _F32, offset: _F32, top: float) -> _F32:
    q = x - offset
    q *= np.where(scale > 0, np.float32(1) / np.maximum(scale, _TINY), np.float32(0))
    np.rint(q, out=q)
    return np.clip(q, np.float32(0), np.float32(top), out=q)


def _squared_error(x: _F32, q: _F32, scale: _F32, offset: _F32 | float) -> _F32:
    r = q * scale
    r += offset
    r -= x
    total: _F32 = np.einsum("ij,ij->j", r, r)
    return total


def _fixed(enc: Encoding, x: _F32, name: str | None) -> tuple[_F32, NDArray[np.float16]]:
    """Codes (group, lanes) as float32, zero point added, and (lanes, 1) scales."""
    low, high = x.min(0), x.max(0)
    _check(low, high, name)
    if enc.bits == 8:
        peak = np.maximum(-low, high) / np.float32(127)
        scale = _half(np.where(peak > 0, np.maximum(peak, _TINY), 0), name)
        q = x * np.where(scale > 0, np.float32(1) / np.maximum(scale, _TINY), np.float32(0))
        np.rint(q, out=q)
        np.clip(q, np.float32(-127), np.float32(127), out=q)
        return q, scale[:, None].astype(np.float16)
    # The end of larger magnitude gets code -8, so that all sixteen codes are in use.
    peak = np.where(-low > high, low, high) / np.float32(-8)
    scale = _half(np.where(np.abs(peak) < _TINY, np.sign(peak) * _TINY, peak), name)
    q = _signed_codes(x, scale)
    best = _squared_error(x, q, scale, 0.0)
    held = _signed_codes(x, scale * np.float32(1 - _CUT_FIXED))
    for _ in range(_ROUNDS[enc.bits]):
        slope = np.einsum("ij,ij->j", held, x) / np.einsum("ij,ij->j", held, held)
        s = np.where(np.isfinite(slope), slope, scale).astype(np.float16).astype(np.float32)
        candidate = _signed_codes(x, s)
        error = _squared_error(x, candidate, s, 0.0)
        better = error < best
        held = q = np.where(better, candidate, q)
        scale, best = np.where(better, s, scale), np.where(better, error, best)
    q += enc.zero_point
    return q, scale[:, None].astype(np.float16)


def _signed_codes(x: _F32, scale: _F32) -> _F32:
    q = x * np.where(scale == 0, np.float32(0), np.float32(1) / scale)
    np.rint(q, out=q)
    return np.clip(q, np.float32(-8), np.float32(7), out=q)
