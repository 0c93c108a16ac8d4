"""Building the atlas of a model: one pass over the weights for the first level, the levels above from its sums.

Tiles are computed by several threads, in Z-order, and appended to a journal. A build that is killed goes on where its
journal ends; the finished atlas is the same byte for byte. It appears under its name whole or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from pixel_llm.atlas import tile_format
from pixel_llm.atlas.atlas_file import HEADER, MAGIC, VERSION, AtlasFile, TensorStatistics, TileKey, atlas_path
from pixel_llm.atlas.blocks import Totals, add_total, block_sums
from pixel_llm.atlas.journal import Journal
from pixel_llm.atlas.layout import LAYOUT_VERSION, TILE, Layout
from pixel_llm.atlas.model_layout import layout_of
from pixel_llm.atlas.outliers import outliers_in
from pixel_llm.atlas.statistics import STATISTICS, Sums
from pixel_llm.atlas.weights import ModelWeights
from pixel_llm.core import durable
from pixel_llm.core.durable import DurableFile
from pixel_llm.core.pxi.writer import temporary_path
from pixel_llm.errors import AlreadyExistsError, AtlasFormatError, PixelLLMError
from pixel_llm.formats.model_file import ModelFile

Progress = Callable[[int, int], None]
_T = TypeVar("_T")

SHARE: Final = 0.04
"""The atlas takes at most this share of the model's bytes (a tiny model's index alone may take more)."""
_BAND: Final = 32
"""Rows of blocks that one task computes; a divisor of a tile's side."""
_LEVELS: Final = (4, 5)
_HELD: Final = 64 << 20
"""Bytes of weights after which their memory is given back."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: `tiles` in all, of which `resumed` came from an earlier build's journal."""

    path: Path
    bytes: int
    model_bytes: int
    first_level: int
    max_level: int
    tiles: int
    resumed: int
    seconds: float


def first_level(layout: Layout, nbytes: int) -> int:
    """The lowest level whose pyramid fits into `SHARE` of a model of `nbytes`: 4, or 5 where the weights are small."""
    weights = sum(rows * cols for rows, cols in layout.shapes.values())
    for level in _LEVELS[:-1]:
        # Ten bytes a block; a third more for all levels above; a quarter less after deflate (SmolLM2: a third).
        if weights / 4**level * 10 * 4 / 3 * 0.75 <= SHARE * nbytes:
            return level
    return _LEVELS[-1]


