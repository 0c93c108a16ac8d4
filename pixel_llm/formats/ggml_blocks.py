"""GGML's block-quantised types: their bytes to and from our planes, and their exact values.

Layouts and arithmetic follow ggml's definition (ggml-common.h and ggml-quants.c of llama.cpp): `n` consecutive
weights of a row are one block. The types up to Q8_0 have one float16 scale (and minimum) for 32 weights, which is
what our encodings store, so their planes are the same bits in another order: no float is computed on that way, and
NaN payloads survive. The K-quants have blocks of 256 with integer sub-scales of a float16 super-scale; their codes
are kept exactly and the product scale · sub-scale is rounded to float16, which is the only error that an import
makes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.formats.encodings import (
    BF16,
    F16,
    F32,
    Q4_AFFINE,
    Q4_AFFINE_16,
    Q4_FIXED,
    Q8_AFFINE,
    Q8_FIXED,
    Q8_FIXED_16,
    Encoding,
    Planes,
    decode_rows,
)

_U8 = NDArray[np.uint8]
_F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class KQuant:
    """How the blocks of a K-quant, uint8 (rows, blocks, nbytes), come apart.

    value = scale · (code - zero) + offset, in float32 and in this order. `codes` gives uint8 (rows, groups, group)
    from 0 to `top`; `scales` gives float32 scales (rows, groups), and offsets of the same shape or None.
    """

    codes: Callable[[_U8], _U8]
    scales: Callable[[_U8], tuple[_F32, _F32 | None]]
    top: int
    zero: int = 0


@dataclass(frozen=True, slots=True)
class BlockType:
    """A GGML tensor type. `number` is its id in a GGUF file, `weights` and `nbytes` the size of a block.

    `encoding` is the one that holds it best, None where Pixel-LLM does not read the type.
    """

    name: str
    number: int
    weights: int
    nbytes: int
    encoding: Encoding | None = None
    k_quant: KQuant | None = None

    @property
    def lossless(self) -> bool:
        """Whether `encoding` holds its blocks bit for bit."""
        return self.encoding is not None and self.k_quant is None

    def row_bytes(self, width: int) -> int:
        """Bytes of a row of `width` weights, which must be whole blocks."""
        return width // self.weights * self.nbytes


def to_planes(kind: BlockType, raw: _U8) -> Planes:
    """Rows of blocks, uint8 (rows, row bytes), as planes of `kind.encoding`."""
    assert kind.encoding is not None
    blocks = raw.reshape(raw.shape[0], -1, kind.nbytes)
    if kind.k_quant is not None:
        return _k_planes(kind.encoding, kind.k_quant, blocks)
    match kind.name:
        case "F32" | "F16" | "BF16":
            sample = {"F32": np.float32, "F16": np.float16, "BF16": np.uint16}[kind.name]
            return (raw.view(np.dtype(sample).newbyteorder("<")),)
        case "Q4_0":
            return _rows(blocks[..., 2:]), _halves(blocks[..., :2])
        case "Q4_1":
            return _rows(blocks[..., 4:]), _halves(blocks[..., :4], 2)
        case "Q8_0":
            return _rows(blocks[..., 2:]).view(np.int8), _halves(blocks[..., :2])
        case "Q5_0":
            codes = _five_bits(blocks[..., 2:6], blocks[..., 6:])
            codes -= np.uint8(16)  # wraps, which is what int8 means
            return _rows(codes).view(np.int8), _halves(blocks[..., :2])
        case _:  # Q5_1
            return _rows(_five_bits(blocks[..., 4:8], blocks[..., 8:])), _halves(blocks[..., :4], 2)


def from_planes(kind: BlockType, planes: Planes) -> _U8:
    """The inverse of `to_planes` for a lossless type: uint8 (rows, row bytes).

    Codes that do not fit the type's bits (a Q5_0 tensor cannot hold 16) are a caller's mistake: ask `codes_fit` first.
    """
    if kind.weights == 1:
        return np.ascontiguousarray(planes[0]).view(np.uint8)
    codes, scales = planes
    rows, groups = scales.shape[:2]
    out = np.empty((rows, groups, kind.nbytes), np.uint8)
    head = 2 * (scales.ndim - 1)
    out[..., :head] = np.ascontiguousarray(scales).view(np.uint8).reshape(rows, groups, head)
    body = codes.view(np.uint8).reshape(rows, groups, -1)
    if kind.name in ("Q5_0", "Q5_1"):
        q = body + np.uint8(16 if kind.name == "Q5_0" else 0)
        high = np.packbits(q >> 4, axis=-1, bitorder="little")
        out[..., head : head + 4] = high
        out[..., head + 4 :] = (q[..., :16] & 15) | (q[..., 16:] << 4)
    else:
        out[..., head:] = body
    return out.reshape(rows, -1)


def codes_fit(kind: BlockType, codes: NDArray[Any]) -> bool:
    """Whether all `codes` of an 8-bit plane are in the range that `kind` (Q5_0, Q5_1, Q8_0) has."""
    low, high = {"Q5_0": (-16, 15), "Q5_1": (0, 31)}.get(kind.name, (-128, 255))
    return codes.size == 0 or (int(codes.min()) >= low and int(codes.max()) <= high)


def dequantise(kind: BlockType, raw: _U8) -> _F32:
    """Rows of blocks, uint8 (rows, row bytes), as the float32 values that ggml gives them, (rows, width)."""
    k = kind.k_quant
    if k is None:
        assert kind.encoding is not None
        return decode_rows(kind.encoding, to_planes(kind, raw))
    blocks = raw.reshape(raw.shape[0], -1, kind.nbytes)
    scale, offset = k.scales(blocks)
    out = k.codes(blocks).astype(np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        if k.zero:
            out -= k.zero
        out *= scale[..., None]
        if offset is not None:
            out += offset[..., None]
    return out.reshape(raw.shape[0], -1)


def _k_planes(enc: Encoding, k: KQuant, blocks: _U8) -> Planes:
    """Codes exactly, scale and offset rounded to float16."""
    codes = k.codes(blocks)
    scales = _rounded(enc, k, *k.scales(blocks))
    if enc.bits == 4:
        half = enc.group // 2
        codes = codes[..., :half] | (codes[..., half:] << np.uint8(4))
    elif enc.signed:
        np.subtract(codes, np.uint8(k.zero), out=codes)  # wraps, which is what int8 means
    out = codes.reshape(blocks.shape[0], -1)
    return out.view(np.int8) if enc.signed else out, scales


def _rounded(enc: Encoding, k: KQuant, scale: _F32, offset: _F32 | None) -> NDArray[np.float16]:
    """The scales plane. A zero point becomes the offset -zero · scale in an affine encoding, which is exact."""
    with np.errstate(over="ignore", invalid="ignore"):
        half = scale.astype(np.float16)
        if not enc.has_offset:
            return half
        offset = half.astype(np.float32) * np.float32(-k.zero) if offset is None else offset
        return np.stack((half, offset.astype(np.float16)), -1)


def overflows(kind: BlockType, raw: _U8) -> bool:
    """Whether a finite scale or offset of these K-quant rows is beyond float16, so that planes cannot hold them."""
    k, enc = kind.k_quant, kind.encoding
    assert k is not None and enc is not None
    scale, offset = k.scales(raw.reshape(raw.shape[0], -1, kind.nbytes))
    stored = _rounded(enc, k, scale, offset)
    if offset is None:
        offset = scale
    exact = np.stack((scale, offset), -1) if enc.has_offset else scale
    return bool((np.isinf(stored) & np.isfinite(exact)).any())


def _rows(codes: _U8) -> _U8:
    return np.ascontiguousarray(codes).reshape(codes.shape[0], -1)


def _halves(raw: _U8, channels: int = 1) -> NDArray[np.float16]:
    """Bytes (rows, groups, 2 · channels) seen as float16 (rows, groups[, channels])."""
    out = np.ascontiguousarray(raw).view("<f2")
    return out.reshape(out.shape[:2]) if channels == 1 else out


def _float(raw: _U8) -> _F32:
    """Two bytes (rows, blocks, 2) as float16, widened: (rows, blocks, 1)."""
    with np.errstate(invalid="ignore"):
        return np.ascontiguousarray(raw).view("<f2").astype(np.float32)


def _five_bits(high: _U8, low: _U8) -> _U8:
    """Four bytes of fifth bits (bit i of the little-endian word: weight i) and sixteen of nibbles -> 32 codes."""
    out = np.unpackbits(np.ascontiguousarray(high), axis=-1, bitorder="little")
    out <<= 4
    out[..., :16] |= low & 15
    out[..., 16:] |= low >> 4
    return out


def _flat(codes: _U8, group: int) -> _U8:
    """(rows, blocks, ..., group) -> (rows, groups, group)."""
    return codes.reshape(codes.shape[0], -1, group)


def _product(super_scale: _F32, scale: NDArray[Any]) -> _F32:
    """float32 super-scale (rows, blocks, 1) times integer scales (rows, blocks, n) -> (rows, groups)."""
    with np.errstate(invalid="ignore", over="ignore"):
        return (super_scale * scale.astype(np.float32)).reshape(scale.shape[0], -1)


def _shifts(raw: _U8, bits: int, count: int) -> _U8:
    """`count` fields of `bits` bits of each byte, from the lowest: (rows, blocks, n) -> (rows, blocks, count, n)."""
    shift = np.arange(count, dtype=np.uint8)[:, None] * np.uint8(bits)
    out: _U8 = raw[..., None, :] >> shift
    out &= np.uint8((1 << bits) - 1)
    return out


def _q2_codes(b: _U8) -> _U8:
    rows, blocks = b.shape[:2]
    return _flat(_shifts(b[..., 16:80].reshape(rows, blocks * 2, 32), 2, 4), 16)


def _q2_scales(b: _U8) -> tuple[_F32, _F32]:
    scales = b[..., :16]
    return _product(_float(b[..., 80:82]), scales & 15), -_product(_float(b[..., 82:84]), scales >> 4)


def _q3_codes(b: _U8) -> _U8:
    rows, blocks = b.shape[:2]
    codes = _shifts(b[..., 32:96].reshape(rows, blocks * 2, 32), 2, 4).reshape(rows, blocks, 8, 32)
    codes |= _shifts(b[..., :32], 1, 8) << 2
    return _flat(codes, 16)


def _q3_scales(b: _U8) -> tuple[_F32, None]:
    packed = b[..., 96:108]
    low = np.concatenate((packed[..., :8] & 15, packed[..., :8] >> 4), -1)
    high = _shifts(packed[..., 8:], 2, 4).reshape(low.shape)
    return _product(_float(b[..., 108:110]), (low | (high << 4)).view(np.int8) - np.int8(32)), None


def _q4_codes(b: _U8) -> _U8:
    rows, blocks = b.shape[:2]
    return _flat(_shifts(b[..., 16:].reshape(rows, blocks * 4, 32), 4, 2), 32)


def _q4_q5_scales(b: _U8) -> tuple[_F32, _F32]:
    """Eight scales and eight minima of 6 bits in 12 bytes: the last four of each lie in the others' spare bits."""
    first, second, third = b[..., 4:8], b[..., 8:12], b[..., 12:16]
    scale = np.concatenate((first & 63, (third & 15) | ((first >> 6) << 4)), -1)
    minimum = np.concatenate((second & 63, (third >> 4) | ((second >> 6) << 4)), -1)
    return _product(_float(b[..., :2]), scale), -_product(_float(b[..., 2:4]), minimum)


