"""Rounding of float32 rows to the encodings of `encodings.py`.

Round to nearest with the float16 scale (and offset) that will be stored, then a few rounds of least squares: with the
codes held, the best scale and offset are a linear regression; with those held, the best codes are the nearest. A
round is kept for the groups whose squared error it lowers, so the result is never worse than plain rounding. The
arithmetic is in `quantise_kernels.py`, which is loaded when the first group is quantised.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError
from pixel_llm.formats.encodings import Encoding, Planes

_F32 = NDArray[np.float32]


def to_codes(enc: Encoding, rows: _F32, name: str | None) -> tuple[Planes, float]:
    """`rows` (rows, cols) in the planes of a grouped encoding, and the largest absolute error made.

    The checked entry is `encodings.quantise_rows`. Releases the GIL.
    """
    from pixel_llm.formats.quantise_kernels import BLOCK, RESULT_WORDS, kernel

    height, width = rows.shape
    groups = height * (width // enc.group)
    whole = groups // BLOCK * BLOCK
    room = -(-groups // BLOCK) * BLOCK  # kernels write whole blocks
    codes = np.empty((room, enc.group * enc.bits // 8), np.int8 if enc.signed else np.uint8)
    scales = np.empty((room, 2 if enc.has_offset else 1), np.float16)
    flat = np.ascontiguousarray(rows).reshape(groups, enc.group)
    parts = [(0, flat[:whole])] if whole else []
    if room > whole:  # the last block is filled up with its last group
        parts.append((whole, np.concatenate((flat[whole:], np.repeat(flat[-1:], room - groups, 0)))))
    run, error = kernel(enc), 0.0
    for start, x in parts:
        result = np.empty(RESULT_WORDS, np.uint32)
        run(x.ctypes.data, len(x) // BLOCK, codes[start:].ctypes.data, scales[start:].ctypes.data, result.ctypes.data)
        worst, odd, beyond = np.split(result, 3)
        if np.isnan(odd.view(np.float32)).any():
            raise InvalidArgumentError(
                "has NaN or infinite weights, which codes cannot hold", part=name, remedy="import with --quant none"
            )
        if beyond.any():
            raise InvalidArgumentError(
                "has weights whose scale is beyond float16's 65,504", part=name, remedy="import with --quant none"
            )
        error = max(error, float(worst.view(np.float32).max()))
    per_row = (height, width // enc.group)
    planes = (
        codes[:groups].reshape(height, width * enc.bits // 8),
        scales[:groups].reshape((*per_row, 2) if enc.has_offset else per_row),
    )
    return planes, error


def to_float(enc: Encoding, rows: _F32, name: str | None) -> NDArray[Any]:
    """The plane of `rows` (rows, cols) in a plain float encoding."""
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
