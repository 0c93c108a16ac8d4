"""InfiniteMap: an unbounded plane of pixels, stored as sparse tiles under quadtree keys.

Pixels have any of the container's sample types and up to four channels, and coordinates from -2^38 to 2^38. What was
never written costs nothing and reads as the fill value. Without arguments, as a script, it shows itself:

    python3 pixel_llm/core/infinite_map.py
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

if __name__ == "__main__":  # as a script: find the package though it be not installed, and shadow no module
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import numpy as np
from numpy.typing import NDArray

from pixel_llm.core.tiles import MapSettings, MapSnapshot, TileStore, open_store, pyramid
from pixel_llm.core.tiles.morton import LEVELS, Box, decode, encode, encoded, half, in_box, key_ranges, last_code
from pixel_llm.core.tiles.record import Compression
from pixel_llm.core.tiles.reducers import Reducer, checked_reducer
from pixel_llm.core.tiles.regions import LIMIT, Region, checked_region, integers, overlaps, spans, tile_box
from pixel_llm.core.tiles.search import best_first
from pixel_llm.core.tiles.settings import Fill, fill_bytes, sample_type
from pixel_llm.core.tiles.transactions import Pixels, TileTransactions, biased_box
from pixel_llm.errors import InvalidArgumentError

__all__ = ["LIMIT", "InfiniteMap", "MapSnapshot", "Occupancy", "Region", "TileXY"]

MAX_READ_BYTES = 8 << 30  # a larger region is a mistake: fill pixels cost memory too once they are in an array
_FEW = 16  # up to here tiles are fetched one by one, beyond it the stored ones are listed first
_CHUNK = 4096


class TileXY(NamedTuple):
    """A tile's coordinates: the pixel column and row of its corner, divided by the tile size times 2^level."""

    x: int
    y: int


class Occupancy(NamedTuple):
    """Tiles that are stored, of all that a region touches."""

    stored: int
    total: int


