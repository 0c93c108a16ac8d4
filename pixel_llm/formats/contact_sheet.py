"""The contact sheet: one picture of a whole model, page 0 of its .pxi file.

Embeddings on top, one band a layer below, in order, the output at the bottom. In a band the columns are the layer's
tensors. Downwards always runs the residual stream (hidden channels), to the right heads, neurons or tokens, so an
outlier channel is a line through the whole band and a head is an upright stripe. A pixel is the root mean square of a
block of weights, as louder (amber) or quieter (blue) than the median block of the same tensor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from pixel_llm.formats.block_statistics import BlockStatistics
from pixel_llm.formats.colour_maps import MUTED, TEXT

_LAYER: Final = re.compile(r"blk\.(\d{1,4})\.(.+)\Z")
_ORDER: Final = (
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
_TITLES: Final = {
    "attn_q": "Q",
    "attn_k": "K",
    "attn_v": "V",
    "attn_output": "O",
    "ffn_gate": "gate",
    "ffn_up": "up",
    "ffn_down": "down",
}
_NATURAL: Final = frozenset({"attn_output", "ffn_down"})  # their rows are hidden channels; elsewhere columns are
MIN_WIDTH: Final = 240
MAX_WIDTH: Final = 2000


@dataclass
class Cell:
    """One tensor's rectangle of the sheet, and its statistics. `heads`: stripes with a gap between (1: none)."""

    name: str
    shape: tuple[int, ...]
    transposed: bool
    x: int
    y: int
    width: int
    height: int
    heads: int = 1
    statistics: BlockStatistics = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rows, cols = self.matrix
        across, down = self.width - (self.heads - 1), self.height
        grid = (across, down) if self.transposed else (down, across)
        self.statistics = BlockStatistics(rows, cols, *grid)

    @property
    def matrix(self) -> tuple[int, int]:
        """Rows and columns; a 1-D tensor is one row."""
        return (self.shape[0], self.shape[1]) if len(self.shape) == 2 else (1, self.shape[0])


@dataclass
class Label:
    """Text at (x, y); `anchor` as Pillow has it."""

    x: int
    y: int
    text: str
    size: int
    colour: tuple[int, int, int]
    anchor: str = "la"


@dataclass
class ContactSheet:
    """A planned sheet: `cells` by tensor name take statistics, `draw` (in `sheet_drawing`) makes the picture."""

    width: int
    height: int
    cells: dict[str, Cell]
    labels: list[Label]
    legend: tuple[int, int, int, int]  # x, y, width, height of the colour bar


