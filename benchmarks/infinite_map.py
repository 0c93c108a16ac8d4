"""The InfiniteMap beside zarr v3 (sharded) and tensorstore: the same pixels, in the same run, programs in turn.

    python3 -m venv Z && Z/bin/pip install -e . zarr==3.1.6 tensorstore==0.1.86
    Z/bin/python benchmarks/infinite_map.py [--side 8192] [--tiles 1000000] [--rounds 5] [--folder DIR]

Dense part: a uint8 image in tiles of 256 x 256, packed with zstd level 1; zarr's shards are 16 x 16 tiles. "warm" reads
regions of 64 x 64 at random places with everything in each program's cache; "cold" opens anew, with the files out of
the system's cache (as far as the system follows that advice), and reads 100 regions. zarr-python has no cache of its
own; tensorstore gets one of the InfiniteMap's size, and is measured with its default, which looks whether the file has
changed, and without. Writes are of 64 x 64 regions, one by one and 64 at a time; the InfiniteMap and tensorstore wait
for the disk, zarr-python does not. Only the InfiniteMap checks a SHA-256 of what it reads.

Sparse part: the given number of tiles at random places of 4096 x 4096. A region of 64 x 64 tiles is listed: which tiles
are there? tensorstore can say so when its chunks lie in its own key-value database (OCDBT), a row of tiles at a time.
Sharded zarr has no such question; the peer is the least that any program must do, which is to read the index of each
shard in the region, by hand.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import tensorstore as ts
import zarr
import zstandard

from pixel_llm.core.infinite_map import InfiniteMap

CACHE = 256 << 20
SHARD = 16  # tiles of a shard's side
PLANE = 4096  # tiles of the sparse plane's side
WINDOW = 64  # pixels of a region, and tiles of a listed one
Call = Callable[[], object]


def picture(side: int) -> np.ndarray:
    """A smooth picture with noise in its low bits, which zstd makes about half as large."""
    rng = np.random.default_rng(0)
    waves = sum(np.sin(np.linspace(0, k, side))[:, None] * np.cos(np.linspace(0, k, side)) for k in (9, 31, 77))
    return (waves * 30 + 128 + rng.integers(0, 12, (side, side))).astype(np.uint8)


def out_of_cache(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            fd = os.open(file, os.O_RDONLY)
            os.fsync(fd)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)


class Map:
    """An InfiniteMap around the origin."""

    def __init__(self, folder: Path, side: int, suffix: str) -> None:
        self.folder, self.half, self.file = folder, side // 2, folder / f"a{suffix}"
        folder.mkdir()

    def open(self) -> None:
        self.plane = InfiniteMap(self.file, cache_bytes=CACHE)

    def close(self) -> None:
        self.plane.close()

    def write(self, x: int, y: int, pixels: np.ndarray) -> None:
        self.plane.write_region(x - self.half, y - self.half, pixels)

    def write_many(self, places: list[tuple[int, int]], pixels: np.ndarray) -> None:
        with self.plane.batch():
            for x, y in places:
                self.write(x, y, pixels)

    def read(self, x: int, y: int) -> np.ndarray:
        return self.plane.read_region(x - self.half, y - self.half, WINDOW, WINDOW)


class Zarr:
    def __init__(self, folder: Path, side: int) -> None:
        self.folder = folder
        zarr.create_array(
            folder,
            shape=(side, side),
            chunks=(256, 256),
            shards=(256 * SHARD, 256 * SHARD),
            dtype="u1",
            compressors=zarr.codecs.ZstdCodec(level=1),
        )

    def open(self) -> None:
        self.array: Any = zarr.open_array(self.folder)

    def close(self) -> None:
        pass

    def write(self, x: int, y: int, pixels: np.ndarray) -> None:
        self.array[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels

    def write_many(self, places: list[tuple[int, int]], pixels: np.ndarray) -> None:
        for x, y in places:
            self.write(x, y, pixels)

    def read(self, x: int, y: int) -> np.ndarray:
        return self.array[y : y + WINDOW, x : x + WINDOW]


class Tensorstore(Zarr):
    def __init__(self, folder: Path, side: int, recheck: bool) -> None:
        super().__init__(folder, side)
        self.recheck = recheck

    def open(self) -> None:
        spec = {
            "driver": "zarr3",
            "kvstore": f"file://{self.folder}/",
            "context": {"cache_pool": {"total_bytes_limit": CACHE}},
            "recheck_cached_data": self.recheck or "open",
        }
        self.array = ts.open(spec).result()

    def write(self, x: int, y: int, pixels: np.ndarray) -> None:
        self.array[y : y + pixels.shape[0], x : x + pixels.shape[1]].write(pixels).result()

    def write_many(self, places: list[tuple[int, int]], pixels: np.ndarray) -> None:
        with ts.Transaction() as transaction:
            array = self.array.with_transaction(transaction)
            for x, y in places:
                array[y : y + pixels.shape[0], x : x + pixels.shape[1]].write(pixels).result()

    def read(self, x: int, y: int) -> np.ndarray:
        return self.array[y : y + WINDOW, x : x + WINDOW].read().result()


def in_turn(calls: dict[str, Call], rounds: int, what: str, unit: float, results: list[dict[str, Any]]) -> None:
    """Times every call once a round, in another order each. `unit`: how many operations a call is, unless it returns
    the seconds of each: on a busy machine a mean is what other programs make it."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for turn in range(rounds):
        random.Random(turn).shuffle(names)
        for name in names:
            start = time.perf_counter()
            each = calls[name]()
            times[name] += each if isinstance(each, list) else [(time.perf_counter() - start) / unit]
    medians = {name: statistics.median(values) for name, values in times.items()}
    peers = [value for name, value in medians.items() if not name.startswith("InfiniteMap")]
    for name, value in medians.items():
        low, high = (np.quantile(times[name], q) * 1e6 for q in (0.1, 0.9))
        spread = f"{low:,.0f}..{high:,.0f}"
        print(f"{what:<32}{name:<32}{value * 1e6:>13,.1f}{min(peers) / value:>11.2f}{spread:>24}", flush=True)
        results.append({"what": what, "who": name, "seconds": value, "best peer / it": min(peers) / value})