def _q5_codes(b: _U8) -> _U8:
    rows, blocks = b.shape[:2]
    codes = _shifts(b[..., 48:].reshape(rows, blocks * 4, 32), 4, 2).reshape(rows, blocks, 8, 32)
    codes |= _shifts(b[..., 16:48], 1, 8) << 4
    return _flat(codes, 32)


def _q6_codes(b: _U8) -> _U8:
    rows, blocks = b.shape[:2]
    codes = _shifts(b[..., :128].reshape(rows, blocks * 2, 64), 4, 2).reshape(rows, blocks * 2, 4, 32)
    codes |= _shifts(b[..., 128:192].reshape(rows, blocks * 2, 32), 2, 4) << 4
    return _flat(codes, 16)


def _q6_scales(b: _U8) -> tuple[_F32, None]:
    return _product(_float(b[..., 208:210]), np.ascontiguousarray(b[..., 192:208]).view(np.int8)), None


# Bytes of a super-block of 256 weights, in order.
# scales[16] (low nibble: scale, high: minimum), codes[64] of 2 bits, d, dmin; value = d·scale·code - dmin·minimum
_Q2_K: Final = KQuant(_q2_codes, _q2_scales, 3)
# third bits[32] (bit g of byte i: weight i of run g), codes[64] of 2 bits, scales[12] (sixteen of 6 bits, minus 32), d
_Q3_K: Final = KQuant(_q3_codes, _q3_scales, 7, 4)
# d, dmin, scales[12], codes[128]: 64 weights take 32 bytes, first the low nibbles, then the high ones
_Q4_K: Final = KQuant(_q4_codes, _q4_q5_scales, 15)
# d, dmin, scales[12], fifth bits[32] (as the third ones of Q3_K), codes[128] as Q4_K
_Q5_K: Final = KQuant(_q5_codes, _q4_q5_scales, 31)
# nibbles[128], upper bit pairs[64], scales[16] int8, d: 128 weights take 64 and 32 bytes
_Q6_K: Final = KQuant(_q6_codes, _q6_scales, 63, 32)

