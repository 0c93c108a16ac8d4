"""Creating a .pxi file: everything goes to a temporary file beside the target, which appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import weakref
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from pixel_llm.core import durable
from pixel_llm.core.durable import DurableFile
from pixel_llm.core.pxi import layout
from pixel_llm.core.pxi.building import Builder, now
from pixel_llm.core.pxi.layout import Page
from pixel_llm.core.pxi.locking import open_locked
from pixel_llm.core.pxi.planes import PlaneWriter
from pixel_llm.errors import AlreadyExistsError, PixelLLMError

if TYPE_CHECKING:
    from pixel_llm.core.pxi.reader import PxiFile


def _discard(file: DurableFile) -> None:
    file.close()
    with contextlib.suppress(PixelLLMError):
        durable.unlink(file.path)


def temporary_path(target: Path) -> Path:
    """A name beside the target that no other process uses: `.pxi-PID-RANDOM.tmp`."""
    return target.parent / f".pxi-{os.getpid()}-{secrets.token_hex(6)}.tmp"


class PxiWriter(Builder):
    """Creates a .pxi file.

    Use it as a context manager: without an exception the block's end calls `finish`; with one (Ctrl-C too) the
    temporary file is removed and the target stays as it was. Temporary files are called `.pxi-PID-RANDOM.tmp` and lie
    beside the target; one whose process is gone was left by a kill and can be removed.

    Raises `AlreadyExistsError` when the target exists and `overwrite` is false, `NotFoundError` when its folder does
    not exist.
    """

    def __init__(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        target = Path(os.path.realpath(path))  # a link stays a link; what it points to is written
        self._overwrite = overwrite
        try:
            if target.is_dir():
                raise AlreadyExistsError("the target is a folder", file=target)
            self._check_target(target)
        except PixelLLMError:
            raise
        except OSError as error:  # a name too long, a folder that may not be entered
            raise durable.storage_error(error, target, "look at the target") from error
        super().__init__(target, DurableFile.create(temporary_path(target)), layout.DATA_OFFSET)
        self._finalizer = weakref.finalize(self, _discard, self._file)
        self._generation = 1
        self._created: str | None = None
        self._label: str | None = None
        self._holds_lock = False  # compact holds the lock of the file that it replaces

    def _check_target(self, target: Path) -> None:
        if not self._overwrite and target.exists():
            raise AlreadyExistsError("the file exists already", file=target, remedy="choose another name or overwrite")

    def continue_from(self, source: PxiFile, locked: DurableFile) -> None:
        """Become the successor of the open file `source`, whose lock the caller holds: same generation, attributes,
        contact sheet and permissions."""
        current = source.snapshots()[-1]
        self._generation, self._created, self._label = current.generation, current.created, current.label
        self.attributes = source.attributes
        self.set_contact_sheet(source.contact_sheet())
        self._holds_lock = True
        os.fchmod(self._file.fd, stat.S_IMODE(os.fstat(locked.fd).st_mode))

    def begin_like(self, page: Page) -> PlaneWriter:
        """Reserve a page of the same name, kind and geometry."""
        p = page
        return self._begin(p.name, p.kind, p.sample, p.width, p.height, p.channels, p.length)

    def finish(self) -> None:
        """Write the index and put the file in its place, durably. `InvalidArgumentError` when a page is unfinished,
        `BusyError` when the file to be overwritten is being updated."""
        self._check_open()
        index, superblock = self._write_tail(self._generation, self._created or now(), self._label, ())
        self._file.write(layout.head(index.ifds_offset, superblock), 0)
        self._file.sync()
        with contextlib.ExitStack() as stack:
            self._check_target(self.path)
            if self._overwrite and not self._holds_lock and self.path.exists():
                old = open_locked(self.path)
                stack.callback(old.close)
            durable.rename(self._file.path, self.path, replace=self._overwrite)
            self._finalizer.detach()
            self._file.close()
            durable.sync_directory(self.path.parent)
        self._shut()

    def abort(self) -> None:
        """Give up: remove the temporary file, leave the target as it was."""
        self._shut()
        self._finalizer()

    def __enter__(self) -> PxiWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._open:
            return
        if kind is None:
            try:
                self.finish()
            except BaseException:
                self.abort()
                raise
        else:
            self.abort()
