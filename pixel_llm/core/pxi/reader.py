"""Reading a .pxi file: one map of the file, zero-copy views, bands checked the first time they are read."""

from __future__ import annotations

import mmap
import os
import stat
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

import numpy as np

from pixel_llm.core import durable
from pixel_llm.core.pxi import layout
from pixel_llm.core.pxi.checking import BandChecker
from pixel_llm.core.pxi.layout import Page
from pixel_llm.core.pxi.loading import Loaded, load
from pixel_llm.core.pxi.verifying import VerifyReport, verify_file
from pixel_llm.errors import InvalidArgumentError, NotFoundError, PxiFormatError, StorageError


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One generation of a file. `created` is UTC, `2026-01-31T12:00:00Z`; `root_hash` is 32 bytes."""

    generation: int
    created: str
    label: str | None
    root_hash: bytes


class PxiFile:
    """A .pxi file, open for reading; safe to use from several threads; a context manager.

    `verify=False` leaves out the bands' check (index and head are always checked). `generation` opens a snapshot.
    Raises `NotFoundError`, `PxiFormatError` (the bytes break a rule of `specs/pxi_format.md`), `IntegrityError` (they
    do not match their SHA-256) and `StorageError`.

    Attributes: `path`, `generation`, `root_hash` (32 bytes), `attributes` (JSON), `pages` (name -> `Page`, file order).
    """

    def __init__(self, path: str | os.PathLike[str], *, verify: bool = True, generation: int | None = None) -> None:
        self.path = Path(path)
        fd = _open(self.path)
        self._closer = weakref.finalize(self, os.close, fd)
        try:
            self._loaded: Loaded = load(fd, self.path, generation)
            try:
                mapped = mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError) as error:  # ValueError: cut off to nothing since
                raise StorageError(f"cannot map the file: {error}", file=self.path) from error
        except BaseException:
            self._closer()
            raise
        self._fd = fd
        self._map: mmap.mmap | None = mapped
        self._bytes: np.ndarray[Any, np.dtype[np.uint8]] | None = np.frombuffer(mapped, np.uint8)
        self._checker = BandChecker(fd, self.path) if verify else None
        index = self._loaded.index
        self.generation = index.generation
        self.root_hash = self._loaded.superblock.root
        self.attributes: dict[str, Any] = index.attributes
        self.pages: Mapping[str, Page] = MappingProxyType(index.pages)

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, verify: bool = True, generation: int | None = None) -> PxiFile:
        """The same as the constructor."""
        return cls(path, verify=verify, generation=generation)

    def array(self, name: str) -> np.ndarray[Any, Any]:
        """A page's pixels: a read-only view of the map, (height, width) or (height, width, channels)."""
        page = self._page(name)
        return self._view(page, 0, page.height)

    def rows(self, name: str, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows start..stop of a page, a view as from `array`; only the bands that they touch are checked."""
        page = self._page(name)
        if not 0 <= start <= stop <= page.height:
            raise InvalidArgumentError(
                f"rows {start} to {stop} are outside 0 to {page.height}", file=self.path, part=name
            )
        return self._view(page, start, stop)

    def read_bytes(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Payload of a "bytes" page from `offset` on; at most `length` bytes, fewer where the payload ends."""
        page = self._page(name)
        if page.kind != "bytes":
            raise InvalidArgumentError(f"the page is of kind {page.kind}, not bytes", file=self.path, part=name)
        if offset < 0 or (length is not None and length < 0):
            raise InvalidArgumentError("offset and length must not be negative", file=self.path, part=name)
        start = min(offset, page.length)
        stop = page.length if length is None else min(start + length, page.length)
        return self._raw(page, start, stop).tobytes()

    def read_raw(self, name: str, offset: int, length: int) -> bytes:
        """Bytes of a page's pixels, read and not mapped, and not checked: for callers that hold a hash of their own.

        Fewer than `length` where the page or the file ends.
        """
        page = self._page(name)
        self._raw_bytes()
        if offset < 0 or length < 0:
            raise InvalidArgumentError("offset and length must not be negative", file=self.path, part=name)
        size = min(length, page.nbytes - offset)
        if size <= 0:
            return b""
        try:
            return durable.read(self._fd, size, page.offset + offset)
        except OSError as error:
            raise durable.storage_error(error, self.path, "read") from error

    def contact_sheet(self) -> np.ndarray[Any, Any]:
        """The picture that image viewers show first: uint8 (height, width, 3), a view as from `array`."""
        sheet = self._loaded.index.contact_sheet
        return self._view(sheet, 0, sheet.height)

    def is_current(self) -> bool:
        """Whether the path still holds this file, and in it the generations that were its newest when it was opened."""
        try:
            there, here = self.path.stat(), os.fstat(self._fd)
            slots = durable.read(self._fd, layout.DATA_OFFSET - layout.BLOCK, layout.BLOCK)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise durable.storage_error(error, self.path, "read") from error
        same = there.st_ino == here.st_ino and there.st_dev == here.st_dev
        return same and slots == self._loaded.head.data[layout.BLOCK :]

    def snapshots(self) -> list[Snapshot]:
        """All generations of the file, oldest first, the newest included."""
        newest = self._loaded.newest
        result = [Snapshot(s.generation, s.created, s.label, s.root) for s in newest.snapshots]
        head = self._loaded.head
        root = next(s.root for s in (head.superblock, head.other) if s and s.generation == newest.generation)
        result.append(Snapshot(newest.generation, newest.created, newest.label, root))
        return result

    def verify(self, *, threads: int | None = None, progress: Callable[[int, int], None] | None = None) -> VerifyReport:
        """Check the whole file, all generations, whatever was checked before: head, indexes, IFDs, band hashes, bands.

        `threads` (default: the machine's cores, at most 8) hash at once; `progress(done_bytes, total_bytes)` is called
        from this thread. Does not stop at the first failure.
        """
        self._raw_bytes()
        if threads is not None and threads < 1:
            raise InvalidArgumentError(f"{threads} threads cannot verify a file")
        return verify_file(self._fd, self.path, self._loaded, threads, progress)

    def release(self) -> None:
        """Give back the memory of what was read; it is mapped again where it is read again. For a pass over a file
        larger than memory, which would otherwise count as this process's until the system needs it."""
        if self._map is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Give up the file. Arrays taken from it stay valid: the map lives as long as the last of them."""
        self._bytes = self._map = None
        self._closer()

    def __enter__(self) -> PxiFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _page(self, name: str) -> Page:
        try:
            return self.pages[name]
        except KeyError:
            raise NotFoundError("the file has no such page", file=self.path, part=name) from None

    def _raw_bytes(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        if self._bytes is None:
            raise InvalidArgumentError("the file is closed", file=self.path)
        return self._bytes

    def _raw(self, page: Page, start: int, stop: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Bytes start..stop of a page, checked."""
        everything = self._raw_bytes()
        end = page.offset + stop
        # Touching the map beyond the file's end kills the process (SIGBUS), so ask for the size each time.
        if end > len(everything) or end > os.fstat(self._fd).st_size:
            raise PxiFormatError("the file is cut off before the end of the page", file=self.path, part=page.name)
        if self._checker is not None:
            self._checker.check(page, start, stop)
        return everything[page.offset + start : end]

    def _view(self, page: Page, start: int, stop: int) -> np.ndarray[Any, Any]:
        size = page.row_bytes
        return self._raw(page, start * size, stop * size).view(page.sample.dtype).reshape(stop - start, *page.shape[1:])


def _open(path: Path) -> int:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a FIFO must not hang the program
    except FileNotFoundError:
        raise NotFoundError("no such file", file=path) from None
    except OSError as error:
        raise durable.storage_error(error, path, "open the file") from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise PxiFormatError("not a regular file", file=path)
    return fd
