"""One stored tile: its bytes, how they are packed, and the SHA-256 that proves them."""

from __future__ import annotations

import hashlib
import struct
import threading
import zlib
from collections.abc import Callable
from enum import IntEnum, StrEnum
from typing import NamedTuple

import zstandard

from pixel_llm.core.tiles.morton import decode
from pixel_llm.errors import IntegrityError

_HEAD = struct.Struct("<16sBBQ")
_DOMAIN = b"pixel-llm tile\0\1"
_ZSTD_LEVEL = 1  # weights hardly compress, sparse tiles compress at any level
_contexts = threading.local()  # zstd's contexts cost more than a tile, and one thread may use each


class Compression(StrEnum):
    """How new tiles are packed."""

    NONE = "none"
    ZSTD = "zstd"


class Codec(IntEnum):
    """How a stored tile is packed; part of the stores' formats. ZLIB is read and never written."""

    RAW = 0
    ZLIB = 1
    ZSTD = 2


class Record(NamedTuple):
    """A tile as a store holds it. `digest` covers codec, level, code and `data`."""

    codec: int
    digest: bytes
    data: bytes


class DamagedTileError(Exception):
    """Why a record cannot be unpacked; the map makes an IntegrityError of it, which knows the file."""


def damaged(level: int, code: int, error: DamagedTileError, file: str) -> IntegrityError:
    """The error for users."""
    x, y = decode(level, code)
    part = f"tile ({x}, {y}) of level {level}"
    return IntegrityError(str(error), file=file, part=part, remedy="write the whole tile again, or restore the file")


def pack(level: int, code: int, raw: bytes, compression: Compression) -> Record:
    """`raw` as a record; kept raw where zstd does not make it smaller."""
    codec, data = Codec.RAW, raw
    if compression is Compression.ZSTD:
        if not hasattr(_contexts, "packer"):
            _contexts.packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL)
        packed = _contexts.packer.compress(raw)
        if len(packed) < len(raw):
            # A copy: zstd's own stands in a block as large as the worst case, which shrinking leaves in pieces.
            codec, data = Codec.ZSTD, bytes(memoryview(packed))
    return Record(codec, _digest(codec, level, code, data), data)


def unpack(level: int, code: int, record: Record, size: int) -> bytes:
    """The tile's `size` bytes, checked; never inflates beyond them."""
    codec, digest, data = record
    known = isinstance(codec, int) and codec in _UNPACKERS
    if not known or not isinstance(digest, bytes) or not isinstance(data, bytes):
        raise DamagedTileError("its record is malformed")
    if _digest(codec, level, code, data) != digest:
        raise DamagedTileError("its bytes do not match their SHA-256")
    try:
        raw = _UNPACKERS[codec](data, size)
    except (zlib.error, zstandard.ZstdError) as error:
        raise DamagedTileError(f"it cannot be unpacked: {error}") from None
    if len(raw) != size:
        raise DamagedTileError(f"it does not unpack to the {size:,} bytes of a tile")
    return raw


def _inflated(data: bytes, size: int) -> bytes:
    return zlib.decompressobj().decompress(data, size + 1)


def _decompressed(data: bytes, size: int) -> bytes:
    if zstandard.frame_content_size(data) != size:  # what it says is what would be allocated
        return b""
    if not hasattr(_contexts, "unpacker"):
        _contexts.unpacker = zstandard.ZstdDecompressor()
    raw: bytes = _contexts.unpacker.decompress(data, allow_extra_data=False)
    return raw


_UNPACKERS: dict[int, Callable[[bytes, int], bytes]] = {
    Codec.RAW: lambda data, _: data,
    Codec.ZLIB: _inflated,
    Codec.ZSTD: _decompressed,
}


def _digest(codec: int, level: int, code: int, data: bytes) -> bytes:
    state = hashlib.sha256(_HEAD.pack(_DOMAIN, codec, level, code))
    state.update(data)
    return state.digest()