# Types that are read come with an encoding; the others are known by size, so that a file with them is refused by name.
_TYPES: Final = (
    BlockType("F32", 0, 1, 4, F32),
    BlockType("F16", 1, 1, 2, F16),
    BlockType("Q4_0", 2, 32, 18, Q4_FIXED),
    BlockType("Q4_1", 3, 32, 20, Q4_AFFINE),
    BlockType("Q5_0", 6, 32, 22, Q8_FIXED),
    BlockType("Q5_1", 7, 32, 24, Q8_AFFINE),
    BlockType("Q8_0", 8, 32, 34, Q8_FIXED),
    BlockType("Q2_K", 10, 256, 84, Q4_AFFINE_16, _Q2_K),
    BlockType("Q3_K", 11, 256, 110, Q4_AFFINE_16, _Q3_K),
    BlockType("Q4_K", 12, 256, 144, Q4_AFFINE, _Q4_K),
    BlockType("Q5_K", 13, 256, 176, Q8_AFFINE, _Q5_K),
    BlockType("Q6_K", 14, 256, 210, Q8_FIXED_16, _Q6_K),
    BlockType("IQ2_XXS", 16, 256, 66),
    BlockType("IQ2_XS", 17, 256, 74),
    BlockType("IQ3_XXS", 18, 256, 98),
    BlockType("IQ1_S", 19, 256, 50),
    BlockType("IQ4_NL", 20, 32, 18),
    BlockType("IQ3_S", 21, 256, 110),
    BlockType("IQ2_S", 22, 256, 82),
    BlockType("IQ4_XS", 23, 256, 136),
    BlockType("I8", 24, 1, 1),
    BlockType("I16", 25, 1, 2),
    BlockType("I32", 26, 1, 4),
    BlockType("I64", 27, 1, 8),
    BlockType("F64", 28, 1, 8),
    BlockType("IQ1_M", 29, 256, 56),
    BlockType("BF16", 30, 1, 2, BF16),
    BlockType("TQ1_0", 34, 256, 54),
    BlockType("TQ2_0", 35, 256, 66),
    BlockType("MXFP4", 39, 32, 17),
    BlockType("NVFP4", 40, 64, 36),
)
BY_NUMBER: Final[Mapping[int, BlockType]] = MappingProxyType({t.number: t for t in _TYPES})
BY_NAME: Final[Mapping[str, BlockType]] = MappingProxyType({t.name: t for t in _TYPES})
