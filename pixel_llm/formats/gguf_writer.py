"""Writes GGUF: headers from typed values, and whole files from pieces at known offsets, atomically."""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from pixel_llm.core import durable
from pixel_llm.errors import AlreadyExistsError, IntegrityError, InvalidArgumentError
from pixel_llm.formats.ggml_blocks import BlockType
from pixel_llm.formats.gguf_reader import ARRAY, BOOL, MAGIC, STRING, TensorInfo

VERSION: Final = 3
ALIGNMENT: Final = 32
_UINT32, _INT32, _FLOAT32, _UINT64, _INT64 = 4, 5, 6, 10, 11
_ZEROS: Final = bytes(1 << 20)

Piece = tuple[int, Callable[[], Iterable[bytes | memoryview]]]
"""Where a run of bytes begins in the file, and what gives it."""


def pack_key_value(key: str, value: Any) -> bytes:
    """One metadata entry. Python types choose GGUF's, as llama.cpp expects them.

    bool, str; int -> uint32 (int32 below zero, 64 bits where needed); float -> float32; lists of bool, str, int (int32)
    and float (float32). Anything else raises `InvalidArgumentError` naming the key.
    """
    try:
        kind, data = _pack_list(value) if isinstance(value, (list, tuple)) else _pack(value)
    except (TypeError, struct.error, UnicodeEncodeError, OverflowError, ValueError) as e:
        raise InvalidArgumentError(f"GGUF metadata cannot hold {str(value)[:80]!r}: {e}", part=f"key {key!r}") from e
    return _string(key) + struct.pack("<I", kind) + data


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _pack(value: Any) -> tuple[int, bytes]:
    if isinstance(value, bool):
        return BOOL, struct.pack("<?", value)
    if isinstance(value, str):
        return STRING, _string(value)
    if isinstance(value, int):
        kind = (_INT32 if value >= -(1 << 31) else _INT64) if value < 0 else _UINT32 if value < 1 << 32 else _UINT64
        return kind, struct.pack({_INT32: "<i", _INT64: "<q", _UINT32: "<I", _UINT64: "<Q"}[kind], value)
    if isinstance(value, float):
        return _FLOAT32, struct.pack("<f", value)
    raise TypeError(f"{type(value).__name__} is not a bool, str, int, float or a list of these")


def _pack_list(values: Sequence[Any]) -> tuple[int, bytes]:
    kinds = {type(v) for v in values}
    if len(kinds) != 1:
        raise TypeError("a list needs elements of one type")
    head = struct.Struct("<IQ").pack
    match kinds.pop():
        case cls if cls is str:
            return ARRAY, head(STRING, len(values)) + b"".join(map(_string, values))
        case cls if cls is bool:
            return ARRAY, head(BOOL, len(values)) + bytes(values)
        case cls if cls is int:
            return ARRAY, head(_INT32, len(values)) + np.array(values, "<i4").tobytes()
        case cls if cls is float:
            return ARRAY, head(_FLOAT32, len(values)) + np.array(values, "<f4").tobytes()
        case cls:
            raise TypeError(f"a list of {cls.__name__}")


def pack_header(
    key_values: Sequence[bytes],
    tensors: Sequence[tuple[str, tuple[int, ...], BlockType]],
    *,
    version: int = VERSION,
    alignment: int = ALIGNMENT,
) -> tuple[bytes, list[TensorInfo], int]:
    """The header of a file whose tensors follow each other, (bytes, where the tensors go, the file's size).

    `key_values` are packed entries, `alignment` what they say or GGUF's default; shapes are in NumPy order.
    """
    parts = [MAGIC, struct.pack("<IQQ", version, len(tensors), len(key_values)), *key_values]
    placed: list[tuple[str, tuple[int, ...], BlockType, int, int]] = []
    at = 0
    for name, shape, kind in tensors:
        nbytes = kind.row_bytes(shape[-1]) * int(np.prod(shape[:-1], dtype=np.int64))
        placed.append((name, shape, kind, at, nbytes))
        parts.append(_string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape[::-1], kind.number, at))
        at += -(-nbytes // alignment) * alignment
    header = b"".join(parts)
    base = -(-len(header) // alignment) * alignment
    infos = [TensorInfo(name, shape, kind, base + start, nbytes) for name, shape, kind, start, nbytes in placed]
    return header, infos, base + at


def write_pieces(
    path: str | os.PathLike[str],
    pieces: Iterable[Piece],
    size: int,
    *,
    sha256: str | None = None,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a file of `size` bytes: `pieces` in order of their offsets, zeros between and after them.

    A temporary file beside `path` takes its place when everything is on the disk; on any error nothing is left. Where
    `sha256` is given, a file with another hash raises `IntegrityError` instead of taking the place.
    `AlreadyExistsError` unless `overwrite`; `NotFoundError` (no such folder) and `StorageError` from the disk.
    """
    target = Path(path)
    if not overwrite and os.path.lexists(target):
        raise AlreadyExistsError("exists already", file=target, remedy="choose another name, or allow overwriting")
    if os.path.isdir(target):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
        raise AlreadyExistsError("is a folder", file=target, remedy="choose another name")
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    file = durable.DurableFile.create(temporary)
    try:
        digest = hashlib.sha256() if sha256 is not None else None
        at = 0
        for data in _stream(pieces, size):
            file.write(data, at)
            if digest is not None:
                digest.update(data)
            at += len(data)
            if progress is not None:
                progress(at, size)
        if digest is not None and digest.hexdigest() != sha256:
            raise IntegrityError(
                "the file that was put together again is not the one that was imported",
                file=target,
                remedy="check the model with `pixel-llm verify`",
            )
        file.sync()
        file.close()
        durable.rename(temporary, target, replace=overwrite)
    except BaseException:
        file.close()
        durable.unlink(temporary)
        raise
    durable.sync_directory(target.parent)


def _stream(pieces: Iterable[Piece], size: int) -> Iterator[bytes | memoryview]:
    at = 0
    for offset, produce in pieces:
        yield from _zeros(offset - at)
        at = offset
        for data in produce():
            yield data
            at += len(data)
    yield from _zeros(size - at)


def _zeros(count: int) -> Iterator[bytes]:
    if count < 0:
        raise InvalidArgumentError("pieces of the file overlap or exceed its size")
    while count:
        yield _ZEROS[: min(count, len(_ZEROS))]
        count -= min(count, len(_ZEROS))
