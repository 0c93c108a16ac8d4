"""Encodings: how a tensor's numbers lie in planes of pixels.

Plain floats (`f32`, `f16`, `bf16`) are one plane. Grouped codes are two: integer codes of 4 or 8 bits, and one float16
scale, or a float16 (scale, offset) pair, for every `group` consecutive weights of a row:

    value = scale · (code - zero_point)        fixed zero point (GGML's Q4_0, Q8_0)
    value = scale · code + offset              affine (GGML's Q4_1, Q4_K)

evaluated in float32. In a 4-bit codes plane, byte i of a group holds element i in its low and element i + group/2 in
its high nibble. A vector is a tensor of one row. Rounding is in `quantise.py`, reached through `encode_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.core.pxi import SampleType
from pixel_llm.errors import InvalidArgumentError

Planes = tuple[NDArray[Any], ...]
_BLOCK = 1 << 18  # elements decoded at a time, so that intermediates stay in the cache


@dataclass(frozen=True, slots=True)
class Encoding:
    """One encoding. `bits` a code (or a float), `group` weights a scale (0: plain floats, no codes)."""

    name: str
    bits: int
    group: int = 0
    signed: bool = False
    zero_point: int = 0
    has_offset: bool = False

    def fits(self, shape: Sequence[int]) -> bool:
        """Whether a tensor of `shape` can be held: its rows must be whole groups."""
        return self.group == 0 or shape[-1] % self.group == 0


F32: Final = Encoding("f32", 32)
F16: Final = Encoding("f16", 16)
BF16: Final = Encoding("bf16", 16)
Q4_FIXED: Final = Encoding("q4", 4, 32, zero_point=8)
Q4_AFFINE: Final = Encoding("q4a", 4, 32, has_offset=True)
Q8_FIXED: Final = Encoding("q8", 8, 32, signed=True)
Q8_AFFINE: Final = Encoding("q8a", 8, 32, has_offset=True)
Q4_AFFINE_16: Final = Encoding("q4a16", 4, 16, has_offset=True)
Q8_FIXED_16: Final = Encoding("q8_16", 8, 16, signed=True)

ENCODINGS: Final[Mapping[str, Encoding]] = MappingProxyType(
    {e.name: e for e in (F32, F16, BF16, Q4_FIXED, Q4_AFFINE, Q8_FIXED, Q8_AFFINE, Q4_AFFINE_16, Q8_FIXED_16)}
)


@dataclass(frozen=True, slots=True)
class PlaneSpec:
    """One plane of a tensor: an array (height, width), or (height, width, channels) where `channels` is above 1.

    The page of a plane is named after the tensor, followed by "/" and `suffix` where that is not empty.
    """

    suffix: str
    sample: SampleType
    width: int
    height: int
    channels: int = 1

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return (self.height, self.width) if self.channels == 1 else (self.height, self.width, self.channels)


_PLAIN: Final = {"f32": SampleType.FLOAT32, "f16": SampleType.FLOAT16, "bf16": SampleType.UINT16}


def plane_specs(enc: Encoding, shape: Sequence[int]) -> list[PlaneSpec]:
    """The planes of a tensor of `shape` (1-D or 2-D) in `enc`: one, or codes and scales.

    Raises `InvalidArgumentError` when the shape has another rank or a row is not a whole number of groups.
    """
    if len(shape) not in (1, 2) or min(shape) < 1:
        raise InvalidArgumentError(f"a tensor of shape {tuple(shape)} has no planes: it needs one or two axes")
    height, width = (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])
    if enc.group == 0:
        return [PlaneSpec("", _PLAIN[enc.name], width, height)]
    if not enc.fits(shape):
        raise InvalidArgumentError(f"rows of {width} are not whole groups of {enc.group}, as {enc.name} needs")
    sample = SampleType.INT8 if enc.signed else SampleType.UINT8
    return [
        PlaneSpec("codes", sample, width * enc.bits // 8, height),
        PlaneSpec("scales", SampleType.FLOAT16, width // enc.group, height, 2 if enc.has_offset else 1),
    ]


def decode_rows(
    enc: Encoding, planes: Sequence[NDArray[Any]], out: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """The float32 values, shape (rows, cols), of row slices of a tensor's planes; written into `out` where given."""
    first = planes[0]
    rows = first.shape[0]
    cols = first.shape[1] * (2 if enc.bits == 4 else 1)
    specs = plane_specs(enc, (max(rows, 1), cols))
    for plane, spec in zip(planes, specs, strict=True):
        if plane.shape != (rows, *spec.shape[1:]) or plane.dtype != spec.sample.dtype:
            raise InvalidArgumentError(
                f"a {enc.name} {spec.suffix or 'values'} plane is {plane.dtype}{plane.shape}, "
                f"not {spec.sample.dtype}{(rows, *spec.shape[1:])}"
            )
    if out is None:
        out = np.empty((rows, cols), np.float32)
    elif out.shape != (rows, cols) or out.dtype != np.float32:
        raise InvalidArgumentError(f"out is {out.dtype}{out.shape}, not float32{(rows, cols)}")
    step = max(1, _BLOCK // cols)
    with np.errstate(invalid="ignore", over="ignore"):  # non-finite weights stay what they are
        for start in range(0, rows, step):
            part = tuple(p[start : start + step] for p in planes)
            _decode(enc, part, out[start : start + step])
    return out


def _decode(enc: Encoding, planes: Planes, out: NDArray[np.float32]) -> None:
    if enc.group == 0:
        if enc is BF16 or enc.name == "bf16":
            np.left_shift(planes[0], 16, out=out.view(np.uint32), dtype=np.uint32)
        else:
            np.copyto(out, planes[0])
        return
    codes, scales = planes
    rows, groups = scales.shape[:2]
    if enc.bits == 4:
        half = enc.group // 2
        packed = codes.reshape(rows, groups, half)
        nibbles = np.empty((rows, groups, 2, half), np.float32)
        np.bitwise_and(packed, 15, out=nibbles[:, :, 0], casting="unsafe")
        np.right_shift(packed, 4, out=nibbles[:, :, 1], casting="unsafe")
        values: NDArray[np.float32] = nibbles.reshape(rows, groups, enc.group)
    else:
        values = codes.reshape(rows, groups, enc.group).astype(np.float32)
    if enc.zero_point:
        values -= enc.zero_point
    target = out.reshape(rows, groups, enc.group, copy=False) if out.flags.c_contiguous else values
    if enc.has_offset:
        pair = scales.astype(np.float32)
        np.multiply(values, pair[:, :, :1], out=target)
        target += pair[:, :, 1:]
    else:
        np.multiply(values, scales.astype(np.float32)[:, :, None], out=target)
    if target is values:
        out[:] = values.reshape(out.shape)


def encode_rows(enc: Encoding, rows: NDArray[np.float32], *, name: str | None = None) -> Planes:
    """Round float32 `rows` (rows, cols) to `enc`: the planes, deterministic, of lowest squared error where cheap.

    Raises `InvalidArgumentError`, naming the tensor `name`, for NaN or infinite weights (grouped encodings), for
    weights that the encoding's float16 cannot reach, and for rows that are not whole groups.
    """
    from pixel_llm.formats.quantise import to_float

    if enc.group:
        return quantise_rows(enc, rows, name=name)[0]
    _check_rows(enc, rows, name)
    return (to_float(enc, rows, name),)


def quantise_rows(enc: Encoding, rows: NDArray[np.float32], *, name: str | None = None) -> tuple[Planes, float]:
    """What `encode_rows` gives for a grouped encoding, and the largest |decoded - row|. May run in several threads."""
    from pixel_llm.formats.quantise import to_codes

    _check_rows(enc, rows, name)
    return to_codes(enc, rows, name)


def _check_rows(enc: Encoding, rows: NDArray[np.float32], name: str | None) -> None:
    if rows.ndim != 2 or rows.dtype != np.float32:
        raise InvalidArgumentError(f"rows are {rows.dtype}{rows.shape}, not a float32 matrix", part=name)
    plane_specs(enc, (max(rows.shape[0], 1), rows.shape[1]))
