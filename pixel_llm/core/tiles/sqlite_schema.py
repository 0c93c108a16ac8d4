"""The database of an SQLiteStore: its tables, what older ones become, and the check that a file is one of ours."""

from __future__ import annotations

from pixel_llm.core.tiles.settings import MapSettings, sample_type
from pixel_llm.core.tiles.sqlite_connection import Connection
from pixel_llm.errors import InvalidArgumentError

APPLICATION_ID = 0x50584D50  # "PXMP"
VERSION = 2
_PAGE = 16384

# `epoch` is the number of the last snapshot that was ever taken. A tile is `born` in the epoch that wrote it; what a
# snapshot still sees when it is replaced goes to `past`, with the epoch in which it `died`. So snapshot s sees what was
# born before s and did not die before s.
_MAP = (
    "CREATE TABLE map (id INTEGER PRIMARY KEY, sample TEXT NOT NULL, channels INTEGER NOT NULL, "
    "fill BLOB NOT NULL, tile_size INTEGER NOT NULL, epoch INTEGER NOT NULL)"
)
_TILE = (
    "CREATE TABLE tile (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, code INTEGER NOT NULL, "
    "born INTEGER NOT NULL, codec INTEGER NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL)"
)
_PAST = (
    "CREATE TABLE past (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, code INTEGER NOT NULL, "
    "born INTEGER NOT NULL, died INTEGER NOT NULL, codec INTEGER NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL)"
)
_SCHEMA = {
    "map": _MAP,
    # The pixels stay out of the index, so that listing a region reads keys alone.
    "tile": _TILE,
    "tile_key": "CREATE UNIQUE INDEX tile_key ON tile (level, code)",
    "past": _PAST,
    "past_key": "CREATE INDEX past_key ON past (level, code, born, died)",
    "snapshot": "CREATE TABLE snapshot (id INTEGER PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL)",
    "snapshot_name": "CREATE UNIQUE INDEX snapshot_name ON snapshot (name)",
}
_SCHEMA_1 = {
    "map": _MAP.replace(", epoch INTEGER NOT NULL", ""),
    "tile": _TILE.replace("born INTEGER NOT NULL, ", ""),
    "tile_key": _SCHEMA["tile_key"],
}


def prepare(db: Connection, new: MapSettings) -> None:
    """Writes the schema into a new file, or brings an older one up to date; of several processes that try, one does."""
    if db.value("SELECT count(*) FROM sqlite_master"):
        if db.value("PRAGMA application_id") == APPLICATION_ID and db.value("PRAGMA user_version") == 1:
            _renew(db)
        return
    if db.value("PRAGMA application_id") not in (0, APPLICATION_ID):
        return  # another program's file: `load` says so
    db.run(f"PRAGMA page_size = {_PAGE}")
    db.to_wal()
    with db.writing():
        if not db.value("SELECT count(*) FROM sqlite_master"):
            for statement in _SCHEMA.values():
                db.run(statement)
            row = (str(new.sample), new.channels, new.fill, new.tile_size)
            db.run("INSERT INTO map VALUES (1, ?, ?, ?, ?, 0)", row)
            db.run(f"PRAGMA application_id = {APPLICATION_ID}")
            db.run(f"PRAGMA user_version = {VERSION}")


def load(db: Connection) -> MapSettings:
    """The map's settings; MapFormatError where the file is not one of ours, to the letter."""
    if db.value("PRAGMA application_id") != APPLICATION_ID:
        raise db.malformed("it is not an InfiniteMap database")
    version = db.value("PRAGMA user_version")
    if version != VERSION:
        remedy = "open it once for writing, which renews it" if version == 1 else None
        raise db.malformed(f"it has version {version}, this program reads {VERSION}", remedy)
    _check_schema(db, _SCHEMA)
    rows = db.run("SELECT sample, channels, fill, tile_size, epoch FROM map LIMIT 2")
    if len(rows) != 1 or [type(v) for v in rows[0]] != [str, int, bytes, int, int]:
        raise db.malformed("its settings are malformed")
    sample, channels, fill, tile_size, _ = rows[0]
    try:
        return MapSettings(sample_type(sample), channels, fill, tile_size)
    except InvalidArgumentError as error:
        raise db.malformed(f"its settings are out of range: {error}") from None


def _check_schema(db: Connection, wanted: dict[str, str]) -> None:
    if dict(db.run(f"SELECT name, sql FROM sqlite_master LIMIT {len(_SCHEMA) + 1}")) != wanted:
        raise db.malformed("its tables are not those of an InfiniteMap")


def _renew(db: Connection) -> None:
    """Version 1 had no snapshots."""
    with db.writing():
        if db.value("PRAGMA user_version") != 1:
            return  # another process was faster
        _check_schema(db, _SCHEMA_1)
        for name in ("map", "tile"):
            db.run(f"ALTER TABLE {name} RENAME TO {name}_1")
        db.run("DROP INDEX tile_key")
        for statement in _SCHEMA.values():
            db.run(statement)
        db.run("INSERT INTO map SELECT id, sample, channels, fill, tile_size, 0 FROM map_1")
        db.run("INSERT INTO tile SELECT id, level, code, 0, codec, digest, data FROM tile_1")
        for name in ("map", "tile"):
            db.run(f"DROP TABLE {name}_1")
        db.run(f"PRAGMA user_version = {VERSION}")
