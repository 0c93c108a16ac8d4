"""Strict reader of GGUF headers, versions 2 and 3: key-values and tensor infos, no tensor data.

Follows the GGUF specification (docs/gguf.md of ggml). A file is untrusted: every count and length is checked against
the bytes that are left and against a cap before anything is allocated for it, sums are Python integers, and each
broken rule is a `GGUFFormatError` that names the key or the tensor. Peak memory is bounded by the caps, not by what
the file claims.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from pixel_llm.errors import GGUFFormatError, NotFoundError, StorageError
from pixel_llm.formats.ggml_blocks import BY_NUMBER, BlockType

MAGIC: Final = b"GGUF"
MAX_KEYS: Final = 1 << 16
MAX_TENSORS: Final = 1 << 16
MAX_KEY_BYTES: Final = 65_535  # the specification's
MAX_NAME_BYTES: Final = 64  # the specification's
MAX_ITEMS: Final = 1 << 22  # array elements in the whole file: eight times the largest vocabulary with its merges
MAX_DEPTH: Final = 3  # arrays in arrays
MAX_HEADER_BYTES: Final = 1 << 27
MAX_ALIGNMENT: Final = 1 << 20
_FIRST_READ: Final = 1 << 23  # holds the header of nearly every model; for a longer one, four times as much is read

BOOL, STRING, ARRAY = 7, 8, 9
SCALARS: Final[Mapping[int, str]] = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", BOOL: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyValue:
    """One metadata entry: its value, GGUF value type, and where its bytes lie (key included) in the file."""

    value: Any
    type: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor: `shape` in NumPy order (slowest axis first), `offset` from the file's beginning, `nbytes` of data."""

    name: str
    shape: tuple[int, ...]
    type: BlockType
    offset: int
    nbytes: int


@dataclass(frozen=True, slots=True)
class GGUFHeader:
    """What a GGUF file says before its data. `raw` are the bytes from 0 to the end of the tensor infos."""

    version: int
    alignment: int
    keys: Mapping[str, KeyValue]
    tensors: Mapping[str, TensorInfo]
    raw: bytes
    data_offset: int
    file_size: int

    @property
    def metadata(self) -> dict[str, Any]:
        """Key -> Python value; arrays are lists."""
        return {key: kv.value for key, kv in self.keys.items()}


class _EndOfBuffer(Exception):  # noqa: N818 - not an error: more of the file is needed
    pass


def read_header(path: str | os.PathLike[str]) -> GGUFHeader:
    """The header of the GGUF file at `path`.

    Raises `GGUFFormatError` for a file that is not GGUF or breaks a rule, `NotFoundError`, and `StorageError`.
    """
    try:
        with Path(path).open("rb") as file:
            return read_header_from(file.fileno(), path)
    except StorageError:
        raise
    except FileNotFoundError as e:
        raise NotFoundError("no such file", file=path) from e
    except OSError as e:
        raise StorageError(f"cannot be read: {e.strerror}", file=path) from e


def read_header_from(fd: int, path: str | os.PathLike[str]) -> GGUFHeader:
    """The same from an open file descriptor; `path` is for messages."""
    size = os.fstat(fd).st_size
    length, data = _FIRST_READ, b""
    while True:
        data += pread(fd, len(data), min(size, length) - len(data), path)
        try:
            return _Parser(data, size, path).parse()
        except _EndOfBuffer:
            if length >= MAX_HEADER_BYTES:
                raise GGUFFormatError(
                    f"the header is longer than {MAX_HEADER_BYTES:,} bytes", file=path, remedy="the file may be damaged"
                ) from None
            length = min(length * 4, MAX_HEADER_BYTES)


def pread(fd: int, offset: int, length: int, path: str | os.PathLike[str]) -> bytes:
    """Exactly `length` bytes at `offset`; `StorageError` when the file has become shorter or cannot be read."""
    parts: list[bytes] = []
    while length:
        try:
            part = os.pread(fd, length, offset)
        except OSError as e:
            raise StorageError(f"cannot be read at byte {offset:,}: {e.strerror}", file=path) from e
        if not part:
            raise StorageError(f"became shorter while it was read: nothing at byte {offset:,}", file=path)
        parts.append(part)
        offset += len(part)
        length -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def parse_header(data: bytes, file_size: int | None = None, path: str | os.PathLike[str] | None = None) -> GGUFHeader:
    """Parse `data`, which holds the whole header of a file of `file_size` bytes (by default, that of `data`)."""
    try:
        return _Parser(data, len(data) if file_size is None else file_size, path).parse()
    except _EndOfBuffer:
        raise GGUFFormatError("the header is cut off", file=path) from None


