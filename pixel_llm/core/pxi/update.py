"""Changing a .pxi file in place: copy-on-write at its tail, then the other superblock. Old generations stay."""

from __future__ import annotations

import contextlib
import json
import os
import struct
import weakref
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from pixel_llm.core.durable import Buffer
from pixel_llm.core.pxi import layout
from pixel_llm.core.pxi.building import Builder, now
from pixel_llm.core.pxi.index import Index, SnapshotRecord
from pixel_llm.core.pxi.layout import SLOT_OFFSETS
from pixel_llm.core.pxi.loading import Loaded, load
from pixel_llm.core.pxi.locking import open_locked
from pixel_llm.errors import InvalidArgumentError, PixelLLMError


class PxiUpdater(Builder):
    """Changes a .pxi file. A context manager: without an exception the block's end commits what has not been committed;
    with one, nothing changes.

    Holds the writers' lock until `close` (`BusyError` when another process has it). Raises the reader's errors when the
    file is not sound: a damaged file is never written to.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        target = Path(path)
        file = open_locked(target)
        try:
            loaded = load(file.fd, target)
            super().__init__(target, file, loaded.superblock.end)
        except BaseException:
            file.close()
            raise
        self._finalizer = weakref.finalize(self, file.close)
        self._dirty = False  # bytes of ours lie behind the live end
        self._adopt(loaded)

    def _adopt(self, loaded: Loaded) -> None:
        """Start from what the file has now."""
        self._newest = loaded.newest
        self._superblock = loaded.head.superblock
        self._first_ifd = loaded.head.first_ifd
        self._end = self._superblock.end
        self._take(loaded.index)
        self._adopted = self._state()

    def _take(self, index: Index) -> None:
        self.attributes = index.attributes
        self._pages = dict(index.pages)
        self._sheet = index.contact_sheet

    def _state(self) -> tuple[object, ...]:
        """What a commit would store, to see whether anything changed."""
        return list(self._pages.items()), id(self._sheet), json.dumps(self.attributes, sort_keys=True, default=id)

    def adopt_snapshot(self, generation: int) -> None:
        """Put an earlier generation's pages, attributes and contact sheet in place of the current ones."""
        self._check_open()
        self._take(load(self._file.fd, self.path, generation).index)

    @property
    def pages(self) -> tuple[str, ...]:
        """Names of the pages as they will be committed."""
        return tuple(self._pages)

    def replace_array(self, name: str, array: np.ndarray[Any, Any]) -> None:
        """Give a page a new array, of any shape and sample type; it keeps its place and kind."""
        self._replace(name, lambda kind: self.add_array(name, array, kind=kind))

    def replace_bytes(self, name: str, data: Buffer | Iterable[Buffer], length: int | None = None) -> None:
        """Give a "bytes" page a new payload."""
        self._replace(name, lambda _: self.add_bytes(name, data, length))

    def _replace(self, name: str, add: Callable[[str], None]) -> None:
        old = self._page(name)
        order = list(self._pages)
        kind = old.kind if isinstance(old, layout.Page) else "plane"
        del self._pages[name]
        try:
            add(kind)
        except BaseException:
            self._pages[name] = old
            raise
        finally:
            self._pages = {key: self._pages[key] for key in order}

    def delete(self, name: str) -> None:
        """Leave a page out of the next generation; snapshots keep it."""
        self._page(name)
        del self._pages[name]

    def _prepare(self) -> None:
        """Before the first byte of a commit: repair what a crash left."""
        if self._dirty:
            return
        self._dirty = True
        if self._first_ifd != self._newest.ifds_offset:
            # The superblock may have been read from the cache only; it must not become durable after the pointer.
            self._file.sync()
            self._write_pointer(self._newest.ifds_offset)
        end = self._superblock.end
        if self._file.size > end:
            self._file.truncate(end)  # the rest of a commit that a crash cut off: nothing refers to it

    def _write_pointer(self, first_ifd: int) -> None:
        self._file.write(struct.pack("<Q", first_ifd), layout.POINTER_OFFSET)
        self._file.sync()

    def commit(self, *, label: str | None = None, keep: Callable[[SnapshotRecord], bool] | None = None) -> int:
        """Make the changes a new generation, durably, and return its number.

        The one before stays as a snapshot, and so do the earlier ones, unless `keep` says no to one; its bytes stay in
        the file until that is compacted. When it fails the updater is closed, and the file is at the old generation, or
        at the new one where only the last step failed.
        """
        self._check_open()
        if label is not None and len(label) > layout.MAX_LABEL:
            raise InvalidArgumentError(f"a label has at most {layout.MAX_LABEL} characters", file=self.path)
        snapshots = [one for one in self._with_newest() if keep is None or keep(one)]
        if len(snapshots) > layout.MAX_SNAPSHOTS:
            raise InvalidArgumentError(
                f"the file has {layout.MAX_SNAPSHOTS} snapshots, the most there can be",
                file=self.path,
                remedy="compact it",
            )
        try:
            return self._commit(label, snapshots)
        except BaseException:
            self.close()
            raise

    def _with_newest(self) -> tuple[SnapshotRecord, ...]:
        old, at = self._newest, self._superblock
        own = SnapshotRecord(old.generation, old.created, old.label, at.index_offset, at.index_length, at.root)
        return (*old.snapshots, own)

    def _commit(self, label: str | None, snapshots: Sequence[SnapshotRecord]) -> int:
        self._prepare()
        index, superblock = self._write_tail(self._newest.generation + 1, now(), label, snapshots)
        self._file.sync()
        self._dirty = False  # from here on the tail may be the file's newest generation: never cut it off
        self._file.write(superblock.pack(), SLOT_OFFSETS[superblock.slot])
        self._file.sync()
        self._write_pointer(index.ifds_offset)
        self._adopt(load(self._file.fd, self.path))
        return index.generation

    def close(self) -> None:
        """Drop what was not committed, and give the lock back."""
        if not self._open:
            return
        self._shut()
        if self._dirty:
            with contextlib.suppress(PixelLLMError):
                self._file.truncate(self._superblock.end)
        self._finalizer()

    def __enter__(self) -> PxiUpdater:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._open and self._state() != self._adopted:
                self.commit()
        finally:
            self.close()


def rollback(path: str | os.PathLike[str], generation: int) -> int:
    """Make a new generation that equals an old one, and return its number; nothing is lost. `NotFoundError` when the
    file has no such generation."""
    with PxiUpdater(path) as updater:
        updater.adopt_snapshot(generation)
        return updater.commit(label=f"rollback to generation {generation}")
