"""Tiles in a .pxi file: the store for maps that are written in few large batches and then read.

Stored tiles lie one below the other in planes of the map's own sample type, packed ones in pages of bytes, some
megabytes a page. Directories (`pxi_runs`) say where. A batch is a generation of the file, a named snapshot is a
generation that is kept; the attribute `infinite_map` holds the settings and the list of runs.
"""

from __future__ import annotations

import os
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from pixel_llm.core.pxi import PxiFile, PxiUpdater, PxiWriter
from pixel_llm.core.pxi.locking import open_locked
from pixel_llm.core.tiles.morton import Codes, KeyRange
from pixel_llm.core.tiles.pxi_directory import ATTRIBUTE, Directory, dump, load
from pixel_llm.core.tiles.pxi_runs import FIRST_KEYS, Entry, segment_pages
from pixel_llm.core.tiles.pxi_writing import Batch, rewrite
from pixel_llm.core.tiles.record import Codec, DamagedTileError, Record, damaged, unpack
from pixel_llm.core.tiles.settings import MapSettings
from pixel_llm.core.tiles.store import MapSnapshot
from pixel_llm.errors import AlreadyExistsError, BusyError, InvalidArgumentError, MapFormatError, NotFoundError

WAIT = 10.0  # seconds that a transaction waits for another process
_T = TypeVar("_T")