def one_by_one(call: Callable[[int, int], object], places: list[tuple[int, int]]) -> list[float]:
    """Seconds of each."""
    times = []
    for x, y in places:
        start = time.perf_counter()
        call(x, y)
        times.append(time.perf_counter() - start)
    return times


def dense(folder: Path, side: int, rounds: int, results: list[dict[str, Any]]) -> None:
    data = picture(side)
    contenders: dict[str, Map | Zarr] = {
        "InfiniteMap, SQLite": Map(folder / "sqlite", side, ".map"),
        "InfiniteMap, .pxi": Map(folder / "pxi", side, ".pxi"),
        "zarr v3, sharded": Zarr(folder / "zarr", side),
        "tensorstore, sharded": Tensorstore(folder / "ts", side, True),
        "tensorstore, no recheck": Tensorstore(folder / "ts2", side, False),
    }
    rng = random.Random(1)

    def places(count: int) -> list[tuple[int, int]]:
        return [(rng.randrange(side - WINDOW), rng.randrange(side - WINDOW)) for _ in range(count)]

    for one in contenders.values():
        one.open()
    in_turn({n: lambda c=c: c.write(0, 0, data) for n, c in contenders.items()}, 1, "write it all", 1, results)
    for name, one in contenders.items():
        one.close()
        one.open()
        size = sum(f.stat().st_size for f in one.folder.rglob("*") if f.is_file())
        print(f"{'':<32}{name:<32}{size / 2**20:>13.1f} MiB")
        for x, y in places(5):
            assert np.array_equal(one.read(x, y), data[y : y + WINDOW, x : x + WINDOW]), name

    warm, few = places(1000), places(100)

    def read_cold(one: Map | Zarr) -> list[float]:
        one.open()
        return one_by_one(one.read, few)

    quick = {n: c for n, c in contenders.items() if "zarr" not in n}
    for one in quick.values():
        one_by_one(one.read, warm)
    calls = {n: lambda c=c: one_by_one(c.read, warm) for n, c in quick.items()}
    in_turn(calls, rounds, "warm read of 64 x 64", len(warm), results)
    for one in contenders.values():
        one.close()
    for turn in range(3):  # a call would be warm the second time
        for one in contenders.values():
            out_of_cache(one.folder)
        calls = {n: lambda c=c: read_cold(c) for n, c in contenders.items()}
        in_turn(calls, 1, f"cold read of 64 x 64, turn {turn + 1}", len(few), results)
    pixels = np.random.default_rng(3).integers(0, 256, (WINDOW, WINDOW), np.uint8)
    writes = places(8)

    def write_each(one: Map | Zarr) -> None:
        for x, y in writes:
            one.write(x, y, pixels)

    in_turn({n: lambda c=c: write_each(c) for n, c in contenders.items()}, 3, "write of 64 x 64", 8, results)
    batch = places(64)
    calls = {n: lambda c=c: c.write_many(batch, pixels) for n, c in contenders.items()}
    in_turn(calls, 2, "write of 64 x 64, 64 at a time", 64, results)
    for one in contenders.values():
        one.close()


