"""SHA-256 Merkle tree of a .pxi file: band -> page -> index -> root.

Each level has its own 64-byte prefix (one SHA-256 block), so that a value of one level is never one of another: a band
that looks like a page's table of hashes does not hash to that page's root.
"""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import TYPE_CHECKING

from pixel_llm.core.pxi.layout import BAND, HASH, KINDS, SampleType

if TYPE_CHECKING:
    from hashlib import _Hash

_BAND = b"PXI1 band".ljust(64, b"\0")
_PAGE = b"PXI1 page".ljust(64, b"\0")
_INDEX = b"PXI1 index".ljust(64, b"\0")
_IFDS = b"PXI1 ifds".ljust(64, b"\0")
_GEOMETRY = struct.Struct("<BBIIIQQ")
_SAMPLE_CODES = {sample: code for code, sample in enumerate(SampleType)}


def band_hasher() -> _Hash:
    """A hash that is ready to take one band's bytes in pieces."""
    return hashlib.sha256(_BAND)


def band_hash(data: bytes | memoryview) -> bytes:
    """Hash of one band (1 MiB of a page's bytes, the last band the rest)."""
    hasher = hashlib.sha256(_BAND)
    hasher.update(data)
    return hasher.digest()


@lru_cache(maxsize=8)
def zero_band_hash(size: int) -> bytes:
    """Hash of a band of `size` zero bytes."""
    return band_hash(bytes(size))


def page_root(
    kind: str, sample: SampleType, width: int, height: int, channels: int, length: int, table: bytes
) -> bytes:
    """A page's root: its geometry and its band hashes, 32 bytes each, in order."""
    geometry = _GEOMETRY.pack(
        KINDS.index(kind), _SAMPLE_CODES[sample], width, height, channels, length, len(table) // HASH
    )
    return hashlib.sha256(_PAGE + geometry + table).digest()


def index_root(data: bytes) -> bytes:
    """The file's root hash: of the index, with its padding."""
    return hashlib.sha256(_INDEX + data).digest()


def ifds_hash(data: bytes) -> bytes:
    """Hash of a generation's block of IFDs."""
    return hashlib.sha256(_IFDS + data).digest()


def band_extent(nbytes: int, band: int) -> tuple[int, int]:
    """(start, size) of a band inside its page."""
    start = band * BAND
    return start, min(BAND, nbytes - start)
