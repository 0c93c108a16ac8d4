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

def locate(row: int, column: int, rows: int, columns: int, limit: int=8192) -> Texel:
    """The place of a weight's code."""
    raise NotImplementedError('to be written')

def layers(rows: int, columns: int, limit: int=8192) -> tuple[int, int, int]:
    """Width, height and number of layers of the texture."""
    raise NotImplementedError('to be written')