def build_atlas(
    model: ModelFile,
    *,
    path: Path | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Write the atlas of `model` to `path`, by default beside it as `M.pxi.atlas`; one of other weights is replaced.

    `progress(done, total)` counts bytes of weights. Raises `AlreadyExistsError` where a sound atlas of these weights is
    there already and not `overwrite`, `BusyError` (another build is at it), `IntegrityError`, `StorageError`.
    """
    began = time.perf_counter()
    target = path or atlas_path(model.path)
    model.refuse_target(target)
    layout = layout_of(model)
    if not overwrite and current(model, layout, target):
        raise AlreadyExistsError("the atlas is there and up to date", file=target, remedy="--force builds it again")
    level = first_level(layout, sum(t.nbytes for t in model.tensors.values()))
    key = {"root": model.pxi.root_hash.hex(), "layout": layout.digest(), "version": VERSION, "first_level": level}
    workers = threads or min(8, os.cpu_count() or 1)
    with Journal(target.with_name(target.name + ".partial"), key) as journal:
        with ThreadPoolExecutor(workers, "atlas") as pool:
            build = _Build(model, layout, level, journal, pool, workers)
            try:
                resumed = build.first_level_tiles(progress)
                tiles = build.write(target)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        journal.remove()
    return BuildReport(
        target,
        target.stat().st_size,
        model.path.stat().st_size,
        level,
        max(level, layout.max_level),
        tiles,
        resumed,
        time.perf_counter() - began,
    )


def current(model: ModelFile, layout: Layout, path: Path) -> bool:
    """Whether `path` holds a readable atlas of these weights."""
    try:
        with AtlasFile(path) as atlas:
            return atlas.stale(model, layout) is None
    except PixelLLMError:
        return False


class _Build:
    """One build on its way."""

    def __init__(
        self, model: ModelFile, layout: Layout, level: int, journal: Journal, pool: ThreadPoolExecutor, workers: int
    ) -> None:
        self.model, self.layout, self.level = model, layout, level
        self.journal, self.pool, self.workers = journal, pool, workers
        self.weights = ModelWeights(model)
        self.top = max(level, layout.max_level)

    # The first level
    def first_level_tiles(self, progress: Progress | None) -> int:
        """Compute what the journal lacks; returns how many tiles it had."""
        tiles = self.layout.tiles(self.level)
        total = sum(t.nbytes for t in self.model.tensors.values())
        weights = sum(rows * cols for rows, cols in self.layout.shapes.values())
        missing = [t for t in tiles if t not in self.journal.records]
        done = weights - sum(self._weights(tx, ty) for tx, ty in missing)
        parts = ((tx, ty, y) for tx, ty in missing for y in range(0, TILE, _BAND))
        released = done
        sums, totals = Sums.empty(TILE, TILE), Totals()
        for (tx, ty, y), (part, met) in self._ahead(self._band, parts):
            target = sums[y : y + _BAND]
            target.merge(part)
            for name, value in met.items():
                add_total(totals, name, value)
            done += int(part.count.sum())
            if progress is not None:
                progress(total * done // weights, total)
            if (done - released) * total > _HELD * weights:
                self.model.pxi.release()
                released = done
            if y + _BAND == TILE:
                tile = tile_format.pack(tile_format.encode_sums(self.level, sums))
                self.journal.add(tx, ty, tile, sums.halved(), totals)
                sums, totals = Sums.empty(TILE, TILE), Totals()
        return len(tiles) - len(missing)

    def _weights(self, tx: int, ty: int) -> int:
        return int(self.layout.count(self.level + 8, tx, ty, 1, 1)[0, 0])

    def _band(self, part: tuple[int, int, int]) -> tuple[Sums, Totals]:
        tx, ty, y = part
        totals = Totals()
        return block_sums(self.weights, self.layout, self.level, tx * TILE, ty * TILE + y, TILE, _BAND, totals), totals

    def _ahead(self, work: Callable[[Any], _T], items: Iterable[Any]) -> Iterator[tuple[Any, _T]]:
        """Results of `work` in the items' order, a few items ahead of who takes them."""
        waiting: deque[tuple[Any, Future[_T]]] = deque()
        for item in items:
            waiting.append((item, self.pool.submit(work, item)))
            if len(waiting) > 4 * self.workers:
                item, future = waiting.popleft()
                yield item, future.result()
        while waiting:
            item, future = waiting.popleft()
            yield item, future.result()

    # The levels above, and the file
    def write(self, target: Path) -> int:
        """The finished file in its place; returns the number of its tiles."""
        statistics = self._tensor_statistics()
        file = DurableFile.create(temporary_path(target))
        try:
            out = _Writer(file, 2 * self.workers)
            there = {level: set(self.layout.tiles(level)) for level in range(self.level, self.top + 1)}
            for x, y in self.layout.tiles(self.top):
                self._tile(out, there, self.top, x, y)
            entries, end = out.finish()
            index = json.dumps(self._index(statistics, entries), separators=(",", ":"), allow_nan=False).encode()
            file.write(index, end)
            file.write(HEADER.pack(MAGIC, VERSION, end, len(index), hashlib.sha256(index).digest()), 0)
            file.sync()
            durable.rename(file.path, target)
            durable.sync_directory(target.parent)
        except BaseException:
            with contextlib.suppress(PixelLLMError):
                durable.unlink(file.path)
            raise
        finally:
            file.close()
        return len(entries)

    def _tile(self, out: _Writer, there: Mapping[int, set[tuple[int, int]]], level: int, x: int, y: int) -> Sums:
        """Write a tile after its children; its sums at the next level, 128 × 128."""
        if level == self.level:
            out.add((level, x, y), self.pool.submit(self.journal.tile, x, y))
            return self.journal.quarter(x, y)
        sums, half = Sums.empty(TILE, TILE), TILE // 2
        for child_y in (2 * y, 2 * y + 1):
            for child_x in (2 * x, 2 * x + 1):
                if (child_x, child_y) in there[level - 1]:
                    top, left = child_y % 2 * half, child_x % 2 * half
                    quarter = self._tile(out, there, level - 1, child_x, child_y)
                    sums[top : top + half, left : left + half].merge(quarter)
        out.add((level, x, y), self.pool.submit(_packed, level, sums))
        return sums.halved()

    def _tensor_statistics(self) -> dict[str, TensorStatistics]:
        tiles = self.layout.tiles(self.level)
        totals = Totals()
        for x, y in tiles:
            for name, value in self.journal.totals(x, y):
                add_total(totals, name, value)
        whole: dict[str, Sums] = {}
        heads: dict[str, dict[int, float]] = {}
        for (tensor, head), value in sorted(totals.items(), key=lambda item: (item[0][0], item[0][1] or 0)):
            if tensor in whole:
                whole[tensor].merge(value)
            else:
                whole[tensor] = value[:]
            if head is not None:
                heads.setdefault(tensor, {})[head] = float(np.sqrt(value.squares[0, 0]))
        if whole.keys() != self.layout.shapes.keys():
            raise AtlasFormatError("holds other tensors than the model", file=self.journal.path, remedy="delete it")
        rms = {name: float(value.statistics()["rms"][0, 0]) for name, value in whole.items()}
        outliers = dict.fromkeys(whole, 0)

        def count(tile: tuple[int, int]) -> dict[str, int]:
            _, planes = tile_format.decode_tile(tile_format.unpack(self.journal.tile(*tile)))
            return outliers_in(self.model, self.layout, self.level, *tile, planes[2], planes[3], rms)

        for _, found in self._ahead(count, tiles):
            for tensor, number in found.items():
                outliers[tensor] += number
        return {name: _described(whole[name], outliers[name], heads.get(name)) for name in self.layout.shapes}

    def _index(self, statistics: Mapping[str, TensorStatistics], entries: list[list[Any]]) -> dict[str, Any]:
        bounds = self.layout.bounds
        tensors = [item | {"stats": statistics[item["name"]].to_json()} for item in self.layout.to_json()]
        return {
            "format": "pxi-atlas",
            "version": VERSION,
            "root": self.model.pxi.root_hash.hex(),
            "generation": self.model.pxi.generation,
            "tile": TILE,
            "first_level": self.level,
            "max_level": self.top,
            "bounds": {"x": bounds.x, "y": bounds.y, "width": bounds.width, "height": bounds.height},
            "statistics": list(STATISTICS),
            "layout": {"version": LAYOUT_VERSION, "sha256": self.layout.digest(), "tensors": tensors},
            "tiles": entries,
        }


class _Writer:
    """Writes tiles in the order in which they are added, while a few of them are still being packed."""

    def __init__(self, file: DurableFile, ahead: int) -> None:
        self._file, self._ahead = file, ahead
        self._waiting: deque[tuple[TileKey, Future[bytes]]] = deque()
        self._entries: list[list[Any]] = []
        self._end = HEADER.size

    def add(self, key: TileKey, data: Future[bytes]) -> None:
        self._waiting.append((key, data))
        while len(self._waiting) > self._ahead:
            self._one()

    def _one(self) -> None:
        (level, x, y), future = self._waiting.popleft()
        data = future.result()
        self._file.write(data, self._end)
        self._entries.append([level, x, y, self._end, len(data), hashlib.sha256(data).hexdigest()])
        self._end += len(data)

    def finish(self) -> tuple[list[list[Any]], int]:
        """The index's entries, and where they end."""
        while self._waiting:
            self._one()
        return self._entries, self._end


def _packed(level: int, sums: Sums) -> bytes:
    return tile_format.pack(tile_format.encode_sums(level, sums))


def _described(whole: Sums, outliers: int, heads: Mapping[int, float] | None) -> TensorStatistics:
    numbers = {name: float(array[0, 0]) for name, array in whole.statistics().items()}
    known = {name: numbers[name] if math.isfinite(numbers[name]) else None for name in ("mean", "rms", "min", "max")}
    return TensorStatistics(
        count=int(whole.count[0, 0]),
        zeros=int(whole.zeros[0, 0]),
        nonfinite=int(whole.odd[0, 0]),
        outliers=outliers,
        heads=None if heads is None else tuple(heads[h] for h in sorted(heads)),
        **known,
    )
