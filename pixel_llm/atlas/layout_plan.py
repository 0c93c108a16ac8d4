"""The layout of a model, from its tensors' names and shapes and its head counts alone.

From the top: the embedding, one band a layer, the output. In a band, from left to right: Q, K, V, O, gate, up, down,
what else the layer has, and apart from those its vectors, each a line one weight high. Adapters and deltas lie to the
left of x = 0, beside the layer that they change.

A matrix with more rows than a band is high is cut into strips of rows, side by side. Attention is cut into heads. A row
of the grid of heads is a group of query heads that share a KV head, and that KV head's keys and values.

Tensors are apart so that blocks of the pyramid hold one tensor each: bands and columns start at multiples of a power of
two near an eighth of the model's width, and the vectors, whose weights are of another magnitude, at a multiple of the
largest block there is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pixel_llm.atlas.layout import MAX_COORDINATE, Label, Layout, Region
from pixel_llm.errors import InvalidArgumentError, UnsupportedError

ALIGN_X: Final = 32
ALIGN_Y: Final = 16
MAX_PIECES: Final = 4096
"""Strips or heads of one tensor, at most; a tensor that would need more stays whole."""
MAX_REGIONS: Final = 1 << 18

_NAME: Final = re.compile(r"(?:blk\.(\d{1,6})\.)?(.+?)(\.(?:lora_a|lora_b|delta))?\Z")
_COLUMNS: Final = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
_TITLES: Final = dict(zip(_COLUMNS, ("Q", "K", "V", "O", "gate", "up", "down"), strict=True))
_VECTORS: Final = (
    "attn_norm",
    "attn_q",
    "attn_k",
    "attn_v",
    "attn_q_norm",
    "attn_k_norm",
    "attn_output",
    "post_attention_norm",
    "ffn_norm",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
    "post_ffw_norm",
)
"""The order of a layer's vectors, norms and biases, from the top."""


@dataclass(frozen=True, slots=True)
class Heads:
    """Attention's geometry: query heads, KV heads, elements of a head. `Heads(0, 0, 0)`: unknown."""

    query: int = 0
    kv: int = 0
    dim: int = 0


@dataclass(slots=True)
class _Block:
    """Regions around an origin of their own."""

    regions: list[Region] = field(default_factory=list)
    width: int = 0
    height: int = 0

    def add(self, region: Region) -> None:
        self.regions.append(region)
        self.width = max(self.width, region.x + region.width)
        self.height = max(self.height, region.y + region.height)

    def moved(self, x: int, y: int) -> Iterator[Region]:
        for r in self.regions:
            yield replace(r, x=r.x + x, y=r.y + y)


def plan_layout(tensors: Mapping[str, tuple[int, ...]], heads: Heads | None = None) -> Layout:
    """The layout of `tensors` (canonical name -> shape of one or two axes). Equal input gives equal layouts.

    `heads` is used for tensors whose shape agrees with it. Raises `InvalidArgumentError` for no tensors or other
    shapes, `UnsupportedError` where the plane would outgrow 2^38 or have more than `MAX_REGIONS`.
    """
    if not tensors:
        raise InvalidArgumentError("a model without tensors has no layout")
    shapes: dict[str, tuple[int, int]] = {}
    for name, shape in tensors.items():
        if len(shape) not in (1, 2) or min(shape) < 1:
            raise InvalidArgumentError(f"shape {tuple(shape)} has no place on the map", part=name)
        shapes[name] = (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])
    layout = _Plan(shapes, heads or Heads()).layout()
    b = layout.bounds
    if max(abs(b.x), abs(b.y), b.x + b.width, b.y + b.height) >= MAX_COORDINATE:
        raise UnsupportedError(f"a map of {b.width} x {b.height} weights is beyond 2^38")
    return layout


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple


def _power(value: int) -> int:
    """The largest power of two that is not above `value`; 1 at least."""
    return 1 << (max(value, 1).bit_length() - 1)


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


