"""Tiles in an SQLite database in WAL mode: many readers beside one writer, across processes."""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence

import numpy as np

from pixel_llm.core.pxi.building import now
from pixel_llm.core.tiles import sqlite_schema
from pixel_llm.core.tiles.morton import Codes, KeyRange
from pixel_llm.core.tiles.record import Record
from pixel_llm.core.tiles.settings import MapSettings
from pixel_llm.core.tiles.sqlite_connection import Connection
from pixel_llm.core.tiles.store import MapSnapshot
from pixel_llm.errors import NotFoundError

_WHERE = "WHERE level = ? AND code >= ? AND code <= ?"
_PUT = (
    "INSERT INTO tile (level, code, born, codec, digest, data) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (level, code) "
    "DO UPDATE SET born = excluded.born, codec = excluded.codec, digest = excluded.digest, data = excluded.data"
)
_KEEP = (
    "INSERT INTO past (level, code, born, died, codec, digest, data) "
    f"SELECT level, code, born, ?, codec, digest, data FROM tile {_WHERE} AND born < ?"
)
_FORGET = "DELETE FROM past WHERE NOT EXISTS (SELECT 1 FROM snapshot s WHERE s.id > past.born AND s.id <= past.died)"


class SQLiteStore:
    """A TileStore in the file `path`, created with the settings `new` where there is none (or an empty file).

    The file is untrusted: its schema must be ours to the letter, and damage ends in MapFormatError. A commit is on
    the disk when it returns. `snapshot` is the number of the named state to read, None for the current one.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        new: MapSettings | None,
        *,
        read_only: bool = False,
        snapshot: int | None = None,
    ) -> None:
        self.location = os.fspath(path)
        self.read_only = read_only or snapshot is not None
        self._snapshot = snapshot
        self._db = Connection(path, read_only=self.read_only)
        try:
            if new is not None and not self.read_only:
                sqlite_schema.prepare(self._db, new)
            self.settings = sqlite_schema.load(self._db)
        except BaseException:
            self._db.close()
            raise
        self._version = -1
        self._epoch = self._newest = 0  # of snapshots: the last one ever taken, the last one there is
        tiles = "tile"
        if snapshot is not None:
            seen = f"level, code, codec, digest, data FROM {{}} WHERE born < {snapshot}"
            past = f"SELECT {seen.format('past')} AND died >= {snapshot}"
            tiles = f"(SELECT {seen.format('tile')} UNION ALL {past})"
        self._get = f"SELECT codec, digest, data FROM {tiles} WHERE level = ? AND code = ?"
        self._listed = f"SELECT code FROM {tiles} {_WHERE}"
        self._codes = f"{self._listed} ORDER BY code"
        self._count = f"SELECT count(*) FROM {tiles} {_WHERE}"

    def version(self) -> int:
        return int(self._db.value("PRAGMA data_version"))

    def begin_read(self) -> int:
        return self._begin("BEGIN")

    def end_read(self) -> None:
        self.rollback()

    def begin_write(self) -> int:
        version = self._begin("BEGIN IMMEDIATE")
        try:
            self._epoch = self._db.value("SELECT epoch FROM map")
            self._newest = self._db.value("SELECT max(id) FROM snapshot") or 0
        except BaseException:
            self.rollback()
            raise
        return version

    def commit(self) -> None:
        self._db.run("COMMIT")

    def rollback(self) -> None:
        self._db.rollback()

    def get(self, level: int, code: int) -> Record | None:
        rows = self._db.run(self._get, (level, code))
        return Record(*rows[0]) if rows else None

    def put(self, level: int, code: int, record: Record) -> None:
        self._keep(level, code, code)
        self._db.run(_PUT, (level, code, self._epoch, *record))

    def delete(self, level: int, first: int, last: int) -> None:
        self._keep(level, first, last)
        self._db.run(f"DELETE FROM tile {_WHERE}", (level, first, last))

    def codes(self, level: int, first: int, last: int, limit: int | None = None) -> Codes:
        return self._integers(
            self._db.run(f"{self._codes} LIMIT ?", (level, first, last, -1 if limit is None else limit))
        )

    def codes_in(self, level: int, ranges: Sequence[KeyRange]) -> Codes:
        parts = " UNION ALL ".join([self._listed] * len(ranges))
        values = [value for first, last, _ in ranges for value in (level, first, last)]
        return np.sort(self._integers(self._db.run(parts, tuple(values))))

    def count(self, level: int, first: int, last: int) -> int:
        return int(self._db.value(self._count, (level, first, last)))

    def span(self, level: int, first: int, last: int) -> tuple[int, int] | None:
        ends = [self._db.run(f"{self._codes} {order} LIMIT 1", (level, first, last)) for order in ("", "DESC")]
        if not all(ends):
            return None
        low, high = (rows[0][0] for rows in ends)
        if not isinstance(low, int) or not isinstance(high, int):
            raise self._db.malformed("a tile's code is not an integer")
        return low, high

    def snapshots(self) -> list[MapSnapshot]:
        rows = self._db.run("SELECT name, created FROM snapshot ORDER BY id")
        if not all(isinstance(value, str) for row in rows for value in row):
            raise self._db.malformed("a snapshot's name is not text")
        return [MapSnapshot(*row) for row in rows]

    def take_snapshot(self, name: str) -> None:
        self._db.run("UPDATE map SET epoch = epoch + 1")
        self._db.run("INSERT INTO snapshot SELECT epoch, ?, ? FROM map", (name, now()))

    def delete_snapshot(self, name: str) -> None:
        self._db.run("DELETE FROM snapshot WHERE name = ?", (name,))
        self._db.run(_FORGET)

    def at_snapshot(self, name: str) -> SQLiteStore:
        rows = self._db.run("SELECT id FROM snapshot WHERE name = ?", (name,))
        if not rows:
            raise NotFoundError("the map has no such snapshot", file=self.location, part=name)
        return SQLiteStore(self.location, None, snapshot=int(rows[0][0]))

    def compact(self) -> None:
        self._db.run("VACUUM")
        self._db.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._db.close()

    def _begin(self, statement: str) -> int:
        self._db.run(statement)
        try:
            version = self.version()  # reads, and so pins the state that is seen
            if self._snapshot is not None and version != self._version:
                if not self._db.run("SELECT 1 FROM snapshot WHERE id = ?", (self._snapshot,)):
                    raise NotFoundError("the snapshot was deleted", file=self.location)
                self._version = version
        except BaseException:
            self.rollback()
            raise
        return version

    def _integers(self, rows: list[tuple[int]]) -> Codes:
        try:
            return np.frombuffer(array("q", [code for (code,) in rows]), np.int64)  # unlike NumPy takes integers only
        except (TypeError, OverflowError):
            raise self._db.malformed("a tile's code is not an integer") from None

    def _keep(self, level: int, first: int, last: int) -> None:
        """What the newest snapshot sees of a range stays for it."""
        if self._newest:
            self._db.run(_KEEP, (self._epoch, level, first, last, self._newest))
