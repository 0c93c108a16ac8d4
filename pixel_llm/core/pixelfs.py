"""PixelFS: a store of bytes as pixels, over a folder of `.pxi` files.

Any bytes become one RGB8 page, 1024 pixels wide: 3,600 bytes are 1,200 pixels in an image of 1024 x 2. A double click
on a stored file shows its bytes as a picture, and the container's hash tree tells every changed byte.

    python3 pixel_llm/core/pixelfs.py demo
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

if __name__ == "__main__":  # as a script: find the package though it be not installed, and shadow no module
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from pixel_llm.core import durable
from pixel_llm.core.pixelfs_paths import stored_file, stored_paths
from pixel_llm.core.pixelfs_reader import StoredReader
from pixel_llm.core.pixelfs_sheet import SheetBuilder
from pixel_llm.core.pixelfs_source import Data, source_blocks
from pixel_llm.core.pxi import Failure, Page, PxiFile, PxiWriter, VerifyReport
from pixel_llm.errors import (
    BusyError,
    IntegrityError,
    InvalidArgumentError,
    NotFoundError,
    PxiFormatError,
    StorageError,
)

PAGE = "data"
_FOLDER_ATTEMPTS = 64
_BUSY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What is stored under a path.

    `size` in bytes; `width` and `height` of the image; `pixels` of it that hold data, 3 bytes each; `generation` of the
    container; `content_hash`, the page's SHA-256 Merkle root in hex, equal for equal bytes; `root_hash`, that of the
    whole file; `modified` in UTC; `file`, the `.pxi` file.
    """

    path: str
    size: int
    width: int
    height: int
    pixels: int
    generation: int
    content_hash: str
    root_hash: str
    modified: datetime
    file: Path


