"""Weights far beyond the rest of their tensor, counted exactly: only blocks whose extremes say so are read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.atlas.layout import TILE, Layout, Region
from pixel_llm.atlas.window import read_window
from pixel_llm.formats.model_file import ModelFile

LIMIT: Final = 6.0
"""An outlier is beyond this many RMS of its tensor: of normal weights, one in 500 million is."""


def outliers_in(
    model: ModelFile,
    layout: Layout,
    level: int,
    tx: int,
    ty: int,
    low: NDArray[np.float32],
    high: NDArray[np.float32],
    rms: Mapping[str, float],
) -> dict[str, int]:
    """Outliers by tensor among the weights of a tile, whose blocks lie between `low` and `high` (NaN: no weight)."""
    size = 1 << level
    side = TILE * size
    reach = np.nan_to_num(np.maximum(np.abs(low), np.abs(high)), nan=0.0, posinf=np.inf)
    out: dict[str, int] = {}
    for r in layout.within(tx * side, ty * side, side, side):
        limit = LIMIT * rms[r.tensor]
        if not np.isfinite(limit):
            continue
        left, right = max(r.x, tx * side), min(r.x + r.width, tx * side + side)
        top, bottom = max(r.y, ty * side), min(r.y + r.height, ty * side + side)
        first_row, first_col = top // size - ty * TILE, left // size - tx * TILE
        rows = slice(first_row, (bottom - 1) // size - ty * TILE + 1)
        flagged = reach[rows, first_col : (right - 1) // size - tx * TILE + 1] > limit
        for i in np.flatnonzero(flagged.any(axis=1)):
            columns = np.flatnonzero(flagged[i])
            y = (ty * TILE + first_row + int(i)) * size
            x = (tx * TILE + first_col + int(columns[0])) * size
            stop = (tx * TILE + first_col + int(columns[-1]) + 1) * size
            number = _count(model, r, (max(left, x), max(top, y), min(right, stop), min(bottom, y + size)), limit)
            out[r.tensor] = out.get(r.tensor, 0) + number
    return out


def _count(model: ModelFile, r: Region, box: tuple[int, int, int, int], limit: float) -> int:
    left, top, right, bottom = box
    values: Any = read_window(
        model.tensors[r.tensor], r.row + top - r.y, r.col + left - r.x, bottom - top, right - left
    )
    with np.errstate(invalid="ignore"):
        return int(np.count_nonzero((np.abs(values) > limit) & np.isfinite(values)))
