"""Draws a planned contact sheet from the statistics in its cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixel_llm.formats.block_statistics import loudness
from pixel_llm.formats.colour_maps import BACKGROUND, colour
from pixel_llm.formats.contact_sheet import Cell, ContactSheet


def draw(sheet: ContactSheet) -> NDArray[np.uint8]:
    """The picture, uint8 (height, width, 3). The same statistics give the same bytes with the same Pillow."""
    from PIL import Image, ImageDraw, ImageFont

    canvas = np.empty((sheet.height, sheet.width, 3), np.uint8)
    canvas[:] = BACKGROUND
    for cell in sheet.cells.values():
        canvas[cell.y : cell.y + cell.height, cell.x : cell.x + cell.width] = _picture(cell)
    x, y, width, height = sheet.legend
    canvas[y : y + height, x : x + width] = colour(np.linspace(-1, 1, width))
    image = Image.fromarray(canvas)
    pen = ImageDraw.Draw(image)
    for label in sheet.labels:
        font = ImageFont.load_default(label.size)
        text, room = label.text, sheet.width - label.x
        while text and not label.anchor.startswith("r") and pen.textlength(text, font) > room:
            text = text[: max(0, len(text) - 1 - len(text) // 16)]
        pen.text((label.x, label.y), text, label.colour, font, anchor=label.anchor)
    return np.array(image)


def _picture(cell: Cell) -> NDArray[np.uint8]:
    """A cell's pixels, (height, width, 3), its heads parted by thin lines."""
    values = loudness(cell.statistics)
    values = values.T if cell.transposed else values
    across = cell.width - (cell.heads - 1)
    down = np.arange(cell.height) * values.shape[0] // cell.height
    pixels = colour(values[down][:, np.arange(across) * values.shape[1] // across])
    if cell.heads == 1:
        return pixels
    out = np.empty((cell.height, cell.width, 3), np.uint8)
    out[:] = BACKGROUND
    at = np.arange(across)
    head = at * cell.heads // across
    out[:, at + head] = pixels
    return out
