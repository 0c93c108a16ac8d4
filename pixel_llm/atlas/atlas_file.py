"""Reading the atlas of a model: the stored levels of its statistics pyramid, beside the model as `M.pxi.atlas`.

    header, 64 bytes: PXA1 | u32 version | u64 index offset | u64 index length | SHA-256 of the index | 8 zero bytes
    tiles: zlib streams of `tile_format`, one after the other
    index: JSON, UTF-8

The index names the model's root hash, so an atlas never speaks for other weights. Nothing here trusts the file.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import stat
import struct
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from pixel_llm.atlas import tile_format
from pixel_llm.atlas.layout import LAYOUT_VERSION, MAX_LEVEL, MAX_TILES, TILE, Layout
from pixel_llm.atlas.statistics import STATISTICS
from pixel_llm.core import durable
from pixel_llm.errors import AtlasFormatError, IntegrityError, NotFoundError, UnsupportedError
from pixel_llm.formats.model_file import ModelFile

MAGIC: Final = b"PXA1"
VERSION: Final = 1
HEADER: Final = struct.Struct("<4sIQQ32s8x")
MAX_INDEX: Final = 1 << 28
MAX_STORED: Final = tile_format.MAX_BYTES + (1 << 12)  # what deflate may add to what it cannot shrink

TileKey = tuple[int, int, int]
"""Level, x, y."""

_HASH: Final = re.compile(r"[0-9a-f]{64}\Z")
_COUNTS: Final = ("count", "zeros", "nonfinite", "outliers")
_NUMBERS: Final = ("mean", "rms", "min", "max")


def atlas_path(model: Path) -> Path:
    """Where the atlas of a model file lies."""
    return model.with_name(model.name + ".atlas")


@dataclass(frozen=True, slots=True)
class TensorStatistics:
    """What is known of a whole tensor.

    `count` weights, of them `zeros`, `nonfinite` and `outliers` (beyond 6 RMS). `mean`, `rms`, `min` and `max` are over
    the finite ones, None where there are none. `heads`: the Frobenius norm of each attention head, or None.
    """

    count: int
    mean: float | None
    rms: float | None
    min: float | None
    max: float | None
    zeros: int
    nonfinite: int
    outliers: int
    heads: tuple[float, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `heads` is left out where there are none."""
        out: dict[str, Any] = {name: getattr(self, name) for name in ("count", *_NUMBERS, *_COUNTS[1:])}
        if self.heads is not None:
            out["heads"] = list(self.heads)
        return out


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a tile's stream lies, and its SHA-256."""

    offset: int
    length: int
    sha256: bytes


