"""The InfiniteMap's behaviour, the same over every store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pixel_llm
from pixel_llm.core.infinite_map import LIMIT, InfiniteMap, Region
from pixel_llm.core.tiles import MapSettings, MemoryStore, TileStore, morton
from pixel_llm.core.tiles.settings import fill_bytes, sample_type
from pixel_llm.errors import InvalidArgumentError

SAMPLES = ["uint8", "int8", "uint16", "float16", "float32"]


def ramp(height: int, width: int, start: int = 1) -> np.ndarray:
    return ((np.arange(height * width).reshape(height, width) + start) % 255 + 1).astype(np.uint8)


class Conformance:
    """What every store must give; a subclass makes the stores."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> TileStore | Path:
        raise NotImplementedError

    def reopened(self, plane: InfiniteMap) -> InfiniteMap:
        plane.close()
        return InfiniteMap(plane._store if plane.location == "<memory>" else plane.location)

    @pytest.fixture
    def plane(self, store: TileStore | Path):
        with InfiniteMap(store) as plane:
            yield plane

    @pytest.mark.parametrize("corner", [(0, 0), (10_000, -10_000), (-300, -70), (-LIMIT, LIMIT - 300)])
    def test_a_region_across_tiles_comes_back(self, plane: InfiniteMap, corner: tuple[int, int]) -> None:
        pixels = ramp(300, 270)
        plane.write_region(*corner, pixels)
        for make in (lambda: plane, lambda: self.reopened(plane)):
            each = make()
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
        assert not plane.get_tile(0, 0).flags.writeable

    def test_tiles(self, plane: InfiniteMap) -> None:
        assert plane.get_tile(-1, 2) is None
        plane.put_tile(-1, 2, ramp(256, 256))
        np.testing.assert_array_equal(plane.get_tile(-1, 2), ramp(256, 256))
        np.testing.assert_array_equal(plane.read_region(-256, 512, 256, 256), ramp(256, 256))
        plane.put_tile(-1, 2, ramp(256, 256, 5), level=3)
        assert (plane.count(), plane.count(3), plane.count(1)) == (1, 1, 0)
        np.testing.assert_array_equal(self.reopened(plane).get_tile(-1, 2, level=3), ramp(256, 256, 5))

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
        np.testing.assert_array_equal(self.reopened(plane).read_region(0, 0, 3, 3), ramp(3, 3, 50))

    def test_a_batch_larger_than_the_budget(self, store: TileStore | Path) -> None:
        with InfiniteMap(store, cache_bytes=200_000) as plane:
            with plane.batch():
                for i in range(9):
                    plane.write_region(i * 256 - 5, 0, ramp(256, 256, i))
            for i in range(8):
                np.testing.assert_array_equal(plane.read_region(i * 256 - 5, 0, 256, 256)[:, :256], ramp(256, 256, i))
            assert plane._cache.used <= 200_000

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
            with pytest.raises(InvalidArgumentError, match="beyond"):
                plane.get_tile(*tile)
        with pytest.raises(InvalidArgumentError, match="read it in parts"):
            plane.read_region(-LIMIT, 0, 2 * LIMIT, 9)

    def test_numpy_coordinates_do_not_wrap(self, plane: InfiniteMap) -> None:
        plane.write_region(np.int32(2**31 - 1), np.int8(-128), ramp(2, 2))
        assert plane.read_region(2**31 - 1, -128, 2, 2).tolist() == ramp(2, 2).tolist()

    @pytest.mark.parametrize(
        "array", [np.zeros((2, 2), np.int16), np.zeros(4, np.uint8), np.zeros((2, 2, 3), np.uint8), [[1]]]
    )
    def test_other_arrays_are_refused(self, plane: InfiniteMap, array: np.ndarray) -> None:
        with pytest.raises(InvalidArgumentError):
            plane.write_region(0, 0, array)


class TestMemory(Conformance):
    @pytest.fixture
    def store(self, tmp_path: Path) -> TileStore:
        return MemoryStore(MapSettings(sample_type("uint8"), 1, b"\0", 256))


class TestSQLite(Conformance):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Path:
        return tmp_path / "a.map"


@pytest.mark.parametrize("compression", ["none", "zlib"])
@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_type(sample: str, channels: int, compression: str, tmp_path: Path) -> None:
    fill = 7 if channels == 1 else [7, 0, 1, 2]
    path = tmp_path / "a.map"
    with InfiniteMap(path, sample=sample, channels=channels, fill=fill, compression=compression) as plane:
        raw = np.random.default_rng(1).integers(0, 255, (90, 70, channels, plane.dtype.itemsize), np.uint8)
        pixels = raw.view(plane.dtype)[..., 0].reshape(plane.settings.shape(90, 70))
        plane.write_region(-30, -40, pixels)
        plane.write_region(900, 0, pixels.astype(plane.dtype.newbyteorder(">")))
    with InfiniteMap(path) as plane:
        assert plane.read_region(-30, -40, 70, 90).tobytes() == pixels.tobytes()
        assert plane.read_region(4000, 0, 1, 1).ravel().tolist() == np.ravel(fill).tolist()
        assert plane.read_region(-31, -40, 1, 1).ravel().tolist() == np.ravel(fill).tolist()
        plane.delete_region(-30, -40, 70, 90)
        assert (-1, -1) not in list(plane)
        assert plane.count() > 0


@pytest.mark.parametrize(
    "bad",
    [
        {"sample": "float64"},
        {"channels": 0},
        {"channels": 5},
        {"tile_size": 128},
        {"tile_size": 300},
        {"tile_size": 8192},
        {"tile_size": 4096, "channels": 4, "sample": "float32"},
        {"fill": 256},
        {"fill": 0.5},
        {"fill": [1, 2]},
        {"fill": [[1], [1, 2]]},
        {"fill": "1"},
        {"fill": 1e30, "sample": "float16"},
        {"compression": "zstd"},
        {"cache_bytes": -1},
    ],
    ids=str,
)
def test_settings_are_checked(bad: dict[str, object]) -> None:
    with pytest.raises(InvalidArgumentError):
        InfiniteMap(**bad)


def test_a_fill_may_be_an_array() -> None:
    plane = InfiniteMap(channels=2, fill=np.array([3, 4]))
    assert plane.read_region(0, 0, 1, 1).tolist() == [[[3, 4]]]


def test_nan_fill_is_compared_bit_by_bit() -> None:
    plane = InfiniteMap(sample="float32", fill=float("nan"))
    plane.write_region(0, 0, np.full((3, 3), np.nan, np.float32))
    assert plane.count() == 0
    assert fill_bytes(float("inf"), sample_type("float16"), 1) == b"\x00\x7c"


def test_the_demonstration_runs(tmp_path: Path) -> None:
    script = Path(pixel_llm.__file__).parent / "core" / "infinite_map.py"
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "reopen" in done.stdout
    assert "WRONG" not in done.stdout
