"""A crash at any operation of create, update, rollback and compact leaves the old or the new file, never another."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pixel_llm.core import durable
from pixel_llm.core.pxi import PxiFile, PxiUpdater, PxiWriter, SampleType, compact, rollback
from pixel_llm.tests.core.crash_model import Recorder, Stopped, contents, killed_states, materialise, power_loss_states

NAME = "a.pxi"
ABSENT = "absent"


def make(path: Path, value: int = 1, *, overwrite: bool = False) -> None:
    with PxiWriter(path, overwrite=overwrite) as writer:
        writer.add_array("w", np.full((3, 5), value, np.float16))
        writer.add_bytes("t", bytes([value]) * 70)
        writer.attributes["value"] = value


def change(path: Path, value: int) -> None:
    with PxiUpdater(path) as updater:
        updater.replace_array("w", np.full((2, 700), value, np.uint8))
        plane = updater.begin_plane(f"new {value}", SampleType.INT8, 9, 3)
        plane.skip_rows(1)
        plane.write_rows(np.full((2, 9), value, np.int8))
        updater.attributes["value"] = value
        updater.commit(label=str(value))


def fingerprint(path: Path) -> str:
    """Everything that a user sees of a file, after it was found sound."""
    if not path.exists():
        return ABSENT
    with PxiFile(path) as file:
        report = file.verify(threads=1)
        assert report.ok, report.failures
        pages = {n: file.array(n).tobytes().hex() for n in file.pages}
        return json.dumps([file.generation, pages, file.attributes, len(file.snapshots())])


def garbage_tail(path: Path) -> None:
    """What a commit that was killed leaves behind the live end."""
    with path.open("ab") as file:
        file.write(b"\xee" * 9000)


def lagging_pointer(path: Path) -> None:
    """What a commit that was killed before its last step leaves: the TIFF chain of the generation before."""
    pointer = path.read_bytes()[8:16]
    change(path, 2)
    with path.open("r+b") as file:
        file.seek(8)
        file.write(pointer)


def torn_superblock(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"PXSB\1\0\0\0\2\0")


def abandon(path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), PxiUpdater(path) as updater:
        updater.replace_array("w", np.zeros((2, 9000), np.uint8))
        raise KeyboardInterrupt


Action = Callable[[Path], None]
SCENARIOS: dict[str, tuple[list[Action], Action]] = {
    "create": ([], make),
    "overwrite": ([make], lambda p: make(p, 9, overwrite=True)),
    "update": ([make], lambda p: change(p, 5)),
    "third generation": ([make, lambda p: change(p, 2)], lambda p: change(p, 5)),
    "two updates": ([make], lambda p: change(p, 6)),
    "update over a killed one": ([make, garbage_tail, torn_superblock], lambda p: change(p, 5)),
    "update after a lagging pointer": ([make, lagging_pointer], lambda p: change(p, 5)),
    "update after one that was never flushed": ([make], lambda p: change(p, 6)),
    "abandoned update": ([make, garbage_tail], abandon),
    "rollback": ([make, lambda p: change(p, 2)], lambda p: rollback(p, 1)),
    "compact": ([make, lambda p: change(p, 2)], compact),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_crash_leaves_the_old_or_the_new_file(tmp_path: Path, name: str) -> None:
    preparations, action = SCENARIOS[name]
    work, state = tmp_path / "work", tmp_path / "state"
    work.mkdir()
    state.mkdir()
    path = work / NAME
    for prepare in preparations:
        prepare(path)
    before = contents(work)
    allowed = [fingerprint(path)]
    recorder = Recorder()
    done_at = [0]  # operations after which allowed[i] must be durable
    with durable.watched(recorder):
        if name == "two updates":
            change(path, 5)
            allowed.append(fingerprint(path))
            done_at.append(len(recorder.steps))
            change(path, 6)
        elif name == "update after one that was never flushed":
            superblocks: list[int] = []

            def before_flush(op: durable.Operation) -> bool:
                if op.kind == "write" and op.offset in (4096, 8192):
                    superblocks.append(op.offset)
                return op.kind == "sync" and bool(superblocks)

            recorder.refuse = before_flush
            with pytest.raises(Stopped):
                change(path, 5)
            allowed.append(fingerprint(path))  # readers see it, and a power loss may still take it back
            done_at.append(sys.maxsize)
            change(path, 6)
        else:
            action(path)
    allowed.append(fingerprint(path))
    done_at.append(len(recorder.steps))

    states = list(killed_states(before, recorder.steps))
    assert len(states) > len(recorder.steps)
    lossy = list(power_loss_states(before, recorder.steps))
    reached = set()
    known: dict[bytes | None, str] = {}
    for number, (done, files) in enumerate(states + lossy):
        if files.get(NAME) not in known:
            materialise(files, state)
            known[files.get(NAME)] = fingerprint(state / NAME)
        got = known[files.get(NAME)]
        assert got in allowed, f"after {done} operations"
        durable_then = max(i for i, at in enumerate(done_at) if at <= done)  # the rest may still be lost
        assert allowed.index(got) >= allowed.index(allowed[durable_then]), f"lost what was committed ({done})"
        reached.add(got)
        if got != ABSENT and number % 7 == 0:  # and the next update works, whatever was left
            materialise(files, state)
            change(state / NAME, 8)
            with PxiFile(state / NAME) as file:
                assert file.attributes["value"] == 8 and file.verify(threads=1).ok
    assert reached == set(allowed)


CHILD = """
import os, signal, sys
from pathlib import Path
from pixel_llm.core import durable
from pixel_llm.tests.core.test_pxi_crash import SCENARIOS, NAME
name, at, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
left = at
def watcher(op):
    global left
    if left == 0:
        if op.kind == "write":
            os.pwrite(op.fd, bytes(op.data)[: len(op.data) // 2], op.offset)
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
with durable.watched(watcher):
    SCENARIOS[name][1](folder / NAME)
"""


@pytest.mark.parametrize(
    ("name", "at"),
    [("create", 4), ("create", 8), ("update", 2), ("update", 8), ("update", 10), ("rollback", 4), ("compact", 5)],
)
def test_a_killed_process_leaves_the_old_or_the_new_file(tmp_path: Path, name: str, at: int) -> None:
    preparations, action = SCENARIOS[name]
    path = tmp_path / NAME
    for prepare in preparations:
        prepare(path)
    old = fingerprint(path)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, name, str(at), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    got = fingerprint(path)
    if got == old:  # the lock went with the process, so the same work can be done now
        action(path)
        assert fingerprint(path) != old
    leftovers = [p.name for p in tmp_path.iterdir() if p.name != NAME]
    assert all(n.startswith(".pxi-") and n.endswith(".tmp") for n in leftovers)