def write_shards(folder: Path, tiles: np.ndarray, chunk: bytes) -> None:
    """A sharded zarr array whose chunks are all the same bytes, written by hand: any other way takes hours."""
    shards = (tiles // SHARD) @ np.array([1, 1 << 20])
    order = np.argsort(shards, kind="stable")
    borders = np.flatnonzero(np.diff(shards[order], prepend=-1, append=-1))
    for start, stop in itertools.pairwise(borders):
        inside = tiles[order[start:stop]]
        index = np.full((SHARD * SHARD, 2), 2**64 - 1, np.uint64)
        index[inside[:, 1] % SHARD * SHARD + inside[:, 0] % SHARD] = [
            (i * len(chunk), len(chunk)) for i in range(len(inside))
        ]
        x, y = inside[0] // SHARD
        raw = index.tobytes()
        file = folder / f"c/{y}/{x}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(chunk * len(inside) + raw + struct.pack("<I", google_crc32c.value(raw)))


def list_shards(folder: Path, x: int, y: int) -> int:
    """Tiles in a window, from the shards' own indexes."""
    found = []
    for shard_y in range(y // SHARD, (y + WINDOW - 1) // SHARD + 1):
        for shard_x in range(x // SHARD, (x + WINDOW - 1) // SHARD + 1):
            try:
                fd = os.open(f"{folder}/c/{shard_y}/{shard_x}", os.O_RDONLY)
            except FileNotFoundError:
                continue
            size = SHARD * SHARD * 16
            raw = os.pread(fd, size, os.fstat(fd).st_size - size - 4)
            os.close(fd)
            at = np.flatnonzero(np.frombuffer(raw, "<u8")[::2] != 2**64 - 1)
            found.append(np.stack([shard_x * SHARD + at % SHARD, shard_y * SHARD + at // SHARD], axis=1))
    tiles = np.concatenate(found) if found else np.empty((0, 2), np.int64)
    inside = (tiles[:, 0] >= x) & (tiles[:, 0] < x + WINDOW) & (tiles[:, 1] >= y) & (tiles[:, 1] < y + WINDOW)
    return len(tiles[inside])


OPENING = """
import sys, time
from pixel_llm.core.infinite_map import InfiniteMap
def resident(which):  # getrusage would count what the parent held before exec
    return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith(which)))
before = resident("VmRSS")
start = time.perf_counter()
plane = InfiniteMap(sys.argv[1], cache_bytes=16 << 20)
opened = time.perf_counter() - start
start = time.perf_counter()
plane.read_region(5 * 256, 5 * 256, 64, 64)
first = time.perf_counter() - start
for i in range(3000):
    plane.read_region(i * 7919 % 4000 * 256, i * 104729 % 4000 * 256, 512, 512)
print(opened, first, (resident("VmHWM") - before) / 1024)
"""


def sparse(folder: Path, count: int, rounds: int, results: list[dict[str, Any]]) -> None:
    numbers = np.random.default_rng(5).choice(PLANE * PLANE, count, replace=False)
    tiles = np.stack([numbers % PLANE, numbers // PLANE], axis=1)
    tile = np.zeros((256, 256), np.uint8)
    tile[100, 100] = 7
    chunk = zstandard.ZstdCompressor(level=1).compress(tile.tobytes())

    def timed(what: str, call: Call) -> None:
        start = time.perf_counter()
        call()
        print(f"{f'{count:,} sparse tiles':<32}{what:<32}{time.perf_counter() - start:>13.1f} s", flush=True)

    maps = {"InfiniteMap, SQLite": folder / "a.map", "InfiniteMap, .pxi": folder / "a.pxi"}
    for name, file in maps.items():

        def build(file: Path = file) -> None:
            with InfiniteMap(file) as plane, plane.batch():
                for x, y in tiles.tolist():
                    plane.put_tile(x - PLANE // 2, y - PLANE // 2, tile)

        timed(name, build)
    shards = folder / "zarr"
    side = PLANE * 256
    zarr.create_array(
        shards,
        shape=(side, side),
        chunks=(256, 256),
        shards=(256 * SHARD, 256 * SHARD),
        dtype="u1",
        compressors=zarr.codecs.ZstdCodec(level=1),
    )
    timed("zarr v3, sharded (by hand)", lambda: write_shards(shards, tiles, chunk))
    x, y = tiles[0].tolist()
    assert zarr.open_array(shards)[y * 256 + 100, x * 256 + 100] == 7
    base = {
        "driver": "ocdbt",
        "base": f"file://{folder}/ocdbt/",
        "context": {"cache_pool": {"total_bytes_limit": CACHE}},
    }
    database = ts.KvStore.open(base).result()

    def fill() -> None:
        for start in range(0, count, 50_000):
            with ts.Transaction() as transaction:
                writing = database.with_transaction(transaction)
                for x, y in tiles[start : start + 50_000].tolist():
                    writing.write(f"c/{y:04}/{x:04}", chunk).result()

    timed("tensorstore, OCDBT", fill)
    for name, file in maps.items():
        rows = []
        for _ in range(rounds):
            run = subprocess.run([sys.executable, "-c", OPENING, str(file)], capture_output=True, text=True, check=True)
            rows.append([float(v) for v in run.stdout.split()])
        opened, first, grown = (statistics.median(column) for column in zip(*rows, strict=True))
        text = f"opens in {opened * 1e3:.1f} ms, first region after {first * 1e3:.1f} ms more; then 3,000 regions of"
        print(f"{'open':<32}{name:<32}{text} 512 x 512 through a cache of 16 MiB take {grown:.0f} MiB of memory")
        results.append({"what": "open", "who": name, "seconds": opened, "first": first, "MiB": grown})

    rng = random.Random(2)
    windows = [(rng.randrange(PLANE - WINDOW), rng.randrange(PLANE - WINDOW)) for _ in range(20)]
    open_maps = {name: InfiniteMap(file, read_only=True) for name, file in maps.items()}

    def ours(plane: InfiniteMap, x: int, y: int) -> int:
        return len(plane.tiles_in((x - PLANE // 2) * 256, (y - PLANE // 2) * 256, WINDOW * 256, WINDOW * 256))

    async def rows_of(x: int, y: int) -> int:
        ranges = [
            ts.KvStore.KeyRange(f"c/{row:04}/{x:04}", f"c/{row:04}/{x + WINDOW:04}") for row in range(y, y + WINDOW)
        ]
        return sum(map(len, await asyncio.gather(*(database.list(one) for one in ranges))))

    ways: dict[str, Callable[[int, int], int]] = {
        **{name: lambda x, y, plane=plane: ours(plane, x, y) for name, plane in open_maps.items()},
        "tensorstore, OCDBT": lambda x, y: asyncio.run(rows_of(x, y)),
        "sharded zarr, indexes by hand": lambda x, y: list_shards(shards, x, y),
    }
    expected = [int(((tiles >= w) & (tiles < np.add(w, WINDOW))).all(axis=1).sum()) for w in windows]
    for name, way in ways.items():
        assert [way(*w) for w in windows] == expected, name
    calls = {name: lambda way=way: one_by_one(way, windows) for name, way in ways.items()}
    in_turn(calls, rounds, "list 64 x 64 tiles", len(windows), results)
    for plane in open_maps.values():
        plane.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=8192, help="pixels of the dense picture's side, a multiple of 4096")
    parser.add_argument("--tiles", type=int, default=1_000_000, help="tiles of the sparse map")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where to write (default: the system's temporary folder)")
    options = parser.parse_args()
    results: list[dict[str, Any]] = []
    print(f"{os.cpu_count()} cores, {options.side} x {options.side} pixels; medians, in microseconds an operation")
    print(f"{'operation':<32}{'contender':<32}{'microseconds':>13}{'best peer/':>11}{'10 % to 90 %':>24}")
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        if options.side:
            (folder / "dense").mkdir()
            dense(folder / "dense", options.side, options.rounds, results)
        if options.tiles:
            (folder / "sparse").mkdir()
            sparse(folder / "sparse", options.tiles, options.rounds, results)
    finally:
        shutil.rmtree(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"benchmark": "infinite_map", "side": options.side, "peak MiB": peak, "rows": results}))


if __name__ == "__main__":
    main()