class _Parser:
    def __init__(self, data: bytes, size: int, path: str | os.PathLike[str] | None) -> None:
        self.data, self.size, self.path = data, size, path
        self.pos = 0
        self.items = 0

    def fail(self, message: str, part: str | None = None, remedy: str | None = None) -> GGUFFormatError:
        return GGUFFormatError(message, file=self.path, part=part, remedy=remedy)

    def take(self, length: int, part: str) -> int:
        """Where the next `length` bytes begin; moves on. They are known to be in `data`."""
        start = self.pos
        end = start + length
        if end > len(self.data):
            raise self.short(end, part)
        self.pos = end
        return start

    def short(self, end: int, part: str) -> Exception:
        if end > self.size:
            return self.fail(
                f"the file ends at byte {self.size:,}, needed are {end:,}", part, "the file is damaged or cut off"
            )
        return _EndOfBuffer()

    def u32(self, part: str) -> int:
        return int(struct.unpack_from("<I", self.data, self.take(4, part))[0])

    def u64(self, part: str) -> int:
        return int(struct.unpack_from("<Q", self.data, self.take(8, part))[0])

    def text(self, part: str, cap: int | None = None) -> str:
        length = self.u64(part)
        if cap is not None and length > cap:
            raise self.fail(f"a name of {length:,} bytes, the most is {cap:,}", part)
        start = self.take(length, part)
        try:
            return str(self.data[start : self.pos], "utf-8")
        except UnicodeDecodeError as e:
            raise self.fail(f"a string is not UTF-8 ({e.reason} at byte {start + e.start:,})", part) from e

    def parse(self) -> GGUFHeader:
        if self.data[:4] != MAGIC:
            raise self.fail("is not a GGUF file: it does not begin with 'GGUF'")
        self.pos = 4
        version = self.u32("version")
        if version not in (2, 3):
            if version & 0xFFFF == 0:
                raise self.fail(
                    "is a big-endian GGUF file", "version", "convert it with gguf-py's gguf_convert_endian.py"
                )
            raise self.fail(
                f"GGUF version {version} is not 2 or 3", "version", "convert the model again with a current llama.cpp"
            )
        tensor_count, key_count = self.u64("tensor count"), self.u64("key count")
        if tensor_count > MAX_TENSORS:
            raise self.fail(f"{tensor_count:,} tensors, the most is {MAX_TENSORS:,}", "tensor count")
        if key_count > MAX_KEYS:
            raise self.fail(f"{key_count:,} keys, the most is {MAX_KEYS:,}", "key count")
        keys = self.key_values(key_count)
        alignment = self.alignment(keys)
        infos = [self.tensor(i) for i in range(tensor_count)]
        end = self.pos
        data_offset = -(-end // alignment) * alignment
        tensors: dict[str, TensorInfo] = {}
        for name, shape, kind, offset in infos:
            if name in tensors:
                raise self.fail("the name occurs twice", f"tensor {name!r}")
            tensors[name] = self.placed(name, shape, kind, offset, alignment, data_offset)
        self.overlaps(tensors)
        return GGUFHeader(version, alignment, keys, tensors, self.data[:end], data_offset, self.size)

    def key_values(self, count: int) -> dict[str, KeyValue]:
        keys: dict[str, KeyValue] = {}
        for i in range(count):
            start = self.pos
            key = self.text(f"key {i}", MAX_KEY_BYTES)
            if not key:
                raise self.fail("the key is empty", f"key {i}")
            part = f"key {key!r}"
            if key in keys:
                raise self.fail("the key occurs twice", part)
            kind = self.u32(part)
            value = self.value(kind, part, 0)
            keys[key] = KeyValue(value, kind, start, self.pos)
        return keys

    def value(self, kind: int, part: str, depth: int) -> Any:
        if kind == STRING:
            return self.text(part)
        if kind == ARRAY:
            return self.array(part, depth + 1)
        code = SCALARS.get(kind)
        if code is None:
            raise self.fail(f"unknown value type {kind}", part)
        start = self.take(struct.calcsize(code), part)
        if kind == BOOL and self.data[start] > 1:
            raise self.fail(f"a boolean is {self.data[start]}, not 0 or 1", part)
        return struct.unpack_from(code, self.data, start)[0]

    def array(self, part: str, depth: int) -> list[Any]:
        if depth > MAX_DEPTH:
            raise self.fail(f"arrays are nested deeper than {MAX_DEPTH}", part)
        kind, count = self.u32(part), self.u64(part)
        self.items += count
        if self.items > MAX_ITEMS:
            raise self.fail(f"more than {MAX_ITEMS:,} array elements in the file (this array: {count:,})", part)
        if kind == STRING:
            return self.strings(count, part)
        if kind == ARRAY:
            return [self.array(part, depth + 1) for _ in range(count)]
        code = SCALARS.get(kind)
        if code is None:
            raise self.fail(f"unknown value type {kind} of an array", part)
        dtype = np.dtype(np.uint8 if kind == BOOL else code)
        values = np.frombuffer(self.data, dtype, count, self.take(count * dtype.itemsize, part))
        if kind == BOOL:
            if count and values.max() > 1:
                raise self.fail(f"a boolean is {values.max()}, not 0 or 1", part)
            values = values.view(np.bool_)
        items: list[Any] = values.tolist()
        return items

    def strings(self, count: int, part: str) -> list[str]:
        if self.pos + 8 * count > self.size:
            raise self.short(self.pos + 8 * count, part)
        data, pos, end = self.data, self.pos, len(self.data)
        length_at = struct.Struct("<Q").unpack_from
        out: list[str] = []
        append = out.append
        try:
            for _ in range(count):
                (length,) = length_at(data, pos)
                pos += 8
                stop = pos + length
                if stop > end:
                    raise self.short(stop, part)
                append(data[pos:stop].decode())
                pos = stop
        except struct.error:
            raise self.short(pos + 8, part) from None
        except UnicodeDecodeError as e:
            raise self.fail(f"string {len(out)} is not UTF-8 ({e.reason})", part) from e
        self.pos = pos
        return out

    def alignment(self, keys: Mapping[str, KeyValue]) -> int:
        kv = keys.get("general.alignment")
        if kv is None:
            return 32
        value = kv.value
        if kv.type != 4 or not 1 <= value <= MAX_ALIGNMENT or value & (value - 1):
            raise self.fail(
                f"{value!r} is not a power of two up to {MAX_ALIGNMENT:,} of type uint32", "key 'general.alignment'"
            )
        return int(value)

    def tensor(self, index: int) -> tuple[str, tuple[int, ...], BlockType, int]:
        name = self.text(f"tensor {index}", MAX_NAME_BYTES)
        if not name:
            raise self.fail("the name is empty", f"tensor {index}")
        part = f"tensor {name!r}"
        rank = self.u32(part)
        if not 1 <= rank <= 4:
            raise self.fail(f"{rank} axes, not 1 to 4", part)
        sizes = struct.unpack_from(f"<{rank}Q", self.data, self.take(8 * rank, part))
        number = self.u32(part)
        offset = self.u64(part)
        if 0 in sizes:
            raise self.fail(f"an axis of size 0 in {sizes}", part)
        kind = BY_NUMBER.get(number)
        if kind is None:
            raise self.fail(f"unknown tensor type {number}", part)
        if sizes[0] % kind.weights:
            raise self.fail(f"rows of {sizes[0]:,} weights are not whole {kind.name} blocks of {kind.weights}", part)
        return name, sizes[::-1], kind, offset

    def placed(
        self, name: str, shape: tuple[int, ...], kind: BlockType, offset: int, alignment: int, data_offset: int
    ) -> TensorInfo:
        part = f"tensor {name!r}"
        nbytes = kind.row_bytes(shape[-1])
        for size in shape[:-1]:
            nbytes *= size
        if offset % alignment:
            raise self.fail(f"its offset {offset:,} is not a multiple of the alignment {alignment}", part)
        if data_offset + offset + nbytes > self.size:
            raise self.fail(
                f"its data ends at byte {data_offset + offset + nbytes:,}, the file at {self.size:,}",
                part,
                "the file is damaged or cut off",
            )
        return TensorInfo(name, shape, kind, data_offset + offset, nbytes)

    def overlaps(self, tensors: Mapping[str, TensorInfo]) -> None:
        last: TensorInfo | None = None
        for info in sorted(tensors.values(), key=lambda t: t.offset):
            if last is not None and info.offset < last.offset + last.nbytes:
                raise self.fail(f"its data overlaps that of {last.name!r}", f"tensor {info.name!r}")
            last = info
