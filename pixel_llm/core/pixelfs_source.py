"""What a caller gives to be stored, as blocks of whole image rows and a length that is known in advance."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from pixel_llm.core.pixelfs_sheet import ROW_BYTES
from pixel_llm.errors import InvalidArgumentError

BLOCK = 1024 * ROW_BYTES  # 3 MiB: three bands of the container, and what a write holds at a time
_SPOOL = 8 << 20  # bytes of a stream of unknown length that are kept in memory

Data = bytes | bytearray | memoryview | Iterable[bytes] | BinaryIO


@contextmanager
def source_blocks(data: Data, folder: Path) -> Iterator[tuple[Iterator[bytes | memoryview], int]]:
    """(blocks of 3 MiB, the last one the rest; length in bytes) of a buffer, an iterable of buffers, or a binary file
    from its position on. Raises InvalidArgumentError for anything else."""
    view = _buffer(data)
    if view is not None:
        yield (view[at : at + BLOCK] for at in range(0, len(view), BLOCK)), len(view)
        return
    length = _rest(data)
    if length is not None:
        yield _blocks(data, length), length
        return
    with spool_file(folder) as spool:
        for chunk in _chunks(data):
            spool.write(chunk)
        length = spool.tell()
        spool.seek(0)
        yield _blocks(spool, length), length


def spool_file(folder: Path) -> tempfile.SpooledTemporaryFile[bytes]:
    """A temporary file that holds 8 MiB in memory and goes to `folder`, where that exists, when it grows beyond."""
    return tempfile.SpooledTemporaryFile(_SPOOL, dir=str(folder) if folder.is_dir() else None)


def _buffer(data: Any) -> memoryview | None:
    try:
        view = memoryview(data)
    except (TypeError, ValueError):
        return None
    if not view.c_contiguous:
        raise InvalidArgumentError("data is not contiguous in memory", remedy="copy it first")
    return view.cast("B") if view.nbytes else memoryview(b"")


def _rest(data: Any) -> int | None:
    """Bytes from a seekable binary file's position to its end; None for everything else."""
    if isinstance(data, io.TextIOBase):
        raise InvalidArgumentError("the file is open as text", remedy="open it in binary mode")
    try:
        if not data.seekable():
            return None
        here = data.tell()
        end = data.seek(0, io.SEEK_END)
        data.seek(here)
    except (AttributeError, OSError):
        return None
    return max(0, int(end) - int(here))


def _blocks(file: Any, length: int) -> Iterator[bytes]:
    """`length` bytes of a file, which may have grown since they were counted; fewer where it shrank."""
    while length:
        parts = []
        missing = min(BLOCK, length)
        while missing and (part := file.read(missing)):
            parts.append(part)
            missing -= len(part)
        if not parts:
            return
        block = parts[0] if len(parts) == 1 else b"".join(parts)
        length -= len(block)
        yield block


def _chunks(data: Any) -> Iterator[memoryview]:
    if isinstance(data, str) or not (hasattr(data, "read") or isinstance(data, Iterable)):
        remedy = "give bytes, an iterable of bytes or a binary file"
        raise InvalidArgumentError(f"data is {type(data).__name__}", remedy=remedy)
    for chunk in _reads(data) if hasattr(data, "read") else data:
        view = _buffer(chunk)
        if view is None:
            raise InvalidArgumentError(f"data gave {type(chunk).__name__} where bytes were expected")
        yield view


def _reads(file: Any) -> Iterator[Any]:
    while chunk := file.read(BLOCK):
        yield chunk
