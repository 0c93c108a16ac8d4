"""Tiles of a plane without end."""

def address(x: int, y: int, size: int=256) -> tuple[tuple[int, int], tuple[int, int]]:
    """((tile_x, tile_y), (column, row)) of a pixel."""
    raise NotImplementedError('to be written')

def tiles_of(x: int, y: int, width: int, height: int, size: int=256) -> list[tuple[int, int]]:
    """The tiles that a region touches, row by row."""
    raise NotImplementedError('to be written')
