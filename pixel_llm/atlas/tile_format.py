"""The bytes of a tile, the same in the atlas file and over HTTP (`docs/atlas.md`).

    PXT1 | u8 level | u8 planes | u16 side | planes × (u8 type, 3 zero bytes, float32 scale) | the planes, row by row

Type 0 is float32. Type 1 is float16 times the plane's scale, a power of two; all low bytes come before all high bytes,
which compresses better. Type 2 is a share of 254ths, 255 where there is no weight. Little-endian.

float16 spans 40 octaves. Where a tile's largest weight is beyond 24 octaves above its median block, as a broken weight
may be, its planes are float32 instead, so that the rest of the tile is not lost.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.atlas.layout import MAX_LEVEL, TILE
from pixel_llm.atlas.statistics import STATISTICS, Sums
from pixel_llm.errors import AtlasFormatError

MAGIC: Final = b"PXT1"
MAX_BYTES: Final = 12 + 8 * len(STATISTICS) + len(STATISTICS) * TILE * TILE * 4
_HEAD: Final = struct.Struct("<4sBBH")
_PLANE: Final = struct.Struct("<B3xf")
_SPAN: Final = 2.0**24
_AREA: Final = TILE * TILE
_FLOAT32, _FLOAT16, _SHARE = 0, 1, 2
_BYTES: Final = {_FLOAT32: 4, _FLOAT16: 2, _SHARE: 1}


def encode_values(values: NDArray[np.float32]) -> bytes:
    """A tile of level 0: one plane of weights, NaN where there is none."""
    return _HEAD.pack(MAGIC, 0, 1, TILE) + _PLANE.pack(_FLOAT32, 1.0) + values.astype("<f4").tobytes()


def encode_sums(level: int, sums: Sums) -> bytes:
    """A tile of a level above 0: `STATISTICS` of 256 × 256 blocks. Minima round down, maxima up: they still bound."""
    statistics = sums.statistics()
    wide = _wide(statistics)
    heads, planes = [], []
    for name in STATISTICS:
        if name in ("zeros", "nonfinite"):
            heads.append(_PLANE.pack(_SHARE, 1 / 254))
            planes.append(_shares(statistics[name]).tobytes())
        elif wide:
            heads.append(_PLANE.pack(_FLOAT32, 1.0))
            planes.append(statistics[name].astype("<f4").tobytes())
        else:
            half, scale = _halves(statistics[name], {"min": -1, "max": 1}.get(name, 0))
            heads.append(_PLANE.pack(_FLOAT16, scale))
            planes += [half.astype(np.uint8).tobytes(), (half >> 8).astype(np.uint8).tobytes()]
    return _HEAD.pack(MAGIC, level, len(STATISTICS), TILE) + b"".join(heads + planes)


def _wide(statistics: Mapping[str, NDArray[np.float64]]) -> bool:
    """Whether float16 would lose most blocks beside the largest weight."""
    rms = statistics["rms"]
    known = rms[rms > 0]
    if not known.size:
        return False
    largest = max(-float(np.nanmin(statistics["min"])), float(np.nanmax(statistics["max"])))
    return largest > _SPAN * float(np.median(known))


def _halves(values: NDArray[np.float64], direction: int) -> tuple[NDArray[np.uint16], float]:
    """float16 bits and their scale; `direction` -1 never above the value, 1 never below, 0 nearest."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    exponent = max(-126, int(np.frexp(largest)[1]) - 15) if largest else 0
    scaled = np.ldexp(values, -exponent)
    with np.errstate(invalid="ignore", under="ignore"):
        half = scaled.astype(np.float16)
        if direction:
            beyond = half > scaled if direction < 0 else half < scaled
            half = np.where(beyond, np.nextafter(half, np.float16(direction * np.inf)), half)
    return half.view(np.uint16), float(2.0**exponent)


def _shares(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """254ths; only a share of exactly 0 or 1 is coded as that."""
    with np.errstate(invalid="ignore"):
        code = np.clip(np.rint(values * 254), 1, 253)
    code = np.where(values == 0, 0, np.where(values == 1, 254, code))
    return np.where(np.isnan(values), 255, code).astype(np.uint8)


def decode_tile(data: bytes, *, file: object = None, part: str | None = None) -> tuple[int, list[NDArray[np.float32]]]:
    """Level and planes (256, 256) float32 of a tile's bytes. `AtlasFormatError` where they break the format."""

    def need(ok: bool, message: str) -> None:
        if not ok:
            raise AtlasFormatError(message, file=None if file is None else str(file), part=part)

    need(len(data) >= _HEAD.size, "a tile is cut off")
    magic, level, count, side = _HEAD.unpack_from(data)
    need(magic == MAGIC, "is not a tile")
    need(side == TILE and level <= MAX_LEVEL, f"a tile of side {side}, level {level}")
    need(count == (len(STATISTICS) if level else 1), f"{count} planes at level {level}")
    at = _HEAD.size + count * _PLANE.size
    need(len(data) >= at, "a tile is cut off")
    planes = []
    for i in range(count):
        kind, scale = _PLANE.unpack_from(data, _HEAD.size + i * _PLANE.size)
        need(kind in _BYTES and np.isfinite(scale), f"plane {i} is of type {kind}, scale {scale}")
        size = _BYTES[kind] * _AREA
        need(len(data) >= at + size, "a tile is cut off")
        planes.append(_plane(kind, scale, np.frombuffer(data, np.uint8, size, at)).reshape(TILE, TILE))
        at += size
    need(len(data) == at, "bytes follow a tile")
    return level, planes


def _plane(kind: int, scale: float, raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    if kind == _FLOAT32:
        return raw.view("<f4").astype(np.float32)
    if kind == _FLOAT16:
        half = raw[:_AREA].astype(np.uint16) | raw[_AREA:].astype(np.uint16) << 8
        with np.errstate(over="ignore"):  # a bound just beyond float32 is infinite
            return half.view(np.float16).astype(np.float32) * np.float32(scale)
    out: NDArray[Any] = np.where(raw == 255, np.float32(np.nan), raw / np.float32(254))
    return out


def pack(tile: bytes, effort: int = 4) -> bytes:
    """A tile as a zlib stream (RFC 1950): what the atlas stores, and what HTTP calls deflate."""
    return zlib.compress(tile, effort)


def unpack(data: bytes, *, file: object = None, part: str | None = None) -> bytes:
    """The reverse of `pack`, for bytes that nobody trusts: never more than the largest tile. `AtlasFormatError`."""
    stream = zlib.decompressobj()
    try:
        out = stream.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise AtlasFormatError(
            f"a tile is not a zlib stream ({error})", file=None if file is None else str(file), part=part
        ) from None
    if len(out) > MAX_BYTES or not stream.eof or stream.unused_data:
        raise AtlasFormatError("a tile is not one zlib stream", file=None if file is None else str(file), part=part)
    return out
