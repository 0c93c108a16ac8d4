"""Writing transactions of a PxiStore: what a batch changes, and the pages that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import numpy as np

from pixel_llm.core.pxi import PxiUpdater, PxiWriter
from pixel_llm.core.tiles.morton import Codes
from pixel_llm.core.tiles.pxi_directory import Directory
from pixel_llm.core.tiles.pxi_runs import (
    ENTRY,
    REMOVED,
    Entries,
    Entry,
    RunInfo,
    Segment,
    merged,
    run_pages,
    segment_pages,
)
from pixel_llm.core.tiles.record import Codec, Record
from pixel_llm.core.tiles.settings import MapSettings

SEGMENT = 16 << 20  # bytes of tiles that are kept until they become pages
_SMALL = SEGMENT // 4
_LISTED = 10_000  # tiles that a removed range may have to be taken one by one, so that few ranges are looked through
_OVERHEAD = 400  # bytes of memory that a waiting record takes beside its data
_MANY = 8  # so many small segments become one when their runs do


class Batch:
    """Changes over a directory, through an updater of its file."""

    def __init__(self, updater: PxiUpdater, directory: Directory) -> None:
        self.updater = updater
        self._directory = directory
        self._records: dict[int, Record] = {}  # not written yet
        self._bytes = 0
        self._written: tuple[Codes, Entries] = (np.empty(0, np.int64), np.empty(0, ENTRY))
        self._segments: list[Segment] = []
        self._gone: set[int] = set()  # of the directory's tiles
        self._ranges: list[tuple[int, int]] = []  # nor does what the directory has there count
        numbers = [s.number for run in directory.runs for s in run.info.segments]
        self._next = max([*numbers, *(run.info.number for run in directory.runs)], default=0) + 1

    def find(self, key: int) -> Entry | Record | None:
        if key in self._records:
            return self._records[key]
        at = self._place(key)
        if at is not None:
            return Entry(*self._written[1][at].item())
        if key in self._gone or any(first <= key <= last for first, last in self._ranges):
            return None
        return self._directory.find(key)

    def put(self, key: int, record: Record) -> None:
        self._forget(key)
        self._records[key] = record
        self._bytes += len(record.data) + _OVERHEAD
        if self._bytes > SEGMENT:
            self._spill()
        self.__dict__.pop("keys", None)

    def delete(self, first: int, last: int) -> None:
        if first == last:
            self._forget(first)
            at = self._place(first)
            if at is not None:
                self._written = np.delete(self._written[0], at), np.delete(self._written[1], at)
            if self._directory.find(first) is not None:
                self._gone.add(first)
        else:
            for key in [key for key in self._records if first <= key <= last]:
                self._forget(key)
            stays = (self._written[0] < first) | (self._written[0] > last)
            self._written = self._written[0][stays], self._written[1][stays]
            keys = self._directory.keys
            low, high = np.searchsorted(keys, [first, last + 1]).tolist()
            if high - low > _LISTED:
                self._ranges.append((first, last))
            else:
                self._gone.update(keys[low:high].tolist())
        self.__dict__.pop("keys", None)

    @cached_property
    def keys(self) -> Codes:
        """Of the tiles that are stored now, ascending."""
        keys = self._directory.keys
        put = np.union1d(np.array([*self._records], np.int64), self._written[0])
        return np.union1d(keys[~np.isin(keys, self._removed(), assume_unique=True)], put)

    @property
    def changed(self) -> bool:
        return bool(self._records or len(self._written[0]) or len(self._removed()))

    def finish(self) -> list[RunInfo]:
        """Writes what is left, merges small runs into larger ones, and returns the runs there are then."""
        self._spill()
        removed = np.setdiff1d(self._removed(), self._written[0])
        gone = np.zeros(len(removed), ENTRY)
        gone["codec"] = REMOVED
        keys, table = merged((removed, gone), self._written, last=False)
        runs, segments = list(self._directory.runs), self._segments
        while runs and runs[-1].info.length <= 2 * len(keys):
            older = runs.pop()
            keys, table = merged((older.keys, older.entries), (keys, table), last=not runs)
            segments = [*older.info.segments, *segments]
            self._drop(run_pages(older.info.number))
        table, segments = self._tidied(keys, table, segments)
        infos = [run.info for run in runs]
        if len(keys):
            infos.append(_write_run(self.updater, self._number(), keys, table, segments))
        return infos

    def _removed(self) -> Codes:
        """The directory's tiles that are not there any more, or replaced after they were removed."""
        keys = self._directory.keys if self._ranges else np.empty(0, np.int64)
        parts = [np.array(sorted(self._gone), np.int64)]
        for first, last in self._ranges:
            low, high = np.searchsorted(keys, [first, last + 1])
            parts.append(keys[low:high])
        return np.unique(np.concatenate(parts))

    def _forget(self, key: int) -> None:
        """Undoes what the batch did to a tile and has not written."""
        record = self._records.pop(key, None)
        if record is not None:
            self._bytes -= len(record.data) + _OVERHEAD
        self._gone.discard(key)

    def _place(self, key: int) -> int | None:
        """Where a tile stands among the written ones."""
        keys = self._written[0]
        at = int(np.searchsorted(keys, key))
        return at if at < len(keys) and keys[at] == key else None

    def _spill(self) -> None:
        if self._records:
            segment, table = _write_segment(self.updater, self._directory.settings, self._number(), self._records)
            self._segments.append(segment)
            keys = np.array([*self._records], np.int64)
            order = np.argsort(keys)
            self._written = merged(self._written, (keys[order], table[order]), last=False)
            self._records.clear()
            self._bytes = 0

    def _tidied(self, keys: Codes, table: Entries, segments: list[Segment]) -> tuple[Entries, list[Segment]]:
        """Drops segments that no entry needs, and makes one of many small ones."""
        live = table["codec"] != REMOVED
        used = set(np.unique(table["segment"][live]).tolist())
        small = [one.number for one in segments if one.number in used and one.size < _SMALL]
        if len(small) > _MANY:
            table = table.copy()
            moved: dict[int, Record] = {}
            for at in np.flatnonzero(live & np.isin(table["segment"], small)).tolist():
                record = self._stored(Entry(*table[at].item()))
                if record is not None:
                    moved[at] = record
            stay = np.ones(len(table), bool)
            stay[[*moved]] = False
            used = set(np.unique(table["segment"][live & stay]).tolist())
            segment, entries = _write_segment(self.updater, self._directory.settings, self._number(), moved)
            table[[*moved]] = entries
            segments = [*segments, segment]
            used.add(segment.number)
        for one in segments:
            if one.number not in used:
                self._drop(segment_pages(one.number))
        return table, [one for one in segments if one.number in used]

    def _stored(self, entry: Entry) -> Record | None:
        """What an entry points to; None where it cannot be right, and must stay as it is for its reader to find."""
        name = segment_pages(entry.segment)[entry.codec != Codec.RAW]
        size = self._directory.settings.tile_bytes
        if name not in self.updater.pages or entry.length > size or (entry.codec == Codec.RAW and entry.length < size):
            return None
        data = self.updater.read_raw(name, entry.offset, entry.length)
        return Record(entry.codec, bytes(entry.digest), data) if len(data) == entry.length else None

    def _drop(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self.updater.pages:
                self.updater.delete(name)

    def _number(self) -> int:
        self._next += 1
        return self._next - 1


def rewrite(writer: PxiWriter, directory: Directory, read: Callable[[int, Entry], Record]) -> list[RunInfo]:
    """A directory's tiles as the pages of a new file, in Z-order; the one run it has then. `read` checks them."""
    keys = directory.keys
    tables: list[Entries] = []
    segments: list[Segment] = []
    records: dict[int, Record] = {}
    total = 0
    for number, key in enumerate(keys.tolist(), 1):
        found = directory.find(key)
        assert found is not None
        records[key] = read(key, found)
        total += len(records[key].data) + _OVERHEAD
        if total > SEGMENT or number == len(keys):
            segment, written = _write_segment(writer, directory.settings, len(segments) + 1, records)
            segments.append(segment)
            tables.append(written)
            records, total = {}, 0
    return [_write_run(writer, len(segments) + 1, keys, np.concatenate(tables), segments)] if tables else []


def _write_segment(
    builder: PxiUpdater | PxiWriter, settings: MapSettings, number: int, records: Mapping[int, Record]
) -> tuple[Segment, Entries]:
    """Writes records as a new segment; the entry of each, in their order."""
    size, sample = settings.tile_size, settings.sample
    tiles, packed = segment_pages(number)
    entries: list[Entry] = []
    ends = [0, 0]
    for codec, digest, data in records.values():
        kind = int(codec != Codec.RAW)
        entries.append(Entry(ends[kind], len(data), number, codec, digest))
        ends[kind] += len(data)
    if ends[0]:
        shape = settings.shape(size, size)
        plane = builder.begin_plane(tiles, sample, size, ends[0] // settings.tile_bytes * size, settings.channels)
        for record in records.values():
            if record.codec == Codec.RAW:
                plane.write_rows(np.frombuffer(record.data, sample.dtype).reshape(shape))
    if ends[1]:
        builder.add_bytes(packed, (r.data for r in records.values() if r.codec != Codec.RAW), ends[1])
    return Segment(number, sum(ends)), np.array(entries, ENTRY)


def _write_run(
    builder: PxiUpdater | PxiWriter, number: int, keys: Codes, table: Entries, segments: Iterable[Segment]
) -> RunInfo:
    for name, column in zip(run_pages(number), (keys, table), strict=True):
        builder.add_bytes(name, column.tobytes())
    return RunInfo(number, len(keys), int((table["codec"] == REMOVED).sum()), tuple(segments))
