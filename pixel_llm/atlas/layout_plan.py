"""The layout of a model, from its tensors' names and shapes and its head counts alone.

From the top: the embedding, one band a layer, the output. In a band, from left to right: Q, K, V, O, gate, up, down,
and what else the layer has; vectors are lines one weight high above the matrix of their column. Adapters and deltas lie
to the left of x = 0, beside the layer that they change. Everything starts at a multiple of 32 in x and of 16 in y.

A matrix with more rows than a band is high is cut into strips of rows, side by side. Attention is cut into heads. A row
of the grid of heads is a group of query heads that share a KV head, and that KV head's keys and values.
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
_VECTOR_HOMES: Final = {
    "attn_norm": "attn_q",
    "attn_q_norm": "attn_q",
    "attn_k_norm": "attn_k",
    "post_attention_norm": "attn_output",
    "ffn_norm": "ffn_gate",
    "post_ffw_norm": "ffn_down",
}
_VECTOR_ORDER: Final = ("attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm")


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


class _Plan:
    """One pass from top to bottom. `hidden` is the model's width; a band is `band` high."""

    def __init__(self, shapes: Mapping[str, tuple[int, int]], heads: Heads) -> None:
        self.shapes, self.heads = shapes, heads
        self.made = 0
        self.head_x = _up(heads.dim + ALIGN_Y, ALIGN_X)
        self.head_y = _up(heads.dim + ALIGN_Y, ALIGN_Y)
        self.layers: dict[int, dict[str, list[str]]] = {}
        self.adapters: dict[int, dict[str, list[str]]] = {}
        self.embedding: list[str] = []
        self.output: list[str] = []
        self.rest: list[str] = []
        self._sort()
        self.hidden = self._hidden()
        self.gap_x = _up(max(ALIGN_X, self.hidden // 16), ALIGN_X)
        self.gap_y = _up(max(ALIGN_Y, self.hidden // 16), ALIGN_Y)
        self.band = _up(max(self.hidden, self._grid_rows()), ALIGN_Y)

    def _sort(self) -> None:
        for name, (rows, _) in self.shapes.items():
            match = _NAME.match(name)
            assert match is not None
            number, rest, adapter = match.groups()
            stem = rest.rpartition(".")[0] or rest
            if adapter:
                self.adapters.setdefault(-1 if number is None else int(number), {}).setdefault(stem, []).append(name)
            elif number is not None:
                column = _VECTOR_HOMES.get(stem, stem) if rows == 1 else stem
                self.layers.setdefault(int(number), {}).setdefault(column, []).append(name)
            elif stem == "token_embd":
                self.embedding.append(name)
            elif stem in ("output", "output_norm"):
                self.output.append(name)
            else:
                self.rest.append(name)
        self.layers = dict(sorted(self.layers.items()))

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

    def _column(self, names: list[str], stem: str) -> tuple[_Block, _Block]:
        """Vectors, and the matrices below them side by side."""
        lines, panels = _Block(), _Block()
        vectors = [n for n in names if self.shapes[n][0] == 1]
        vectors.sort(key=lambda n: (not any(f".{v}." in n for v in _VECTOR_ORDER), n.endswith(".bias"), n))
        self._spend(len(vectors))
        for i, name in enumerate(vectors):
            lines.add(Region(name, 0, i * ALIGN_Y, self.shapes[name][1], 1, 0, 0))
        for name in sorted(n for n in names if self.shapes[n][0] > 1):
            x = _up(panels.width + self.gap_x, ALIGN_X) if panels.regions else 0
            for region in self._panel(name, stem).moved(x, 0):
                panels.add(region)
        return lines, panels

    # From top to bottom
    def layout(self) -> Layout:
        """The finished layout."""
        self.regions: list[Region] = []
        self.labels: list[Label] = []
        bands = {n: {stem: self._column(names, stem) for stem, names in c.items()} for n, c in self.layers.items()}
        widths: dict[str, int] = {}
        for band in bands.values():
            for stem, (lines, panels) in band.items():
                widths[stem] = max(widths.get(stem, 0), lines.width, panels.width)
        left, x = {}, 0
        for stem in [s for s in _COLUMNS if s in widths] + sorted(widths.keys() - set(_COLUMNS)):
            left[stem] = x
            x += _up(widths[stem], ALIGN_X) + self.gap_x
        self.width = max(0, x - self.gap_x)
        self.below_adapters = 0
        self._adapters(-1, 0)
        y = self._section(0, "token embedding", self.embedding)
        y = self._bands(y, bands, left)
        y = self._section(y, "output", self.output)
        self._rest(y)
        return Layout(self.shapes, self.regions, self.labels)

    def _place(self, block: _Block, x: int, y: int) -> None:
        self.regions += block.moved(x, y)

    def _section(self, y: int, title: str, names: list[str]) -> int:
        """Vectors as lines, then each matrix in strips across the layers' width; the y below them."""
        top = y
        for name in sorted(names, key=lambda n: (self.shapes[n][0] > 1, n)):
            rows, cols = self.shapes[name]
            pitch = _up(cols + ALIGN_Y, ALIGN_X)
            across = self.width if self.width else math.isqrt(rows * cols)
            strips = max(1, min(MAX_PIECES, (across + pitch - cols) // pitch))
            block = self._matrix(name, -(-rows // strips))
            self._place(block, 0, y)
            y += _up(block.height, ALIGN_Y) + (self.gap_y if rows > 1 else 0)
        if names:
            self.labels.append(Label(title, 0, top, "section"))
            y += 2 * self.gap_y
        return y

    def _bands(self, y: int, bands: Mapping[int, Mapping[str, tuple[_Block, _Block]]], left: Mapping[str, int]) -> int:
        """All layers, at one pitch."""
        lines = max((b.height for band in bands.values() for b, _ in band.values()), default=0)
        lines = _up(lines, ALIGN_Y)
        panels = max((b.height for band in bands.values() for _, b in band.values()), default=0)
        pitch = lines + _up(panels, ALIGN_Y) + self.gap_y
        for stem, x in left.items():
            self.labels.append(Label(_TITLES.get(stem, stem), x, y, "column"))
        for number, band in bands.items():
            self.labels.append(Label(f"layer {number}", 0, y, "layer", number))
            for stem, (vectors, matrices) in band.items():
                self._place(vectors, left[stem], y + lines - _up(vectors.height, ALIGN_Y))
                self._place(matrices, left[stem], y + lines)
            self._adapters(number, y + lines)
            y += pitch
        for number in sorted(self.adapters.keys() - bands.keys() - {-1}):
            self._adapters(number, y)
        return y + 2 * self.gap_y if bands else y

    def _adapters(self, number: int, y: int) -> None:
        """A layer's adapters and deltas, from x = 0 to the left, at `y` or below those that are there already."""
        x, y = -2 * self.gap_x, max(y, self.below_adapters)
        for names in self.adapters.get(number, {}).values():
            for name in sorted(names):
                block = self._matrix(name, self.band)
                x -= _up(block.width, ALIGN_X)
                self._place(block, x, y)
                x -= self.gap_x
                self.below_adapters = max(self.below_adapters, y + _up(block.height, ALIGN_Y) + self.gap_y)

    def _rest(self, y: int) -> None:
        """Whatever is left, in lines that are filled from left to right."""
        if self.rest:
            self.labels.append(Label("other tensors", 0, y, "section"))
        x = below = 0
        for name in sorted(self.rest):
            block = self._matrix(name, self.band)
            if x and x + block.width > self.width:
                x, y, below = 0, y + below, 0
            self._place(block, x, y)
            x += _up(block.width, ALIGN_X) + self.gap_x
            below = max(below, _up(block.height, ALIGN_Y) + self.gap_y)
