"""The journal of an unfinished atlas: the first level's tiles as they get ready, so that a build outlives a kill.

    J1 head: magic, u32 length, SHA-256, JSON with what the build depends on
    records: u32 mark, i32 x, i32 y, u32 length of the tile, u32 length of the sums, u32 length of the totals,
             SHA-256 of the three, the three

The last record may be torn; it is cut off. The file is the builder's alone and is locked while it works.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from pixel_llm.atlas.blocks import Totals
from pixel_llm.atlas.layout import TILE
from pixel_llm.atlas.statistics import Sums
from pixel_llm.atlas.tile_format import decode_tile, unpack
from pixel_llm.core import durable
from pixel_llm.core.durable import DurableFile
from pixel_llm.core.pxi.locking import open_locked
from pixel_llm.errors import AlreadyExistsError, AtlasFormatError

_MAGIC: Final = b"PXAJ"
_HEAD: Final = struct.Struct("<4sI32s")
_RECORD: Final = struct.Struct("<4siiIII32s")
_SUMS: Final = (
    ("count", "<i8", np.int64),
    ("total", "<f8", np.float64),
    ("squares", "<f8", np.float64),
    ("low", "<f4", np.float32),
    ("high", "<f4", np.float32),
    ("zeros", "<i8", np.int64),
    ("odd", "<i8", np.int64),
)
_BYTES: Final = sum(np.dtype(kind).itemsize for _, kind, _ in _SUMS)  # of one block
_HALF: Final = TILE // 2


@dataclass(frozen=True, slots=True)
class Record:
    """Where a tile's parts lie in the journal."""

    offset: int
    tile: int
    sums: int
    totals: int


def pack_sums(sums: Sums) -> bytes:
    """The arrays one after the other."""
    return b"".join(getattr(sums, name).astype(kind).tobytes() for name, kind, _ in _SUMS)


def unpack_sums(data: bytes, rows: int, columns: int) -> Sums:
    """The reverse of `pack_sums`."""
    arrays: list[Any] = []
    at = 0
    for _, kind, native in _SUMS:
        array = np.frombuffer(data, kind, rows * columns, at).astype(native).reshape(rows, columns)
        arrays.append(array)
        at += rows * columns * np.dtype(kind).itemsize
    return Sums(*arrays)


def _sound(data: bytes, tile: int, sums: int) -> bool:
    """Whether a record's parts are what this program writes: the file may have come with the model."""
    try:
        decode_tile(unpack(data[:tile]))
        totals = json.loads(data[tile + sums :])
        known = all(type(name) is str and (head is None or type(head) is int) for name, head, _ in totals)
        return known and sums == _BYTES * _HALF**2 and all(len(bytes.fromhex(s)) == _BYTES for _, _, s in totals)
    except (AtlasFormatError, ValueError, TypeError, RecursionError):
        return False


class Journal:
    """An open, locked journal; `records` are the tiles that are there. `BusyError` when another builder has it."""

    def __init__(self, path: Path, key: dict[str, Any]) -> None:
        """Open or create it; one that was made under another `key` is emptied."""
        with contextlib.suppress(AlreadyExistsError):
            DurableFile.create(path).close()
        self.path = path
        self._file = open_locked(path)
        self.records: dict[tuple[int, int], Record] = {}
        try:
            self._end = self._load(json.dumps(key, sort_keys=True).encode())
        except BaseException:
            self._file.close()
            raise

    def _load(self, key: bytes) -> int:
        size = self._file.size
        head = _HEAD.pack(_MAGIC, len(key), hashlib.sha256(key).digest()) + key
        if durable.read(self._file.fd, len(head), 0) != head:
            self._file.truncate(0)
            self._file.write(head, 0)
            return len(head)
        at = len(head)
        while at + _RECORD.size <= size:
            mark, x, y, tile, sums, totals, digest = _RECORD.unpack(durable.read(self._file.fd, _RECORD.size, at))
            length = tile + sums + totals
            if mark != _MAGIC or at + _RECORD.size + length > size:
                break
            data = durable.read(self._file.fd, length, at + _RECORD.size)
            if hashlib.sha256(data).digest() != digest or not _sound(data, tile, sums):
                break
            self.records[x, y] = Record(at + _RECORD.size, tile, sums, totals)
            at += _RECORD.size + length
        if at < size:
            self._file.truncate(at)
        return at

    def add(self, x: int, y: int, tile: bytes, quarter: Sums, totals: Totals) -> None:
        """Append a tile: its stored stream, its sums at the next level (128 × 128), what its tensors sum to."""
        names = [[tensor, head, pack_sums(sums).hex()] for (tensor, head), sums in totals.items()]
        parts = (tile, pack_sums(quarter), json.dumps(names).encode())
        data = b"".join(parts)
        lengths = [len(part) for part in parts]
        head = _RECORD.pack(_MAGIC, x, y, *lengths, hashlib.sha256(data).digest())
        self._file.write(head + data, self._end)
        self.records[x, y] = Record(self._end + len(head), *lengths)
        self._end += len(head) + len(data)

    def tile(self, x: int, y: int) -> bytes:
        """The stored stream of a tile."""
        r = self.records[x, y]
        return durable.read(self._file.fd, r.tile, r.offset)

    def quarter(self, x: int, y: int) -> Sums:
        """A tile's sums at the next level, 128 × 128."""
        r = self.records[x, y]
        return unpack_sums(durable.read(self._file.fd, r.sums, r.offset + r.tile), _HALF, _HALF)

    def totals(self, x: int, y: int) -> Iterator[tuple[tuple[str, int | None], Sums]]:
        """What the tensors and heads in a tile sum to."""
        r = self.records[x, y]
        for tensor, head, packed in json.loads(durable.read(self._file.fd, r.totals, r.offset + r.tile + r.sums)):
            yield (tensor, head), unpack_sums(bytes.fromhex(packed), 1, 1)

    def remove(self) -> None:
        """Delete it: the atlas is finished."""
        durable.unlink(self.path)

    def close(self) -> None:
        """Close and unlock it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
