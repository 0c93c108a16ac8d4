"""The one seam through which every write, fsync, truncate, rename and unlink of Pixel-LLM's stores goes.

Two reasons to have one: a failure of the operating system becomes one kind of error (`StorageError`) that names the
file, and a test can watch the operations (`watched`), kill the process before or in the middle of any of them, or
record them and build every state that a crash could leave. Source of the model: T. S. Pillai et al., "All File
Systems Are Not Created Equal", OSDI 2014.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pixel_llm.errors import AlreadyExistsError, NotFoundError, StorageError

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Operation:
    """One durable operation, as a watcher sees it, just before it is done.

    `data` and `offset` belong to "write", `size` to "truncate", `target` to "rename". `fd` is the open file of
    "write", "sync" and "truncate", so that a watcher can do a part of the write itself and then kill the process.
    """

    kind: Literal["create", "write", "sync", "truncate", "rename", "unlink", "sync_directory"]
    path: Path
    fd: int = -1
    offset: int = 0
    data: Buffer = b""
    size: int = 0
    target: Path | None = None


_watcher: Callable[[Operation], None] | None = None


@contextmanager
def watched(watcher: Callable[[Operation], None]) -> Iterator[None]:
    """Call `watcher` before every operation of this process while the block runs (for tests; one at a time)."""
    global _watcher
    previous, _watcher = _watcher, watcher
    try:
        yield
    finally:
        _watcher = previous


def _announce(operation: Operation) -> None:
    if _watcher is not None:
        _watcher(operation)


def storage_error(error: OSError, path: Path, doing: str) -> StorageError:
    """The error of our tree for an operating-system error while `doing` something with `path`."""
    remedy = "free some space on that disk" if error.errno in (errno.ENOSPC, errno.EDQUOT) else None
    return StorageError(f"cannot {doing}: {error.strerror or error}", file=path, remedy=remedy)


class DurableFile:
    """A file open for positioned reads and writes. Every method raises `StorageError` when the system refuses."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self.fd = fd

    @classmethod
    def create(cls, path: Path) -> DurableFile:
        """A new empty file; `AlreadyExistsError` when the path is taken."""
        _announce(Operation("create", path))
        try:
            return cls(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            raise AlreadyExistsError("the file exists already", file=path) from None
        except FileNotFoundError:
            raise NotFoundError("the folder does not exist", file=path.parent, remedy="create it first") from None
        except OSError as error:
            raise storage_error(error, path, "create the file") from error

    @classmethod
    def open(cls, path: Path) -> DurableFile:
        """An existing file, for reading and writing; `NotFoundError` when there is none."""
        try:
            return cls(path, os.open(path, os.O_RDWR | os.O_NONBLOCK))
        except FileNotFoundError:
            raise NotFoundError("no such file", file=path) from None
        except OSError as error:
            raise storage_error(error, path, "open the file for writing") from error

    @property
    def size(self) -> int:
        return os.fstat(self.fd).st_size

    def write(self, data: Buffer, offset: int) -> None:
        """Write all of `data` (any contiguous buffer of bytes) at `offset`."""
        _announce(Operation("write", self.path, self.fd, offset=offset, data=data))
        view = memoryview(data)
        try:
            while len(view):
                done = os.pwrite(self.fd, view, offset)
                view, offset = view[done:], offset + done
        except OSError as error:
            raise storage_error(error, self.path, "write") from error

    def sync(self) -> None:
        """Wait until everything written so far is on the disk."""
        _announce(Operation("sync", self.path, self.fd))
        _flush(self.fd, self.path)

    def truncate(self, size: int) -> None:
        _announce(Operation("truncate", self.path, self.fd, size=size))
        try:
            os.ftruncate(self.fd, size)
        except OSError as error:
            raise storage_error(error, self.path, "set the file's size") from error

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def _flush(fd: int, path: Path) -> None:
    full = getattr(fcntl, "F_FULLFSYNC", None)  # macOS: fsync alone leaves the data in the drive's cache
    try:
        if full is None:
            os.fsync(fd)
        else:
            fcntl.fcntl(fd, full)
    except OSError as error:
        raise storage_error(error, path, "flush to the disk") from error


def rename(source: Path, target: Path, *, replace: bool = True) -> None:
    """Put `source` in `target`'s place in one step; `sync_directory` makes it durable.

    `replace=False`: `AlreadyExistsError` when the target is taken, also by a process that was faster by a moment.
    """
    _announce(Operation("rename", source, target=target))
    try:
        if not replace:
            try:
                target.hardlink_to(source)  # unlike a rename, a link never replaces
            except FileExistsError:
                raise AlreadyExistsError("the file exists already", file=target) from None
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):  # a file system without links
                    raise
            else:
                source.unlink()
                return
        source.replace(target)
    except OSError as error:
        raise storage_error(error, target, "put the finished file in its place") from error


def unlink(path: Path) -> None:
    """Remove a file; one that is gone already is no error."""
    _announce(Operation("unlink", path))
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(error, path, "remove the file") from error


def sync_directory(folder: Path) -> None:
    """Make the renames and removals in `folder` durable."""
    _announce(Operation("sync_directory", folder))
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise storage_error(error, folder, "open the folder") from error
    try:
        _flush(fd, folder)
    finally:
        os.close(fd)


def read(fd: int, size: int, offset: int) -> bytes:
    """Up to `size` bytes at `offset`; fewer only where the file ends. Raises `OSError`."""
    data = os.pread(fd, size, offset)
    if len(data) == size or not data:
        return data
    parts, done = [data], len(data)
    while done < size:
        data = os.pread(fd, size - done, offset + done)
        if not data:
            break
        parts.append(data)
        done += len(data)
    return b"".join(parts)
