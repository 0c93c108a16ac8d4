"""Tiles in an SQLite database in WAL mode: many readers beside one writer, across processes."""

from __future__ import annotations

import os
import sqlite3
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from pixel_llm.core.tiles.morton import Codes
from pixel_llm.core.tiles.record import Record
from pixel_llm.core.tiles.settings import MapSettings, sample_type
from pixel_llm.errors import (
    BusyError,
    InvalidArgumentError,
    MapFormatError,
    NotFoundError,
    PixelLLMError,
    StorageError,
)

APPLICATION_ID = 0x50584D50  # "PXMP"
VERSION = 1
_PAGE = 16384
_WAIT = 10.0  # seconds that a transaction waits for another process
_LONGEST = (64 << 20) + (1 << 16)  # the largest tile and its row

_SCHEMA = {
    "map": (
        "CREATE TABLE map (id INTEGER PRIMARY KEY, sample TEXT NOT NULL, channels INTEGER NOT NULL, "
        "fill BLOB NOT NULL, tile_size INTEGER NOT NULL)"
    ),
    # The pixels stay out of the index, so that listing a region reads keys alone.
    "tile": (
        "CREATE TABLE tile (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, code INTEGER NOT NULL, "
        "codec INTEGER NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL)"
    ),
    "tile_key": "CREATE UNIQUE INDEX tile_key ON tile (level, code)",
}
_RANGE = "FROM tile WHERE level = ? AND code >= ? AND code <= ?"
_SPAN = f"SELECT (SELECT code {_RANGE} ORDER BY code LIMIT 1), (SELECT code {_RANGE} ORDER BY code DESC LIMIT 1)"
_PUT = (
    "INSERT INTO tile (level, code, codec, digest, data) VALUES (?, ?, ?, ?, ?) ON CONFLICT (level, code) "
    "DO UPDATE SET codec = excluded.codec, digest = excluded.digest, data = excluded.data"
)


