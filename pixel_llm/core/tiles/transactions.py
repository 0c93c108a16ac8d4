"""Reading and writing tiles of a store in transactions, through the cache: the lower half of the InfiniteMap."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pixel_llm.core.tiles.cache import TileCache
from pixel_llm.core.tiles.morton import Box, Codes, half, in_box, key_ranges
from pixel_llm.core.tiles.record import Compression, DamagedTileError, Record, damaged, pack, unpack
from pixel_llm.core.tiles.store import MapSnapshot, TileStore
from pixel_llm.core.tiles.workers import Workers
from pixel_llm.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError

Pixels = NDArray[Any]
_LISTED = 8  # key ranges: more of them cost more than the codes outside that fewer bring
_AHEAD = 64  # tiles that are packed or unpacked together
_MAX_NAME = 200


class TileTransactions:
    """Lookup order of a tile: what the batch under way changed, the cache, the store."""

    def __init__(self, store: TileStore, compression: Compression, cache_bytes: int, read_only: bool) -> None:
        self._store = store
        self.settings = store.settings
        self.read_only = read_only or store.read_only
        self._compression = compression
        self._cache = TileCache(cache_bytes)
        self._version = -1
        self._dirty: dict[tuple[int, int], Pixels] = {}
        self._dirty_bytes = 0
        self._state = "idle"  # or "snapshot", "batch", "failed", "closed"
        self._workers = Workers()
        self._lock = threading.RLock()
        self._pid = os.getpid()

    @contextmanager
    def batch(self) -> Iterator[Self]:
        """Makes the writes inside one, for this and every other process: all of them are seen and kept, or none.

        An exception that leaves it, or a write that failed inside, undoes it.
        """
        with self._lock:
            self._check_open()
            self._check_writable()
            if self._state != "idle":
                raise InvalidArgumentError(f"a {self._state} is under way, which a batch cannot be part of")
            self._renew(self._store.begin_write())
            self._state = "batch"
            try:
                yield self
                if self._state == "failed":
                    raise InvalidArgumentError("a write of the batch failed, so all of it is undone")
                self._flush()
                self._store.commit()
            except BaseException:
                self._dirty.clear()
                self._dirty_bytes = 0
                self._cache.clear()
                self._store.rollback()
                raise
            finally:
                self._state = "idle"

    @contextmanager
    def snapshot(self) -> Iterator[Self]:
        """Reads inside see the state at its beginning, whatever other processes commit; this map cannot write then."""
        with self._lock:
            self._check_open()
            if self._state != "idle":
                raise InvalidArgumentError(f"a {self._state} is under way, which a snapshot cannot be part of")
            self._renew(self._store.begin_read())
            self._state = "snapshot"
            try:
                yield self
            finally:
                self._state = "idle"
                self._store.end_read()

    def snapshots(self) -> list[MapSnapshot]:
        """The states that `take_snapshot` named, oldest first."""
        with self._reading():
            return self._store.snapshots()

    def take_snapshot(self, name: str) -> None:
        """Keeps the map's present state under a name, beyond this process, until `delete_snapshot`.

        It costs nothing but what later writes replace. AlreadyExistsError for a name that is taken.
        """
        if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME or not name.isprintable():
            raise InvalidArgumentError(f"a name is 1 to {_MAX_NAME} printable characters", part="name")
        with self.batch():
            if any(one.name == name for one in self._store.snapshots()):
                raise AlreadyExistsError("the map has a snapshot of this name", file=self._store.location, part=name)
            self._store.take_snapshot(name)

    def delete_snapshot(self, name: str) -> None:
        """Forgets a named state; NotFoundError where there is none of this name."""
        with self.batch():
            if all(one.name != name for one in self._store.snapshots()):
                raise NotFoundError("the map has no such snapshot", file=self._store.location, part=name)
            self._store.delete_snapshot(name)

    def compact(self) -> None:
        """Gives the space of deleted and replaced tiles back to the file system; readers go on meanwhile."""
        with self._lock:
            self._check_open()
            self._check_writable()
            if self._state != "idle":
                raise InvalidArgumentError(f"a {self._state} is under way")
            self._store.compact()

    def close(self) -> None:
        """Closes the store; not within a batch or snapshot."""
        with self._lock:
            if self._state in ("batch", "failed", "snapshot"):
                raise InvalidArgumentError(f"a {self._state} is under way")
            if self._state != "closed":
                self._state = "closed"
                self._cache.clear()
                self._workers.close()
                self._store.close()

    def _check_open(self) -> None:
        if self._state == "closed":
            raise InvalidArgumentError("the map is closed", file=self._store.location)
        if os.getpid() != self._pid:
            raise InvalidArgumentError(
                "the map was opened before this process was forked",
                file=self._store.location,
                remedy="open it again here",
            )

    def _check_writable(self) -> None:
        if self.read_only:
            raise InvalidArgumentError("the map was opened for reading only", file=self._store.location)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock:
            self._check_open()
            if self._state != "idle":
                yield
                return
            self._renew(self._store.begin_read())
            try:
                yield
            finally:
                self._store.end_read()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            if self._state == "failed":
                raise InvalidArgumentError("a write of this batch failed: leave it, which undoes it")
            inside = self._state == "batch"
            scope: AbstractContextManager[object] = nullcontext() if inside else self.batch()
            with scope:
                try:
                    yield
                except BaseException:
                    self._state = "failed"  # what it did so far must not be committed
                    raise

    def _renew(self, version: int) -> None:
        if version != self._version:
            self._cache.clear()
            self._version = version

    def _tile(self, level: int, code: int) -> Pixels | None:
        key = (level, code)
        if key in self._dirty:
            return self._dirty[key]
        if key in self._cache:
            return self._cache.get(key)
        record = self._store.get(level, code)
        tile = None if record is None else self._unpacked((level, code, record))
        self._cache.put(key, tile)
        return tile

    def _tiles(self, level: int, codes: list[int]) -> Iterator[Pixels | None]:
        """What `_tile` gives for each of the codes, several unpacked at once."""
        for start in range(0, len(codes), _AHEAD):
            part = codes[start : start + _AHEAD]
            unknown = [c for c in part if (level, c) not in self._dirty and (level, c) not in self._cache]
            found = [(level, code, record) for code in unknown if (record := self._store.get(level, code)) is not None]
            ready = dict(zip((code for _, code, _ in found), self._workers.map(self._unpacked, found), strict=True))
            for code in part:
                if code in ready:
                    self._cache.put((level, code), ready[code])
                    yield ready[code]
                else:
                    yield self._tile(level, code)

    def _unpacked(self, stored: tuple[int, int, Record]) -> Pixels:
        level, code, record = stored
        size = self.settings.tile_size
        try:
            raw = unpack(level, code, record, self.settings.tile_bytes)
        except DamagedTileError as error:
            raise damaged(level, code, error, self._store.location) from None
        return np.frombuffer(raw, self.settings.sample.dtype).reshape(self.settings.shape(size, size))

    def _fresh(self, level: int, codes: list[int]) -> bool:
        """Whether the tiles are all in the cache and nobody has committed since, so that no transaction is needed."""
        if self._state != "idle" or not all((level, code) in self._cache for code in codes):
            return False
        self._check_open()
        return self._store.version() == self._version

    def _editable(self, level: int, code: int) -> Pixels:
        size = self.settings.tile_size
        tile = self._tile(level, code)
        if tile is None:
            return self.settings.filled(size, size)
        return tile if (level, code) in self._dirty else tile.copy()

    def _stage(self, level: int, code: int, tile: Pixels) -> None:
        if (level, code) not in self._dirty:
            self._dirty_bytes += tile.nbytes
        self._dirty[level, code] = tile
        if self._dirty_bytes > self._cache.budget:
            self._flush()

    def _flush(self) -> None:
        """Hands what a batch changed to the store; it is seen by others when the batch commits."""
        empty = self.settings.fill * self.settings.tile_size**2 if self._dirty else b""

        def packed(key: tuple[int, int]) -> Record | None:
            raw = self._dirty[key].tobytes()
            return None if raw == empty else pack(*key, raw, self._compression)

        keys = sorted(self._dirty)
        for start in range(0, len(keys), _AHEAD):
            part = keys[start : start + _AHEAD]
            for key, record in zip(part, self._workers.map(packed, part), strict=True):
                if record is None:
                    self._store.delete(*key, key[1])
                    self._cache.put(key, None)
                else:
                    self._store.put(*key, record)
                    self._dirty[key].flags.writeable = False
                    self._cache.put(key, self._dirty[key])
        self._dirty.clear()
        self._dirty_bytes = 0

    def _codes(self, level: int, box: Box) -> Codes:
        biased = biased_box(box, level)
        ranges = key_ranges(biased, _LISTED)
        codes = self._store.codes_in(level, ranges)
        return codes if all(exact for _, _, exact in ranges) else codes[in_box(codes, biased)]


def biased_box(box: Box, level: int) -> Box:
    bias = half(level)
    return Box(box.x0 + bias, box.y0 + bias, box.x1 + bias, box.y1 + bias)
