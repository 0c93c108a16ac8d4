"""PixelFS as a store: against a dictionary, in ranges, under damage, with several processes, under kill -9."""

from __future__ import annotations

import hashlib
import io
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
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

from pixel_llm.core.pixelfs import PAGE, PixelFS, default_root
from pixel_llm.core.pixelfs_sheet import SheetBuilder
from pixel_llm.core.pixelfs_source import BLOCK
from pixel_llm.core.pxi import PxiFile, PxiUpdater, PxiWriter
from pixel_llm.errors import (
    AlreadyExistsError,
    BusyError,
    IntegrityError,
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


# --- damage -----------------------------------------------------------------------------------------------------


def flip(file: Path, position: int) -> None:
    with file.open("r+b") as raw:
        raw.seek(position)
        byte = raw.read(1)[0]
        raw.seek(position)
        raw.write(bytes([byte ^ 1]))


@pytest.mark.parametrize("at", [0, 5, MIB - 1, MIB, 2 * MIB + 5, SIZE - 1])
def test_a_flipped_bit_is_found_named_and_refused(store: PixelFS, at: int) -> None:
    data = noise(SIZE)
    info = store.write("a", data)
    with PxiFile.open(info.file) as pxi:
        flip(info.file, pxi.pages[PAGE].offset + at)
    band = at // MIB
    report = store.verify("a")
    assert not report.ok
    assert [(f.page, f.band) for f in report.failures] == [("data", band)]
    with pytest.raises(IntegrityError, match=f"band {band} "):
        store.read("a", at, 1)
    with pytest.raises(IntegrityError):
        store.read("a")
    other = (band + 1) % 3 * MIB
    assert store.read("a", other, 1000) == data[other : other + 1000]
    with store.open_read("a") as file:
        file.seek(other)
        assert file.read(1000) == data[other : other + 1000]
        file.seek(at)
        with pytest.raises(IntegrityError):
            file.read(1)


def test_no_flipped_byte_anywhere_gives_wrong_bytes(store: PixelFS) -> None:
    data = noise(2000)
    file = store.write("a", data).file
    good = file.read_bytes()
    rng = random.Random(1)
    with PxiFile.open(file) as pxi:
        page = pxi.pages[PAGE]
    spots = {*rng.sample(range(len(good)), 150), *range(60), *range(len(good) - 30, len(good))}
    for spot in spots:
        damaged = bytearray(good)
        damaged[spot] ^= 1 << rng.randrange(8)
        file.write_bytes(damaged)
        try:
            assert store.read("a") == data
        except (IntegrityError, PxiFormatError):
            assert not store.verify("a").ok
        else:
            assert not page.offset <= spot < page.offset + len(data)


@pytest.mark.parametrize("keep", [0, 10, 5000, 0.5, 0.99])
def test_a_cut_off_file_is_found(store: PixelFS, keep: float) -> None:
    file = store.write("a", noise(9000)).file
    size = file.stat().st_size
    os.truncate(file, keep if keep >= 5 or keep == 0 else int(size * keep))
    assert not store.verify("a").ok
    with pytest.raises((IntegrityError, PxiFormatError)):
        store.read("a")
    store.write("a", b"anew")
    assert store.read("a") == b"anew"


def test_verify_tells_its_progress(store: PixelFS) -> None:
    store.write("a", noise(SIZE))
    seen: list[tuple[int, int]] = []
    report = store.verify("a", threads=2, progress=lambda done, total: seen.append((done, total)))
    assert report.ok and report.bytes_checked > SIZE
    assert seen and seen[-1][0] == seen[-1][1] > SIZE


# --- several threads and processes ------------------------------------------------------------------------------


def run_child(code: str, *args: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, args)], stdout=subprocess.PIPE)


WRITE_OFTEN = """
import random, sys
from pixel_llm.core.pixelfs import PixelFS
store, seed = PixelFS(sys.argv[1]), int(sys.argv[2])
for turn in range(12):
    body = random.Random(100 * seed + turn).randbytes(20_000)
    store.write("deep/shared", bytes([seed, turn]) + body)
    store.write(f"deep/own-{seed}/x", body)
    store.delete(f"deep/own-{seed}/x")
"""