class SQLiteStore:
    """A TileStore in the file `path`, created with the settings `new` where there is none (or an empty file).

    The file is untrusted: its schema must be ours to the letter, and damage ends in MapFormatError. A commit is on
    the disk when it returns (synchronous=FULL).
    """

    def __init__(self, path: str | os.PathLike[str], new: MapSettings, *, read_only: bool = False) -> None:
        self.location = os.fspath(path)
        self.read_only = read_only
        file = Path(path)
        if read_only and not file.exists():
            raise NotFoundError("no such map", file=path)
        if not file.parent.is_dir():
            raise NotFoundError("the folder does not exist", file=file.parent)
        uri = f"file:{quote(os.fspath(file.absolute()))}?mode={'ro' if read_only else 'rwc'}"
        with self._errors():
            self._db = sqlite3.connect(uri, uri=True, timeout=_WAIT, isolation_level=None, check_same_thread=False)
        try:
            with self._errors():
                self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
                for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "synchronous = FULL"):
                    self._db.execute(f"PRAGMA {pragma}")
            if not read_only:
                self._prepare(new)
            self.settings = self._load()
        except BaseException:
            self._db.close()
            raise

    def begin_read(self) -> int:
        return self._begin("BEGIN")

    def end_read(self) -> None:
        self.rollback()

    def begin_write(self) -> int:
        return self._begin("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._run("COMMIT")

    def rollback(self) -> None:
        if self._db.in_transaction:  # SQLite has rolled back by itself after some errors
            self._run("ROLLBACK")

    def get(self, level: int, code: int) -> Record | None:
        rows = self._run("SELECT codec, digest, data FROM tile WHERE level = ? AND code = ?", (level, code))
        return Record(*rows[0]) if rows else None

    def put(self, level: int, code: int, record: Record) -> None:
        self._run(_PUT, (level, code, *record))

    def delete(self, level: int, first: int, last: int) -> None:
        self._run(f"DELETE {_RANGE}", (level, first, last))

    def codes(self, level: int, first: int, last: int, limit: int | None = None) -> Codes:
        rows = self._run(
            f"SELECT code {_RANGE} ORDER BY code LIMIT ?", (level, first, last, -1 if limit is None else limit)
        )
        try:
            return np.frombuffer(array("q", [row[0] for row in rows]), np.int64)
        except (TypeError, OverflowError):
            raise self._malformed("a tile's code is not an integer") from None

    def count(self, level: int, first: int, last: int) -> int:
        return int(self._run(f"SELECT count(*) {_RANGE}", (level, first, last))[0][0])

    def span(self, level: int, first: int, last: int) -> tuple[int, int] | None:
        low, high = self._run(_SPAN, (level, first, last) * 2)[0]
        if low is None:
            return None
        if not isinstance(low, int) or not isinstance(high, int):
            raise self._malformed("a tile's code is not an integer")
        return low, high

    def close(self) -> None:
        with self._errors():
            self._db.close()

    def _begin(self, statement: str) -> int:
        self._run(statement)
        try:
            return int(self._run("PRAGMA data_version")[0][0])  # reads, and so pins the state that is seen
        except BaseException:
            self.rollback()
            raise

    def _prepare(self, new: MapSettings) -> None:
        """Writes the schema into a new file; of several processes that open it, one does."""
        if self._run("SELECT count(*) FROM sqlite_master")[0][0]:
            return
        if self._run("PRAGMA application_id")[0][0] not in (0, APPLICATION_ID):
            return  # another program's file: `_load` says so
        self._run(f"PRAGMA page_size = {_PAGE}")
        self._to_wal()
        self._run("BEGIN IMMEDIATE")
        try:
            if not self._run("SELECT count(*) FROM sqlite_master")[0][0]:
                for statement in _SCHEMA.values():
                    self._run(statement)
                row = (str(new.sample), new.channels, new.fill, new.tile_size)
                self._run("INSERT INTO map VALUES (1, ?, ?, ?, ?)", row)
                self._run(f"PRAGMA application_id = {APPLICATION_ID}")
                self._run(f"PRAGMA user_version = {VERSION}")
            self._run("COMMIT")
        except BaseException:
            self.rollback()
            raise

    def _to_wal(self) -> None:
        deadline = time.monotonic() + _WAIT
        while True:  # SQLite's own waiting does not cover the change of the journal
            try:
                mode = self._run("PRAGMA journal_mode = WAL")[0][0]
                break
            except BusyError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        if mode != "wal":
            raise StorageError(f"SQLite cannot use WAL mode here but {mode!r}", file=self.location)

    def _load(self) -> MapSettings:
        if self._run("PRAGMA application_id")[0][0] != APPLICATION_ID:
            raise self._malformed("it is not an InfiniteMap database")
        version = self._run("PRAGMA user_version")[0][0]
        if version != VERSION:
            raise self._malformed(f"it has version {version}, this program reads {VERSION}")
        if self._run("SELECT name, sql FROM sqlite_master ORDER BY rowid LIMIT 9") != list(_SCHEMA.items()):
            raise self._malformed("its tables are not those of an InfiniteMap")
        rows = self._run("SELECT sample, channels, fill, tile_size FROM map LIMIT 2")
        if len(rows) != 1 or [type(v) for v in rows[0]] != [str, int, bytes, int]:
            raise self._malformed("its settings are malformed")
        sample, channels, fill, tile_size = rows[0]
        try:
            return MapSettings(sample_type(sample), channels, fill, tile_size)
        except InvalidArgumentError as error:
            raise self._malformed(f"its settings are out of range: {error}") from None

    def _run(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:  # not `_errors`, which costs as much as a warm read's statement
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._translated(error) from error

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._translated(error) from error

    def _translated(self, error: sqlite3.Error) -> PixelLLMError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return BusyError("another process is writing the map", file=self.location, remedy="try again")
        if code in (
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_PERM,
            sqlite3.SQLITE_AUTH,
        ):
            return StorageError(f"SQLite: {error}", file=self.location)
        return self._malformed(f"SQLite: {error}")

    def _malformed(self, message: str) -> MapFormatError:
        return MapFormatError(message, file=self.location)
