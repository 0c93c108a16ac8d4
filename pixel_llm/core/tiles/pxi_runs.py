"""Directories of a PxiStore: sorted runs of keys, the newest of which is right (a log-structured merge tree; P. O'Neil
et al., Acta Informatica 33, 1996).

A run is two pages of bytes: its keys, ascending int64, and its entries, one a key. A key is a tile's level and code in
one number: the level's first key plus the code.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixel_llm.core.pxi import PxiFile
from pixel_llm.core.tiles.morton import BITS, LEVELS, Codes
from pixel_llm.errors import MapFormatError

FIRST_KEYS = tuple(sum(1 << 2 * (BITS - below) for below in range(level)) for level in range(LEVELS + 1))
REMOVED = 255  # the codec of an entry that says that older runs' tile is gone

ENTRY = np.dtype([("offset", "<u8"), ("length", "<u4"), ("segment", "<u4"), ("codec", "u1"), ("digest", "V32")])
Entries = NDArray[np.void]
_ENTRY = struct.Struct("<QIIB32s")  # the same


class Entry(NamedTuple):
    """Where a tile's stored bytes lie: `length` of them from `offset` on in the segment's page of that codec."""

    offset: int
    length: int
    segment: int
    codec: int
    digest: bytes


class Segment(NamedTuple):
    """Pages that hold tiles, by their number, and their size in bytes."""

    number: int
    size: int


class RunInfo(NamedTuple):
    """What the index says of a run; `removed` of its `length` entries say that a tile is gone."""

    number: int
    length: int
    removed: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Run:
    """A run of an open file, whose pages are read when they are needed; MapFormatError where they break a rule."""

    file: PxiFile
    info: RunInfo

    def __post_init__(self) -> None:
        for name, size in zip(run_pages(self.info.number), (8, ENTRY.itemsize), strict=True):
            page, length = self.file.pages.get(name), size * self.info.length
            if page is None or page.kind != "bytes" or page.length != length:
                raise MapFormatError(f"a page of {length} bytes is missing", file=self.file.path, part=name)

    @cached_property
    def keys(self) -> Codes:
        name, _ = run_pages(self.info.number)
        keys = self.file.array(name).reshape(-1)[: 8 * self.info.length].view("<i8")
        if keys[0] < 0 or keys[-1] >= FIRST_KEYS[-1] or not (keys[1:] > keys[:-1]).all():
            raise MapFormatError("its keys are not ascending", file=self.file.path, part=name)
        return keys

    @cached_property
    def entries(self) -> Entries:
        _, name = run_pages(self.info.number)
        return self.file.array(name).reshape(-1)[: ENTRY.itemsize * self.info.length].view(ENTRY)

    def find(self, key: int) -> Entry | None:
        keys = self._key_list
        at = bisect_left(keys, key)
        if at == self.info.length or keys[at] != key:
            return None
        _, name = run_pages(self.info.number)
        return Entry(*_ENTRY.unpack(self.file.read_bytes(name, at * _ENTRY.size, _ENTRY.size)))

    @cached_property
    def _key_list(self) -> Sequence[int]:
        return self.keys.data.cast("B").cast("q")


def run_pages(number: int) -> tuple[str, str]:
    """Names of a run's pages."""
    return f"keys {number}", f"entries {number}"


def segment_pages(number: int) -> tuple[str, str]:
    """Names of a segment's pages, of which there may be one: of tiles as they are, and of packed ones."""
    return f"tiles {number}", f"packed {number}"


def merged(older: tuple[Codes, Entries], newer: tuple[Codes, Entries], *, last: bool) -> tuple[Codes, Entries]:
    """Both as one run; `last`: nothing older is left, so entries of removed tiles are not needed."""
    stays = ~np.isin(older[0], newer[0], assume_unique=True)
    keys = np.concatenate([older[0][stays], newer[0]])
    entries = np.concatenate([older[1][stays], newer[1]])
    order = np.argsort(keys, kind="stable")
    if last:
        order = order[entries["codec"][order] != REMOVED]
    return keys[order], entries[order]


def live_keys(runs: Sequence[Run]) -> Codes:
    """Keys of the tiles that the runs, oldest first, hold together."""
    live: Codes = np.empty(0, np.int64)
    for run in runs:
        if not len(live) and not run.info.removed:
            live = run.keys
            continue
        gone = run.entries["codec"] == REMOVED
        live = np.union1d(live, run.keys[~gone])
        live = live[~np.isin(live, run.keys[gone], assume_unique=True)]
    return live
