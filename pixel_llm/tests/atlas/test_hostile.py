"""Bytes that nobody trusts: atlases and tiles that are damaged, cut off, or made up."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pixel_llm.atlas import tile_format
from pixel_llm.atlas.atlas_file import HEADER, AtlasFile
from pixel_llm.atlas.build import build_atlas
from pixel_llm.atlas.statistics import STATISTICS, Sums, sums_of
from pixel_llm.errors import AtlasFormatError, IntegrityError, NotFoundError, PixelLLMError, UnsupportedError
from pixel_llm.formats.model_file import ModelFile


@pytest.fixture(scope="module")
def sound(mixed_pxi: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("atlas") / "a"
    with ModelFile.open(mixed_pxi) as model:
        build_atlas(model, path=path)
    return path.read_bytes()


def read_all(path: Path) -> None:
    with AtlasFile(path) as atlas:
        for key in atlas.tiles:
            assert atlas.planes(*key) is not None


def index_of(data: bytes) -> dict[str, Any]:
    _, _, offset, length, _ = HEADER.unpack_from(data)
    value: dict[str, Any] = json.loads(data[offset : offset + length])
    return value


def with_index(data: bytes, index: object) -> bytes:
    offset = HEADER.unpack_from(data)[2]
    raw = index if isinstance(index, bytes) else json.dumps(index).encode()
    head = HEADER.pack(b"PXA1", 1, offset, len(raw), hashlib.sha256(raw).digest())
    return head + data[HEADER.size : offset] + raw


def test_every_cut_is_noticed(sound: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a"
    for length in [*range(70), len(sound) // 2, len(sound) - 1]:
        path.write_bytes(sound[:length])
        with pytest.raises(PixelLLMError):
            read_all(path)


def test_every_flipped_byte_is_noticed(sound: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a"
    for at in [*range(56), *range(64, len(sound), len(sound) // 50)]:
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        with pytest.raises(PixelLLMError) as raised:
            read_all(path)
        assert str(path) in str(raised.value)


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no tiles": (lambda i: i.pop("tiles"), "tiles"),
    "no layout": (lambda i: i.pop("layout"), "layout"),
    "another tile size": (lambda i: i.update(tile=128), "256"),
    "a level that is no integer": (lambda i: i.update(first_level="4"), "first_level"),
    "a level beyond all": (lambda i: i.update(max_level=99), "max_level"),
    "a level that is true": (lambda i: i.update(first_level=True), "first_level"),
    "root": (lambda i: i.update(root="g" * 64), "SHA-256"),
    "root of another length": (lambda i: i.update(root="ab"), "SHA-256"),
    "a tile before the data": (lambda i: i["tiles"][0].__setitem__(3, 0), "outside"),
    "a tile beyond the data": (lambda i: i["tiles"][0].__setitem__(4, 1 << 40), "outside"),
    "a tile of negative length": (lambda i: i["tiles"][0].__setitem__(4, -5), "outside"),
    "a tile of another level": (lambda i: i["tiles"][0].__setitem__(0, 2), "outside"),
    "a tile of huge place": (lambda i: i["tiles"][0].__setitem__(1, 1 << 50), "outside"),
    "a tile twice": (lambda i: i["tiles"].append(i["tiles"][0]), "twice"),
    "a tile of floats": (lambda i: i["tiles"][0].__setitem__(1, 1.5), "is not"),
    "too many tiles": (lambda i: i.update(tiles=[0] * 2_200_000), "too long"),
    "a tensor without stats": (lambda i: i["layout"]["tensors"][0].pop("stats"), "stats"),
    "a count below zero": (lambda i: i["layout"]["tensors"][0]["stats"].update(count=-1), "count"),
    "a mean that is text": (lambda i: i["layout"]["tensors"][0]["stats"].update(mean="x"), "not a number"),
    "a mean that is NaN": (lambda i: i["layout"]["tensors"][0]["stats"].update(mean=float("nan")), "not a number"),
    "a norm that is text": (lambda i: i["layout"]["tensors"][0]["stats"].update(heads=["x"]), "numbers"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_an_index_that_breaks_a_rule(sound: bytes, tmp_path: Path, what: str) -> None:
    change, message = CHANGES[what]
    index = index_of(sound)
    change(index)
    path = tmp_path / "a"
    path.write_bytes(with_index(sound, index))
    with pytest.raises(AtlasFormatError, match=message):
        read_all(path)


@pytest.mark.parametrize("raw", [b"[]", b"{ ", b'"\xff"', b"[" * 100_000 + b"]" * 100_000, b"9" * 5000, b"{}"])
def test_an_index_that_is_no_object(sound: bytes, tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(with_index(sound, raw))
    with pytest.raises(AtlasFormatError, match="index"):
        read_all(path)


def test_other_files_are_told_apart(sound: bytes, mixed_pxi: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="map build"):
        AtlasFile(tmp_path / "none")
    with pytest.raises(AtlasFormatError, match="not the atlas"):
        AtlasFile(mixed_pxi)
    with pytest.raises(AtlasFormatError):
        AtlasFile(tmp_path)
    path = tmp_path / "a"
    path.write_bytes(sound[:4] + struct.pack("<I", 2) + sound[8:])
    with pytest.raises(UnsupportedError, match="version 2"):
        AtlasFile(path)


def test_one_damaged_tile_leaves_the_others(sound: bytes, tmp_path: Path) -> None:
    index = index_of(sound)
    level, x, y, offset, _, _ = index["tiles"][0]
    path = tmp_path / "a"
    path.write_bytes(sound[:offset] + b"\0" + sound[offset + 1 :])
    with AtlasFile(path) as atlas:
        with pytest.raises(IntegrityError, match=f"tile {level}/{x}/{y}"):
            atlas.planes(level, x, y)
        assert all(atlas.planes(*key) for key in atlas.tiles if key != (level, x, y))
        assert atlas.planes(level, 9999, 0) is None


@pytest.mark.parametrize("bomb", [zlib.compress(bytes(20 << 20), 9), b"not zlib", zlib.compress(b"x") + b"more", b""])
def test_tiles_that_are_no_tiles(sound: bytes, tmp_path: Path, bomb: bytes) -> None:
    """Right hashes, wrong content: the atlas of somebody who means harm."""
    index = index_of(sound)
    level, x, y = index["tiles"][0][:3]
    index["tiles"] = [[level, x, y, HEADER.size, max(1, len(bomb)), hashlib.sha256(bomb).hexdigest()]]
    raw = json.dumps(index).encode()
    body = bomb or b"x"
    path = tmp_path / "a"
    digest = hashlib.sha256(raw).digest()
    path.write_bytes(HEADER.pack(b"PXA1", 1, HEADER.size + len(body), len(raw), digest) + body + raw)
    with AtlasFile(path) as atlas, pytest.raises((AtlasFormatError, IntegrityError)):
        atlas.planes(level, x, y)


def some_tile() -> bytes:
    values = np.random.default_rng(0).standard_normal((512, 512)).astype(np.float32)
    return tile_format.encode_sums(1, sums_of(values, 0, 0, 2))


TILE_BYTES = some_tile()


@given(st.binary(max_size=80))
@example(b"PXT1")
@example(b"PXT1" + bytes([3, 6]) + struct.pack("<H", 256))
def test_any_bytes_as_a_tile(data: bytes) -> None:
    with pytest.raises(AtlasFormatError):
        tile_format.decode_tile(data)
    with pytest.raises(AtlasFormatError):
        tile_format.unpack(data)


@given(st.integers(0, 70), st.integers(0, 255))
def test_any_change_of_a_tiles_head(at: int, value: int) -> None:
    data = TILE_BYTES[:at] + bytes([value]) + TILE_BYTES[at + 1 :]
    try:
        level, planes = tile_format.decode_tile(data)
    except AtlasFormatError:
        return
    assert 1 <= level <= 40 and len(planes) == len(STATISTICS) and all(p.shape == (256, 256) for p in planes)


def test_tiles_of_other_lengths() -> None:
    for data in (TILE_BYTES[:-1], TILE_BYTES + b"\0"):
        with pytest.raises(AtlasFormatError):
            tile_format.decode_tile(data)


@pytest.mark.parametrize("scale", [1e-44, 1e-30, 0.02, 1.0, 1e20, 3e38])
def test_what_a_tile_keeps(scale: float) -> None:
    """Within a 1000th of the largest, whatever the magnitude; bounds stay bounds."""
    rng = np.random.default_rng(0)
    with np.errstate(under="ignore"):
        values = (rng.uniform(-1, 1, (256, 256)) * scale).astype(np.float32)
    sums = sums_of(values, 0, 0, 1)
    level, planes = tile_format.decode_tile(tile_format.unpack(tile_format.pack(tile_format.encode_sums(4, sums))))
    exact, found = sums.statistics(), dict(zip(STATISTICS, planes, strict=True))
    assert level == 4
    for name in ("mean", "rms", "min", "max"):
        error = np.abs(found[name] - exact[name])
        assert (error <= np.abs(exact[name]) * 2**-9 + scale * 2**-24 + 2e-45).all(), name
    assert (found["min"] <= exact["min"]).all() and (found["max"] >= exact["max"]).all()


def test_shares_of_nearly_all_and_nearly_none() -> None:
    values = np.ones((64 * 4, 16 * 64), np.float32)
    values[0, 0] = 0
    values[:64, 16:32] = 0
    values[5, 20] = 1
    sums = Sums.empty(256, 256)
    part = sums_of(values, 0, 0, 64)
    sums[: part.count.shape[0], : part.count.shape[1]].merge(part)
    zeros = dict(zip(STATISTICS, tile_format.decode_tile(tile_format.encode_sums(6, sums))[1], strict=True))["zeros"]
    assert 0 < zeros[0, 0] < 1 and zeros[1, 1] == 0 and np.isnan(zeros[0, 255])