class AtlasFile:
    """An atlas, open for reading; safe to use from several threads; a context manager.

    Attributes: `path`; `root`, the root hash of the model (32 bytes); `generation`; `layout_version`; `first_level` and
    `max_level`, the stored levels; `tiles`, key -> `Extent`; `statistics`, tensor -> `TensorStatistics`.
    Raises `NotFoundError`, `AtlasFormatError`, `UnsupportedError` (a newer version), `IntegrityError`, `StorageError`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            raise NotFoundError("no such file", file=self.path, remedy="make it with `pixel-llm map build`") from None
        except OSError as error:
            raise durable.storage_error(error, self.path, "open the file") from error
        self._closer = weakref.finalize(self, os.close, fd)
        self._fd = fd
        self._sound: set[TileKey] = set()
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                self._fail("not a regular file")
            self.bytes = status.st_size
            self._load()
        except BaseException:
            self._closer()
            raise

    def _fail(self, message: str, part: str | None = None) -> NoReturn:
        raise AtlasFormatError(message, file=self.path, part=part, remedy="build it again: `pixel-llm map build`")

    def _read(self, offset: int, length: int, part: str) -> bytes:
        try:
            data = durable.read(self._fd, length, offset)
        except OSError as error:
            raise durable.storage_error(error, self.path, "read") from error
        if len(data) < length:
            self._fail("the file is cut off", part)
        return data

    def _load(self) -> None:
        header = self._read(0, HEADER.size, "header")
        magic, version, offset, length, digest = HEADER.unpack(header)
        if magic != MAGIC:
            self._fail("is not the atlas of a model")
        if version != VERSION:
            raise UnsupportedError(
                f"atlas version {version} is not {VERSION}", file=self.path, remedy="build it again with this Pixel-LLM"
            )
        if not (HEADER.size <= offset <= self.bytes and 2 <= length <= min(MAX_INDEX, self.bytes - offset)):
            self._fail(f"the index at {offset} of {length} bytes lies outside the file", "header")
        raw = self._read(offset, length, "index")
        if hashlib.sha256(raw).digest() != digest:
            raise IntegrityError(
                "does not match its SHA-256",
                file=self.path,
                part="index",
                remedy="build it again: `pixel-llm map build`",
            )
        try:
            index = json.loads(raw.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            self._fail(f"is not JSON ({error})", "index")
        if not isinstance(index, dict):
            self._fail("is not a JSON object", "index")
        self._end = offset
        self.generation = self._integer(index, "generation", 1, 1 << 53)
        self.first_level = self._integer(index, "first_level", 1, MAX_LEVEL)
        self.max_level = self._integer(index, "max_level", 0, MAX_LEVEL)
        if self._integer(index, "tile", 1, 1 << 16) != TILE:
            self._fail(f"tiles are not {TILE} wide", "index")
        self.root = self._hash(index.get("root"), "root")
        layout = index.get("layout")
        if not isinstance(layout, dict) or not isinstance(layout.get("tensors"), list):
            self._fail("has no layout", "index")
        self.layout_version = self._integer(layout, "version", 1, 1 << 31)
        self.layout_sha256 = self._hash(layout.get("sha256"), "layout").hex()
        self.statistics: Mapping[str, TensorStatistics] = MappingProxyType(
            dict(self._tensor(item) for item in layout["tensors"])
        )
        self.tiles: Mapping[TileKey, Extent] = MappingProxyType(self._tiles(index.get("tiles")))

    def _integer(self, where: Mapping[str, Any], name: str, low: int, high: int) -> int:
        value = where.get(name)
        if type(value) is not int or not low <= value <= high:
            self._fail(f"{name} is {value!r:.40}, not an integer of {low} to {high}", "index")
        return value

    def _hash(self, value: object, part: str) -> bytes:
        if not isinstance(value, str) or not _HASH.match(value):
            self._fail(f"{part} is not a SHA-256", "index")
        return bytes.fromhex(value)

    def _tensor(self, item: object) -> tuple[str, TensorStatistics]:
        if (
            not isinstance(item, dict)
            or not isinstance(item.get("name"), str)
            or not isinstance(item.get("stats"), dict)
        ):
            self._fail("a tensor without name or stats", "index")
        stats: dict[str, Any] = item["stats"]

        def number(value: object) -> float | None:
            if value is None:
                return None
            if type(value) not in (int, float) or not math.isfinite(float(value)):  # type: ignore[arg-type]
                self._fail(f"{value!r:.40} is not a number", item["name"])
            return float(value)  # type: ignore[arg-type]

        counts = {name: self._integer(stats, name, 0, 1 << 62) for name in _COUNTS}
        numbers = {name: number(stats.get(name)) for name in _NUMBERS}
        heads = stats.get("heads")
        norms = None
        if heads is not None:
            if not isinstance(heads, list) or any(type(h) not in (int, float) for h in heads):
                self._fail("heads is not a list of numbers", item["name"])
            norms = tuple(number(h) or 0.0 for h in heads)
        known: dict[str, Any] = {**counts, **numbers}
        return item["name"], TensorStatistics(**known, heads=norms)

    def _tiles(self, value: object) -> dict[TileKey, Extent]:
        if not isinstance(value, list) or len(value) > MAX_TILES:
            self._fail("tiles is not a list, or too long", "index")
        out: dict[TileKey, Extent] = {}
        for i, item in enumerate(value):
            if not (isinstance(item, list) and len(item) == 6 and all(type(n) is int for n in item[:5])):
                self._fail(f"tile {i} is not [level, x, y, offset, length, sha256]", "index")
            level, x, y, offset, length, digest = item
            sound = self.first_level <= level <= self.max_level and max(abs(x), abs(y)) < 1 << 32
            if not sound or not (HEADER.size <= offset <= offset + length <= self._end and 0 < length <= MAX_STORED):
                self._fail(f"tile {i} lies outside the pyramid or the file", "index")
            if (level, x, y) in out:
                self._fail(f"tile {level}/{x}/{y} is there twice", "index")
            out[level, x, y] = Extent(offset, length, self._hash(digest, f"tile {i}"))
        return out

    def stored(self, level: int, x: int, y: int) -> bytes | None:
        """A tile's zlib stream as it is stored, checked the first time that it is read; None where there is none."""
        key = (level, x, y)
        extent = self.tiles.get(key)
        if extent is None:
            return None
        part = f"tile {level}/{x}/{y}"
        data = self._read(extent.offset, extent.length, part)
        if key not in self._sound:
            if hashlib.sha256(data).digest() != extent.sha256:
                raise IntegrityError(
                    "does not match its SHA-256",
                    file=self.path,
                    part=part,
                    remedy="build it again: `pixel-llm map build --force`",
                )
            self._sound.add(key)
        return data

    def planes(self, level: int, x: int, y: int) -> dict[str, NDArray[np.float32]] | None:
        """A tile's statistics by name, (256, 256) float32 each; None where there is none."""
        data = self.stored(level, x, y)
        if data is None:
            return None
        part = f"tile {level}/{x}/{y}"
        tile = tile_format.unpack(data, file=self.path, part=part)
        found, planes = tile_format.decode_tile(tile, file=self.path, part=part)
        if found != level:
            self._fail(f"holds level {found}", part)
        return dict(zip(STATISTICS, planes, strict=True))

    def stale(self, model: ModelFile, layout: Layout) -> str | None:
        """Why this atlas does not belong to `model`, or None where it does."""
        if self.root != model.pxi.root_hash:
            return "it was made from other weights"
        same = self.layout_sha256 == layout.digest() and self.statistics.keys() == layout.shapes.keys()
        if self.layout_version != LAYOUT_VERSION or not same:
            return "it has another layout"
        return None

    def close(self) -> None:
        """Close the file."""
        self._closer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
