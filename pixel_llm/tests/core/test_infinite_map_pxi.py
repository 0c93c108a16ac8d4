"""Maps in .pxi files: their pages, growth, damage and hostile files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixel_llm.core.infinite_map import LIMIT, InfiniteMap
from pixel_llm.core.pxi import PxiFile, PxiUpdater, PxiWriter, rollback
from pixel_llm.core.tiles import PxiStore, pxi_writing
from pixel_llm.core.tiles.pxi_runs import ENTRY
from pixel_llm.errors import (
    AlreadyExistsError,
    IntegrityError,
    InvalidArgumentError,
    MapFormatError,
    NotFoundError,
    PixelLLMError,
    PxiFormatError,
)
from pixel_llm.testing.tile_store import flat


def make(path: Path) -> Path:
    rng = np.random.default_rng(2)
    with InfiniteMap(path, compression="none") as plane, plane.batch():
        plane.put_tile(0, 0, rng.integers(0, 256, (256, 256), np.uint8))
        plane.put_tile(1, 0, flat(3))
    with InfiniteMap(path) as plane, plane.batch():
        for x in range(2, 6):
            plane.put_tile(x, -1, flat(x))
    return path


def test_tiles_are_images(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    pixels = np.random.default_rng(1).normal(0, 1, (256, 512, 3)).astype(np.float32)
    with InfiniteMap(path, sample="float32", channels=3, compression="none") as plane:
        plane.write_region(0, 0, pixels)
    with PxiFile(path) as file:
        assert file.verify().ok
        tiles = file.array("tiles 1")
        np.testing.assert_array_equal(tiles, np.concatenate([pixels[:, :256], pixels[:, 256:]]))


def test_a_batch_larger_than_a_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pxi_writing, "SEGMENT", 200_000)
    rng = np.random.default_rng(7)
    tiles = rng.integers(0, 256, (20, 256, 256), np.uint8)
    with InfiniteMap(tmp_path / "a.pxi", cache_bytes=0) as plane:
        with plane.batch():
            for i in range(20):
                plane.put_tile(i, i, tiles[i])
            for i in range(20):  # some are pages by now
                np.testing.assert_array_equal(plane.get_tile(i, i), tiles[i])
            plane.put_tile(0, 0, flat(1))
            plane.delete_region(256, 256, 256, 256)
            assert len(list(plane)) == 19
        plane.compact()
        assert list(plane) == [(0, 0), *((i, i) for i in range(2, 20))]
        np.testing.assert_array_equal(plane.get_tile(19, 19), tiles[19])
    with PxiFile(tmp_path / "a.pxi") as file:
        assert 5 < len(file.pages) < 15


def test_many_batches_leave_few_pages_and_runs(tmp_path: Path) -> None:
    with InfiniteMap(tmp_path / "a.pxi") as plane:
        for i in range(60):
            plane.put_tile(i % 25, 0, flat(i % 200 + 1))
        plane.delete_region(0, 0, 256 * 24, 256)
        assert list(plane) == [(24, 0)]
        for i in range(30):
            plane.put_tile(i, 1, flat(i + 1))
    with PxiFile(tmp_path / "a.pxi") as file:
        assert len(file.pages) < 30
        assert len(file.attributes["infinite_map"]["runs"]) <= 6
        assert file.snapshots()[:-1] == []  # generations that nobody named are not kept


@pytest.mark.parametrize("listed", [0, 10_000])
def test_ranges_that_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: int) -> None:
    monkeypatch.setattr(pxi_writing, "_LISTED", listed)
    with InfiniteMap(tmp_path / "a.pxi") as plane:
        with plane.batch():
            for x in range(40):
                plane.put_tile(x, 0, flat(x + 1))
        with plane.batch():
            plane.delete_region(0, 0, 256 * 30, 256)
            plane.put_tile(5, 0, flat(99))
            assert list(plane) == [(5, 0), *((x, 0) for x in range(30, 40))]
            assert not plane.read_region(256, 0, 256, 256).any()
            assert plane.read_region(256 * 5, 0, 1, 1) == 99
            plane.delete_region(0, 0, 256 * 8, 256)
        assert list(plane) == [(x, 0) for x in range(30, 40)]
        plane.put_tile(3, 0, flat(7))
        assert plane.count() == 11


def test_a_batch_that_changes_nothing_is_no_generation(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pxi")
    before = path.read_bytes()
    with InfiniteMap(path) as plane:
        plane.delete_region(10**6, 10**6, 9999, 9999)
        with plane.batch():
            pass
        with pytest.raises(KeyError), plane.batch():
            plane.put_tile(9, 9, flat(1))
            raise KeyError
    assert path.read_bytes() == before


def test_snapshots_are_those_of_the_container(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pxi")
    with InfiniteMap(path) as plane:
        plane.take_snapshot("first")
        plane.put_tile(0, 0, flat(8))
        with pytest.raises(InvalidArgumentError, match="delete them first"):
            plane.compact()
        with PxiFile(path) as file:
            (kept, _) = file.snapshots()
            assert kept.label == "first"
        rollback(path, kept.generation)
        assert np.unique(plane.read_region(256, 0, 1, 1)).tolist() == [3]
        assert len(np.unique(plane.read_region(0, 0, 256, 256))) > 100


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    with PxiWriter(path) as writer:
        writer.add_array("w", np.zeros((3, 3), np.uint8))
    with pytest.raises(MapFormatError, match="holds no InfiniteMap"):
        InfiniteMap(path)
    path.write_bytes(b"not a container")
    with pytest.raises(PxiFormatError):
        InfiniteMap(path)
    (tmp_path / "folder.pxi").mkdir()
    with pytest.raises((AlreadyExistsError, PxiFormatError)):
        InfiniteMap(tmp_path / "folder.pxi")
    with pytest.raises(NotFoundError):
        InfiniteMap(tmp_path / "none" / "a.pxi")


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    with PxiUpdater(path) as updater:
        change(updater.attributes["infinite_map"])


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.update(version=2),
        lambda a: a.update(more=1),
        lambda a: a.pop("runs"),
        lambda a: a.update(channels="1"),
        lambda a: a.update(channels=7),
        lambda a: a.update(fill="zz"),
        lambda a: a.update(fill="0000"),
        lambda a: a.update(sample="float64"),
        lambda a: a.update(tile_size=100),
        lambda a: a.update(runs=[3]),
        lambda a: a.update(runs=[[1, 2, 3]]),
        lambda a: a["runs"][0].__setitem__(0, 99),
        lambda a: a["runs"][0].__setitem__(1, 0),
        lambda a: a["runs"][0].__setitem__(1, 10**12),
        lambda a: a["runs"][0].__setitem__(2, 99),
        lambda a: a["runs"][0].__setitem__(3, [[1]]),
        lambda a: a["runs"].append(a["runs"][0]),
    ],
)
def test_a_malformed_attribute_is_named(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = make(tmp_path / "a.pxi")
    changed(path, change)
    with pytest.raises(MapFormatError, match=r"a\.pxi"):
        InfiniteMap(path)


def run_number(path: Path) -> int:
    with PxiFile(path) as file:
        runs = file.attributes["infinite_map"]["runs"]
    assert len(runs) == 1
    return int(runs[0][0])


@pytest.mark.parametrize("keys", [[5, 4, 3, 2, 1, 0], [1] * 6, [-1, 0, 1, 2, 3, 4], [0, 1, 2, 3, 4, (1 << 63) - 1]])
def test_keys_out_of_order_are_refused(tmp_path: Path, keys: list[int]) -> None:
    path = make(tmp_path / "a.pxi")
    with PxiUpdater(path) as updater:
        updater.replace_bytes(f"keys {run_number(path)}", np.array(keys, np.int64).tobytes())
    with InfiniteMap(path) as plane:
        for call in (lambda: list(plane), lambda: plane.read_region(0, 0, 1, 1), plane.bounds):
            with pytest.raises(MapFormatError, match="not ascending"):
                call()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("offset", 2**64 - 1),
        ("offset", 70_000),
        ("length", 2**32 - 1),
        ("length", 5),
        ("segment", 77),
        ("codec", 9),
        ("codec", 1),
        ("digest", bytes(32)),
    ],
)
def test_an_entry_that_lies_is_a_damaged_tile(tmp_path: Path, field: str, value: object) -> None:
    path = make(tmp_path / "a.pxi")
    name = f"entries {run_number(path)}"
    with PxiFile(path) as file:
        table = np.frombuffer(file.read_bytes(name), ENTRY).copy()
    table[field] = value
    with PxiUpdater(path) as updater:
        updater.replace_bytes(name, table.tobytes())
    with InfiniteMap(path) as plane:
        with pytest.raises(IntegrityError, match=r"a\.pxi: tile \(2, -1\) of level 0"):
            plane.read_region(600, -10, 1, 1)
        plane.put_tile(2, -1, flat(5))
        assert plane.read_region(600, -10, 1, 1) == 5
        for i in range(20):  # runs and small segments are merged meanwhile
            plane.put_tile(20 + i, 20, flat(i + 1))
        with pytest.raises(IntegrityError, match=r"tile \(3, -1\)"):
            plane.read_region(256 * 3, -10, 1, 1)
        with pytest.raises(IntegrityError, match=r"a\.pxi: tile"):
            plane.compact()
        assert plane.read_region(256 * 39, 256 * 20, 1, 1) == 20
        plane.delete_region(-LIMIT, -LIMIT, 2 * LIMIT, 2 * LIMIT)
        assert list(plane) == []


def test_one_flipped_bit_in_a_tile_is_found(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pxi")
    with PxiFile(path) as file:
        page = next(page for name, page in file.pages.items() if name.startswith("tiles"))
    data = bytearray(path.read_bytes())
    data[page.offset + 1000] ^= 4
    path.write_bytes(data)
    with InfiniteMap(path) as plane:
        with pytest.raises(IntegrityError, match=r"tile \(0, 0\)"):
            plane.read_region(0, 0, 1, 1)
        assert plane.read_region(256, 0, 1, 1) == 3


def test_the_file_is_replaced_by_another_map(tmp_path: Path) -> None:
    path, other = make(tmp_path / "a.pxi"), tmp_path / "b.pxi"
    with InfiniteMap(path) as plane:
        assert plane.read_region(256, 0, 1, 1) == 3
        with InfiniteMap(other) as new:
            new.put_tile(1, 0, flat(77))
        other.replace(path)
        assert plane.read_region(256, 0, 1, 1) == 77
        with InfiniteMap(other, channels=2) as new:
            new.put_tile(1, 0, np.ones((256, 256, 2), np.uint8))
        other.replace(path)
        with pytest.raises(MapFormatError, match="another kind"):
            plane.read_region(256, 0, 1, 1)
        path.unlink()
        with pytest.raises(NotFoundError):
            plane.read_region(256, 0, 1, 1)


def test_a_store_of_its_own(tmp_path: Path) -> None:
    with InfiniteMap(PxiStore(make(tmp_path / "a.pxi"), None)) as plane:
        assert plane.count() == 6


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=9), st.integers(0, 99999))
def test_hostile_bytes_end_in_our_errors(tmp_path: Path, changes: list[tuple[int, int]], cut: int) -> None:
    path = tmp_path / "a.pxi"
    path.unlink(missing_ok=True)
    make(path)
    data = bytearray(path.read_bytes())
    for at, value in changes:
        data[at % len(data)] = value
    path.write_bytes(data[: cut if cut % 4 == 0 else None])
    try:
        with InfiniteMap(path) as plane:
            assert set(plane) <= {(0, 0), (1, 0), *((x, -1) for x in range(2, 6))}
            plane.bounds()
            assert plane.read_region(256, 0, 1, 1) == 3
            plane.write_region(5, 5, np.ones((3, 3), np.uint8))
    except PixelLLMError:
        pass
