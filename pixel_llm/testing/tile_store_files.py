"""FileStoreConformance: the tests of stores that are files, which several processes share."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from pixel_llm.core.infinite_map import InfiniteMap
from pixel_llm.errors import BusyError, InvalidArgumentError, NotFoundError, PixelLLMError
from pixel_llm.testing.tile_store import TileStoreConformance, flat

PLACES = [(0, 0), (-3000, 500), (1 << 37, -(1 << 37)), (200, 200)]  # the last one crosses four tiles

_DONE = 10.0  # seconds that a process gets to say something


def _processes() -> ForkServerContext:
    """Processes that begin with everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _writer(path: str, batches: int, cache: int, done: Connection) -> None:
    """Batch after batch, a value of its own at all places; sends the number of each that is committed."""
    with InfiniteMap(path, cache_bytes=cache) as plane:
        for i in range(1, batches):
            with plane.batch():
                for x, y in PLACES:
                    plane.write_region(x, y, np.full((120, 120), i % 250 + 1, np.uint8))
            done.send(i)


def start_writer(path: Path, batches: int, cache: int = 1 << 20) -> tuple[BaseProcess, Connection]:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = _processes().Process(target=_writer, args=(str(path), batches, cache, sender))
    process.start()
    sender.close()
    return process, receiver


def said(done: Connection) -> list[int]:
    """Everything that a writer says until it ends."""
    numbers: list[int] = []
    with contextlib.suppress(EOFError, OSError):
        while True:
            numbers.append(done.recv())
    return numbers


def seen(plane: InfiniteMap) -> set[int]:
    """Every value at the writer's places."""
    return {int(v) for x, y in PLACES for v in np.unique(plane.read_region(x, y, 120, 120))}


def _reader(path: str, read_only: bool, started: Semaphore, stop: Event, results: SimpleQueue[Any]) -> None:
    mixed, different, moved = 0, set[int](), 0
    with InfiniteMap(path, read_only=read_only) as plane:
        while not stop.is_set():
            crossing = np.unique(plane.read_region(200, 200, 120, 120))  # four tiles in one call
            with plane.snapshot():
                values = seen(plane)
                time.sleep(0.002)
                moved += seen(plane) != values
            mixed += len(values) != 1 or len(crossing) != 1
            different |= values
            started.release()
    results.put((mixed, moved, len(different)))


def _creator(path: str, place: int, errors: SimpleQueue[str | None]) -> None:
    try:
        with InfiniteMap(path) as plane:
            plane.write_region(place * 1000, 0, np.ones((1, 1), np.uint8))
        errors.put(None)
    except PixelLLMError as error:
        errors.put(repr(error))


