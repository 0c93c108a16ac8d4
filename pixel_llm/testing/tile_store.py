"""TileStoreConformance: what every store of the InfiniteMap must do, as tests to inherit.

    class TestMine(TileStoreConformance):
        def target(self, folder: Path) -> TileStore | Path:
            return MyStore(MapSettings(sample_type("uint8"), 1, bytes(1), 256))

`tile_store_files` has the tests of stores that are files. pytest collects what is inherited.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pixel_llm.core.infinite_map import LIMIT, InfiniteMap, Region
from pixel_llm.core.tiles import TileStore, morton
from pixel_llm.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError

Pixels = NDArray[Any]


def ramp(height: int, width: int, start: int = 1) -> Pixels:
    """Pixels from 1 to 255 that follow each other."""
    return ((np.arange(height * width).reshape(height, width) + start) % 255 + 1).astype(np.uint8)


def flat(value: int, side: int = 256) -> Pixels:
    return np.full((side, side), value, np.uint8)


def reopened(plane: InfiniteMap) -> InfiniteMap:
    """The map closed and opened again."""
    plane.close()
    return InfiniteMap(plane._store if plane.location == "<memory>" else plane.location)


class TileStoreConformance:
    """Inherit it and write `target`: a new store or a path, for one uint8 channel, fill 0 and 256 pixels a tile."""

    def target(self, folder: Path) -> TileStore | Path:
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> TileStore | Path:
        return self.target(tmp_path)

    @pytest.fixture
    def plane(self, store: TileStore | Path) -> Iterator[InfiniteMap]:
        with InfiniteMap(store) as plane:
            yield plane

    @pytest.mark.parametrize("corner", [(0, 0), (10_000, -10_000), (-300, -70), (-LIMIT, LIMIT - 300)])
    def test_a_region_across_tiles_comes_back(self, plane: InfiniteMap, corner: tuple[int, int]) -> None:
        pixels = ramp(300, 270)
        plane.write_region(*corner, pixels)
        for again in (False, True):
            each = reopened(plane) if again else plane
            np.testing.assert_array_equal(each.read_region(*corner, 270, 300), pixels)
            np.testing.assert_array_equal(
                each.read_region(corner[0] + 100, corner[1] + 50, 3, 4), pixels[50:54, 100:103]
            )

    def test_unwritten_pixels_are_fill(self, plane: InfiniteMap) -> None:
        plane.write_region(-1, -1, ramp(2, 2))
        assert plane.read_region(-3, -2, 5, 4).tolist() == [[0] * 5, [0, 0, 2, 3, 0], [0, 0, 4, 5, 0], [0] * 5]

    def test_a_read_array_is_the_callers(self, plane: InfiniteMap) -> None:
        source = ramp(256, 256)
        plane.write_region(0, 0, source)
        source[:] = 9
        for box in ((0, 0, 256, 256), (3, 3, 5, 5)):
            plane.read_region(*box)[:] = 7
        np.testing.assert_array_equal(plane.read_region(0, 0, 256, 256), ramp(256, 256))
        tile = plane.get_tile(0, 0)
        assert tile is not None
        assert not tile.flags.writeable

    def test_tiles(self, plane: InfiniteMap) -> None:
        assert plane.get_tile(-1, 2) is None
        plane.put_tile(-1, 2, ramp(256, 256))
        np.testing.assert_array_equal(plane.get_tile(-1, 2), ramp(256, 256))
        np.testing.assert_array_equal(plane.read_region(-256, 512, 256, 256), ramp(256, 256))
        plane.put_tile(-1, 2, ramp(256, 256, 5), level=3)
        assert (plane.count(), plane.count(3), plane.count(1)) == (1, 1, 0)
        np.testing.assert_array_equal(reopened(plane).get_tile(-1, 2, level=3), ramp(256, 256, 5))

    def test_fill_pixels_are_not_stored(self, plane: InfiniteMap) -> None:
        plane.write_region(5, 5, np.zeros((600, 600), np.uint8))
        assert plane.count() == 0
        plane.write_region(5, 5, ramp(1, 1))
        plane.write_region(5, 5, np.zeros((1, 1), np.uint8))
        assert list(plane) == []

    def test_delete(self, plane: InfiniteMap) -> None:
        plane.write_region(-600, -600, np.full((1200, 1200), 8, np.uint8))
        plane.delete_region(-300, -10, 500, 400)
        expected = np.full((1200, 1200), 8, np.uint8)
        expected[590:990, 300:800] = 0
        np.testing.assert_array_equal(plane.read_region(-600, -600, 1200, 1200), expected)
        assert (0, 0) in list(plane)
        assert (-1, 0) not in list(plane)
        plane.delete_region(-LIMIT, -LIMIT, 2 * LIMIT, 2 * LIMIT)
        assert list(plane) == []
        assert not plane.read_region(-600, -600, 1200, 1200).any()

    def test_questions_about_tiles(self, plane: InfiniteMap) -> None:
        assert plane.bounds() is None
        assert plane.nearest(0, 0) == []
        for x, y in [(0, 0), (1, 0), (-1, -1), (40, -3), (-LIMIT // 256, LIMIT // 256 - 1)]:
            plane.put_tile(x, y, ramp(256, 256))
        assert plane.neighbours(0, 0) == [(-1, -1), (1, 0)]
        assert plane.neighbours(-LIMIT // 256, LIMIT // 256 - 1) == []
        assert plane.nearest(10_000, 0) == [(40, -3)]
        assert plane.nearest(300, 10, count=9) == [
            (1, 0),
            (0, 0),
            (-1, -1),
            (40, -3),
            (-LIMIT // 256, LIMIT // 256 - 1),
        ]
        assert plane.nearest(-1, 0, count=2) == [(-1, -1), (0, 0)]  # both one pixel away: Z-order
        assert plane.bounds() == Region(-LIMIT, -768, LIMIT + 41 * 256, LIMIT + 768)
        assert plane.tiles_in(-1, -1, 2, 2).tolist() == [[-1, -1], [0, 0]]
        assert plane.occupancy(-1, -1, 2, 2) == (2, 4)
        assert plane.occupancy(-LIMIT, -LIMIT, 2 * LIMIT, 2 * LIMIT) == (5, 4**31 // 4 * 4)

    def test_iteration_is_in_z_order_and_passes_chunks(
        self, plane: InfiniteMap, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("pixel_llm.core.infinite_map._CHUNK", 7)
        with plane.batch():
            for y in range(-4, 4):
                for x in range(-4, 4):
                    plane.put_tile(x, y, np.full((256, 256), 3, np.uint8))
        order = list(plane)
        assert len(order) == 64
        assert order == sorted(order, key=lambda t: morton.encode(0, *t))
        assert order[:4] == [(-4, -4), (-3, -4), (-4, -3), (-3, -3)]

    def test_a_batch_is_all_or_nothing(self, plane: InfiniteMap) -> None:
        plane.write_region(0, 0, ramp(3, 3))
        with pytest.raises(RuntimeError, match="stop"), plane.batch():
            plane.write_region(0, 0, ramp(3, 3, 50))
            plane.put_tile(9, 9, ramp(256, 256))
            assert list(plane) == [(0, 0), (9, 9)]
            plane.delete_region(0, 0, 1, 1)
            assert plane.read_region(0, 0, 2, 1).tolist() == [[0, 52]]
            raise RuntimeError("stop")
        assert list(plane) == [(0, 0)]
        np.testing.assert_array_equal(plane.read_region(0, 0, 3, 3), ramp(3, 3))
        with plane.batch() as same:
            same.write_region(0, 0, ramp(3, 3, 50))
        np.testing.assert_array_equal(reopened(plane).read_region(0, 0, 3, 3), ramp(3, 3, 50))

    def test_a_batch_larger_than_the_budget(self, store: TileStore | Path) -> None:
        with InfiniteMap(store, cache_bytes=200_000) as plane:
            with plane.batch():
                for i in range(9):
                    plane.write_region(i * 256 - 5, 0, ramp(256, 256, i))
            for i in range(8):
                np.testing.assert_array_equal(plane.read_region(i * 256 - 5, 0, 256, 256)[:, :256], ramp(256, 256, i))
            assert plane._cache.used <= 200_000

    @pytest.mark.parametrize("cache", [0, 300_000, 1 << 26])
    def test_many_tiles_at_once(self, store: TileStore | Path, cache: int) -> None:
        pixels = np.random.default_rng(6).integers(0, 3, (1900, 2100), np.uint8)
        pixels[300:900, 400:1100] = 0  # some tiles are not there
        with InfiniteMap(store, cache_bytes=cache) as plane:
            plane.write_region(-777, 999, pixels)
            np.testing.assert_array_equal(plane.read_region(-777, 999, 2100, 1900), pixels)
            with plane.batch():
                plane.write_region(0, 1500, np.full((300, 300), 9, np.uint8))
                pixels[501:801, 777:1077] = 9
                np.testing.assert_array_equal(plane.read_region(-777, 999, 2100, 1900), pixels)
            np.testing.assert_array_equal(plane.read_region(-776, 1000, 2000, 1890), pixels[1:1891, 1:2001])
            assert plane._cache.used <= cache

    def test_batches_and_snapshots_do_not_nest(self, plane: InfiniteMap) -> None:
        with plane.batch(), pytest.raises(InvalidArgumentError, match="batch is under way"), plane.batch():
            pass
        with plane.snapshot():
            with pytest.raises(InvalidArgumentError, match="snapshot is under way"):
                plane.write_region(0, 0, ramp(1, 1))
            with pytest.raises(InvalidArgumentError):
                plane.close()
        plane.close()
        plane.close()
        with pytest.raises(InvalidArgumentError, match="closed"):
            plane.read_region(0, 0, 1, 1)

    @pytest.mark.parametrize(
        "box",
        [(LIMIT, 0, 1, 1), (-LIMIT - 1, 0, 1, 1), (0, LIMIT - 1, 1, 2), (0, 0, 0, 1), (0, 0, 1, -1), (1.5, 0, 1, 1)],
    )
    def test_limits_are_refused(self, plane: InfiniteMap, box: tuple[int, int, int, int]) -> None:
        for call in (plane.read_region, plane.delete_region, plane.tiles_in, plane.occupancy):
            with pytest.raises(InvalidArgumentError):
                call(*box)

    def test_the_last_pixels_of_the_plane(self, plane: InfiniteMap) -> None:
        for x in (-LIMIT, LIMIT - 1):
            for y in (-LIMIT, LIMIT - 1):
                plane.write_region(x, y, ramp(1, 1, x & 1))
                assert plane.read_region(x, y, 1, 1) == ramp(1, 1, x & 1)
        assert plane.bounds() == (-LIMIT, -LIMIT, 2 * LIMIT, 2 * LIMIT)
        with pytest.raises(InvalidArgumentError, match="beyond"):
            plane.write_region(LIMIT - 1, 0, ramp(1, 2))
        for tile in ((LIMIT // 256, 0, 0), (0, 0, 31), (0, 0, -1), (2, 0, 29)):
            with pytest.raises(InvalidArgumentError, match=r"beyond|no level"):
                plane.get_tile(*tile)
        with pytest.raises(InvalidArgumentError, match="read it in parts"):
            plane.read_region(-LIMIT, 0, 2 * LIMIT, 9)

    def test_numpy_coordinates_do_not_wrap(self, plane: InfiniteMap) -> None:
        x, y = np.array([2**31 - 1, -128], np.int32)
        plane.write_region(x, y, ramp(2, 2))
        assert plane.read_region(2**31 - 1, -128, 2, 2).tolist() == ramp(2, 2).tolist()

    @pytest.mark.parametrize(
        "array", [np.zeros((2, 2), np.int16), np.zeros(4, np.uint8), np.zeros((2, 2, 3), np.uint8), [[1]]]
    )
    def test_other_arrays_are_refused(self, plane: InfiniteMap, array: np.ndarray) -> None:
        with pytest.raises(InvalidArgumentError):
            plane.write_region(0, 0, array)

    def test_levels_are_read_by_regions_too(self, plane: InfiniteMap) -> None:
        plane.put_tile(-1, 0, ramp(256, 256), level=5)
        np.testing.assert_array_equal(plane.read_region(-7, 3, 9, 4, level=5)[:, :7], ramp(256, 256)[3:7, 249:])
        assert not plane.read_region(-7, 3, 9, 4, level=5)[:, 7:].any()
        assert not plane.read_region(-7, 3, 9, 4).any()
        assert plane.tiles_in(-700, 0, 2000, 1, level=5).tolist() == [[-1, 0]]
        assert plane.tiles_in(-700, 0, 2000, 1).tolist() == []
        for box, level in (((LIMIT >> 5, 0, 1, 1), 5), ((0, 0, 1, 1), 31), ((0, 0, 1, 1), -1)):
            with pytest.raises(InvalidArgumentError):
                plane.read_region(*box, level=level)

    def test_a_pyramid_follows_what_is_below(self, plane: InfiniteMap) -> None:
        pixels = np.random.default_rng(5).integers(0, 256, (1024, 1024), np.uint8)
        plane.write_region(-512, -512, pixels)
        plane.put_tile(0, 0, flat(9), level=7)  # of another time
        seen: list[tuple[int, int, int]] = []
        assert plane.build_pyramid(progress=lambda *step: seen.append(step)) == 1
        quarters = pixels.astype(int).reshape(512, 2, 512, 2).sum(axis=(1, 3))
        np.testing.assert_array_equal(plane.read_region(-256, -256, 512, 512, level=1), (quarters + 2) // 4)
        assert seen[-1] == (1, 4, 4)
        assert plane.count(7) == 0
        plane.delete_region(-512, -512, 512, 512)
        plane.write_region(400, 0, ramp(1, 1, 250))
        plane.build_pyramid("max", region=(400, 0, 1, 1))
        assert plane.read_region(200, 0, 1, 1, level=1) == plane.read_region(400, 0, 2, 2).max()
        assert plane.get_tile(-1, -1, 1) is not None  # lies outside the region: not looked at
        plane.build_pyramid("min", levels=3)
        assert plane.get_tile(-1, -1, 1) is None
        assert plane.count(3) > 0
        np.testing.assert_array_equal(plane.read_region(0, 0, 4, 4, level=3), reduced(plane, 32, 8))

    def test_a_pyramid_is_all_or_nothing(self, plane: InfiniteMap) -> None:
        plane.write_region(0, 0, np.full((256, 1024), 8, np.uint8))
        plane.build_pyramid("nearest")
        before = plane.read_region(0, 0, 512, 128, level=1)
        calls: list[int] = []

        def fails(pixels: Pixels) -> Pixels:
            calls.append(1)
            if len(calls) == 2:
                raise ZeroDivisionError
            return pixels[::2, ::2] + np.uint8(1)

        with pytest.raises(ZeroDivisionError):
            plane.build_pyramid(fails)
        np.testing.assert_array_equal(plane.read_region(0, 0, 512, 128, level=1), before)
        bad: Any
        for bad in (lambda p: p, lambda p: p[::2, ::2].astype(float), lambda p: 5, "median"):
            with pytest.raises(InvalidArgumentError, match="reduce"):
                plane.build_pyramid(bad)
        with pytest.raises(InvalidArgumentError, match="levels"):
            plane.build_pyramid(levels=31)

    def test_far_apart_tiles_meet_in_the_highest_level(self, plane: InfiniteMap) -> None:
        for x in (-LIMIT, LIMIT - 1):
            plane.write_region(x, x, ramp(1, 1))
        assert plane.build_pyramid("max") == 30
        assert [plane.count(level) for level in (0, 1, 17, 30)] == [2, 2, 2, 2]
        assert list(plane.tiles(30)) == [(-1, -1), (0, 0)]

    def test_snapshots_last(self, plane: InfiniteMap) -> None:
        plane.write_region(0, 0, np.full((256, 600), 1, np.uint8))
        plane.take_snapshot("one")
        plane.take_snapshot("the same")
        plane.write_region(0, 0, np.full((256, 300), 2, np.uint8))
        plane.put_tile(40, 40, flat(2))
        plane.delete_region(512, 0, 256, 256)
        plane.take_snapshot("two")
        plane.delete_region(-LIMIT, -LIMIT, 2 * LIMIT, 2 * LIMIT)
        plane.write_region(0, 0, ramp(1, 1, 2))
        plane = reopened(plane)
        assert [one.name for one in plane.snapshots()] == ["one", "the same", "two"]
        for name in ("one", "the same"):
            with plane.open_snapshot(name) as old:
                assert np.unique(old.read_region(0, 0, 600, 256)).tolist() == [1]
                assert list(old) == [(0, 0), (1, 0), (2, 0)]
                assert old.bounds() == (0, 0, 768, 256)
                assert old.count() == 3
                assert old.neighbours(1, 0) == [(0, 0), (2, 0)]
                assert old.tiles_in(256, 0, 9999, 1).tolist() == [[1, 0], [2, 0]]
                with pytest.raises(InvalidArgumentError, match="reading only"):
                    old.write_region(0, 0, ramp(1, 1))
        with plane.open_snapshot("two") as old:
            assert old.read_region(295, 0, 10, 1).tolist() == [[2] * 5 + [1] * 5]
            assert list(old) == [(0, 0), (1, 0), (40, 40)]
        plane.delete_snapshot("one")
        plane.write_region(0, 0, ramp(1, 1, 9))
        with plane.open_snapshot("the same") as old:
            assert old.read_region(0, 0, 1, 1) == 1
        plane.delete_snapshot("the same")
        with plane.open_snapshot("two") as old:
            assert old.read_region(0, 0, 1, 1) == 2
        plane.delete_snapshot("two")
        assert plane.snapshots() == []
        assert list(plane) == [(0, 0)]
        assert plane.read_region(0, 0, 1, 1) == ramp(1, 1, 9)

    def test_snapshots_that_cannot_be(self, plane: InfiniteMap) -> None:
        plane.take_snapshot("one")
        with pytest.raises(AlreadyExistsError, match="one"):
            plane.take_snapshot("one")
        for missing in (plane.open_snapshot, plane.delete_snapshot):
            with pytest.raises(NotFoundError, match="two"):
                missing("two")
        for name in ("", "a\nb", "x" * 201, None):
            with pytest.raises(InvalidArgumentError, match="name"):
                plane.take_snapshot(name)  # type: ignore[arg-type]
        with plane.batch(), pytest.raises(InvalidArgumentError, match="under way"):
            plane.take_snapshot("two")
        assert [one.name for one in plane.snapshots()] == ["one"]

    def test_compacting_changes_nothing_else(self, plane: InfiniteMap) -> None:
        rng = np.random.default_rng(3)
        tiles = rng.integers(1, 256, (12, 256, 256), np.uint8)
        for turn in range(3):
            for at in range(turn, 12):
                plane.put_tile(at * 3, -at, tiles[at])
        plane.delete_region(0, 0, 256, 256)
        plane.put_tile(1, 1, tiles[0], level=4)
        order = list(plane)
        plane.compact()
        for again in (False, True):
            each = reopened(plane) if again else plane
            assert list(each) == order
            for at in range(1, 12):
                np.testing.assert_array_equal(each.get_tile(at * 3, -at), tiles[at])
            np.testing.assert_array_equal(each.get_tile(1, 1, 4), tiles[0])
        each.put_tile(0, 9, tiles[0])
        assert each.count() == len(order) + 1
        with each.batch(), pytest.raises(InvalidArgumentError, match="under way"):
            each.compact()

    def test_many_small_batches(self, plane: InfiniteMap) -> None:
        model: dict[tuple[int, int], int] = {}
        rng = np.random.default_rng(8)
        for turn in range(60):
            x, y = (int(v) for v in rng.integers(-3, 3, 2))
            if turn % 4 == 3:
                plane.delete_region(x * 256, y * 256, 512, 256)
                model.pop((x, y), None)
                model.pop((x + 1, y), None)
            else:
                plane.put_tile(x, y, flat(turn + 1))
                model[x, y] = turn + 1
            if turn % 20 == 19:
                plane = reopened(plane)
        assert {tuple(tile): int(plane.read_region(tile.x * 256, tile.y * 256, 1, 1)[0, 0]) for tile in plane} == model
        box = plane.tiles_in(-256, -512, 700, 800).tolist()
        assert sorted(map(tuple, box)) == sorted(t for t in model if -1 <= t[0] <= 1 and -2 <= t[1] <= 1)


def reduced(plane: InfiniteMap, side: int, by: int) -> Pixels:
    """The minimum of blocks of the first pixels, from the pixels themselves."""
    pixels = plane.read_region(0, 0, side, side).reshape(side // by, by, side // by, by)
    result: Pixels = pixels.min(axis=(1, 3))
    return result