def test_processes_that_write_read_and_delete_see_whole_contents(store: PixelFS) -> None:
    writers = [run_child(WRITE_OFTEN, store.root, seed) for seed in (1, 2)]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        try:
            data = store.read("deep/shared")
        except NotFoundError:
            continue
        assert data[2:] == noise(20_000, seed=100 * data[0] + data[1])
        seen.add(data[:2])
        time.sleep(0.002)
    assert [writer.wait() for writer in writers] == [0, 0]
    for writer in writers:
        writer.stdout.close()  # type: ignore[union-attr]
    assert seen
    assert store.list() == ["deep/shared"] and store.verify("deep/shared").ok
    assert store.read("deep/shared")[1] == 11
    assert list((store.root / "deep").iterdir()) == [store.root / "deep" / "shared.pxi"]


def test_one_of_several_creators_wins(store: PixelFS) -> None:
    for turn in range(5):
        won: list[int] = []
        barrier = threading.Barrier(4)

        def create(
            number: int, path: str = f"a{turn}", won: list[int] = won, barrier: threading.Barrier = barrier
        ) -> None:
            barrier.wait()
            try:
                store.write(path, bytes([number]), overwrite=False)
            except AlreadyExistsError:
                return
            won.append(number)

        threads = [threading.Thread(target=create, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        assert store.read(f"a{turn}") == bytes(won)


def test_an_open_reader_keeps_the_content_it_opened(store: PixelFS) -> None:
    data = noise(SIZE)
    store.write("a", data)
    with store.open_read("a") as file:
        assert file.read(100) == data[:100]
        store.write("a", b"new")
        store.delete("a")
        assert file.read() == data[100:]


def test_a_file_that_is_being_updated_in_place_is_busy(store: PixelFS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pixel_llm.core.pixelfs._BUSY_SECONDS", 0.05)
    file = store.write("a", b"old").file
    with PxiUpdater(file) as updater:
        with pytest.raises(BusyError):
            store.write("a", b"new")
        updater.replace_bytes(PAGE, b"updated")
        updater.commit()
    assert store.read("a") == b"updated"
    assert store.info("a").generation == 2
    assert [p.name for p in store.root.iterdir()] == ["a.pxi"]


OVERWRITE_FOREVER = """
import sys
from pixel_llm.core.pixelfs import PixelFS
store = PixelFS(sys.argv[1])
turn = 0
while True:
    turn += 1
    store.write("a", bytes([turn % 256]) * 700_000)
    sys.stdout.write("."); sys.stdout.flush()
"""


def test_kill_9_during_overwriting_leaves_a_whole_content(store: PixelFS) -> None:
    store.write("a", b"\0" * 700_000)
    rng = random.Random(7)
    for _ in range(6):
        child = run_child(OVERWRITE_FOREVER, store.root)
        assert child.stdout is not None
        with child.stdout:
            assert child.stdout.read(1) == b"."
            time.sleep(rng.uniform(0.001, 0.02))
            child.send_signal(signal.SIGKILL)
            child.wait()
        assert store.verify("a").ok
        data = store.read("a")
        assert len(data) == 700_000 and len(set(data)) == 1
        assert store.list() == ["a"]
    store.write("a", b"the store still works")
    assert store.read("a") == b"the store still works"


MEASURE = """
import hashlib, sys
from pixel_llm.core.pixelfs import PixelFS
store = PixelFS(sys.argv[1])
block = bytes(range(256)) * 4096
store.write("warm", block)
list(iter(lambda f=store.open_read("warm"): f.read(1 << 20), b""))
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
before = peak()
count = int(sys.argv[2])
store.write("big", (block for _ in range(count)))
with store.open_read("big") as file:
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
print(digest.hexdigest(), (peak() - before) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux' /proc")
def test_memory_does_not_grow_with_the_data(store: PixelFS) -> None:
    count = 160
    child = run_child(MEASURE, store.root, count)
    output, _ = child.communicate()
    digest, grown = output.split()
    assert child.returncode == 0
    assert digest.decode() == hashlib.sha256(bytes(range(256)) * 4096 * count).hexdigest()
    assert int(grown) < 60
