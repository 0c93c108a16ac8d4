"""Morton codes of tiles: a linear quadtree (Gargantini 1982)."""

def encode(x: int, y: int, bits: int=31) -> int:
    """The code of a tile: biased coordinates, interleaved, x in the even places."""
    raise NotImplementedError('to be written')

def decode(code: int, bits: int=31) -> tuple[int, int]:
    """The tile of a code."""
    raise NotImplementedError('to be written')

def parent(code: int) -> int:
    """The cell that holds this one and three others."""
    raise NotImplementedError('to be written')

def ranges(x0: int, y0: int, x1: int, y1: int, bits: int=31) -> list[tuple[int, int]]:
    """The codes of a rectangle of tiles, corners inside, as intervals."""
    raise NotImplementedError('to be written')

def _spread(value: int, bits: int) -> int:
    raise NotImplementedError('to be written')

def _gather(code: int, bits: int) -> int:
    raise NotImplementedError('to be written')
