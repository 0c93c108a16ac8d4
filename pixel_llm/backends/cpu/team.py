"""A team of threads that run a program together: the calling thread and workers that wait outside the interpreter."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.cpu.kernels_run import MAIL_LINE, SYNC_BYTES
from pixel_llm.errors import BackendError, InvalidArgumentError

_PATIENCE: Final = 2_000  # looks, about a millisecond: the time that choosing and printing a token takes
MOST_THREADS: Final = 62  # sleeping threads are reported as bits of one word
_INT: Final = ctypes.c_int64


def _give_way_address() -> int:
    if sys.platform == "win32":
        function = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    return ctypes.cast(function, ctypes.c_void_p).value or 0


class Team:
    """`threads` threads, the caller's among them. One program at a time: the decoder's lock sees to that."""

    def __init__(self, functions: dict[str, int], threads: int) -> None:
        if not 1 <= threads <= MOST_THREADS:
            raise InvalidArgumentError(f"{threads} threads: between 1 and {MOST_THREADS} can work together")
        self.threads = threads
        self._sync = np.zeros(SYNC_BYTES // 8 + 16, np.int64)
        self._mail = np.zeros((threads + 2) * MAIL_LINE // 8 + 16, np.int64)
        # Flags that different threads write must not share a cache line.
        self._mail_at = -(-self._mail.ctypes.data // 128) * 128
        self._sync_at = -(-self._sync.ctypes.data // 128) * 128
        self._program = (self._mail_at - self._mail.ctypes.data + MAIL_LINE) // 8
        self._sequence = self._program - MAIL_LINE // 8
        self._posted = 0
        self._process = os.getpid()
        self._run = ctypes.CFUNCTYPE(None, *[_INT] * 7)(functions["run"])
        self._serve = ctypes.CFUNCTYPE(_INT, *[_INT] * 7)(functions["serve"])
        self._post = ctypes.CFUNCTYPE(_INT, *[_INT] * 2)(functions["post"])
        self._give_way = _give_way_address()
        self._bells = [threading.Semaphore(0) for _ in range(threads)]
        self._workers = [
            threading.Thread(target=self._work, args=(i,), name=f"pixel-llm-cpu-{i}", daemon=True)
            for i in range(1, threads)
        ]
        for worker in self._workers:
            worker.start()

    def _work(self, thread: int) -> None:
        seen = 0
        while seen >= 0:
            seen = self._serve(self._mail_at, seen, thread, self.threads, self._sync_at, self._give_way, _PATIENCE)
            if seen >= 0:
                self._bells[thread].acquire()

    def _ring(self, sleeping: int) -> None:
        for thread in range(1, self.threads):
            if sleeping >> thread & 1:
                self._bells[thread].release()

    def _announce(self, ops: int, count: int, stride: int) -> None:
        self._mail[self._program : self._program + 3] = (ops, count, stride)
        self._ring(self._post(self._mail_at, self.threads))

    def run(self, ops: NDArray[np.int64], count: int) -> None:
        """Run the first `count` records of `ops` on all threads; the last one must end with a meeting.

        Raises `BackendError` in a process that was forked off the one with the workers.
        """
        if os.getpid() != self._process:
            raise BackendError("a decoder does not survive a fork", remedy="open the model in the new process")
        at, stride = ops.ctypes.data, ops.strides[0]
        announced = not self._workers
        try:
            if self._workers:
                self._announce(at, count, stride)
                announced = True
        finally:
            # Ctrl-C may strike in between; once the workers have begun, they need this thread to end.
            if announced or self._mail[self._sequence] != self._posted:
                self._posted += 1
                if not announced:
                    self._ring(-1)
                self._run(at, count, stride, 0, self.threads, self._sync_at, self._give_way)

    def close(self) -> None:
        """End the workers."""
        if self._workers and os.getpid() == self._process:
            self._announce(0, 0, 0)
            for worker in self._workers:
                worker.join()
            self._workers = []
