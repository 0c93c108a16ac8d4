"""Where the weights of a model lie on its plane, in both directions.

A plane's unit is one weight; x grows to the right, y downwards. A tensor is one or several `Region`s, each an upright
image of some of its rows and columns: row r, column c of the tensor lie at (x + c - col, y + r - row). Regions never
overlap. `layout_plan.plan_layout` makes the layout of a model; `docs/atlas.md` draws it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError, NotFoundError, UnsupportedError

LAYOUT_VERSION: Final = 1
"""Changes with every change of where anything lies."""

TILE: Final = 256
"""Pixels of a tile's side. A tile of level L covers 2^L · TILE weights in x and y."""
MAX_LEVEL: Final = 40
MAX_COORDINATE: Final = 1 << 38
"""Coordinates of weights are below this in magnitude."""

MAX_TILES: Final = 1 << 21
_LAYER: Final = re.compile(r"blk\.(\d{1,6})\.")


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of the plane that shows rows row … row + height and columns col … col + width of `tensor`.

    `head` is the attention head that it belongs to, counted within its tensor (so among KV heads for keys and values).
    """

    tensor: str
    x: int
    y: int
    width: int
    height: int
    row: int
    col: int
    head: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """Text beside what it names. `kind` is section, layer or column; `layer` is given for layers."""

    text: str
    x: int
    y: int
    kind: str
    layer: int | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """One weight: its tensor, row and column (a vector is one row), layer and head where it has them."""

    tensor: str
    row: int
    col: int
    layer: int | None
    head: int | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest rectangle around all regions."""

    x: int
    y: int
    width: int
    height: int


def layer_of(tensor: str) -> int | None:
    """The layer that a canonical tensor name belongs to, or None."""
    match = _LAYER.match(tensor)
    return int(match[1]) if match else None


