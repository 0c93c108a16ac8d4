"""Opening: from the first 12 KiB to a checked index."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from pixel_llm.core import durable
from pixel_llm.core.pxi import layout
from pixel_llm.core.pxi.hashing import index_root
from pixel_llm.core.pxi.index import Index, extent_fault, parse_index
from pixel_llm.core.pxi.layout import BLOCK, SLOT_OFFSETS, Superblock
from pixel_llm.errors import IntegrityError, NotFoundError, PxiFormatError, StorageError

_EMPTY = bytes(BLOCK)
_TIFF_MAGICS = (b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b")
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Head:
    """What the first 12 KiB say: the newest valid superblock, the other slot, and the TIFF chain's first IFD."""

    data: bytes
    superblock: Superblock
    other: Superblock | None
    other_damaged: bool
    first_ifd: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """A generation that was opened. `newest` and its superblock are the file's newest generation."""

    head: Head
    newest: Index
    index: Index
    superblock: Superblock


def read_head(fd: int, path: Path) -> Head:
    """The head of the file, checked. `PxiFormatError` when the file is something else or cut off, `IntegrityError` when
    no superblock is whole."""
    try:
        data = durable.read(fd, layout.DATA_OFFSET, 0)
    except OSError as error:
        raise durable.storage_error(error, path, "read") from error
    if not data:
        raise PxiFormatError("the file is empty", file=path)
    if not data.startswith(layout.TIFF_HEADER) or data[16:20] != layout.MAGIC:
        if data.startswith(_TIFF_MAGICS) and len(data) >= 20:
            raise PxiFormatError("a TIFF file without the mark PXI1: not a .pxi container", file=path)
        raise PxiFormatError("not a .pxi container", file=path)
    if len(data) < layout.DATA_OFFSET:
        raise PxiFormatError("the file is cut off inside its head", file=path, remedy="fetch it again")
    first_ifd, version = struct.unpack_from("<Q4xI", data, layout.POINTER_OFFSET)
    if version != layout.VERSION:
        raise PxiFormatError(
            f"version {version} of the format; this program knows {layout.VERSION}",
            file=path,
            remedy="use a newer version of Pixel-LLM",
        )
    slots = [_slot(data[start : start + BLOCK], number, path) for number, start in enumerate(SLOT_OFFSETS)]
    valid = sorted((s for s in slots if s is not None), key=lambda s: s.generation)
    if not valid:
        raise IntegrityError("both superblocks are damaged", file=path, remedy="restore the file from a copy")
    if len(valid) == 2 and valid[1].generation - valid[0].generation != 1:
        raise PxiFormatError(
            f"the superblocks hold generations {valid[0].generation} and {valid[1].generation}, not neighbours",
            file=path,
        )
    newest = valid[-1]
    start = SLOT_OFFSETS[1 - newest.slot]
    damaged = len(valid) == 1 and data[start : start + BLOCK] != _EMPTY
    return Head(data, newest, valid[0] if len(valid) == 2 else None, damaged, first_ifd)


def _slot(block: bytes, number: int, path: Path) -> Superblock | None:
    """A slot's superblock, None where magic or CRC do not hold. A whole one that breaks a rule is an error."""
    unpacked = layout.unpack_superblock(block)
    if unpacked is None:
        return None
    version, superblock = unpacked
    part = f"superblock {number}"
    if version != layout.VERSION:
        raise PxiFormatError(f"version {version} is not {layout.VERSION}", file=path, part=part)
    if not 1 <= superblock.generation <= layout.MAX_INT or superblock.slot != number:
        raise PxiFormatError(f"generation {superblock.generation} does not belong here", file=path, part=part)
    fault = extent_fault(superblock.index_offset, superblock.index_length)
    if fault is not None:
        raise PxiFormatError(fault, file=path, part=part)
    return superblock


def read_index(fd: int, path: Path, superblock: Superblock) -> Index:
    """The index of a generation, checked against its hash and by itself."""
    part = f"index of generation {superblock.generation}"
    try:
        data = durable.read(fd, superblock.index_length, superblock.index_offset)
    except OSError as error:
        raise durable.storage_error(error, path, "read") from error
    if len(data) < superblock.index_length:
        raise PxiFormatError("the file is cut off before the end of its index", file=path, part=part)
    if index_root(data) != superblock.root:
        raise IntegrityError(
            "its SHA-256 does not match", file=path, part=part, remedy="restore the file, or open an earlier generation"
        )
    index = parse_index(data, superblock.index_offset, path)
    if index.generation != superblock.generation:
        raise PxiFormatError(f"says that it is generation {index.generation}", file=path, part=part)
    return index


def load(fd: int, path: Path, generation: int | None = None) -> Loaded:
    """Load the newest generation, or the given one.

    A commit by another process between our reads can make them disagree; the head is then read again.
    """
    for attempt in range(_ATTEMPTS):
        head = read_head(fd, path)
        try:
            return _load(fd, path, head, generation)
        except (IntegrityError, PxiFormatError):
            if attempt == _ATTEMPTS - 1 or read_head(fd, path).data == head.data:
                raise
    raise StorageError("the file keeps changing", file=path)  # pragma: no cover - the loop returns or raises


def _load(fd: int, path: Path, head: Head, generation: int | None) -> Loaded:
    if generation is not None:
        return _load_given(fd, path, head, generation)
    index = read_index(fd, path, head.superblock)
    # A slot that is not whole may be a commit that a crash cut off: then the chain's pointer, which is written last,
    # is still ours or older. A pointer beyond says that a newer generation was committed and is now damaged.
    if head.other is None and head.first_ifd > index.ifds_offset:
        raise IntegrityError(
            f"the superblock of a generation newer than {index.generation} is damaged",
            file=path,
            remedy=f"restore the file, or open generation {index.generation} by its number",
        )
    return Loaded(head, index, index, head.superblock)


def _load_given(fd: int, path: Path, head: Head, generation: int) -> Loaded:
    """A generation that the caller named: reached through either superblock, whatever damage the other one has."""
    damage: Exception | None = None
    for start in (head.superblock, head.other):
        if start is None or generation > start.generation:
            continue
        try:
            newest = read_index(fd, path, start)
        except (IntegrityError, PxiFormatError) as error:
            damage = damage or error
            continue
        if generation == newest.generation:
            return Loaded(head, newest, newest, start)
        for record in newest.snapshots:
            if record.generation == generation:
                superblock = Superblock(record.generation, record.offset, record.length, record.root)
                return Loaded(head, newest, read_index(fd, path, superblock), superblock)
    if damage is not None:
        raise damage
    raise NotFoundError(f"no generation {generation}; the newest is {head.superblock.generation}", file=path)
