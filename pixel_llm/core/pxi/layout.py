"""Fixed positions, caps and geometry of a .pxi file: what `specs/pxi_format.md` states as numbers."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

VERSION = 1
MAGIC = b"PXI1"
SUPERBLOCK_MAGIC = b"PXSB"
TIFF_HEADER = b"II\x2b\x00\x08\x00\x00\x00"
POINTER_OFFSET = 8  # first-IFD pointer of the BigTIFF header
GHOST_OFFSET = 16
BLOCK = 4096
SLOT_OFFSETS = (BLOCK, 2 * BLOCK)
DATA_OFFSET = 3 * BLOCK

BAND = 1 << 20
HASH = 32
ALIGN_SMALL = 64
ALIGN_LARGE = 4096
LARGE = 100 * ALIGN_LARGE  # from here on up to 4095 bytes of padding are under 1 % of the page
BYTES_WIDTH = 1024
BYTES_ROW = BYTES_WIDTH * 3
INDEX_WIDTH = 1024

MAX_INT = (1 << 53) - 1  # every integer of the index is exact in a double, so that any JSON reader gets it right
MAX_SIDE = (1 << 31) - 1
MAX_CHANNELS = 4
MAX_PAGES = 65_000  # TIFF readers with 16-bit directory numbers still reach every page
MAX_SNAPSHOTS = 4096
MAX_INDEX = 32 << 20
MAX_STRUCTURE = 1 << 21  # brackets and commas of the index: bounds the memory that parsing takes
MAX_NAME = 512
MAX_LABEL = 512
MAX_NESTING = 64

_SUPERBLOCK = struct.Struct("<4sIQQQ32s")


class SampleType(StrEnum):
    """What one channel of one pixel is."""

    UINT8 = "uint8"
    INT8 = "int8"
    UINT16 = "uint16"
    FLOAT16 = "float16"
    FLOAT32 = "float32"

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The NumPy type, little-endian."""
        return _DTYPES[self]

    @property
    def size(self) -> int:
        """Bytes of one sample."""
        return _SIZES[self]


_DTYPES: dict[SampleType, np.dtype[np.generic]] = {s: np.dtype(s.value).newbyteorder("<") for s in SampleType}
_SIZES: dict[SampleType, int] = {s: _DTYPES[s].itemsize for s in SampleType}
SAMPLES: dict[str, SampleType] = {s.value: s for s in SampleType}
KINDS = ("plane", "rgb", "bytes")


def sample_of(dtype: np.dtype[np.generic]) -> SampleType | None:
    """The sample type that holds a NumPy type, or None."""
    for sample, known in _DTYPES.items():
        if dtype == known:
            return sample
    return None


