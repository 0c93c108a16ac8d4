"""Pictures of a stored model: the whole of it as a contact sheet, or one tensor weight by weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError, NotFoundError
from pixel_llm.formats import sheet_drawing
from pixel_llm.formats.colour_maps import colour
from pixel_llm.formats.contact_sheet import parameters, plan
from pixel_llm.formats.model_file import ModelFile, Tensor

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SIZE: Final = 1 << 14
_CHUNK: Final = 1 << 21  # weights decoded at a time
_ZOOM: Final = 8  # a small tensor's weights become squares of up to this many pixels


def picture(model: ModelFile, tensor: str | None = None, *, max_size: int = 2000) -> Image:
    """An RGB picture, at most `max_size` pixels wide (a tensor: and high).

    Without `tensor`: the contact sheet, drawn anew at that width. With it: one pixel a weight, rows downwards, blue
    below zero and amber above, full colour at the 99.8th percentile of magnitudes; a vector is folded into rows. Where
    a tensor exceeds `max_size`, a pixel is the weight of largest magnitude in its block, so that outliers stay.
    Raises `NotFoundError`, `InvalidArgumentError`, `IntegrityError`.
    """
    from PIL import Image

    if not 64 <= max_size <= MAX_SIZE:
        raise InvalidArgumentError(f"{max_size} is not within 64 … {MAX_SIZE}", part="max_size")
    if tensor is None:
        return Image.fromarray(_sheet(model, max_size))
    if tensor not in model.tensors:
        close = ", ".join(n for n in model.tensors if tensor in n) or "list them with `pixel-llm info`"
        raise NotFoundError("no such tensor", file=model.path, part=tensor, remedy=close[:200])
    values = _signed_extremes(model.tensors[tensor], max_size)
    finite = np.abs(values[np.isfinite(values)])
    scale = float(np.quantile(finite, 0.998)) if finite.size else 0.0
    pixels = colour(values / scale if scale > 0 else np.zeros_like(values))
    zoom = max(1, min(_ZOOM, max_size // max(values.shape)))
    return Image.fromarray(pixels.repeat(zoom, axis=0).repeat(zoom, axis=1))


def _sheet(model: ModelFile, width: int) -> NDArray[np.uint8]:
    """The contact sheet as the importer draws it, `width` pixels wide."""
    shapes = {name: t.shape for name, t in model.tensors.items()}
    encodings = ", ".join(dict.fromkeys(t.encoding.name for t in model.tensors.values()))
    head_dim, layers = model.spec_json.get("head_dim"), model.spec_json.get("layers")
    sheet = plan(
        shapes,
        title=str(model.source.get("name") or model.path.stem),
        subtitle=" · ".join(filter(None, (parameters(shapes), f"{layers} layers" if layers else "", encodings))),
        head_dim=head_dim if isinstance(head_dim, int) else 0,
        width=width,
    )
    for name, cell in sheet.cells.items():
        tensor = model.tensors[name]
        for start, stop in _ranges(tensor):
            sampled = cell.statistics.wanted(start, stop)
            if len(sampled):
                cell.statistics.add(sampled, tensor.rows(start, stop)[sampled - start])
    return sheet_drawing.draw(sheet)


def _ranges(tensor: Tensor) -> list[tuple[int, int]]:
    rows = tensor.n_rows
    step = max(1, _CHUNK // tensor.shape[-1])
    return [(start, min(rows, start + step)) for start in range(0, rows, step)]


def _signed_extremes(tensor: Tensor, most: int) -> NDArray[np.float32]:
    """The tensor as a matrix of at most `most` × `most`, each entry its block's weight of largest magnitude."""
    if len(tensor.shape) == 1:
        return _folded(tensor.rows()[0], most)
    rows, cols = tensor.shape
    height, width = min(rows, most), min(cols, most)
    columns = np.arange(width, dtype=np.int64) * cols // width
    out = np.zeros((height, width), np.float32)
    for start, stop in _ranges(tensor):
        values = tensor.rows(start, stop)
        if width < cols:
            values = _extremes(values, columns, 1)
        block = (np.arange(start, stop, dtype=np.int64) * height) // rows
        first = np.flatnonzero(np.diff(block, prepend=-1))
        if height < rows:
            values = _extremes(values, first, 0)
        # A block may straddle two ranges of rows.
        old = out[block[first]]
        out[block[first]] = np.where(np.abs(values) > np.abs(old), values, old)
    return out


def _extremes(values: NDArray[np.float32], starts: NDArray[np.int64], axis: int) -> NDArray[np.float32]:
    low = np.minimum.reduceat(values, starts, axis=axis)
    high = np.maximum.reduceat(values, starts, axis=axis)
    return np.where(-low > high, low, high)


def _folded(vector: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """A vector as rows of at most 64 weights, or longer ones where it would be too high; NaN beyond its end."""
    width = min(len(vector), max(64, -(-len(vector) // most)))
    height = -(-len(vector) // width)
    out = np.full(height * width, np.nan, np.float32)
    out[: len(vector)] = vector
    return out.reshape(height, width)
