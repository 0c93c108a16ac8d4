"""Starts a confined program, feeds it, listens to it, and ends it when it goes over a limit."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from pixel_llm.coach.sandbox.job import Ending, Limits

MAX_RESULTS = 64 << 20  # bytes over the results' pipe
_LOOK_EVERY = 0.1  # seconds between looks at memory, processes and disk


@dataclass(frozen=True)
class Ended:
    """How the program ended, and what it said."""

    ending: Ending
    exit_status: int | None
    output: bytes
    results: bytes
    launched: str
    """Begins with "ok" once everything was in place and the program itself began; otherwise why not, if known."""
    seconds: float


@dataclass
class Pipes:
    """The ends of the pipes that the program inherits: what it is told, what it reports, and what its launcher does."""

    control_read: int
    control_write: int
    results_read: int
    results_write: int
    launch_read: int
    launch_write: int

    @classmethod
    def open(cls) -> Pipes:
        """New pipes."""
        return cls(*os.pipe(), *os.pipe(), *os.pipe())

    def close(self) -> None:
        """Close what is still open."""
        for name in fields(self):
            self.close_one(name.name)

    def close_one(self, name: str) -> None:
        """Close one end."""
        fd: int = getattr(self, name)
        if fd >= 0:
            os.close(fd)
            setattr(self, name, -1)


def supervise(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    limits: Limits,
    pipes: Pipes,
    control: bytes,
    folders: Sequence[Path],
    end_signal: signal.Signals,
) -> Ended:
    """Run `argv` to its end or the first limit.

    `control` is written to the control pipe; `folders` are the real folders that it may write, whose size is limited;
    `end_signal` ends it with all that it started. Raises OSError where it cannot be started.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        argv,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(pipes.control_read, pipes.results_write, pipes.launch_write),
        start_new_session=True,
        cwd="/",
    )
    for name in ("control_read", "results_write", "launch_write"):
        pipes.close_one(name)
    listener = _Listener(process, pipes, control, limits)
    ending: Ending = "finished"
    try:
        next_look = started + _LOOK_EVERY
        while process.poll() is None:
            now = time.monotonic()
            if now - started > limits.wall_seconds:
                ending = "time"
                break
            if over := listener.step(0.02):
                ending = over
                break
            if now >= next_look:
                if over := _over_limit(process.pid, limits, folders):
                    ending = over
                    break
                next_look = time.monotonic() + _LOOK_EVERY
    finally:
        _end(process, end_signal)
        until = time.monotonic() + 1.0
        while listener.open_pipes and time.monotonic() < until and not listener.step(0.02):
            pass
        launched = listener.launched()
        listener.close()
    status = process.returncode if ending == "finished" else None
    return Ended(ending, status, bytes(listener.output), bytes(listener.results), launched, time.monotonic() - started)


class _Listener:
    """Reads both outputs as they come and writes the control pipe as it drains."""

    def __init__(self, process: subprocess.Popen[bytes], pipes: Pipes, control: bytes, limits: Limits) -> None:
        assert process.stdout is not None
        self.output, self.results = bytearray(), bytearray()
        self._limits, self._pipes, self._control, self._process = limits, pipes, memoryview(control), process
        self._selector = selectors.DefaultSelector()
        self._stdout = process.stdout.fileno()
        for fd in (self._stdout, pipes.results_read, pipes.control_write, pipes.launch_read):
            os.set_blocking(fd, False)
        self._selector.register(self._stdout, selectors.EVENT_READ)
        self._selector.register(pipes.results_read, selectors.EVENT_READ)
        self._selector.register(pipes.control_write, selectors.EVENT_WRITE)

    @property
    def open_pipes(self) -> bool:
        """Whether anything may still come."""
        return any(key.events == selectors.EVENT_READ for key in self._selector.get_map().values())

    def step(self, seconds: float) -> Ending | None:
        """Move what can be moved; the limit that was reached, if one was."""
        if not self._selector.get_map():
            time.sleep(seconds)
            return None
        for key, _ in self._selector.select(seconds):
            if key.fd == self._pipes.control_write:
                self._feed()
                continue
            into, most = (
                (self.output, self._limits.output_bytes) if key.fd == self._stdout else (self.results, MAX_RESULTS)
            )
            data = b""
            with contextlib.suppress(BlockingIOError):
                data = os.read(key.fd, 1 << 16)
                if not data:
                    self._selector.unregister(key.fd)
            into += data[: most + 1 - len(into)]
            if len(into) > most:
                return "output"
        return None

    def _feed(self) -> None:
        try:
            self._control = self._control[os.write(self._pipes.control_write, self._control) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._control = memoryview(b"")
        if not self._control:
            self._selector.unregister(self._pipes.control_write)
            self._pipes.close_one("control_write")

    def launched(self) -> str:
        """What the launcher said."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self._pipes.launch_read, 4096).decode("utf-8", "replace")
        return ""

    def close(self) -> None:
        """Close everything."""
        self._selector.close()
        self._pipes.close()
        assert self._process.stdout is not None
        self._process.stdout.close()


def _end(process: subprocess.Popen[bytes], end_signal: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(end_signal)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _over_limit(pid: int, limits: Limits, folders: Sequence[Path]) -> Ending | None:
    resident = threads = 0
    page = os.sysconf("SC_PAGE_SIZE")
    for each in _family(pid):
        try:
            resident += int(Path(f"/proc/{each}/statm").read_text().split()[1]) * page
            status = Path(f"/proc/{each}/status").read_text()
            threads += int(status.partition("\nThreads:")[2].split()[0])
        except (OSError, IndexError, ValueError):
            continue  # it has just ended
    if resident > limits.memory_bytes:
        return "memory"
    if threads > limits.processes + 8:  # NPROC refuses before this, except where it is not held
        return "processes"
    if folders and sum(_size(f) for f in folders) > limits.scratch_bytes:
        return "disk"
    return None


def _family(pid: int) -> list[int]:
    """`pid` and its descendants."""
    found = [pid]
    for each in found:
        if len(found) > 100_000:
            break
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                found += [int(p) for p in (task / "children").read_text().split()]
    return found


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_blocks * 512  # noqa: PTH118 (hot)
    return total
