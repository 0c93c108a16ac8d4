"""Every state that a crash can leave, built from a recording of the durable operations.

A killed process leaves the operations before the kill, and perhaps the first bytes of the one that it was in. A power
loss also loses any of the writes and truncations since the file's last fsync, in any combination, and any rename since
the folder's last fsync. A write of eight aligned bytes is atomic (it lies in one sector and one cache line).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pixel_llm.core.durable import Operation

Files = dict[str, bytes]


@dataclass(frozen=True)
class Step:
    kind: str
    name: str
    offset: int = 0
    data: bytes = b""
    size: int = 0
    target: str = ""


class Stopped(BaseException):
    """Stands for a kill; what was written stays in the page cache."""


class Recorder:
    """A watcher for `durable.watched` that keeps a copy of every operation. `refuse` stops the program (`Stopped`)
    before the first operation that it is true of."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.refuse: Callable[[Operation], bool] | None = None

    def __call__(self, op: Operation) -> None:
        if self.refuse is not None and self.refuse(op):
            self.refuse = None
            raise Stopped
        target = op.target.name if op.target else ""
        self.steps.append(Step(op.kind, op.path.name, op.offset, bytes(op.data), op.size, target))


def _write(content: bytes, step: Step, cut: int | None = None) -> bytes:
    data = step.data if cut is None else step.data[:cut]
    if not data:
        return content
    content = content.ljust(step.offset, b"\0")
    return content[: step.offset] + data + content[step.offset + len(data) :]


def _apply(files: Files, step: Step, cut: int | None = None) -> None:
    if step.kind == "create":
        files[step.name] = b""
    elif step.kind == "write":
        files[step.name] = _write(files[step.name], step, cut)
    elif step.kind == "truncate":
        files[step.name] = files[step.name][: step.size].ljust(step.size, b"\0")
    elif step.kind == "rename":
        files[step.target] = files.pop(step.name)
    elif step.kind == "unlink":
        files.pop(step.name, None)


def killed_states(before: Files, steps: list[Step]) -> Iterator[tuple[int, Files]]:
    """(operations done, files) for a kill before each operation, inside each write, and after the last one."""
    files = dict(before)
    for number, step in enumerate(steps):
        yield number, dict(files)
        if step.kind == "write" and len(step.data) > 8:
            length = len(step.data)
            for cut in sorted({1, 8, 16, 31, 60, 66, 67, 68, 512, 1024, 2048, length // 2, length - 1}):
                if 0 < cut < length:
                    torn = dict(files)
                    _apply(torn, step, cut)
                    yield number, torn
        _apply(files, step)
    yield len(steps), files


def power_loss_states(before: Files, steps: list[Step], seed: int = 0) -> Iterator[tuple[int, Files]]:
    """(operations done, files) for a power loss before each operation and after the last one."""
    rng = random.Random(seed)
    for number in range(len(steps) + 1):
        done = steps[:number]
        pending = [i for i, step in enumerate(done) if not _durable(i, done)]
        for kept in _subsets(pending, rng):
            files = dict(before)
            for i, step in enumerate(done):
                if i in kept or i not in pending:
                    _apply(files, step)
            yield number, files


def _durable(i: int, done: list[Step]) -> bool:
    step = done[i]
    later = done[i + 1 :]
    if step.kind in ("write", "truncate"):
        return any(s.kind == "sync" and s.name == step.name for s in later)
    if step.kind in ("rename", "unlink"):
        return any(s.kind == "sync_directory" for s in later)
    return True  # a temporary file's own entry does not matter


def _subsets(pending: list[int], rng: random.Random) -> Iterator[frozenset[int]]:
    """None, all, each alone, all but one; all pairs of few; some at random."""
    everything = frozenset(pending)
    seen = {frozenset(), everything}
    seen |= {frozenset((i,)) for i in pending} | {everything - {i} for i in pending}
    if len(pending) <= 6:
        seen |= {frozenset(c) for r in range(len(pending)) for c in itertools.combinations(pending, r)}
    else:
        seen |= {frozenset(i for i in pending if rng.random() < 0.5) for _ in range(12)}
    return iter(sorted(seen, key=sorted))


def materialise(files: Files, folder: Path) -> None:
    """Make `folder` hold exactly these files."""
    for old in folder.iterdir():
        if old.name not in files:
            old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def contents(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
