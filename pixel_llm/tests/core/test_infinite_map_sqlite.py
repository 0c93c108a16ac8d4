"""The map's database: other processes, kills, damage and hostile files."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixel_llm.core.infinite_map import InfiniteMap
from pixel_llm.errors import (
    BusyError,
    IntegrityError,
    InvalidArgumentError,
    MapFormatError,
    NotFoundError,
    PixelLLMError,
    StorageError,
)

PLACES = [(0, 0), (-3000, 500), (1 << 37, -(1 << 37)), (200, 200)]  # the last one crosses four tiles

WRITER = """
    import sys
    import numpy as np
    from pixel_llm.core.infinite_map import InfiniteMap
    plane = InfiniteMap(sys.argv[1], cache_bytes=int(sys.argv[3]))
    for i in range(1, int(sys.argv[2])):
        with plane.batch():
            for x, y in {places}:
                plane.write_region(x, y, np.full((120, 120), i % 250 + 1, np.uint8))
        print(i, flush=True)
"""


def start_writer(path: Path, batches: int, cache: int = 1 << 20) -> subprocess.Popen[str]:
    code = textwrap.dedent(WRITER).format(places=PLACES)
    command = [sys.executable, "-c", code, str(path), str(batches), str(cache)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def seen(plane: InfiniteMap) -> set[int]:
    """Every value at the writer's places."""
    return {int(v) for x, y in PLACES for v in np.unique(plane.read_region(x, y, 120, 120))}


@pytest.mark.parametrize("cache", [1 << 20, 0])
def test_a_killed_writer_loses_at_most_its_batch(tmp_path: Path, cache: int) -> None:
    path = tmp_path / "a.map"
    done = 0
    for pause in (0.0, 0.004, 0.011, 0.02):
        writer = start_writer(path, 100_000, cache)
        assert writer.stdout is not None
        for line in writer.stdout:
            done = int(line)
            if done >= 3:
                break
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
        writer.stdout.close()
        writer.wait()
        done = int(rest[-1]) if rest and rest[-1].isdigit() else done
        with InfiniteMap(path) as plane:
            values = seen(plane)
            assert len(values) == 1
            assert values <= {done % 250 + 1, (done + 1) % 250 + 1}
            assert plane.count() == 7
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    db.close()


def _reader(path: str, read_only: bool, stop: multiprocessing.Event, results: multiprocessing.Queue) -> None:
    mixed, different, moved = 0, set(), 0
    with InfiniteMap(path, read_only=read_only) as plane:
        while not stop.is_set():
            crossing = np.unique(plane.read_region(200, 200, 120, 120))  # four tiles in one call
            with plane.snapshot():
                values = seen(plane)
                time.sleep(0.002)
                moved += seen(plane) != values
            mixed += len(values) != 1 or len(crossing) != 1
            different |= values
    results.put((mixed, moved, len(different)))


def test_readers_beside_a_writer_see_whole_batches(tmp_path: Path) -> None:
    path = tmp_path / "a.map"
    first = start_writer(path, 2)
    first.communicate()
    context = multiprocessing.get_context("spawn")
    stop, results = context.Event(), context.Queue()
    readers = [context.Process(target=_reader, args=(str(path), i % 2 == 1, stop, results)) for i in range(4)]
    for reader in readers:
        reader.start()
    time.sleep(1)
    start_writer(path, 150).communicate()
    stop.set()
    outcome = [results.get(timeout=30) for _ in readers]
    for reader in readers:
        reader.join()
    assert [(mixed, moved) for mixed, moved, _ in outcome] == [(0, 0)] * 4
    assert all(count >= 2 for *_, count in outcome), outcome  # they did see the writer's progress


def test_a_map_sees_what_another_wrote_though_it_has_the_tile_cached(tmp_path: Path) -> None:
    with InfiniteMap(tmp_path / "a.map") as one, InfiniteMap(tmp_path / "a.map") as other:
        for value in (1, 2, 3):
            one.write_region(0, 0, np.full((1, 1), value, np.uint8))
            assert other.read_region(0, 0, 1, 1) == value
        with one.snapshot():
            other.write_region(0, 0, np.full((1, 1), 9, np.uint8))
            assert one.read_region(0, 0, 1, 1) == 3
        assert one.read_region(0, 0, 1, 1) == 9
        other.write_region(1, 0, np.full((1, 1), 5, np.uint8))
        one.write_region(2, 0, np.full((1, 1), 6, np.uint8))  # onto the tile as the other left it
        assert other.read_region(0, 0, 3, 1).tolist() == [[9, 5, 6]]


def _creator(path: str, place: int, errors: multiprocessing.Queue) -> None:
    try:
        with InfiniteMap(path) as plane:
            plane.write_region(place * 1000, 0, np.ones((1, 1), np.uint8))
        errors.put(None)
    except PixelLLMError as error:
        errors.put(repr(error))


def test_several_processes_create_the_map_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    errors = context.Queue()
    path = tmp_path / "a.map"
    creators = [context.Process(target=_creator, args=(str(path), i, errors)) for i in range(4)]
    for creator in creators:
        creator.start()
    assert [errors.get(timeout=30) for _ in creators] == [None] * 4
    for creator in creators:
        creator.join()
    with InfiniteMap(path) as plane:
        assert plane.count() == 4


def test_a_second_writer_is_told_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pixel_llm.core.tiles.sqlite_store._WAIT", 0.05)
    with InfiniteMap(tmp_path / "a.map") as one, InfiniteMap(tmp_path / "a.map") as other, one.batch():
        with pytest.raises(BusyError, match="another process"):
            other.write_region(0, 0, np.ones((1, 1), np.uint8))
        assert other.count() == 0


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


def test_reopening_with_other_settings_is_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "a.map")
    for other in ({"sample": "int8"}, {"channels": 3}, {"tile_size": 512}, {"fill": 1}):
        with pytest.raises(InvalidArgumentError, match=r"a\.map"):
            InfiniteMap(path, **other)
    with InfiniteMap(path, sample="uint8", channels=1, fill=0, tile_size=256, compression="none") as plane:
        assert plane.count() == 2


def test_read_only(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        InfiniteMap(tmp_path / "a.map", read_only=True)
    with InfiniteMap(make(tmp_path / "a.map"), read_only=True) as plane:
        with pytest.raises(InvalidArgumentError, match="reading only"):
            plane.delete_region(0, 0, 1, 1)
        assert plane.read_region(0, 0, 1, 1) == 7


def test_paths_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        InfiniteMap(tmp_path / "none" / "a.map")
    with pytest.raises(StorageError):
        InfiniteMap(tmp_path)
    odd = tmp_path / "a?mode=ro#%41.map"
    make(odd)
    assert odd.is_file()


def test_a_forked_child_must_open_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with InfiniteMap(make(tmp_path / "a.map")) as plane:
        own = os.getpid()
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: own + 1)
            with pytest.raises(InvalidArgumentError, match="forked"):
                plane.count()


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
        "PRAGMA user_version = 2",
        "DROP INDEX tile_key",
        "CREATE TRIGGER t AFTER INSERT ON tile BEGIN DELETE FROM tile; END",
        "CREATE VIEW v AS SELECT 1",
        "DELETE FROM map",
        "INSERT INTO map SELECT 2, sample, channels, fill, tile_size FROM map",
        "UPDATE map SET sample = 'float64'",
        "UPDATE map SET channels = 99",
        "UPDATE map SET channels = 'x'",
        "UPDATE map SET tile_size = 1 << 40",
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
