"""Tiles of a plane without end."""


def address(x: int, y: int, size: int = 256) -> tuple[tuple[int, int], tuple[int, int]]:
    """((tile_x, tile_y), (column, row)) of a pixel."""
    if size < 1:
        raise ValueError(f"a tile of {size} pixels")
    (tile_x, column), (tile_y, row) = divmod(x, size), divmod(y, size)
    return (tile_x, tile_y), (column, row)


def tiles_of(x: int, y: int, width: int, height: int, size: int = 256) -> list[tuple[int, int]]:
    """The tiles that a region touches, row by row."""
    if width < 1 or height < 1:
        raise ValueError(f"a region of {width} x {height} pixels")
    (left, top), _ = address(x, y, size)
    (right, bottom), _ = address(x + width - 1, y + height - 1, size)
    return [(i, j) for j in range(top, bottom + 1) for i in range(left, right + 1)]