class _Plan:
    """One pass from top to bottom. `hidden` is the model's width; a band is `band` high."""

    def __init__(self, shapes: Mapping[str, tuple[int, int]], heads: Heads) -> None:
        self.shapes, self.heads = shapes, heads
        self.made = 0
        self.head_x = _up(heads.dim + ALIGN_Y, ALIGN_X)
        self.head_y = _up(heads.dim + ALIGN_Y, ALIGN_Y)
        self.layers: dict[int, dict[str, list[str]]] = {}
        self.vectors: dict[int, list[str]] = {}
        self.adapters: dict[int, dict[str, list[str]]] = {}
        self.embedding: list[str] = []
        self.output: list[str] = []
        self.rest: list[str] = []
        self._sort()
        self.hidden = self._hidden()
        self.gap = max(ALIGN_Y, self.hidden // 16)
        self.unit_x, self.unit_y = (max(align, _power(self.hidden // 8)) for align in (ALIGN_X, ALIGN_Y))
        self.band = _up(max(self.hidden, self._grid_rows()), ALIGN_Y)

    def _sort(self) -> None:
        for name, (rows, _) in self.shapes.items():
            match = _NAME.match(name)
            assert match is not None
            number, stem, adapter = -1 if match[1] is None else int(match[1]), _stem(match[2]), match[3]
            if adapter:
                self.adapters.setdefault(number, {}).setdefault(stem, []).append(name)
            elif rows == 1:
                self.vectors.setdefault(number, []).append(name)
            elif number >= 0:
                self.layers.setdefault(number, {}).setdefault(stem, []).append(name)
            elif stem in ("token_embd", "output"):
                (self.embedding if stem == "token_embd" else self.output).append(name)
            else:
                self.rest.append(name)
        numbers = sorted((self.layers.keys() | self.vectors.keys()) - {-1})
        self.layers = {number: self.layers.get(number, {}) for number in numbers}

    def _hidden(self) -> int:
        for name, (rows, cols) in self.shapes.items():
            if name.startswith(("token_embd.", "blk.0.attn_q.", "blk.0.ffn_gate.")) and rows > 1:
                return cols
        return max(1, math.isqrt(max(rows * cols for rows, cols in self.shapes.values())))

    def _grid_rows(self) -> int:
        """The height of the grid of heads with one query head beside each KV head."""
        h = self.heads
        sound = h.dim and h.kv and h.kv <= MAX_PIECES
        return h.kv * self.head_y if sound and any("attn_k" in columns for columns in self.layers.values()) else 0

    def _spend(self, regions: int) -> None:
        """Count regions before they are made: a hostile file's names and shapes could ask for billions."""
        self.made += regions
        if self.made > MAX_REGIONS:
            raise UnsupportedError(f"the map would have more than {MAX_REGIONS} regions")

    # Blocks
    def _matrix(self, name: str, most: int) -> _Block:
        """A matrix, or its strips of at most `most` rows side by side."""
        rows, cols = self.shapes[name]
        block, count = _Block(), -(-rows // most)
        if count > MAX_PIECES:
            count = 1
        height = _up(-(-rows // count), ALIGN_Y) if count > 1 else rows
        self._spend(-(-rows // height))
        pitch = _up(cols + ALIGN_Y, ALIGN_X)
        for i, row in enumerate(range(0, rows, height)):
            block.add(Region(name, i * pitch, 0, cols, min(height, rows - row), row, 0))
        return block

    def _head_rows(self, name: str, count: int) -> _Block:
        """Heads that are runs of rows (Q, K, V): row k of the grid holds the heads of KV group k."""
        h, block = self.heads, _Block()
        self._spend(count)
        cols = self.shapes[name][1]
        group = count // h.kv
        across = self._across(h.query // h.kv)
        lines = -(-(h.query // h.kv) // across)  # grid rows of a group
        pitch = _up(cols + ALIGN_Y, ALIGN_X)
        for head in range(count):
            number, within = divmod(head, group)
            x, y = within % across * pitch, (number * lines + within // across) * self.head_y
            block.add(Region(name, x, y, cols, h.dim, head * h.dim, 0, head))
        return block

    def _across(self, group: int) -> int:
        """Query heads of a group side by side: as few as let the grid fit the band, and even rows where they can be."""
        fitting = [n for n in range(1, group + 1) if self.heads.kv * -(-group // n) * self.head_y <= self.band]
        first = fitting[0] if fitting else group
        return next((n for n in fitting if group % n == 0 and n <= max(4, first)), first)

    def _head_cols(self, name: str, count: int) -> _Block:
        """Heads that are runs of columns (O)."""
        block, dim = _Block(), self.heads.dim
        self._spend(count)
        for head in range(count):
            block.add(Region(name, head * self.head_x, 0, dim, self.shapes[name][0], 0, head * dim, head))
        return block

    def _panel(self, name: str, stem: str) -> _Block:
        """A layer's matrix: its heads where the shape agrees with them, else strips."""
        h = self.heads
        rows, cols = self.shapes[name]
        sound = h.dim > 0 and 0 < h.kv <= h.query <= MAX_PIECES and h.query % h.kv == 0 and name.endswith(".weight")
        if sound and stem == "attn_q" and rows == h.query * h.dim:
            return self._head_rows(name, h.query)
        if sound and stem in ("attn_k", "attn_v") and rows == h.kv * h.dim:
            return self._head_rows(name, h.kv)
        if sound and stem == "attn_output" and cols == h.query * h.dim and rows <= self.band:
            return self._head_cols(name, h.query)
        return self._matrix(name, self.band)

    def _column(self, names: list[str], stem: str) -> _Block:
        """The matrices of a layer with one stem, side by side."""
        block = _Block()
        for name in sorted(names):
            x = self._right_of(block.width) if block.regions else 0
            for region in self._panel(name, stem).moved(x, 0):
                block.add(region)
        return block

    def _right_of(self, x: int) -> int:
        """Where the next tensor starts after one that ends at x."""
        return _up(x + self.gap, self.unit_x)

    def _below(self, y: int) -> int:
        """Where the next tensor starts under one that ends at y."""
        return _up(y + self.gap, self.unit_y)

    # From top to bottom
    def layout(self) -> Layout:
        """The finished layout."""
        self.regions: list[Region] = []
        self.labels: list[Label] = []
        bands = {n: {stem: self._column(names, stem) for stem, names in c.items()} for n, c in self.layers.items()}
        widths: dict[str, int] = {}
        for band in bands.values():
            for stem, block in band.items():
                widths[stem] = max(widths.get(stem, 0), block.width)
        left, x, self.width = {}, 0, 0
        for stem in [s for s in _COLUMNS if s in widths] + sorted(widths.keys() - set(_COLUMNS)):
            left[stem], self.width = x, x + widths[stem]
            x = self._right_of(self.width)
        self.below_adapters = 0
        self._adapters(-1, 0)
        y = self._section(0, "token embedding", self.embedding)
        top = y
        y, tops = self._bands(y, bands, left)
        tops[-1] = y
        y = self._section(y, "output", self.output)
        self._rest(y)
        self._lines(top, tops)
        return Layout(self.shapes, self.regions, self.labels)

    def _place(self, block: _Block, x: int, y: int) -> None:
        self.regions += block.moved(x, y)

    def _section(self, y: int, title: str, names: list[str]) -> int:
        """Matrices in strips across the layers' width; the y below them."""
        if names:
            self.labels.append(Label(title, 0, y, "section"))
        for name in sorted(names):
            rows, cols = self.shapes[name]
            pitch = _up(cols + ALIGN_Y, ALIGN_X)
            across = self.width if self.width else math.isqrt(rows * cols)
            strips = max(1, min(MAX_PIECES, (across + pitch - cols) // pitch))
            block = self._matrix(name, -(-rows // strips))
            self._place(block, 0, y)
            y = self._below(y + block.height + self.gap)
        return y

    def _bands(
        self, y: int, bands: Mapping[int, Mapping[str, _Block]], left: Mapping[str, int]
    ) -> tuple[int, dict[int, int]]:
        """All layers, at one pitch; the y below them, and each one's."""
        panels = max((b.height for band in bands.values() for b in band.values()), default=0)
        lines = max((len(self.vectors.get(number, ())) for number in bands), default=0) * ALIGN_Y
        pitch = self._below(max(panels, lines))
        for stem, x in left.items():
            self.labels.append(Label(_TITLES.get(stem, stem), x, y, "column"))
        tops = {}
        for number, band in bands.items():
            tops[number] = y
            self.labels.append(Label(f"layer {number}", 0, y, "layer", number))
            for stem, block in band.items():
                self._place(block, left[stem], y)
            self._adapters(number, y)
            y += pitch
        for number in sorted(self.adapters.keys() - bands.keys() - {-1}):
            self._adapters(number, y)
        return _up(y + self.gap, self.unit_y) if bands else y, tops

    def _adapters(self, number: int, y: int) -> None:
        """A layer's adapters and deltas, from x = 0 to the left, at `y` or below those that are there already."""
        x, y = -_up(2 * self.gap, self.unit_x), max(y, self.below_adapters)
        for names in self.adapters.get(number, {}).values():
            for name in sorted(names):
                block = self._matrix(name, self.band)
                x -= _up(block.width, self.unit_x)
                self._place(block, x, y)
                x -= _up(self.gap, self.unit_x)
                self.below_adapters = max(self.below_adapters, self._below(y + block.height))

    def _rest(self, y: int) -> None:
        """Whatever is left, in lines that are filled from left to right."""
        if self.rest:
            self.labels.append(Label("other tensors", 0, y, "section"))
        x = below = 0
        for name in sorted(self.rest):
            block = self._matrix(name, self.band)
            if x and x + block.width > self.width:
                x, y, below = 0, below, 0
            self._place(block, x, y)
            x = self._right_of(x + block.width)
            below = max(below, self._below(y + block.height))

    def _lines(self, top: int, tops: Mapping[int, int]) -> None:
        """The vectors, in a column of their own to the right of everything, each band's from its top on."""
        if not self.vectors:
            return
        self._spend(sum(len(names) for names in self.vectors.values()))
        widest = max(self.shapes[name][1] for names in self.vectors.values() for name in names)
        right = max((r.x + r.width for r in self.regions), default=0)
        low = min((r.x for r in self.regions), default=0)
        bottom = max((r.y + r.height for r in self.regions), default=0)
        # No block is larger than the smallest power of two above a 128th of the plane (`Layout.max_level`).
        block = 2 * _power(max(right - low + widest, bottom) // 128)
        x = _up(right + block, max(block, ALIGN_X)) if self.regions else 0
        self.labels.append(Label("norms, biases", x, top, "column"))
        for number, names in self.vectors.items():
            for i, name in enumerate(sorted(names, key=_vector_rank)):
                self.regions.append(Region(name, x, tops[number] + i * ALIGN_Y, self.shapes[name][1], 1, 0, 0))


def _vector_rank(name: str) -> tuple[int, str]:
    match = _NAME.match(name)
    stem = _stem(match[2]) if match else name
    return _VECTORS.index(stem) if stem in _VECTORS else len(_VECTORS), name