class InfiniteMap(TileTransactions):
    """A map in `target`: a database file (created where there is none), a TileStore, or None for memory.

    `sample`, `channels`, `fill` and `tile_size` are fixed when the map is created (uint8, 1, 0 and 256 unless given);
    given again they must be what the map has. `compression` is how this object packs the tiles it writes. Arrays have
    the map's dtype and the shape (height, width), or (height, width, channels) where there are several.

    A tile is stored while it holds a pixel that differs from the fill, bit by bit. Every writing call is atomic;
    `batch` makes one of several. Threads may share a map, which serves one at a time; a batch holds it.
    Errors: InvalidArgumentError, IntegrityError (a damaged tile, by its name), MapFormatError, NotFoundError,
    BusyError (another process has been writing for ten seconds), StorageError.
    """

    def __init__(
        self,
        target: TileStore | str | os.PathLike[str] | None = None,
        *,
        sample: str | None = None,
        channels: int | None = None,
        fill: Fill | None = None,
        tile_size: int | None = None,
        compression: str = Compression.ZSTD,
        cache_bytes: int = 64 << 20,
        read_only: bool = False,
    ) -> None:
        if compression not in list(Compression):
            raise InvalidArgumentError(f"{compression!r} is none of {', '.join(Compression)}", part="compression")
        if cache_bytes < 0:
            raise InvalidArgumentError(f"must not be negative: {cache_bytes}", part="cache_bytes")
        kind = sample_type(sample or "uint8")
        many = 1 if channels is None else channels
        if isinstance(target, str | os.PathLike) or target is None:
            size = 256 if tile_size is None else tile_size
            new = MapSettings(
                kind, many, b"" if many < 1 else fill_bytes(0 if fill is None else fill, kind, many), size
            )
            target = open_store(target, new, read_only=read_only)
        super().__init__(target, Compression(compression), cache_bytes, read_only)
        try:
            self._compare(sample, channels, fill, tile_size)
        except BaseException:
            self.close()
            raise

    @property
    def tile_size(self) -> int:
        return self.settings.tile_size

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return self.settings.sample.dtype

    @property
    def location(self) -> str:
        """The database's path, or `<memory>`."""
        return self._store.location

    # Pixels

    def read_region(self, x: int, y: int, width: int, height: int, *, level: int = 0) -> Pixels:
        """A new array of the pixels from column `x` and row `y` on, which count in pixels of the level."""
        x, y, width, height = region = checked_region(x, y, width, height, self._limit(level))
        if width * height * self.settings.pixel_bytes > MAX_READ_BYTES:
            raise InvalidArgumentError(f"{region} is over {MAX_READ_BYTES:,} bytes", remedy="read it in parts")
        size = self.tile_size
        box = tile_box(region, size)
        few = encoded(level, box) if (box.x1 - box.x0 + 1) * (box.y1 - box.y0 + 1) <= _FEW else []
        with self._lock, nullcontext() if few and self._fresh(level, few) else self._reading():
            if len(few) == 1:
                tile = self._tile(level, few[0])
                if tile is None:
                    return self._filled(height, width)
                top, left = y - box.y0 * size, x - box.x0 * size
                return tile[top : top + height, left : left + width].copy()
            out = self._filled(height, width)
            if few:
                columns, rows = spans(x, width, size), spans(y, height, size)
                both = zip(self._tiles(level, few), product(rows, columns), strict=True)
                for tile, ((inner_y, outer_y), (inner_x, outer_x)) in both:
                    if tile is not None:
                        out[outer_y, outer_x] = tile[inner_y, inner_x]
                return out
            self._flush()
            codes = self._codes(level, box)
            stored = np.stack(decode(level, codes), axis=1).tolist()
            for tile, (tile_x, tile_y) in zip(self._tiles(level, codes.tolist()), stored, strict=True):
                if tile is not None:
                    inside, source = overlaps(region, tile_x, tile_y, size)
                    out[source] = tile[inside]
            return out

    def write_region(self, x: int, y: int, array: Pixels) -> None:
        """Stores the array's pixels from column `x` and row `y` on."""
        pixels = self._checked_pixels(array)
        region = checked_region(x, y, pixels.shape[1], pixels.shape[0])
        box, size = tile_box(region, self.tile_size), self.tile_size
        with self._writing():
            for tile_y in range(box.y0, box.y1 + 1):
                for tile_x in range(box.x0, box.x1 + 1):
                    inside, source = overlaps(region, tile_x, tile_y, size)
                    code = encode(0, tile_x, tile_y)
                    if pixels[source].shape[:2] == (size, size):
                        self._stage(0, code, pixels[source].copy())
                    else:
                        tile = self._editable(0, code)
                        tile[inside] = pixels[source]
                        self._stage(0, code, tile)

    def delete_region(self, x: int, y: int, width: int, height: int) -> None:
        """Makes the pixels fill pixels; the region may be the whole plane."""
        x, y, width, height = region = checked_region(x, y, width, height)
        size = self.tile_size
        inner = Box(-(-x // size), -(-y // size), (x + width) // size - 1, (y + height) // size - 1)
        with self._writing():
            self._flush()
            if inner.x0 <= inner.x1 and inner.y0 <= inner.y1:
                for part in key_ranges(biased_box(inner, 0)):
                    if part.exact:
                        self._store.delete(0, part.first, part.last)
                self._cache.clear()
            for code in self._codes(0, tile_box(region, size)).tolist():  # what is left: edges, and cut cells
                inside, _ = overlaps(region, *decode(0, code), size)
                if inside == (slice(0, size), slice(0, size)):
                    tile = self._filled(size, size)  # not read, so that a damaged tile can be deleted
                else:
                    tile = self._editable(0, code)
                    tile[inside] = self._filled(1, 1)
                self._stage(0, code, tile)

    # Tiles

    def get_tile(self, x: int, y: int, level: int = 0) -> Pixels | None:
        """The stored tile as a read-only array, None where there is none.

        Levels above 0 hold what `build_pyramid` or `put_tile` put there: overviews.
        """
        code = self._code(x, y, level)
        with self._reading():
            tile = self._tile(level, code)
            if tile is not None and tile.flags.writeable:  # of the batch that is under way
                tile = tile.copy()
                tile.flags.writeable = False
            return tile

    def put_tile(self, x: int, y: int, array: Pixels, level: int = 0) -> None:
        """Stores a whole tile; one of fill pixels alone is removed."""
        code = self._code(x, y, level)
        pixels = self._checked_pixels(array)
        if pixels.shape[:2] != (self.tile_size, self.tile_size):
            raise InvalidArgumentError(f"a tile is {self.tile_size} pixels wide and high, not {pixels.shape[:2]}")
        with self._writing():
            self._stage(level, code, pixels.copy())

    def tiles_in(self, x: int, y: int, width: int, height: int, *, level: int = 0) -> NDArray[np.int64]:
        """Coordinates of the stored tiles that the region touches, in Z-order: (n, 2), x before y."""
        box = tile_box(checked_region(x, y, width, height, self._limit(level)), self.tile_size)
        with self._reading():
            self._flush()
            return np.stack(decode(level, self._codes(level, box)), axis=1)

    def occupancy(self, x: int, y: int, width: int, height: int) -> Occupancy:
        box = tile_box(checked_region(x, y, width, height), self.tile_size)
        biased = biased_box(box, 0)
        stored = 0
        with self._reading():
            self._flush()
            for first, last, exact in key_ranges(biased):
                if exact:
                    stored += self._store.count(0, first, last)
                else:
                    stored += int(in_box(self._store.codes(0, first, last), biased).sum())
        return Occupancy(stored, (box.x1 - box.x0 + 1) * (box.y1 - box.y0 + 1))

    def neighbours(self, x: int, y: int, level: int = 0) -> list[TileXY]:
        """The stored ones of the up to eight tiles around tile (x, y), in Z-order."""
        own, edge = self._code(x, y, level), half(level)
        x, y = decode(level, own)
        box = Box(max(x - 1, -edge), max(y - 1, -edge), min(x + 1, edge - 1), min(y + 1, edge - 1))
        with self._reading():
            self._flush()
            return [TileXY(*decode(level, code)) for code in self._codes(level, box).tolist() if code != own]

    def nearest(self, x: int, y: int, count: int = 1) -> list[TileXY]:
        """The `count` stored tiles nearest to the pixel, by Euclidean distance to a tile's nearest pixel; ties in
        Z-order. Fewer where there are fewer."""
        x, y, _, _ = checked_region(x, y, 1, 1)
        size, bias = self.tile_size, half(0)

        def distance(box: Box) -> int:
            left, top = (box.x0 - bias) * size, (box.y0 - bias) * size
            right, bottom = (box.x1 - bias + 1) * size - 1, (box.y1 - bias + 1) * size - 1
            return max(left - x, 0, x - right) ** 2 + max(top - y, 0, y - bottom) ** 2

        with self._reading():
            self._flush()
            found = best_first(self._store, 0, distance)
            return [TileXY(*decode(0, code)) for code, _ in zip(found, range(count), strict=False)]

    def bounds(self) -> Region | None:
        """The least region of whole tiles that holds all stored ones; None for an empty map."""
        with self._reading():
            self._flush()
            edges: list[int] = []
            for cost in (lambda b: b.x0, lambda b: b.y0, lambda b: -b.x1, lambda b: -b.y1):
                code = next(best_first(self._store, 0, cost), None)
                if code is None:
                    return None
                edges.append(decode(0, code)[len(edges) % 2] * self.tile_size)
        left, top, right, bottom = edges
        return Region(left, top, right - left + self.tile_size, bottom - top + self.tile_size)

    def count(self, level: int = 0) -> int:
        """How many tiles a level has."""
        self._code(-1, -1, level)
        with self._reading():
            self._flush()
            return self._store.count(level, 0, last_code(level))

    def tiles(self, level: int = 0) -> Iterator[TileXY]:
        """The stored tiles in Z-order, some thousands at a time: inside `snapshot` they are of one state."""
        self._code(-1, -1, level)
        first = 0
        while True:
            with self._reading():
                self._flush()
                codes = self._store.codes(level, first, last_code(level), _CHUNK).tolist()
            for code in codes:
                yield TileXY(*decode(level, code))
            if len(codes) < _CHUNK:
                return
            first = codes[-1] + 1

    __iter__ = tiles

    # The pyramid, and states that last

    def build_pyramid(
        self,
        reduce: str | Reducer = "mean",
        *,
        region: Region | tuple[int, int, int, int] | None = None,
        levels: int | None = None,
        progress: pyramid.Progress | None = None,
    ) -> int:
        """Fills the levels above 0, each pixel reduced from 2 x 2 below it; returns the number of levels.

        `reduce`: mean, max, min, nearest, or a function from (2h, 2w) or (2h, 2w, channels) pixels to (h, w) or (h, w,
        channels) of the same dtype. `region` limits the work to what lies above these pixels of level 0, after they
        were written. `levels`: up to the one where everything lies in 2 x 2 tiles unless given; higher levels are
        emptied. All of it is one batch. `progress(level, tiles made, tiles to make)`.
        """
        reducer = checked_reducer(reduce)
        top = (LIMIT // self.tile_size).bit_length() - 1
        if levels is not None and not 0 <= levels <= top:
            raise InvalidArgumentError(f"there are 0 to {top} levels above the first, not {levels}", part="levels")
        tiles = None if region is None else tile_box(checked_region(*region), self.tile_size)
        with self._writing():
            if levels is None:
                bounds = self.bounds()
                levels = 0 if bounds is None else pyramid.height(tile_box(bounds, self.tile_size), top)
            self._flush()
            pyramid.build(self, reducer, tiles, levels, top, progress)
        return levels

    def open_snapshot(self, name: str) -> InfiniteMap:
        """The map as it was when `take_snapshot` named it, for reading; a map of its own, to be closed."""
        with self._reading():
            if self._state not in ("idle", "snapshot"):
                raise InvalidArgumentError(f"a {self._state} is under way")
            return InfiniteMap(self._store.at_snapshot(name), cache_bytes=self._cache.budget)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    # Within

    def _compare(self, sample: str | None, channels: int | None, fill: Fill | None, tile_size: int | None) -> None:
        has = self.settings
        wanted = {"sample": sample, "channels": channels, "tile_size": tile_size}
        for name, value in wanted.items():
            if value is not None and value != getattr(has, name):
                raise InvalidArgumentError(
                    f"the map has {getattr(has, name)}, not {value}",
                    file=self.location,
                    part=name,
                    remedy="leave it out",
                )
        if fill is not None and fill_bytes(fill, has.sample, has.channels) != has.fill:
            raise InvalidArgumentError("the map has another fill value", file=self.location, part="fill")

    def _limit(self, level: int) -> int:
        """Pixels of the level have coordinates from minus that to one less than it."""
        if type(level) is not int:
            (level,) = integers(level=level)
        if not 0 <= level < LEVELS or LIMIT >> level < self.tile_size:
            raise InvalidArgumentError(f"a plane of such tiles has no level {level}", part="level")
        return LIMIT >> level

    def _filled(self, height: int, width: int) -> Pixels:
        return self.settings.filled(height, width)

    def _code(self, x: int, y: int, level: int) -> int:
        edge = self._limit(level) // self.tile_size
        x, y = integers(x=x, y=y)
        if not (-edge <= x < edge and -edge <= y < edge):
            raise InvalidArgumentError(f"tile ({x}, {y}) of level {level} is beyond the plane")
        return encode(level, x, y)

    def _checked_pixels(self, array: Pixels) -> Pixels:
        dims = 2 if self.settings.channels == 1 else 3
        if not isinstance(array, np.ndarray) or array.ndim != dims or array.shape[2:] != self.settings.shape(1, 1)[2:]:
            what = f"an array of shape {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            wanted = "(height, width)" if dims == 2 else f"(height, width, {self.settings.channels})"
            raise InvalidArgumentError(f"expected an array of shape {wanted}, not {what}")
        if array.dtype.newbyteorder("<") != self.dtype:
            raise InvalidArgumentError(f"the map holds {self.dtype}, not {array.dtype}", remedy="convert the array")
        return array.astype(self.dtype, copy=False)


def main() -> int:
    """The demonstration; returns the exit code."""
    from pixel_llm.core.infinite_map_demo import main as demo

    return demo()


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # end as other tools do when `head` has seen enough
    sys.exit(main())
