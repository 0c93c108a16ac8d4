"""The InfiniteMap's behaviour, the same over every store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pixel_llm
from pixel_llm.core.infinite_map import InfiniteMap
from pixel_llm.core.tiles import MapSettings, MemoryStore, TileStore
from pixel_llm.core.tiles.reducers import REDUCERS
from pixel_llm.core.tiles.settings import fill_bytes, sample_type
from pixel_llm.errors import InvalidArgumentError
from pixel_llm.testing.tile_store import TileStoreConformance
from pixel_llm.testing.tile_store_files import FileStoreConformance

SAMPLES = ["uint8", "int8", "uint16", "float16", "float32"]


class TestMemory(TileStoreConformance):
    def target(self, folder: Path) -> TileStore:
        return MemoryStore(MapSettings(sample_type("uint8"), 1, b"\0", 256))


class TestSQLite(FileStoreConformance):
    suffix = ".map"
    patience = "pixel_llm.core.tiles.sqlite_connection.WAIT"


class TestPxi(FileStoreConformance):
    suffix = ".pxi"
    patience = "pixel_llm.core.tiles.pxi_store.WAIT"


@pytest.mark.parametrize("compression", ["none", "zstd"])
@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("name", ["a.map", "a.pxi"])
def test_every_sample_type(sample: str, channels: int, compression: str, name: str, tmp_path: Path) -> None:
    fill = 7 if channels == 1 else [7, 0, 1, 2]
    path = tmp_path / name
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
        {"compression": "zlib"},
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


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("name", sorted(REDUCERS))
def test_reducers_are_those_of_plain_arithmetic(name: str, sample: str, channels: int) -> None:
    raw = np.random.default_rng(4).normal(0, 60, (6, 10, channels)).astype(np.int8)
    pixels = raw.astype(sample) if sample[0] != "u" else raw.view(np.uint8).astype(sample)
    pixels = pixels[..., 0] if channels == 1 else pixels
    blocks = pixels.astype(np.float64).reshape(3, 2, 5, 2, -1).transpose(0, 2, 1, 3, 4).reshape(3, 5, 4, channels)
    expected = {
        "mean": blocks.mean(2) if sample[0] == "f" else np.floor(blocks.mean(2) + 0.5),
        "max": blocks.max(2),
        "min": blocks.min(2),
        "nearest": blocks[:, :, 0],
    }[name]
    result = REDUCERS[name](pixels)
    assert result.dtype == pixels.dtype
    np.testing.assert_array_equal(result.reshape(expected.shape), expected.astype(sample))
