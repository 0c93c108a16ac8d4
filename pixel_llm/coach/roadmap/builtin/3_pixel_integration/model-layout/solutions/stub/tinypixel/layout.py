"""Where every tensor of a model lies on the plane."""
import re
from typing import NamedTuple
_KINDS = ('attn_q', 'attn_k', 'attn_v', 'attn_o', 'ffn_gate', 'ffn_up', 'ffn_down')
_NAME = re.compile('blk\\.(0|[1-9][0-9]*)\\.(\\w+)')

class Place(NamedTuple):
    """A tensor's rectangle: one pixel a weight, rows downwards."""
    name: str
    x: int
    y: int
    width: int
    height: int

def layout(shapes: dict[str, tuple[int, int]], gap: int=64) -> list[Place]:
    """A rectangle for each tensor: embeddings above, layers in rows, the output below."""
    raise NotImplementedError('to be written')

def find(places: list[Place], x: int, y: int) -> tuple[str, int, int] | None:
    """The weight at a pixel."""
    raise NotImplementedError('to be written')
