"""Tiles on their way to HTTP clients: the finished ones kept in memory, each computed once, a few at a time."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

BUDGET: Final = 256 << 20
_OVERHEAD: Final = 512  # bytes that an entry takes beside its data

Key = tuple[str, int, int, int]


class TileCache:
    """For one event loop. `get` gives a tile's bytes, or None for an empty one, computing it in a thread if need be.

    At most `threads` tiles are computed at once; who asks for one that is being computed waits for the same result.
    """

    def __init__(self, *, budget: int = BUDGET, threads: int | None = None) -> None:
        self._budget = budget
        self._kept: OrderedDict[Key, bytes | None] = OrderedDict()
        self._bytes = 0
        self._waiting: dict[Key, asyncio.Future[bytes | None]] = {}
        self._pool = ThreadPoolExecutor(threads or min(8, os.cpu_count() or 1), "tiles")

    async def get(self, key: Key, compute: Callable[[], bytes | None]) -> bytes | None:
        """The tile, by `compute` where it is not in memory; raises what that raises."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = asyncio.ensure_future(asyncio.get_running_loop().run_in_executor(self._pool, compute))
            self._waiting[key] = waiting
            waiting.add_done_callback(lambda done: self._done(key, done))
        return await asyncio.shield(waiting)  # one client that hangs up does not take it from the others

    def _done(self, key: Key, done: asyncio.Future[bytes | None]) -> None:
        del self._waiting[key]
        if done.cancelled() or done.exception() is not None:
            return
        data = done.result()
        self._kept[key] = data
        self._bytes += len(data or b"") + _OVERHEAD
        while self._bytes > self._budget:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped or b"") + _OVERHEAD

    async def run(self, work: Callable[[], bytes]) -> bytes:
        """Other work, in one of the same threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Stop the threads; what has begun is finished."""
        self._pool.shutdown(wait=True, cancel_futures=True)
