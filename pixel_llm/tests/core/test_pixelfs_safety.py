"""PixelFS under damage, with several threads and processes, under kill -9, and its memory."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pixel_llm.core.pixelfs import PAGE, PixelFS
from pixel_llm.core.pxi import PxiFile, PxiUpdater
from pixel_llm.errors import (
    AlreadyExistsError,
    BusyError,
    IntegrityError,
    NotFoundError,
    PxiFormatError,
    StorageError,
)

MIB = 1 << 20
SIZE = 2 * MIB + 12_345


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.fixture
def store(tmp_path: Path) -> PixelFS:
    return PixelFS(tmp_path / "store")


# --- damage -----------------------------------------------------------------------------------------------------


def flip(file: Path, position: int) -> None:
    with file.open("r+b") as raw:
        raw.seek(position)
        byte = raw.read(1)[0]
        raw.seek(position)
        raw.write(bytes([byte ^ 1]))


def test_reading_ahead_stops_before_the_next_band(store: PixelFS) -> None:
    data = noise(SIZE)
    info = store.write("a", data)
    with PxiFile.open(info.file) as pxi:
        flip(info.file, pxi.pages[PAGE].offset + MIB)
    with store.open_read("a") as file:
        file.seek(MIB - 10)
        assert file.read(10) == data[MIB - 10 : MIB]


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


def test_writing_and_deleting_the_same_path_race_without_harm(store: PixelFS) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(15):
                try:
                    store.write("deep/er/x", bytes([number]) * 1000)
                    store.delete("deep/er/x")
                except NotFoundError:
                    continue
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for path in store.list():
        assert store.verify(path).ok
        store.delete(path)
    assert list(store.root.rglob("*")) == []


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


def test_a_write_waits_for_an_update_in_place(store: PixelFS) -> None:
    file = store.write("a", b"old").file
    locked = threading.Event()

    def update() -> None:
        with PxiUpdater(file) as updater:
            locked.set()
            time.sleep(0.1)
            updater.replace_bytes(PAGE, b"updated")
            updater.commit()

    thread = threading.Thread(target=update)
    thread.start()
    locked.wait()
    data = noise(MIB)
    assert store.write("a", data).generation == 1
    thread.join()
    assert store.read("a") == data and store.verify("a").ok


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


def test_a_folder_that_vanishes_while_it_is_made(store: PixelFS, monkeypatch: pytest.MonkeyPatch) -> None:
    """mkdir says that the folder exists, and another process has removed it by then."""
    mkdir = Path.mkdir
    failures = 2

    def racing(self: Path, *args: object, **kwargs: object) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise FileExistsError(errno.EEXIST, "File exists", str(self))
        mkdir(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "mkdir", racing)
    store.write("a/b", b"x")
    assert store.read("a/b") == b"x" and failures == 0


def test_a_file_where_a_folder_is_needed(store: PixelFS) -> None:
    store.write("x", b"x")
    (store.root / "a").write_bytes(b"in the way")
    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        store.write("a/b", b"x")
