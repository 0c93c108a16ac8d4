"""One connection to an SQLite database that is not trusted, whose errors are ours."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pixel_llm.errors import BusyError, MapFormatError, NotFoundError, PixelLLMError, StorageError

WAIT = 10.0  # seconds that a transaction waits for another process
_LONGEST = (64 << 20) + (1 << 16)  # the largest tile and its row
_REFUSED = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
}


class Connection:
    """Opens the database `path`, which is created where there is none unless `read_only`.

    A commit is on the disk when it returns (synchronous=FULL). Raises NotFoundError, BusyError, StorageError, and
    MapFormatError for everything that a damaged file can cause.
    """

    def __init__(self, path: str | os.PathLike[str], *, read_only: bool) -> None:
        self.location = os.fspath(path)
        file = Path(path)
        if read_only and not file.exists():
            raise NotFoundError("no such map", file=path)
        if not file.parent.is_dir():
            raise NotFoundError("the folder does not exist", file=file.parent)
        uri = f"file:{quote(os.fspath(file.absolute()))}?mode={'ro' if read_only else 'rwc'}"
        with self._errors():
            self._db = sqlite3.connect(uri, uri=True, timeout=WAIT, isolation_level=None, check_same_thread=False)
        try:
            with self._errors():
                self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
                for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "synchronous = FULL"):
                    self._db.execute(f"PRAGMA {pragma}")
        except BaseException:
            self._db.close()
            raise

    def run(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:  # not `_errors`, which costs as much as a warm read's statement
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._translated(error) from error

    def value(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        """The first column of the only row."""
        return self.run(sql, values)[0][0]

    @contextmanager
    def writing(self) -> Iterator[None]:
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            self.rollback()
            raise

    def rollback(self) -> None:
        if self._db.in_transaction:  # SQLite has rolled back by itself after some errors
            self.run("ROLLBACK")

    def to_wal(self) -> None:
        deadline = time.monotonic() + WAIT
        while True:  # SQLite's own waiting does not cover the change of the journal
            try:
                mode = self.value("PRAGMA journal_mode = WAL")
                break
            except BusyError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        if mode != "wal":
            raise StorageError(f"SQLite cannot use WAL mode here but {mode!r}", file=self.location)

    def close(self) -> None:
        with self._errors():
            self._db.close()

    def malformed(self, message: str, remedy: str | None = None) -> MapFormatError:
        return MapFormatError(message, file=self.location, remedy=remedy)

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
        if code in _REFUSED:
            return StorageError(f"SQLite: {error}", file=self.location)
        return self.malformed(f"SQLite: {error}")
