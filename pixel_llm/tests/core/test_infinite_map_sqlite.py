"""The map's database: damage, hostile files, and files of older versions."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixel_llm.core.infinite_map import InfiniteMap
from pixel_llm.core.tiles import morton
from pixel_llm.core.tiles.record import Codec, Compression, DamagedTileError, Record, _digest, pack, unpack
from pixel_llm.errors import (
    IntegrityError,
    InvalidArgumentError,
    MapFormatError,
    NotFoundError,
    PixelLLMError,
    StorageError,
)


def test_a_failed_write_spoils_its_batch(tmp_path: Path) -> None:
    path = make(tmp_path / "a.map")
    damage(path, "UPDATE tile SET data = zeroblob(9) WHERE code = (SELECT max(code) FROM tile)")
    with InfiniteMap(path) as plane:
        with pytest.raises(InvalidArgumentError, match="undone"), plane.batch():
            with pytest.raises(IntegrityError):
                plane.write_region(200, 0, np.ones((1, 400), np.uint8))
            with pytest.raises(InvalidArgumentError, match="leave it"):
                plane.write_region(0, 0, np.ones((1, 1), np.uint8))
        assert plane.read_region(200, 0, 1, 1) == 7


def test_paths_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        InfiniteMap(tmp_path / "none" / "a.map")
    with pytest.raises(StorageError):
        InfiniteMap(tmp_path)
    odd = tmp_path / "a?mode=ro#%41.map"
    make(odd)
    assert odd.is_file()


def make(path: Path) -> Path:
    with InfiniteMap(path) as plane:
        plane.write_region(0, 0, np.full((256, 512), 7, np.uint8))
    return path


def damage(path: Path, sql: str) -> None:
    db = sqlite3.connect(path)
    db.executescript(sql)
    db.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tile SET data = zeroblob(length(data)) WHERE id = 2",
        "UPDATE tile SET digest = zeroblob(32) WHERE id = 2",
        "UPDATE tile SET codec = 0 WHERE id = 2",
        "UPDATE tile SET codec = 9 WHERE id = 2",
        "UPDATE tile SET codec = 'x' WHERE id = 2",
        "UPDATE tile SET data = 'text' WHERE id = 2",
        "UPDATE tile SET (data, digest) = (SELECT data, digest FROM tile WHERE id = 1) WHERE id = 2",  # another tile's
    ],
)
def test_a_damaged_tile_is_named(tmp_path: Path, sql: str) -> None:
    path = make(tmp_path / "a.map")
    damage(path, sql)
    with InfiniteMap(path) as plane:
        with pytest.raises(IntegrityError, match=r"a\.map: tile \(1, 0\) of level 0: "):
            plane.read_region(200, 0, 200, 1)
        with pytest.raises(IntegrityError):
            plane.write_region(256, 0, np.ones((1, 1), np.uint8))
        plane.put_tile(1, 0, np.full((256, 256), 4, np.uint8))
        assert plane.read_region(256, 0, 1, 1) == 4
    damage(path, sql)
    with InfiniteMap(path) as plane:
        plane.delete_region(256, 0, 256, 256)
        assert list(plane) == [(0, 0)]


@pytest.mark.parametrize(
    "sql",
    [
        "PRAGMA application_id = 5",
        "PRAGMA user_version = 3",
        "PRAGMA user_version = 1",
        "DROP TABLE past",
        "DROP INDEX tile_key",
        "CREATE TRIGGER t AFTER INSERT ON tile BEGIN DELETE FROM tile; END",
        "CREATE VIEW v AS SELECT 1",
        "DELETE FROM map",
        "INSERT INTO map SELECT 2, sample, channels, fill, tile_size, epoch FROM map",
        "UPDATE map SET sample = 'float64'",
        "UPDATE map SET channels = 99",
        "UPDATE map SET channels = 'x'",
        "UPDATE map SET tile_size = 1 << 40",
        "UPDATE map SET epoch = 'x'",
        "UPDATE map SET fill = 'x'",
        "UPDATE map SET fill = zeroblob(2)",
    ],
)
def test_other_databases_are_refused(tmp_path: Path, sql: str) -> None:
    path = make(tmp_path / "a.map")
    damage(path, sql)
    with pytest.raises(MapFormatError, match=r"a\.map"):
        InfiniteMap(path)


def test_foreign_files_are_refused_and_stay_as_they_are(tmp_path: Path) -> None:
    text, other = tmp_path / "text", tmp_path / "other"
    text.write_bytes(b"not a database " * 100)
    damage(other, "CREATE TABLE notes (t); INSERT INTO notes VALUES (1)")
    for path in (text, other):
        before = path.read_bytes()
        with pytest.raises(MapFormatError):
            InfiniteMap(path)
        assert path.read_bytes() == before


def test_codes_that_are_no_integers(tmp_path: Path) -> None:
    path = make(tmp_path / "a.map")
    damage(path, "UPDATE tile SET code = id + 0.5")
    with InfiniteMap(path) as plane:
        for call in (lambda: list(plane), plane.bounds):
            with pytest.raises(MapFormatError, match="not an integer"):
                call()


OLD = """
    CREATE TABLE map (id INTEGER PRIMARY KEY, sample TEXT NOT NULL, channels INTEGER NOT NULL, {}
    CREATE TABLE tile (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, code INTEGER NOT NULL, {}
    CREATE UNIQUE INDEX tile_key ON tile (level, code);
    PRAGMA application_id = 0x50584D50;
    PRAGMA user_version = 1;
    PRAGMA journal_mode = WAL;
    INSERT INTO map VALUES (1, 'uint8', 1, X'00', 256);
""".format(
    "fill BLOB NOT NULL, tile_size INTEGER NOT NULL);",
    "codec INTEGER NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL);",
)


def old_map(path: Path) -> Path:
    """A database as version 1 wrote it, its one tile packed with zlib."""
    damage(path, OLD)
    code, data = morton.encode(0, -1, 2), zlib.compress(bytes([5]) * 65536, 1)
    record = Record(Codec.ZLIB, _digest(Codec.ZLIB, 0, code, data), data)
    db = sqlite3.connect(path)
    db.execute("INSERT INTO tile VALUES (7, 0, ?, ?, ?, ?)", (code, *record))
    db.commit()
    db.close()
    return path


def test_a_map_of_version_1_is_renewed_when_it_is_opened_for_writing(tmp_path: Path) -> None:
    path = old_map(tmp_path / "a.map")
    with pytest.raises(MapFormatError, match="open it once for writing"):
        InfiniteMap(path, read_only=True)
    for _ in range(2):
        with InfiniteMap(path) as plane:
            assert list(plane) == [(-1, 2)]
            assert np.unique(plane.get_tile(-1, 2)).tolist() == [5]
            plane.put_tile(0, 0, np.full((256, 256), 3, np.uint8))
            plane.delete_region(0, 0, 256, 256)
    with InfiniteMap(path, read_only=True) as plane:
        assert plane.count() == 1


def test_an_old_map_with_other_tables_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = old_map(tmp_path / "a.map")
    damage(path, "CREATE TRIGGER t AFTER INSERT ON tile BEGIN DELETE FROM tile; END; PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    with pytest.raises(MapFormatError, match="tables"):
        InfiniteMap(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("packed", ["larger", "without its size", "two", "garbage"])
def test_packed_bytes_that_lie_are_damage(packed: str) -> None:
    tile = bytes(range(256)) * 256
    packer = zstandard.ZstdCompressor(write_content_size=packed != "without its size")
    data = {
        "larger": lambda: packer.compress(tile * 100),
        "without its size": lambda: packer.compress(tile),
        "two": lambda: packer.compress(tile) * 2,
        "garbage": lambda: packer.compress(tile)[:-9] + bytes(9),
    }[packed]()
    record = Record(Codec.ZSTD, _digest(Codec.ZSTD, 0, 9, data), data)
    with pytest.raises(DamagedTileError):
        unpack(0, 9, record, len(tile))
    assert unpack(0, 9, pack(0, 9, tile, Compression.ZSTD), len(tile)) == tile


def test_a_damaged_tile_among_many_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.map"
    with InfiniteMap(path) as plane:
        plane.write_region(0, 0, np.full((2048, 2048), 7, np.uint8))
    damage(path, f"UPDATE tile SET digest = zeroblob(32) WHERE code = {morton.encode(0, 5, 6)}")
    with InfiniteMap(path) as plane:
        with pytest.raises(IntegrityError, match=r"tile \(5, 6\)"):
            plane.read_region(0, 0, 2048, 2048)
        assert plane.read_region(0, 0, 2048, 1500).min() == 7


def test_a_deleted_snapshot_is_not_read_on(tmp_path: Path) -> None:
    with InfiniteMap(make(tmp_path / "a.map")) as plane:
        plane.take_snapshot("old")
        with plane.open_snapshot("old") as old:
            assert old.read_region(0, 0, 1, 1) == 7
            plane.write_region(0, 0, np.zeros((256, 512), np.uint8))
            assert old.read_region(0, 0, 1, 1) == 7
            plane.delete_snapshot("old")
            with pytest.raises(NotFoundError, match="deleted"):
                old.read_region(0, 0, 1, 1)
        with sqlite3.connect(plane.location) as db:
            assert db.execute("SELECT count(*) FROM past").fetchall() == [(0,)]
        db.close()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 98303), st.integers(0, 255)), min_size=1, max_size=12), st.integers(0, 98304))
def test_hostile_bytes_end_in_our_errors(tmp_path: Path, changes: list[tuple[int, int]], cut: int) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    path = make(tmp_path / "a.map")
    data = bytearray(path.read_bytes())
    for at, value in changes:
        data[at % len(data) if at % 3 else at % 200] = value
    path.write_bytes(data[: cut if cut % 4 == 0 else None])
    try:
        with InfiniteMap(path) as plane:
            list(plane)
            plane.bounds()
            assert set(np.unique(plane.read_region(0, 0, 512, 256))) <= {0, 7}
            plane.write_region(5, 5, np.ones((3, 3), np.uint8))
    except PixelLLMError:
        pass
