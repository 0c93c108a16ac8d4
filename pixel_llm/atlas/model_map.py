"""The map of one model from Python: `pixel_llm.open("model.pxi").map`."""

from __future__ import annotations

import html
import io
import math
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.atlas import tile_format
from pixel_llm.atlas.atlas_file import AtlasFile, TensorStatistics, atlas_path
from pixel_llm.atlas.blocks import block_sums, values_of
from pixel_llm.atlas.build import BuildReport, build_atlas, current
from pixel_llm.atlas.compare import Change, changes
from pixel_llm.atlas.layout import MAX_LEVEL, TILE, Bounds, Element, Layout, Region
from pixel_llm.atlas.model_layout import layout_of
from pixel_llm.atlas.pyramid import Pyramid
from pixel_llm.atlas.statistics import STATISTICS
from pixel_llm.atlas.weights import ModelWeights
from pixel_llm.atlas.window import read_window
from pixel_llm.errors import InvalidArgumentError, NotFoundError
from pixel_llm.formats.colour_maps import BACKGROUND, colour
from pixel_llm.formats.model_file import ModelFile

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_AREA: Final = 1 << 28
"""Weights, or blocks, that one call returns at most: 1 GiB of float32."""
_NOTEBOOK: Final = 900


class ModelMap:
    """Where a model's weights lie, what they are, and statistics of blocks of them. Belongs to the open model.

    Coordinates are in weights: x to the right, y downwards (`docs/atlas.md`). Nothing is read before it is asked for.
    Attributes: `layout`, every region; `bounds`, the rectangle around them.
    """

    def __init__(self, model: ModelFile) -> None:
        self._model = model
        self._weights = ModelWeights(model)
        self.layout: Layout = layout_of(model)

    @property
    def bounds(self) -> Bounds:
        """The smallest rectangle around all weights."""
        return self.layout.bounds

    def regions(self, tensor: str) -> tuple[Region, ...]:
        """The rectangles that show a tensor."""
        return self.layout.regions_of(tensor)

    def __getitem__(self, tensor: str) -> NDArray[np.float32]:
        """A tensor as float32 (rows, columns), a vector as one row; `NotFoundError`, `IntegrityError`."""
        rows, cols = self._shape(tensor)
        return read_window(self._model.tensors[tensor], 0, 0, rows, cols)

    def _shape(self, tensor: str) -> tuple[int, int]:
        if tensor not in self.layout.shapes:
            raise NotFoundError("no such tensor", file=self._model.path, part=tensor)
        return self.layout.shapes[tensor]

    def region(self, x: int, y: int, width: int, height: int) -> NDArray[np.float32]:
        """The weights of a rectangle of the plane, float32 (height, width); NaN where there is none.

        Raises `InvalidArgumentError` for sizes below 1 or an area beyond `MAX_AREA`, `IntegrityError`.
        """
        _check_area(width, height)
        return values_of(self._weights, self.layout, x, y, width, height)

    def pixel(self, tensor: str, row: int, col: int) -> tuple[int, int]:
        """Where a weight lies: (x, y)."""
        self._shape(tensor)
        return self.layout.pixel(tensor, row, col)

    def locate(self, x: int, y: int) -> Element | None:
        """The weight at (x, y), or None where there is none."""
        return self.layout.locate(x, y)

    def value(self, x: int, y: int) -> float | None:
        """The weight's value, or None where there is none."""
        element = self.layout.locate(x, y)
        if element is None:
            return None
        return float(read_window(self._model.tensors[element.tensor], element.row, element.col, 1, 1)[0, 0])

    def statistics(self, level: int, x: int, y: int, width: int, height: int) -> dict[str, NDArray[np.float64]]:
        """Statistics of `height` × `width` blocks of 2^level × 2^level weights, the first one being block (x, y).

        mean, rms, min, max (over finite weights), zeros, nonfinite (shares), and count; float64 (height, width), NaN
        where a block has no weight. Always exact, so always read from the weights. Raises as `region`.
        """
        if not 0 <= level <= MAX_LEVEL:
            raise InvalidArgumentError(f"level {level} is not within 0 … {MAX_LEVEL}", part="level")
        _check_area(width, height)
        sums = block_sums(self._weights, self.layout, level, x, y, width, height)
        return sums.statistics() | {"count": sums.count.astype(np.float64)}

    @cached_property
    def atlas(self) -> AtlasFile | None:
        """The stored pyramid beside the model, or None where there is none, or one of other weights."""
        path = atlas_path(self._model.path)
        return AtlasFile(path) if current(self._model, self.layout, path) else None

    def build(self, *, overwrite: bool = False, progress: Callable[[int, int], None] | None = None) -> BuildReport:
        """Build the atlas, as `pixel-llm map build` does. Raises what `build_atlas` raises."""
        report = build_atlas(self._model, overwrite=overwrite, progress=progress)
        self.__dict__.pop("atlas", None)
        return report

    def tensor_statistics(self, tensor: str) -> TensorStatistics:
        """What the atlas knows of a tensor; `NotFoundError` for an unknown one, or where there is no atlas."""
        self._shape(tensor)
        if self.atlas is None:
            raise NotFoundError(
                "has no atlas", file=self._model.path, remedy="make one with `pixel-llm map build`, or build()"
            )
        return self.atlas.statistics[tensor]

    def changes(self, other: ModelMap) -> list[Change]:
        """How each tensor of `other` differs from this one's, the most changed first; see `compare.changes`."""
        return changes(self._model, other._model)

    def picture(self, statistic: str = "rms", *, max_size: int = 1600) -> Image:
        """The whole plane as an RGB picture, at most `max_size` pixels in either direction.

        `rms`: octaves above (amber) or below (blue) the tensor's median block. `mean`, `min`, `max`: by the tensor's
        largest magnitude. `zeros`, `nonfinite`: shares. Fast where there is an atlas, else every weight is read.
        """
        from PIL import Image

        if statistic not in STATISTICS:
            raise InvalidArgumentError(f"{statistic!r} is not one of {', '.join(STATISTICS)}", part="statistic")
        if not 16 <= max_size <= 1 << 14:
            raise InvalidArgumentError(f"{max_size} is not within 16 … {1 << 14}", part="max_size")
        level = max(1, math.ceil(math.log2(max(self.bounds.width, self.bounds.height, 2) / max_size)))
        values, left, top = self._overview(level, statistic)
        pixels = colour(self._scaled(values, level, left, top, statistic))
        pixels[np.isnan(values)] = BACKGROUND
        return Image.fromarray(pixels)

    def _overview(self, level: int, statistic: str) -> tuple[NDArray[np.float32], int, int]:
        """A statistic of the whole plane at a level, and the block that its first element is."""
        b, size = self.bounds, 1 << level
        left, top = b.x // size, b.y // size
        width, height = (b.x + b.width - 1) // size - left + 1, (b.y + b.height - 1) // size - top + 1
        out = np.full((height, width), np.nan, np.float32)
        pyramid = Pyramid(self._weights, self.layout, self.atlas)
        number = STATISTICS.index(statistic)
        for ty in range(top // TILE, (top + height - 1) // TILE + 1):
            for tx in range(left // TILE, (left + width - 1) // TILE + 1):
                stored = pyramid.tile(level, tx, ty)
                if stored is None:
                    continue
                plane = tile_format.decode_tile(tile_format.unpack(stored))[1][number]
                y0, x0 = max(top, ty * TILE), max(left, tx * TILE)
                y1, x1 = min(top + height, ty * TILE + TILE), min(left + width, tx * TILE + TILE)
                out[y0 - top : y1 - top, x0 - left : x1 - left] = plane[
                    y0 - ty * TILE : y1 - ty * TILE, x0 - tx * TILE : x1 - tx * TILE
                ]
        return out, left, top

    def _scaled(
        self, values: NDArray[np.float32], level: int, left: int, top: int, statistic: str
    ) -> NDArray[np.float32]:
        """Values in -1 … 1, tensor by tensor, so that what is unusual in each shows."""
        if statistic in ("zeros", "nonfinite"):
            return values * 2 - 1
        out, size = np.full_like(values, np.nan), 1 << level
        for name in self.layout.shapes:
            places = [
                (
                    slice(r.y // size - top, (r.y + r.height - 1) // size - top + 1),
                    slice(r.x // size - left, (r.x + r.width - 1) // size - left + 1),
                )
                for r in self.layout.regions_of(name)
            ]
            met = np.concatenate([values[place].ravel() for place in places])
            met = met[np.isfinite(met)]
            for place in places:
                out[place] = _unusual(values[place], met, statistic)
        return out

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        buffer = io.BytesIO()
        self.picture(max_size=_NOTEBOOK).save(buffer, "PNG")
        return buffer.getvalue()

    def _repr_html_(self) -> str:
        """What a notebook shows: the picture and what it means."""
        import base64

        b = self.bounds
        name = html.escape(self._model.path.name)
        data = base64.b64encode(self._repr_png_()).decode("ascii")
        return (
            f'<figure style="margin:0"><img alt="map of {name}" src="data:image/png;base64,{data}">'
            f"<figcaption><code>{name}</code>: {b.width:,} × {b.height:,} weights, {len(self.layout.shapes)} tensors. "
            "Embedding above, one band a layer, Q K V O gate up down from left to right; amber is louder, blue quieter "
            f"than the tensor's median block. <code>pixel-llm view {name}</code> zooms to one weight."
            "</figcaption></figure>"
        )

    def close(self) -> None:
        """Close the atlas; the model stays open."""
        atlas = self.__dict__.pop("atlas", None)
        if atlas is not None:
            atlas.close()

    def __repr__(self) -> str:
        b = self.bounds
        return f"ModelMap({str(self._model.path)!r}, x={b.x}, y={b.y}, width={b.width}, height={b.height})"


def _check_area(width: int, height: int) -> None:
    if width < 1 or height < 1 or width * height > MAX_AREA:
        raise InvalidArgumentError(f"{width} x {height} is not within 1 … {MAX_AREA} in area", part="size")


def _unusual(values: NDArray[np.float32], met: NDArray[np.float32], statistic: str) -> NDArray[np.float32]:
    if not met.size:
        return np.zeros_like(values)
    if statistic != "rms":
        scale = float(np.quantile(np.abs(met), 0.998)) or 1.0
        return values / np.float32(scale)
    positive = met[met > 0]
    if not positive.size:
        return np.zeros_like(values)
    middle, floor = np.median(positive), positive.min() / 4
    octaves = np.log2(np.maximum(values, floor) / middle)
    spread = max(float(np.quantile(np.abs(np.log2(positive / middle)), 0.98)), 1 / 3)
    out: NDArray[np.float32] = (np.tanh(1.25 * octaves / spread) / np.tanh(1.25)).astype(np.float32)
    return out