def budget(nbytes: int) -> int:
    """Bytes that the sheet of a model of `nbytes` may take: 1/128, of a small model twice that, up to 1.5 MB.

    SmolLM2's sheet is then 680 pixels wide, which is about the least at which its heads show.
    """
    return max(nbytes // 128, min(nbytes // 64, 1_500_000))


def plan(
    tensors: Mapping[str, tuple[int, ...]],
    *,
    title: str,
    subtitle: str = "",
    head_dim: int = 0,
    nbytes: int = 0,
    width: int | None = None,
) -> ContactSheet:
    """Lay out a sheet for `tensors` (canonical name -> shape).

    `width` in pixels, or the widest sheet (240 to 2,000) that stays within `budget(nbytes)`, of the model's size.
    """
    if width is not None:
        return _Layout(tensors, title, subtitle, head_dim, width).sheet()
    low, high = MIN_WIDTH // 10, MAX_WIDTH // 10
    while low < high:
        middle = (low + high + 1) // 2
        layout = _Layout(tensors, title, subtitle, head_dim, middle * 10)
        if layout.width * layout.height * 3 <= budget(nbytes):
            low = middle
        else:
            high = middle - 1
    return _Layout(tensors, title, subtitle, head_dim, low * 10).sheet()


class _Layout:
    """Where everything goes on a sheet `width` pixels wide. Sizes follow the width."""

    def __init__(
        self, tensors: Mapping[str, tuple[int, ...]], title: str, subtitle: str, head_dim: int, width: int
    ) -> None:
        self.tensors = tensors
        self.title, self.subtitle, self.head_dim, self.width = title, subtitle, head_dim, width
        layers: dict[int, dict[str, str]] = {}
        self.embedding = [n for n in tensors if n.startswith("token_embd.")]
        self.output = [n for n in tensors if n.startswith("output.")]
        self.rest: list[str] = []
        for name in tensors:
            if match := _LAYER.match(name):
                layers.setdefault(int(match[1]), {})[match[2]] = name
            elif name not in self.embedding and name not in self.output:
                self.rest.append(name)
        self.layers = dict(sorted(layers.items()))
        self.columns = self._column_names()
        # Sizes in pixels.
        self.margin = max(8, width // 36)
        self.small = max(10, width // 72)
        self.large = max(14, width // 28)
        self.gap = max(1, width // 500)
        self.gutter = self.margin + self.small * 2
        self.inner = width - self.gutter - self.margin
        band = round(width / 44) if len(self.layers) <= 48 else round(width / 60)
        self.band = max(8, min(44, band))
        self.wide = self.band * 2
        self.top = self.margin + self.large + self.small * 3 + self.small // 2
        sections = bool(self.embedding) + bool(self.output)
        self.height = (
            self.top
            + sections * (self.wide + self.small * 2)
            + (len(self.layers) * (self.band + self.gap) + self.small * 2 if self.layers else 0)
            + (self.band + self.small * 2 if self.rest else 0)
            + self.small * 2
            + self.margin
        )

    def _column_names(self) -> list[str]:
        seen = dict.fromkeys(suffix for layer in self.layers.values() for suffix in layer)

        def rank(suffix: str) -> tuple[int, int]:
            stem, _, kind = suffix.rpartition(".")
            return (_ORDER.index(stem) if stem in _ORDER else len(_ORDER), kind != "weight")

        return sorted(seen, key=rank)

    def sheet(self) -> ContactSheet:
        """The finished plan."""
        cells: dict[str, Cell] = {}
        labels = [
            Label(self.gutter, self.margin, self.title, self.large, TEXT),
            Label(self.gutter, self.margin + self.large + self.small - 2, self.subtitle, self.small, MUTED),
        ]
        y = self.top
        if self.embedding:
            y = self._section(cells, labels, y, self.embedding, "token embedding, token id from left to right")
        if self.layers:
            y = self._bands(cells, labels, y)
        if self.output:
            y = self._section(cells, labels, y, self.output, "output")
        if self.rest:
            y = self._strips(cells, labels, y)
        y += self.small // 2
        bar = (self.gutter, y + 1, max(40, self.width // 8), self.small - 1)
        text = "quieter to louder than the tensor's median block (RMS); down: hidden channel"
        text = text if self.width >= 500 else "quieter to louder (RMS)"
        labels.append(Label(bar[0] + bar[2] + self.small, y, text, self.small, MUTED))
        return ContactSheet(self.width, self.height, cells, labels, bar)

    def _cell(self, name: str, x: int, y: int, width: int, height: int, stem: str) -> Cell:
        shape = self.tensors[name]
        transposed = len(shape) == 2 and stem not in _NATURAL
        if len(shape) == 1:
            # A vector runs downwards, one pixel column repeated.
            return Cell(name, shape, True, x, y, width, height)
        across = shape[0] if transposed else shape[1]
        heads = 1
        if stem.startswith("attn_") and self.head_dim and across % self.head_dim == 0:
            count = across // self.head_dim
            heads = count if width >= 4 * count else 1
        return Cell(name, shape, transposed, x, y, width, height, heads)

    def _section(self, cells: dict[str, Cell], labels: list[Label], y: int, names: Sequence[str], text: str) -> int:
        labels.append(Label(self.gutter, y, text, self.small, MUTED))
        y += self.small + self.small // 2
        for name in names[:1]:
            cells[name] = self._cell(name, self.gutter, y, self.inner, self.wide, name.partition(".")[0])
        return y + self.wide + self.small // 2

    def _strips(self, cells: dict[str, Cell], labels: list[Label], y: int) -> int:
        names = self.rest[:64]
        width = max(2, min(self.band * 4, self.inner // len(names) - self.gap))
        labels.append(Label(self.gutter, y, ", ".join(names[:4]), self.small, MUTED))
        y += self.small + self.small // 2
        for i, name in enumerate(names):
            x = self.gutter + i * (width + self.gap)
            cells[name] = self._cell(name, x, y, width, self.band, "")
        return y + self.band + self.small // 2

    def _widths(self) -> dict[str, int]:
        """Pixels of each column: vectors get a strip, matrices share the rest by the power 0.7 of their width."""
        strip = max(2, self.width // 320)
        weights: dict[str, float] = {}
        for suffix in self.columns:
            shape = next(self.tensors[layer[suffix]] for layer in self.layers.values() if suffix in layer)
            natural = suffix.rpartition(".")[0] in _NATURAL
            weights[suffix] = 0.0 if len(shape) == 1 else float(shape[1] if natural else shape[0]) ** 0.7
        strips = sum(w == 0 for w in weights.values())
        free = self.inner - (len(weights) - 1) * self.gap - strips * strip
        total = sum(weights.values())
        widths = {s: strip if w == 0 else max(3, int(free * w / total)) for s, w in weights.items()}
        widest = max(widths, key=lambda s: widths[s])
        widths[widest] += max(0, free + strips * strip - sum(widths.values()))  # so that bands end where sections do
        return widths

    def _bands(self, cells: dict[str, Cell], labels: list[Label], y: int) -> int:
        widths = self._widths()
        x, left = self.gutter, {}
        for suffix in self.columns:
            left[suffix] = x
            title = _TITLES.get(suffix.rpartition(".")[0], "")
            if title and suffix.endswith("weight") and widths[suffix] >= self.small:
                labels.append(Label(x, y, title, self.small, MUTED))
            x += widths[suffix] + self.gap
        y += self.small + self.small // 2
        pitch = self.band + self.gap
        every = -(-(self.small + 2) // pitch)
        every = every if every == 1 else max(5, every)
        for i, (number, layer) in enumerate(self.layers.items()):
            if i % every == 0 or i == len(self.layers) - 1:
                middle = y + self.band // 2
                labels.append(Label(self.gutter - self.small // 2, middle, str(number), self.small, MUTED, "rm"))
            for suffix, name in layer.items():
                stem = suffix.rpartition(".")[0]
                cells[name] = self._cell(name, left[suffix], y, widths[suffix], self.band, stem)
            y += pitch
        return y + self.small // 2


def parameters(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """How many weights, as people say it: "134.5M parameters"."""
    count: Any = sum(int(np.prod(shape)) for shape in shapes.values())
    for unit, size in (("B", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size:
            return f"{count / size:.1f}{unit} parameters"
    return f"{count} parameters"
