"""kill -9 between any two writes of a batch: the map's own system calls, recorded once and played up to each."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pixel_llm.core import durable
from pixel_llm.core.infinite_map import InfiniteMap
from pixel_llm.core.pxi import PxiFile
from pixel_llm.tests.core.crash_model import Recorder, contents, killed_states, materialise, power_loss_states

BATCH = """
import sys
import numpy as np
from pixel_llm.core.infinite_map import InfiniteMap
with InfiniteMap(sys.argv[1], cache_bytes=0) as plane:
    with plane.batch():
        for i in range(3):
            plane.write_region(900 * i - 5, 7, np.random.default_rng(i).integers(150, 200, (60, 60), np.uint8))
        plane.delete_region(5000, 0, 2000, 300)
    with plane.batch():
        plane.write_region(0, 0, np.full((9, 9), 220, np.uint8))
        plane.put_tile(3, 3, np.full((256, 256), 220, np.uint8))
"""
_CALL = re.compile(r"^\d+ +(pwrite64|ftruncate)\(\d+<([^>]*)>, (.*)\) += +(-?\d+)")
_DATA = re.compile(r'^"([^"]*)"(?:\.\.\.)?, (\d+), (\d+)$')


def traced(path: Path, log: Path) -> list[tuple[str, int, bytes | None]]:
    """(file, offset, data) of every write while BATCH runs, data None for a file cut at the offset."""
    if shutil.which("strace") is None:
        if os.environ.get("PIXEL_LLM_REQUIRE_TOOLS") == "1":
            pytest.fail("strace is not installed")
        pytest.skip("strace is not installed")
    command = ["strace", "-f", "-y", "-xx", "-s", "300000", "-e", "trace=pwrite64,ftruncate", "-o", str(log)]
    subprocess.run([*command, sys.executable, "-c", BATCH, str(path)], check=True, timeout=120)
    steps: list[tuple[str, int, bytes | None]] = []
    for line in log.read_text().splitlines():
        call = _CALL.match(line)
        if call is None:
            assert "+++" in line, line
            continue
        kind, name, rest, result = call.groups()
        name = bytes.fromhex(name.replace("\\x", "")).decode() if "\\x" in name else name
        if Path(name).parent != path.parent or name.endswith("-shm"):
            continue  # the first process that opens the map makes that anew
        if kind == "ftruncate":
            steps.append((Path(name).name, int(rest.split(", ")[-1]), None))
            continue
        data = _DATA.match(rest)
        assert data is not None
        raw = bytes.fromhex(data[1].replace("\\x", ""))
        assert len(raw) == int(data[2]) == int(result)
        steps.append((Path(name).name, int(data[3]), raw))
    return steps


def states(before: dict[str, bytes], steps: list[tuple[str, int, bytes | None]]) -> Iterator[dict[str, bytes]]:
    """The folder after each number of steps, and in the middle of some writes."""
    files = {name: bytearray(data) for name, data in before.items() if not name.endswith("-shm")}
    yield {name: bytes(data) for name, data in files.items()}
    for name, offset, data in steps:
        file = files.setdefault(name, bytearray())
        for part in () if data is None else (data[: len(data) // 2], data):
            file.extend(bytes(max(0, offset + len(part) - len(file))))
            file[offset : offset + len(part)] = part
            yield {name: bytes(data) for name, data in files.items()}
        if data is None:
            del file[offset:]
            file.extend(bytes(offset - len(file)))
            yield {name: bytes(data) for name, data in files.items()}


def make(path: Path) -> None:
    with InfiniteMap(path) as plane, plane.batch():
        for i in range(3):
            plane.write_region(900 * i, 0, np.full((80, 80), i + 1, np.uint8))
        plane.write_region(6000, 0, np.full((300, 300), 9, np.uint8))


def look(path: Path) -> bytes:
    """All that the batches change."""
    with InfiniteMap(path) as plane:
        result = plane.read_region(-10, 0, 2000, 100).tobytes() + plane.read_region(5900, 0, 500, 300).tobytes()
        return result + repr((list(plane), plane.bounds())).encode()


@pytest.mark.parametrize("suffix", [".map", ".pxi"])
def test_a_kill_after_any_write(tmp_path: Path, suffix: str) -> None:
    work, play = tmp_path / "work", tmp_path / "play"
    work.mkdir()
    play.mkdir()
    path = work / f"a{suffix}"
    make(path)
    before, first = contents(work), look(path)
    steps = traced(path, tmp_path / "log")
    last = look(path)
    outcomes: list[bytes] = []
    for files in states(before, steps):
        materialise(files, play)
        found = look(play / path.name)
        if not outcomes or outcomes[-1] != found:
            outcomes.append(found)
        with InfiniteMap(play / path.name) as plane:  # it can be written on
            plane.write_region(-3, 5, np.full((2, 9), 77, np.uint8))
            assert plane.read_region(-3, 5, 9, 2).min() == 77
        if suffix == ".map":
            with sqlite3.connect(play / path.name) as db:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            db.close()
        else:
            with PxiFile(play / path.name) as file:
                assert file.verify(threads=1).ok
    assert len(steps) > 10
    assert [outcomes[0], outcomes[-1], len(outcomes)] == [first, last, 3]  # two batches: before, between, after


@pytest.mark.parametrize("change", ["batch", "snapshot", "forget", "compact"])
def test_a_power_loss_at_any_moment(tmp_path: Path, change: str) -> None:
    work, play = tmp_path / "work", tmp_path / "play"
    work.mkdir()
    play.mkdir()
    path = work / "a.pxi"
    make(path)
    with InfiniteMap(path) as plane:
        if change != "compact":
            plane.take_snapshot("old")
        plane.delete_region(900, 0, 10, 10)
    before = contents(work)
    recorder = Recorder()
    with InfiniteMap(path) as plane, durable.watched(recorder):
        if change == "batch":
            with plane.batch():
                plane.write_region(0, 0, np.full((30, 30), 5, np.uint8))
                plane.delete_region(6000, 0, 300, 300)
        elif change == "snapshot":
            plane.take_snapshot("new")
        elif change == "forget":
            plane.delete_snapshot("old")
        else:
            plane.compact()

    def state(file: Path) -> bytes:
        with InfiniteMap(file, read_only=True) as plane:
            return look(file) + repr([one.name for one in plane.snapshots()]).encode()

    after, results = contents(work), []
    for files in (before, after):
        materialise(files, play)
        results.append(state(play / "a.pxi"))
    assert (results[0] == results[1]) == (change == "compact")
    looked: set[int] = set()
    for simulate in (killed_states, power_loss_states):
        for _, files in simulate(before, recorder.steps):
            visible = {name: data for name, data in files.items() if not name.endswith(".tmp")}
            if (number := hash(tuple(sorted(visible.items())))) in looked:
                continue
            looked.add(number)
            materialise(visible, play)
            assert state(play / "a.pxi") in results
            with PxiFile(play / "a.pxi") as file:
                assert file.verify(threads=1).ok
