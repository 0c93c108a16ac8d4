"""PixelFS as a store: against a dictionary, in ranges, under damage, with several processes, under kill -9."""

from __future__ import annotations

import io
import math
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from PIL import Image

from pixel_llm.core.pixelfs import PixelFS, default_root
from pixel_llm.core.pixelfs_sheet import SheetBuilder
from pixel_llm.core.pixelfs_source import BLOCK
from pixel_llm.core.pxi import PxiWriter
from pixel_llm.errors import (
    AlreadyExistsError,
    InvalidArgumentError,
    NotFoundError,
    PxiFormatError,
    StorageError,
)

MIB = 1 << 20


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.fixture
def store(tmp_path: Path) -> PixelFS:
    return PixelFS(tmp_path / "store")


@pytest.mark.parametrize(
    ("size", "height", "pixels"),
    [(0, 1, 0), (1, 1, 1), (3, 1, 1), (4, 1, 2), (3072, 1, 1024), (3073, 2, 1025), (3600, 2, 1200), (MIB, 342, 349526)],
)
def test_bytes_become_an_image_1024_wide(store: PixelFS, size: int, height: int, pixels: int) -> None:
    data = noise(size)
    info = store.write("a/b.bin", data)
    assert (info.size, info.width, info.height, info.pixels) == (size, 1024, height, pixels)
    assert info.file == store.root / "a" / "b.bin.pxi" and info.path == "a/b.bin"
    assert abs(info.modified - datetime.now(UTC)) < timedelta(minutes=1)
    assert store.read("a/b.bin") == data
    assert store.info("a/b.bin") == info
    with Image.open(info.file) as image:
        assert image.size == (1024, height)
        assert image.tobytes()[:size] == data
    assert store.verify("a/b.bin").ok


def test_equal_bytes_have_equal_content_hashes(store: PixelFS) -> None:
    one = store.write("one", noise(5000))
    two = store.write("two", iter([noise(5000)[:7], noise(5000)[7:]]))
    other = store.write("other", noise(5000, seed=1))
    padded = store.write("padded", noise(5000) + b"\0")
    assert one.content_hash == two.content_hash
    assert len({one.content_hash, other.content_hash, padded.content_hash}) == 3


