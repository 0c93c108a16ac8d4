"""Reading a rectangle of a stored tensor: some rows, some columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError
from pixel_llm.formats.encodings import decode_rows
from pixel_llm.formats.model_file import Tensor


def read_window(tensor: Tensor, row: int, col: int, height: int, width: int) -> NDArray[np.float32]:
    """Rows row … row + height, columns col … col + width of a tensor as float32 (height, width); a vector is one row.

    Only the rows asked for are checked, and only whole groups of columns are decoded. Raises `InvalidArgumentError` for
    what lies outside, `IntegrityError` for damaged bands.
    """
    cols = tensor.shape[-1]
    if not (0 <= row <= row + height <= tensor.n_rows and 0 <= col <= col + width <= cols):
        raise InvalidArgumentError(
            f"rows {row} to {row + height}, columns {col} to {col + width} are outside {tensor.n_rows} x {cols}",
            part=tensor.name,
        )
    if not height or not width:
        return np.empty((height, width), np.float32)
    unit = tensor.encoding.group or 1
    first, last = col // unit * unit, -(-(col + width) // unit) * unit
    planes = plane_window(tensor, row, first, height, last - first)
    assert planes is not None
    return decode_rows(tensor.encoding, planes)[:, col - first : col - first + width]


def plane_window(tensor: Tensor, row: int, col: int, height: int, width: int) -> tuple[NDArray[Any], ...] | None:
    """The same rectangle of the planes as they are stored, views; None where it cuts a group."""
    enc = tensor.encoding
    unit = enc.group or 1
    if col % unit or width % unit:
        return None
    planes = tensor.plane_rows(row, row + height)
    if (col, width) == (0, tensor.shape[-1]):
        return planes
    if not enc.group:
        return (planes[0][:, col : col + width],)
    first, last = col // unit, (col + width) // unit
    per_group = unit * enc.bits // 8
    return planes[0][:, first * per_group : last * per_group], planes[1][:, first:last]