class FileStoreConformance(TileStoreConformance):
    """Inherit it and set `suffix`, the path's end that opens such a store, and `patience`: the dotted name of the
    seconds that a transaction waits for another process."""

    suffix: ClassVar[str]
    patience: ClassVar[str]

    def target(self, folder: Path) -> Path:
        return folder / f"a{self.suffix}"

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return self.target(tmp_path)

    @pytest.mark.parametrize("cache", [1 << 20, 0])
    def test_a_killed_writer_loses_at_most_its_batch(self, path: Path, cache: int) -> None:
        for pause in (0.0, 0.004, 0.011, 0.02):
            writer, done = start_writer(path, 100_000, cache)
            while done.recv() < 3:
                pass
            time.sleep(pause)
            writer.kill()
            writer.join(_DONE)
            last = max(said(done), default=3)
            with InfiniteMap(path) as plane:
                values = seen(plane)
                assert len(values) == 1
                assert values <= {last % 250 + 1, (last + 1) % 250 + 1}
                assert plane.count() == 7

    def test_readers_beside_a_writer_see_whole_batches(self, path: Path) -> None:
        writer, done = start_writer(path, 2)
        said(done)
        writer.join(_DONE)
        context = _processes()
        stop = context.Event()
        started, results = context.Semaphore(0), context.SimpleQueue()
        arguments = (started, stop, results)
        readers = [context.Process(target=_reader, args=(str(path), i % 2 == 1, *arguments)) for i in range(4)]
        for reader in readers:
            reader.start()
        assert all(started.acquire(timeout=_DONE) for _ in readers)
        writer, done = start_writer(path, 60)
        said(done)
        writer.join(_DONE)
        stop.set()
        outcome = [results.get() for _ in readers]
        for reader in readers:
            reader.join(_DONE)
        assert [(mixed, moved) for mixed, moved, _ in outcome] == [(0, 0)] * 4
        assert all(count >= 2 for *_, count in outcome), outcome  # they did see the writer's progress

    def test_a_map_sees_what_another_wrote_though_it_has_the_tile_cached(self, path: Path) -> None:
        with InfiniteMap(path) as one, InfiniteMap(path) as other:
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

    def test_several_processes_create_the_map_at_once(self, path: Path) -> None:
        context = _processes()
        errors = context.SimpleQueue()
        creators = [context.Process(target=_creator, args=(str(path), i, errors)) for i in range(4)]
        for creator in creators:
            creator.start()
        assert [errors.get() for _ in creators] == [None] * 4
        for creator in creators:
            creator.join(_DONE)
        with InfiniteMap(path) as plane:
            assert plane.count() == 4

    def test_a_second_writer_is_told_to_wait(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(self.patience, 0.05)
        with InfiniteMap(path) as one, InfiniteMap(path) as other, one.batch():
            with pytest.raises(BusyError, match="another process"):
                other.write_region(0, 0, np.ones((1, 1), np.uint8))
            assert other.count() == 0

    def test_reopening_with_other_settings_is_refused(self, path: Path) -> None:
        with InfiniteMap(path) as plane:
            plane.put_tile(0, 0, flat(7))
        other: dict[str, Any]
        for other in ({"sample": "int8"}, {"channels": 3}, {"tile_size": 512}, {"fill": 1}):
            with pytest.raises(InvalidArgumentError, match=path.name):
                InfiniteMap(path, **other)
        with InfiniteMap(path, sample="uint8", channels=1, fill=0, tile_size=256, compression="none") as plane:
            assert plane.count() == 1

    def test_read_only(self, path: Path) -> None:
        with pytest.raises(NotFoundError):
            InfiniteMap(path, read_only=True)
        with InfiniteMap(path) as plane:
            plane.put_tile(0, 0, flat(7))
        with InfiniteMap(path, read_only=True) as plane:
            with pytest.raises(InvalidArgumentError, match="reading only"):
                plane.delete_region(0, 0, 1, 1)
            with pytest.raises(InvalidArgumentError, match="reading only"):
                plane.take_snapshot("a")
            with pytest.raises(InvalidArgumentError, match="reading only"):
                plane.compact()
            assert plane.read_region(0, 0, 1, 1) == 7

    def test_a_forked_child_must_open_its_own(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with InfiniteMap(path) as plane:
            plane.put_tile(0, 0, flat(7))
            assert plane.read_region(0, 0, 1, 1) == 7  # in the cache now
            own = os.getpid()
            with monkeypatch.context() as patch:
                patch.setattr(os, "getpid", lambda: own + 1)
                for call in (plane.count, lambda: plane.read_region(0, 0, 1, 1)):
                    with pytest.raises(InvalidArgumentError, match="forked"):
                        call()

    def test_snapshots_and_compacting_are_seen_by_others(self, path: Path) -> None:
        with InfiniteMap(path) as one, InfiniteMap(path, read_only=True) as other:
            one.put_tile(0, 0, flat(1))
            one.take_snapshot("before")
            one.put_tile(0, 0, flat(2))
            with other.open_snapshot("before") as old:
                one.put_tile(0, 0, flat(3))
                assert old.read_region(0, 0, 1, 1) == 1
            one.delete_snapshot("before")
            assert other.snapshots() == []
            assert other.read_region(0, 0, 1, 1) == 3
            for i in range(1, 30):
                one.put_tile(i, i, np.random.default_rng(i).integers(0, 256, (256, 256), np.uint8))
            one.delete_region(256, 256, 30 * 256, 30 * 256)
            before = sum(file.stat().st_size for file in path.parent.iterdir())
            one.compact()
            assert sum(file.stat().st_size for file in path.parent.iterdir()) < before / 2
            assert list(other) == [(0, 0)]
            one.put_tile(5, 5, flat(5))
            assert list(other) == [(0, 0), (5, 5)]
