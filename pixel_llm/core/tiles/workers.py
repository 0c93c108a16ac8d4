"""Threads that pack and unpack tiles: zstd, zlib and SHA-256 let others run meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_FEW = 16  # below that handing tiles over costs more than it saves
_MOST = 8

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Workers:
    """As many threads as the machine has cores, at most 8, from the first time that they are needed until `close`."""

    def __init__(self) -> None:
        self._threads = min(_MOST, os.cpu_count() or 1)
        self._pool: ThreadPoolExecutor | None = None

    def map(self, work: Callable[[_In], _Out], items: Sequence[_In]) -> list[_Out]:
        """`work` of every item, in order; raises the first error."""
        if len(items) < _FEW or self._threads == 1:
            return [work(item) for item in items]
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, "tiles")
        size = -(-len(items) // (2 * self._threads))
        groups = [items[at : at + size] for at in range(0, len(items), size)]
        return [result for group in self._pool.map(lambda group: [work(i) for i in group], groups) for result in group]

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
