"""Morton codes of tiles: a linear quadtree (Gargantini 1982)."""


def encode(x: int, y: int, bits: int = 31) -> int:
    """The code of a tile: biased coordinates, interleaved, x in the even places."""
    half = 1 << (bits - 1)
    if not (-half <= x < half and -half <= y < half):
        raise ValueError(f"tile ({x}, {y}) is outside the plane")
    return _spread(x + half, bits) | _spread(y + half, bits) << 1


def decode(code: int, bits: int = 31) -> tuple[int, int]:
    """The tile of a code."""
    if not 0 <= code < 1 << 2 * bits:
        raise ValueError(f"{code} is not a code of {bits} bits")
    half = 1 << (bits - 1)
    return _gather(code, bits) - half, _gather(code >> 1, bits) - half


def parent(code: int) -> int:
    """The cell that holds this one and three others."""
    return code >> 2


def ranges(x0: int, y0: int, x1: int, y1: int, bits: int = 31) -> list[tuple[int, int]]:
    """The codes of a rectangle of tiles, corners inside, as intervals."""
    if x1 < x0 or y1 < y0:
        raise ValueError(f"({x0}, {y0}) to ({x1}, {y1}) is no rectangle")
    encode(x0, y0, bits)
    encode(x1, y1, bits)
    half = 1 << (bits - 1)
    x0, y0, x1, y1 = x0 + half, y0 + half, x1 + half, y1 + half
    out: list[tuple[int, int]] = []
    stack = [(0, 0, bits)]
    while stack:
        x, y, level = stack.pop()
        size = 1 << level
        if x > x1 or y > y1 or x + size <= x0 or y + size <= y0:
            continue
        if x >= x0 and y >= y0 and x + size - 1 <= x1 and y + size - 1 <= y1:
            first = _spread(x, bits) | _spread(y, bits) << 1
            last = first + (1 << 2 * level) - 1
            if out and out[-1][1] == first - 1:
                out[-1] = (out[-1][0], last)
            else:
                out.append((first, last))
            continue
        part = size >> 1
        stack += [(x + part, y + part, level - 1), (x, y + part, level - 1), (x + part, y, level - 1), (x, y, level - 1)]
    return out


def _spread(value: int, bits: int) -> int:
    return sum((value >> i & 1) << 2 * i for i in range(bits))


def _gather(code: int, bits: int) -> int:
    return sum((code >> 2 * i & 1) << i for i in range(bits))