class OneByteReads(io.RawIOBase):
    """A pipe that gives little at a time and cannot seek."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        step = min(1 + size // 5, len(self.data))
        part, self.data = self.data[:step], self.data[step:]
        return part


def sources(data: bytes, folder: Path) -> Iterator[tuple[str, Any]]:
    yield "bytes", data
    yield "bytearray", bytearray(data)
    yield "memoryview", memoryview(data)
    yield "array", np.frombuffer(data, np.uint8)
    yield "shaped", np.frombuffer(data[: len(data) // 4 * 4], "<u4").reshape(-1, 1)
    yield "list", [data[:10], memoryview(data)[10:11], b"", data[11:]]
    yield "generator", (data[i : i + 100_003] for i in range(0, len(data), 100_003))
    yield "bytesio", io.BytesIO(data)
    yield "pipe", OneByteReads(data)
    path = folder / "source"
    path.write_bytes(data)
    yield "file", path.open("rb", buffering=0)
    late = path.open("rb")
    late.seek(1000)
    yield "late", late


@pytest.mark.parametrize("size", [0, 1000, BLOCK - 4, BLOCK, 2 * BLOCK + 3001])
def test_every_kind_of_source(store: PixelFS, tmp_path: Path, size: int) -> None:
    data = noise(size)
    for kind, source in sources(data, tmp_path):
        info = store.write(kind, source)
        expected = {"late": data[1000:], "shaped": data[: size // 4 * 4]}.get(kind, data)
        assert info.size == len(expected), kind
        assert store.read(kind) == expected, kind
        if hasattr(source, "close"):
            source.close()


def test_a_long_stream_of_unknown_length_is_spooled_in_the_root(store: PixelFS) -> None:
    store.write("first", b"")
    data = noise(MIB)
    store.write("long", (data for _ in range(12)))
    assert store.info("long").size == 12 * MIB
    assert store.read("long", 11 * MIB) == data
    assert sorted(p.name for p in store.root.iterdir()) == ["first.pxi", "long.pxi"]


@pytest.mark.parametrize(
    "data",
    ["text", 17, [1, 2], ["text"], io.StringIO("text"), np.arange(10)[::2], None, [b"fine", None]],
    ids=lambda d: f"{type(d).__name__}",
)
def test_what_is_not_bytes_is_refused_and_leaves_the_old_content(store: PixelFS, data: Any) -> None:
    store.write("a", b"old")
    with pytest.raises(InvalidArgumentError):
        store.write("a", data)
    assert store.read("a") == b"old"
    assert store.list() == ["a"]


def test_an_exception_of_the_source_passes_through_and_leaves_the_old_content(store: PixelFS) -> None:
    store.write("a", b"old")

    def failing() -> Iterator[bytes]:
        yield noise(5 * MIB)
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        store.write("a", failing())

    class Shrinking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return b""

    with pytest.raises(InvalidArgumentError):
        store.write("a", Shrinking(b"x" * 10))
    assert store.read("a") == b"old"
    assert [p.name for p in store.root.iterdir()] == ["a.pxi"]


def test_no_overwriting_unless_allowed(store: PixelFS) -> None:
    store.write("a", b"old", overwrite=False)
    with pytest.raises(AlreadyExistsError):
        store.write("a", b"new", overwrite=False)
    assert store.read("a") == b"old"
    store.write("a", b"new")
    assert store.read("a") == b"new"


def test_what_is_missing(store: PixelFS) -> None:
    for call in (store.read, store.open_read, store.info, store.verify, store.delete):
        with pytest.raises(NotFoundError, match="'a/b'"):
            call("a/b")
    assert store.list() == [] and not store.exists("a/b")


def test_delete_removes_folders_that_become_empty(store: PixelFS) -> None:
    store.write("a/b/c", b"1")
    store.write("a/d", b"2")
    store.delete("a/b/c")
    assert store.list() == ["a/d"] and not (store.root / "a" / "b").exists()
    store.delete("a/d")
    assert list(store.root.iterdir()) == []


def test_a_pxi_file_of_another_kind_is_named(store: PixelFS) -> None:
    store.root.mkdir()
    with PxiWriter(store.root / "model.pxi") as writer:
        writer.add_array("weights", np.zeros((2, 2), np.float32))
    with pytest.raises(PxiFormatError, match="not a file of PixelFS"):
        store.read("model")
    assert not store.verify("model").ok
    (store.root / "text.pxi").write_text("not a container")
    with pytest.raises(PxiFormatError):
        store.info("text")
    assert not store.verify("text").ok


def test_a_system_that_refuses(store: PixelFS, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        PixelFS(tmp_path / "file").write("a", b"1")
    store.root.mkdir()
    (store.root / "a").touch()
    with pytest.raises(StorageError):
        store.write("a/b", b"1")


def test_the_default_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIXELFS_ROOT", raising=False)
    assert default_root() == Path("pixelfs")
    monkeypatch.setenv("PIXELFS_ROOT", "/somewhere")
    assert default_root() == Path("/somewhere")


# --- ranges -----------------------------------------------------------------------------------------------------


SIZE = 2 * MIB + 12_345
edges = st.sampled_from([0, 1, 3071, 3072, 3073, MIB - 1, MIB, MIB + 1, 2 * MIB, SIZE - 1, SIZE, SIZE + 1, 10 * MIB])
positions = edges | st.integers(0, SIZE + 10)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> tuple[PixelFS, bytes]:
    store = PixelFS(tmp_path_factory.mktemp("ranges"))
    data = noise(SIZE)
    store.write("big", data)
    return store, data


@settings(max_examples=120, deadline=None)
@given(offset=positions, length=st.none() | positions)
def test_a_range_equals_the_slice(big: tuple[PixelFS, bytes], offset: int, length: int | None) -> None:
    store, data = big
    stop = None if length is None else offset + length
    assert store.read("big", offset, length) == data[offset:stop]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0, 1, 2]), positions, st.integers(0, 200_000) | st.just(-1)), max_size=8))
def test_open_read_behaves_as_a_file(big: tuple[PixelFS, bytes], steps: list[tuple[int, int, int]]) -> None:
    store, data = big
    model = io.BytesIO(data)
    with store.open_read("big") as file:
        assert file.readable() and file.seekable() and not file.writable()
        for whence, offset, count in steps:
            offset = -min(offset, SIZE) if whence == 2 else offset
            assert file.seek(offset, whence) == model.seek(offset, whence) == file.tell()
            assert file.read(count) == model.read(count)
            assert file.tell() == model.tell()
        with pytest.raises(ValueError, match="seek"):
            file.seek(-1)
    assert file.closed
    with pytest.raises(ValueError, match="closed"):
        file.read(1)


@pytest.mark.parametrize(("offset", "length"), [(-1, None), (0, -1), (-5, 3)])
def test_negative_ranges_are_refused(big: tuple[PixelFS, bytes], offset: int, length: int | None) -> None:
    with pytest.raises(InvalidArgumentError, match="negative"):
        big[0].read("big", offset, length)


# --- the dictionary ---------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "a/b", "a/b/c", "d/e.bin", "d/f", "d"])
CONTENTS = st.binary(max_size=50) | st.integers(0, 9000).map(noise)


class DictionaryModel(RuleBasedStateMachine):
    """A PixelFS does what a dictionary does."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = PixelFS(Path(self.folder.name) / "root")
        self.model: dict[str, bytes] = {}

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(path=NAMES, data=CONTENTS)
    def write(self, path: str, data: bytes) -> None:
        assert self.store.write(path, data).size == len(data)
        self.model[path] = data

    @rule(path=NAMES, data=CONTENTS)
    def create(self, path: str, data: bytes) -> None:
        if path in self.model:
            with pytest.raises(AlreadyExistsError):
                self.store.write(path, data, overwrite=False)
        else:
            self.store.write(path, data, overwrite=False)
            self.model[path] = data

    @rule(path=NAMES)
    def delete(self, path: str) -> None:
        if path in self.model:
            self.store.delete(path)
            del self.model[path]
        else:
            with pytest.raises(NotFoundError):
                self.store.delete(path)

    @rule(path=NAMES, offset=st.integers(0, 9000), length=st.integers(0, 9000))
    def read(self, path: str, offset: int, length: int) -> None:
        if path in self.model:
            assert self.store.read(path, offset, length) == self.model[path][offset : offset + length]
        else:
            with pytest.raises(NotFoundError):
                self.store.read(path)

    @rule(prefix=st.sampled_from(["", "a", "a/", "a/b", "a/b/", "d/", "d/e", "x"]))
    def listing(self, prefix: str) -> None:
        assert self.store.list(prefix) == sorted(p for p in self.model if p.startswith(prefix))

    @invariant()
    def same(self) -> None:
        if hasattr(self, "model"):
            assert {path: self.store.read(path) for path in self.store.list()} == self.model


TestDictionaryModel = DictionaryModel.TestCase
TestDictionaryModel.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)


# --- the contact sheet ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "step"), [(1, 1), (512, 1), (513, 2), (2048, 2), (2049, 4), (8192, 4), (20_000, 8)])
def test_the_sheet_is_every_nth_pixel_in_columns(rows: int, step: int) -> None:
    pixels = np.frombuffer(np.random.default_rng(0).bytes(rows * 3072), np.uint8).reshape(rows, 1024, 3)
    builder = SheetBuilder()
    data = pixels.tobytes()
    list(builder.watch(data[i : i + BLOCK] for i in range(0, len(data), BLOCK)))
    sheet = builder.image()
    height = math.ceil(math.ceil(rows / step) / step)
    assert sheet.shape == (height, 1024, 3) and height <= 512
    for row in {0, rows // step // 2, (rows - 1) // step}:
        column, y = divmod(row, height)
        width = 1024 // step
        assert np.array_equal(sheet[y, column * width : (column + 1) * width], pixels[row * step, ::step])
