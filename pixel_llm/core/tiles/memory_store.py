"""Tiles in a dictionary, for one process and one map at a time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from pixel_llm.core.pxi.building import now
from pixel_llm.core.tiles.morton import Codes, KeyRange
from pixel_llm.core.tiles.record import Record
from pixel_llm.core.tiles.settings import MapSettings
from pixel_llm.core.tiles.store import MapSnapshot
from pixel_llm.errors import NotFoundError

Levels = dict[int, dict[int, Record]]


class MemoryStore:
    """A TileStore that lives as long as the object; `close` keeps its tiles, so that another map can open it."""

    def __init__(self, settings: MapSettings) -> None:
        self.settings = settings
        self.location = "<memory>"
        self.read_only = False
        self._levels: Levels = {}
        self._sorted: dict[int, list[int]] = {}  # by level, absent where codes came or went since
        self._undo: dict[tuple[int, int], Record | None] = {}
        self._version = 0
        self._snapshots: dict[MapSnapshot, Levels] = {}

    def version(self) -> int:
        return self._version

    def begin_read(self) -> int:
        return self._version

    def end_read(self) -> None:
        pass

    def begin_write(self) -> int:
        return self._version

    def commit(self) -> None:
        self._undo.clear()
        self._version += 1

    def rollback(self) -> None:
        for (level, code), record in self._undo.items():
            self._set(level, code, record)
        self._undo.clear()

    def get(self, level: int, code: int) -> Record | None:
        return self._levels.get(level, {}).get(code)

    def put(self, level: int, code: int, record: Record) -> None:
        self._undo.setdefault((level, code), self.get(level, code))
        self._set(level, code, record)

    def delete(self, level: int, first: int, last: int) -> None:
        for code in self._between(level, first, last):
            self._undo.setdefault((level, code), self.get(level, code))
            self._set(level, code, None)

    def codes(self, level: int, first: int, last: int, limit: int | None = None) -> Codes:
        return np.array(self._between(level, first, last)[:limit], np.int64)

    def codes_in(self, level: int, ranges: Sequence[KeyRange]) -> Codes:
        return np.concatenate([self.codes(level, first, last) for first, last, _ in ranges])

    def count(self, level: int, first: int, last: int) -> int:
        return len(self._between(level, first, last))

    def span(self, level: int, first: int, last: int) -> tuple[int, int] | None:
        codes = self._between(level, first, last)
        return (codes[0], codes[-1]) if codes else None

    def snapshots(self) -> list[MapSnapshot]:
        return list(self._snapshots)

    def take_snapshot(self, name: str) -> None:
        self._snapshots[MapSnapshot(name, now())] = {level: dict(tiles) for level, tiles in self._levels.items()}

    def delete_snapshot(self, name: str) -> None:
        self._snapshots = {one: levels for one, levels in self._snapshots.items() if one.name != name}

    def at_snapshot(self, name: str) -> MemoryStore:
        for one, levels in self._snapshots.items():
            if one.name == name:
                store = MemoryStore(self.settings)
                store.read_only = True
                store._levels = levels
                return store
        raise NotFoundError("the map has no such snapshot", file=self.location, part=name)

    def compact(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _set(self, level: int, code: int, record: Record | None) -> None:
        records = self._levels.setdefault(level, {})
        if (record is None) == (code in records):
            self._sorted.pop(level, None)
        if record is None:
            records.pop(code, None)
        else:
            records[code] = record

    def _between(self, level: int, first: int, last: int) -> list[int]:
        if level not in self._sorted:
            self._sorted[level] = sorted(self._levels.get(level, {}))
        codes = self._sorted[level]
        return codes[bisect_left(codes, first) : bisect_right(codes, last)]
