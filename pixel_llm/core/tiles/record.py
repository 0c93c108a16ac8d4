"""One stored tile: its bytes, how they are packed, and the SHA-256 that proves them."""

from __future__ import annotations

import hashlib
import struct
import zlib
from enum import IntEnum, StrEnum
from typing import NamedTuple

_HEAD = struct.Struct("<16sBBQ")
_DOMAIN = b"pixel-llm tile\0\1"
_ZLIB_LEVEL = 1  # weights hardly compress, sparse tiles compress at any level


class Compression(StrEnum):
    """How new tiles are packed."""

    NONE = "none"
    ZLIB = "zlib"


class Codec(IntEnum):
    """How a stored tile is packed; part of the database's format."""

    RAW = 0
    ZLIB = 1


class Record(NamedTuple):
    """A tile as a store holds it. `digest` covers codec, level, code and `data`."""

    codec: int
    digest: bytes
    data: bytes


class DamagedTileError(Exception):
    """Why a record cannot be unpacked; the map makes an IntegrityError of it, which knows the file."""


def pack(level: int, code: int, raw: bytes, compression: Compression) -> Record:
    """`raw` as a record; kept raw where zlib does not make it smaller."""
    codec, data = Codec.RAW, raw
    if compression is Compression.ZLIB:
        packed = zlib.compress(raw, _ZLIB_LEVEL)
        if len(packed) < len(raw):
            codec, data = Codec.ZLIB, packed
    return Record(codec, _digest(codec, level, code, data), data)


def unpack(level: int, code: int, record: Record, size: int) -> bytes:
    """The tile's `size` bytes, checked; never inflates beyond them."""
    codec, digest, data = record
    known = isinstance(codec, int) and codec in (Codec.RAW, Codec.ZLIB)
    if not known or not isinstance(digest, bytes) or not isinstance(data, bytes):
        raise DamagedTileError("its record is malformed")
    if _digest(codec, level, code, data) != digest:
        raise DamagedTileError("its bytes do not match their SHA-256")
    raw = data
    if codec == Codec.ZLIB:
        try:
            raw = zlib.decompressobj().decompress(data, size + 1)
        except zlib.error as error:
            raise DamagedTileError(f"it cannot be unpacked: {error}") from None
    if len(raw) != size:
        raise DamagedTileError(f"it does not unpack to the {size:,} bytes of a tile")
    return raw


def _digest(codec: int, level: int, code: int, data: bytes) -> bytes:
    state = hashlib.sha256(_HEAD.pack(_DOMAIN, codec, level, code))
    state.update(data)
    return state.digest()