class Layout:
    """The regions of one model. `shapes` are the tensors' (rows, columns), a vector being one row.

    Attributes: `regions`, `shapes`, `labels`, `bounds`, and `max_level`, the first level at which the whole model fits
    one tile's side.
    """

    def __init__(
        self, shapes: Mapping[str, tuple[int, int]], regions: Iterable[Region], labels: Iterable[Label] = ()
    ) -> None:
        self.shapes: Mapping[str, tuple[int, int]] = MappingProxyType(dict(shapes))
        self.regions = tuple(regions)
        self.labels = tuple(labels)
        if not self.regions:
            raise InvalidArgumentError("a layout needs at least one region")
        table = np.array([(r.x, r.y, r.x + r.width, r.y + r.height) for r in self.regions], np.int64)
        self._left, self._top, self._right, self._bottom = np.ascontiguousarray(table.T)
        x, y = int(self._left.min()), int(self._top.min())
        self.bounds = Bounds(x, y, int(self._right.max()) - x, int(self._bottom.max()) - y)
        self.max_level = max(0, (-(-max(self.bounds.width, self.bounds.height) // TILE) - 1).bit_length())
        self._of_tensor: dict[str, list[Region]] = {name: [] for name in self.shapes}
        for region in self.regions:
            self._of_tensor[region.tensor].append(region)

    def regions_of(self, tensor: str) -> tuple[Region, ...]:
        """The regions of a tensor; `NotFoundError` for a name that the layout lacks."""
        try:
            return tuple(self._of_tensor[tensor])
        except KeyError:
            raise NotFoundError("the map has no such tensor", part=tensor) from None

    def pixel(self, tensor: str, row: int, col: int) -> tuple[int, int]:
        """Where a weight lies: (x, y). `NotFoundError`, or `InvalidArgumentError` beyond the tensor's shape."""
        regions = self.regions_of(tensor)
        rows, cols = self.shapes[tensor]
        if not (0 <= row < rows and 0 <= col < cols):
            raise InvalidArgumentError(f"row {row}, column {col} are outside {rows} x {cols}", part=tensor)
        for r in regions:
            if r.row <= row < r.row + r.height and r.col <= col < r.col + r.width:
                return r.x + col - r.col, r.y + row - r.row
        raise AssertionError(f"{tensor} does not cover its element {row}, {col}")

    def locate(self, x: int, y: int) -> Element | None:
        """The weight at (x, y), or None where there is none."""
        found = np.flatnonzero((self._left <= x) & (x < self._right) & (self._top <= y) & (y < self._bottom))
        if not len(found):
            return None
        r = self.regions[int(found[0])]
        return Element(r.tensor, r.row + y - r.y, r.col + x - r.x, layer_of(r.tensor), r.head)

    def within(self, x: int, y: int, width: int, height: int) -> list[Region]:
        """The regions that touch a rectangle, in the layout's order."""
        found = (self._left < x + width) & (x < self._right) & (self._top < y + height) & (y < self._bottom)
        return [self.regions[int(i)] for i in np.flatnonzero(found)]

    def count(self, level: int, x: int, y: int, width: int, height: int) -> NDArray[np.int64]:
        """How many weights each block of 2^level × 2^level has: (height, width), the first one being block (x, y)."""
        size = 1 << level
        out = np.zeros((height, width), np.int64)
        for r in self.within(x * size, y * size, width * size, height * size):
            across = _overlap(r.x, r.width, x, width, size)
            down = _overlap(r.y, r.height, y, height, size)
            (c0, c1), (r0, r1) = _span(across), _span(down)
            out[r0:r1, c0:c1] += np.outer(down[r0:r1], across[c0:c1])
        return out

    def tiles(self, level: int) -> list[tuple[int, int]]:
        """The tiles (x, y) of a level that hold a weight, in Z-order; `UnsupportedError` for more than two million."""
        size = TILE << level
        across = (self._right - 1) // size - self._left // size + 1
        down = (self._bottom - 1) // size - self._top // size + 1
        if (across * down).sum() > MAX_TILES:
            raise UnsupportedError(f"level {level} of the map has more than {MAX_TILES} tiles")
        found: set[tuple[int, int]] = set()
        for r in self.regions:
            columns = range(r.x // size, (r.x + r.width - 1) // size + 1)
            found.update((tx, ty) for ty in range(r.y // size, (r.y + r.height - 1) // size + 1) for tx in columns)
        low_x, low_y = min((x for x, _ in found), default=0), min((y for _, y in found), default=0)
        # An even origin keeps the four children of a parent together.
        low_x, low_y = low_x - (low_x & 1), low_y - (low_y & 1)
        return sorted(found, key=lambda t: _interleave(t[0] - low_x, t[1] - low_y))

    def digest(self) -> str:
        """SHA-256, in hex, of where everything lies."""
        text = [[r.tensor, r.x, r.y, r.width, r.height, r.row, r.col, r.head] for r in self.regions]
        return hashlib.sha256(json.dumps([LAYOUT_VERSION, text]).encode()).hexdigest()

    def to_json(self) -> list[dict[str, Any]]:
        """The tensors with their regions, as `layout.json` and the atlas hold them."""
        return [
            {
                "name": name,
                "shape": list(shape),
                "layer": layer_of(name),
                "kind": kind_of(name),
                "regions": [
                    {
                        "x": r.x,
                        "y": r.y,
                        "width": r.width,
                        "height": r.height,
                        "row": r.row,
                        "col": r.col,
                        "transposed": False,
                        "head": r.head,
                    }
                    for r in self._of_tensor[name]
                ],
            }
            for name, shape in self.shapes.items()
        ]


def kind_of(tensor: str) -> str:
    """What a tensor is, by its canonical name: embedding, attention, ffn, norm, bias, output, adapter or other."""
    stem = _LAYER.sub("", tensor, count=1)
    if stem.endswith((".lora_a", ".lora_b", ".delta")):
        return "adapter"
    part = stem.partition(".")[0]
    if "norm" in part:
        return "norm"
    if stem.endswith(".bias"):
        return "bias"
    for prefix, kind in (("token_embd", "embedding"), ("attn_", "attention"), ("ffn_", "ffn"), ("output", "output")):
        if part.startswith(prefix):
            return kind
    return "other"


def _overlap(start: int, length: int, first: int, blocks: int, size: int) -> NDArray[np.int64]:
    """How much of start … start + length lies in each of `blocks` intervals of `size` from `first` · size on."""
    edges = (np.arange(blocks + 1, dtype=np.int64) + first) * size
    inside = np.clip(edges, start, start + length)
    return np.diff(inside)


def _span(lengths: NDArray[np.int64]) -> tuple[int, int]:
    found = np.flatnonzero(lengths)
    return int(found[0]), int(found[-1]) + 1


def _interleave(x: int, y: int) -> int:
    code = 0
    for bit in range(max(x.bit_length(), y.bit_length())):
        code |= (x >> bit & 1) << (2 * bit) | (y >> bit & 1) << (2 * bit + 1)
    return code