@dataclass(frozen=True, slots=True)
class Page:
    """One page (a TIFF image) of a container.

    `kind` is "plane" (any samples), "rgb" (uint8, 3 channels, a picture) or "bytes" (uint8, 3 channels, 1024 wide; its
    first `length` bytes are the payload). `offset` and `nbytes` locate the pixels in the file; `length` is the payload
    in bytes and equals `nbytes` for the other kinds. `root` is the page's Merkle root, `hashes_offset` the position
    of its band hashes.
    """

    name: str
    kind: str
    sample: SampleType
    width: int
    height: int
    channels: int
    offset: int
    nbytes: int
    length: int
    root: bytes
    hashes_offset: int

    @property
    def bands(self) -> int:
        return -(-self.nbytes // BAND)

    @property
    def row_bytes(self) -> int:
        return self.width * self.channels * self.sample.size

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array: (height, width), or (height, width, channels) when there are several channels."""
        if self.channels == 1:
            return (self.height, self.width)
        return (self.height, self.width, self.channels)


def align(offset: int, to: int) -> int:
    """`offset` rounded up to a multiple of `to`."""
    return -(-offset // to) * to


def alignment(nbytes: int) -> int:
    """The boundary that a page of `nbytes` starts on."""
    return ALIGN_LARGE if nbytes >= LARGE else ALIGN_SMALL


def bytes_height(length: int) -> int:
    """Rows of the "bytes" page that holds `length` bytes (at least one: TIFF has no empty image)."""
    return max(1, -(-length // BYTES_ROW))


def geometry_fault(kind: str, sample: SampleType, width: int, height: int, channels: int, length: int) -> str | None:
    """What is wrong with a page's geometry, or None."""
    if not 1 <= width <= MAX_SIDE or not 1 <= height <= MAX_SIDE:
        return f"{width}x{height} pixels are outside 1..{MAX_SIDE} a side"
    if not 1 <= channels <= MAX_CHANNELS:
        return f"{channels} channels are outside 1..{MAX_CHANNELS}"
    nbytes = width * height * channels * sample.size
    if nbytes > MAX_INT:
        return f"{nbytes} bytes are more than {MAX_INT}"
    if kind == "plane":
        pass
    elif kind not in KINDS:
        return f"the kind {kind!r} is none of {', '.join(KINDS)}"
    elif sample is not SampleType.UINT8 or channels != 3:
        return f"a page of kind {kind} must be uint8 with 3 channels"
    elif kind == "bytes":
        if width != BYTES_WIDTH or height != bytes_height(length):
            return f"{length} bytes take {BYTES_WIDTH}x{bytes_height(length)} pixels, not {width}x{height}"
        return None
    if length != nbytes:
        return f"the length {length} is not the {nbytes} bytes of the pixels"
    return None


def name_fault(name: str) -> str | None:
    """What is wrong with a page's name, or None."""
    if not name:
        return "a page's name is empty"
    if len(name) > MAX_NAME:
        return f"a page's name is longer than {MAX_NAME} bytes"
    if name.isascii():
        return None if name.isprintable() else "a page's name has control characters"
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name):
        return "a page's name has control characters"
    if len(name.encode()) > MAX_NAME:
        return f"a page's name is longer than {MAX_NAME} bytes"
    return None


@dataclass(frozen=True, slots=True)
class Superblock:
    """Where a generation's index lies, and its root hash."""

    generation: int
    index_offset: int
    index_length: int
    root: bytes

    @property
    def end(self) -> int:
        """End of everything that this generation and the ones before it use."""
        return self.index_offset + self.index_length

    @property
    def slot(self) -> int:
        """The slot that this generation is written to."""
        return self.generation % 2

    def pack(self) -> bytes:
        """The 4 KiB block: fields, CRC-32, zeros."""
        fields = _SUPERBLOCK.pack(
            SUPERBLOCK_MAGIC, VERSION, self.generation, self.index_offset, self.index_length, self.root
        )
        return (fields + struct.pack("<I", zlib.crc32(fields))).ljust(BLOCK, b"\0")


def unpack_superblock(block: bytes) -> tuple[int, Superblock] | None:
    """(profile version, superblock) of a slot, or None where magic or CRC do not hold: never written, torn, damaged."""
    size = _SUPERBLOCK.size
    magic, version, generation, offset, length, root = _SUPERBLOCK.unpack_from(block)
    (crc,) = struct.unpack_from("<I", block, size)
    if magic != SUPERBLOCK_MAGIC or crc != zlib.crc32(block[:size]):
        return None
    return version, Superblock(generation, offset, length, root)


def head(first_ifd: int, superblock: Superblock) -> bytes:
    """The first 12 KiB of a new file whose only generation is `superblock`."""
    blocks = [b"\0" * BLOCK, b"\0" * BLOCK]
    blocks[superblock.slot] = superblock.pack()
    ghost = TIFF_HEADER + struct.pack("<Q", first_ifd) + MAGIC + struct.pack("<I", VERSION)
    return ghost.ljust(BLOCK, b"\0") + blocks[0] + blocks[1]