class PxiStore:
    """A TileStore in the file `path`, created with the settings `new` where there is none.

    Everything in the file but the tiles is checked by the container's hash tree, the tiles by their own SHA-256. A
    commit is on the disk when it returns. `generation` opens an older state for reading.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        new: MapSettings | None,
        *,
        read_only: bool = False,
        generation: int | None = None,
    ) -> None:
        self.location = os.fspath(path)
        self.read_only = read_only or generation is not None
        self._generation = generation
        if not self.read_only and new is not None and not Path(path).exists():
            _create(path, new)
        self._version = 0
        self._file, self._directory = self._load()
        self.settings = self._directory.settings
        self._batch: Batch | None = None
        self._label: str | None = None
        self._forgotten: set[str] = set()

    def version(self) -> int:
        if self._generation is None and not self._file.is_current():
            self._open()
            self._version += 1
        return self._version

    def begin_read(self) -> int:
        return self.version()

    def end_read(self) -> None:
        pass

    def begin_write(self) -> int:
        updater = _patiently(lambda: PxiUpdater(self.location))
        try:
            version = self.version()
            self._batch = Batch(updater, self._directory)
        except BaseException:
            updater.close()
            raise
        return version

    def commit(self) -> None:
        assert self._batch is not None
        batch, label, forgotten = self._batch, self._label, self._forgotten
        if batch.changed or label is not None or forgotten:
            runs = batch.finish()
            batch.updater.attributes[ATTRIBUTE] = dump(self.settings, runs)
            batch.updater.commit(label=label, keep=lambda one: one.label is not None and one.label not in forgotten)
            self._open()  # what it holds is what this map has written: the same version
        self.rollback()

    def rollback(self) -> None:
        batch, self._batch, self._label, self._forgotten = self._batch, None, None, set()
        if batch is not None:
            batch.updater.close()

    def get(self, level: int, code: int) -> Record | None:
        key = FIRST_KEYS[level] + code
        found = self._directory.find(key) if self._batch is None else self._batch.find(key)
        return self._record(found) if isinstance(found, Entry) else found

    def put(self, level: int, code: int, record: Record) -> None:
        assert self._batch is not None
        self._batch.put(FIRST_KEYS[level] + code, record)

    def delete(self, level: int, first: int, last: int) -> None:
        assert self._batch is not None
        self._batch.delete(FIRST_KEYS[level] + first, FIRST_KEYS[level] + last)

    def codes(self, level: int, first: int, last: int, limit: int | None = None) -> Codes:
        return self._between(level, first, last)[:limit] - FIRST_KEYS[level]

    def codes_in(self, level: int, ranges: Sequence[KeyRange]) -> Codes:
        keys, base = self._keys, FIRST_KEYS[level]
        ends = np.array([(base + first, base + last + 1) for first, last, _ in ranges])
        return np.concatenate([keys[low:high] for low, high in np.searchsorted(keys, ends).tolist()]) - base

    def count(self, level: int, first: int, last: int) -> int:
        return len(self._between(level, first, last))

    def span(self, level: int, first: int, last: int) -> tuple[int, int] | None:
        keys = self._between(level, first, last)
        return (int(keys[0]) - FIRST_KEYS[level], int(keys[-1]) - FIRST_KEYS[level]) if len(keys) else None

    def snapshots(self) -> list[MapSnapshot]:
        return [MapSnapshot(one.label, one.created) for one in self._file.snapshots() if one.label is not None]

    def take_snapshot(self, name: str) -> None:
        self._label = name

    def delete_snapshot(self, name: str) -> None:
        self._forgotten.add(name)

    def at_snapshot(self, name: str) -> PxiStore:
        for one in self._file.snapshots():
            if one.label == name:
                return PxiStore(self.location, None, generation=one.generation)
        raise NotFoundError("the map has no such snapshot", file=self.location, part=name)

    def compact(self) -> None:
        lock = _patiently(lambda: open_locked(Path(self.location)))
        try:
            self.version()
            if self.snapshots():
                raise InvalidArgumentError(
                    "compacting the file would drop its snapshots", file=self.location, remedy="delete them first"
                )
            with PxiWriter(self.location, overwrite=True) as writer:
                writer.continue_from(self._file, lock)
                runs = rewrite(writer, self._directory, self._checked)
                writer.attributes[ATTRIBUTE] = dump(self.settings, runs)
        finally:
            lock.close()

    def close(self) -> None:
        self._file.close()

    def _open(self) -> None:
        """Goes on with what the file holds now."""
        old = self._file
        file, directory = self._load()
        if directory.settings != self.settings:
            file.close()
            raise MapFormatError(
                "the file was replaced by a map of another kind", file=self.location, remedy="open it again"
            )
        self._file, self._directory = file, directory
        old.close()

    def _load(self) -> tuple[PxiFile, Directory]:
        file = PxiFile(self.location, generation=self._generation)
        try:
            return file, load(file)
        except BaseException:
            file.close()
            raise

    @property
    def _keys(self) -> Codes:
        return self._directory.keys if self._batch is None else self._batch.keys

    def _between(self, level: int, first: int, last: int) -> Codes:
        keys = self._keys
        low, high = np.searchsorted(keys, [FIRST_KEYS[level] + first, FIRST_KEYS[level] + last + 1])
        return keys[low:high]

    def _checked(self, key: int, entry: Entry) -> Record:
        level = bisect_right(FIRST_KEYS, key) - 1
        record, code = self._record(entry), key - FIRST_KEYS[level]
        try:
            unpack(level, code, record, self.settings.tile_bytes)
        except DamagedTileError as error:
            raise damaged(level, code, error, self.location) from None
        return record

    def _record(self, entry: Entry) -> Record:
        # A damaged entry is a damaged tile: what it points to does not match the digest.
        name = segment_pages(entry.segment)[entry.codec != Codec.RAW]
        source = self._file if self._batch is None else self._batch.updater
        try:
            data = source.read_raw(name, entry.offset, min(entry.length, self.settings.tile_bytes))
        except NotFoundError:
            data = b""
        return Record(entry.codec, entry.digest, data)


def _create(path: str | os.PathLike[str], new: MapSettings) -> None:
    try:
        with PxiWriter(path) as writer:
            writer.attributes[ATTRIBUTE] = dump(new, ())
    except AlreadyExistsError:
        if Path(path).is_dir():
            raise
        # else another process was faster


def _patiently(lock: Callable[[], _T]) -> _T:
    deadline = time.monotonic() + WAIT
    while True:
        try:
            return lock()
        except BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