class PixelFS:
    """A store over the folder `root`, which the first write creates.

    Several threads and processes may read and write at the same time: a write replaces the old content in one step when
    it is complete and on the disk, readers that opened the old content keep it, and the last of two writers wins. A
    folder exists while something is stored in it. Links below the root are not followed.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root).absolute()

    def write(self, path: str, data: Data, *, overwrite: bool = True) -> FileInfo:
        """Stores `data` (a buffer, an iterable of buffers or a binary file from its position on) under `path`.

        Memory stays at a few MiB. A stream whose length is not known, such as a pipe, is first copied to a temporary
        file. Raises AlreadyExistsError with `overwrite=False`, InvalidArgumentError for a refused path or data that is
        not bytes, BusyError, StorageError. On any error, one from `data` itself included, the old content stays.
        """
        file = stored_file(self.root, path)
        sheet = SheetBuilder()
        with source_blocks(data, self.root) as (blocks, length), self._writer(file, overwrite) as writer:
            writer.add_bytes(PAGE, sheet.watch(blocks), length)
            writer.set_contact_sheet(sheet.image())
            _finish(writer)
        try:
            return self.info(path)
        except NotFoundError as error:
            raise NotFoundError("was stored, and another process deleted it at once", part=path) from error

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes `offset` to `offset + length` (to the end without `length`); less where the data ends before.

        Only the 1 MiB bands that the range touches are read and checked. Raises NotFoundError, IntegrityError,
        PxiFormatError, InvalidArgumentError for a negative number, StorageError.
        """
        if offset < 0 or (length is not None and length < 0):
            raise InvalidArgumentError("offset and length must not be negative", part=path)
        with self._page(path) as (pxi, page):
            start = min(offset, page.length)
            rest = page.length - start
            return pxi.read_bytes(PAGE, start, rest if length is None else min(length, rest))

    def open_read(self, path: str) -> StoredReader:
        """A seekable binary file over the content at this moment; a later write does not change it.

        Reading raises IntegrityError where a touched band is damaged.
        """
        return StoredReader(*self._open(path))

    def info(self, path: str) -> FileInfo:
        """What is stored under `path`; reads the index alone. Raises as `read` does."""
        with self._page(path) as (pxi, page):
            try:
                modified = pxi.path.stat().st_mtime
            except OSError:
                raise _missing(self.root, path) from None
            return FileInfo(
                path=path,
                size=page.length,
                width=page.width,
                height=page.height,
                pixels=-(-page.length // 3),
                generation=pxi.generation,
                content_hash=page.root.hex(),
                root_hash=pxi.root_hash.hex(),
                modified=datetime.fromtimestamp(modified, UTC),
                file=pxi.path,
            )

    def verify(
        self, path: str, *, threads: int | None = None, progress: Callable[[int, int], None] | None = None
    ) -> VerifyReport:
        """Checks every byte of the file of `path`. Damage is reported, also where it keeps the file from being opened.

        `progress` gets bytes done and bytes in all. Raises NotFoundError, InvalidArgumentError, StorageError.
        """
        try:
            with self._page(path) as (pxi, _):
                return pxi.verify(threads=threads, progress=progress)
        except (IntegrityError, PxiFormatError) as error:
            return VerifyReport(failures=[Failure(page=None, band=None, message=str(error))])

    def list(self, prefix: str = "") -> Sequence[str]:
        """The stored paths that begin with `prefix`, sorted. Raises InvalidArgumentError for a refused folder."""
        return sorted(stored_paths(self.root, prefix))

    def exists(self, path: str) -> bool:
        """Whether something is stored under `path`, be it damaged or not."""
        return stored_file(self.root, path).is_file()

    def delete(self, path: str) -> None:
        """Removes what is stored under `path`, and folders that it leaves empty. Raises NotFoundError, StorageError."""
        file = stored_file(self.root, path)
        if not os.path.lexists(file):
            raise _missing(self.root, path)
        durable.unlink(file)
        folder = file.parent
        try:
            while folder != self.root:
                folder.rmdir()
                folder = folder.parent
        except OSError:  # something else is stored in it
            pass
        with contextlib.suppress(StorageError):  # another process removed the folder too
            durable.sync_directory(folder)

    def _open(self, path: str) -> tuple[PxiFile, Page]:
        file = stored_file(self.root, path)
        try:
            pxi = PxiFile.open(file)
        except (NotFoundError, StorageError):
            if os.path.lexists(file):
                raise
            raise _missing(self.root, path) from None
        page = pxi.pages.get(PAGE)
        if page is None or page.kind != "bytes":
            pxi.close()
            raise PxiFormatError(f'holds no bytes page "{PAGE}": not a file of PixelFS', file=file)
        return pxi, page

    @contextlib.contextmanager
    def _page(self, path: str) -> Iterator[tuple[PxiFile, Page]]:
        pxi, page = self._open(path)
        with pxi:
            yield pxi, page

    def _writer(self, file: Path, overwrite: bool) -> PxiWriter:
        for _ in range(_FOLDER_ATTEMPTS):
            try:
                _make_folder(file.parent)
                return PxiWriter(file, overwrite=overwrite)
            except (FileNotFoundError, NotFoundError, StorageError) as error:
                if file.parent.is_dir() and not _vanished(error):
                    raise
            except FileExistsError as error:
                # mkdir found a folder that was removed before it could look at it again, or something else is there.
                place = Path(error.filename)
                if place.exists() and not place.is_dir():
                    raise StorageError("a file stands where a folder is needed", file=place) from error
            except OSError as error:
                raise StorageError(error.strerror or str(error), file=file.parent) from error
        raise StorageError("the folder vanishes as often as it is created", file=file.parent)


def default_root() -> Path:
    """The root where none is given: environment variable PIXELFS_ROOT, else `./pixelfs`."""
    return Path(os.environ.get("PIXELFS_ROOT") or "pixelfs")


def _finish(writer: PxiWriter) -> None:
    """Finishes; waits while another process puts its content in the same place or updates what is there."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return writer.finish()
        except (BusyError, NotFoundError):
            if time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.002, 0.02))
        except StorageError as error:
            if writer.path.parent.is_dir() and not _vanished(error):
                raise
            return writer.abort()  # put in place, and deleted with its folder by another process at once


def _vanished(error: Exception) -> bool:
    """Whether a folder was gone when it was needed; by now another process may have made it again."""
    return isinstance(error, FileNotFoundError) or isinstance(error.__cause__, FileNotFoundError)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        durable.sync_directory(folder.parent)


def _missing(root: Path, path: str) -> NotFoundError:
    return NotFoundError(f"nothing is stored under {path!r}", file=root, remedy="`list` shows what is")


def main() -> int:
    """The command line; returns the exit code."""
    from pixel_llm.core.pixelfs_cli import main as cli

    return cli()


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # end as other tools do when `head` has seen enough
    sys.exit(main())
