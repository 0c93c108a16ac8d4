"""A matrix of 4-bit codes as texels: one rgba32uint texel is a group of 32 weights."""

from typing import NamedTuple

GROUP = 32


class Texel(NamedTuple):
    """Where a code lies: `word[channel] >> shift & 15`."""

    layer: int
    x: int
    y: int
    channel: int
    shift: int


def locate(row: int, column: int, rows: int, columns: int, limit: int = 8192) -> Texel:
    """The place of a weight's code."""
    layers(rows, columns, limit)
    if not (0 <= row < rows and 0 <= column < columns):
        raise IndexError(f"weight ({row}, {column}) is outside a matrix of {rows} x {columns}")
    layer, y = divmod(row, limit)
    x, element = divmod(column, GROUP)
    byte, high = element // 2, element % 2
    return Texel(layer, x, y, byte // 4, 8 * (byte % 4) + 4 * high)


def layers(rows: int, columns: int, limit: int = 8192) -> tuple[int, int, int]:
    """Width, height and number of layers of the texture."""
    if rows < 1 or columns < 1 or columns % GROUP or columns // GROUP > limit:
        raise ValueError(f"a matrix of {rows} x {columns} does not fit textures of {limit} texels")
    count = -(-rows // limit)
    return columns // GROUP, limit if count > 1 else rows, count
