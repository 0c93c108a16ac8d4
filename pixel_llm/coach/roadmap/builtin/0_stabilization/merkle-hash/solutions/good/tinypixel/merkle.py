"""A SHA-256 tree over bands of bytes, leaves and inner nodes told apart (RFC 6962's prefixes)."""

from hashlib import sha256


def root(data: bytes, band: int = 1 << 20) -> bytes:
    """The top hash."""
    level = _leaves(data, band)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def proof(data: bytes, index: int, band: int = 1 << 20) -> list[tuple[str, bytes]]:
    """Siblings from a band up to the root."""
    level = _leaves(data, band)
    if not 0 <= index < len(level):
        raise IndexError(f"band {index} is outside 0..{len(level) - 1}")
    way = []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            way.append(("left" if sibling < index else "right", level[sibling]))
        level, index = _above(level), index // 2
    return way


def check(part: bytes, way: list[tuple[str, bytes]], expected: bytes) -> bool:
    """Whether a band and its proof lead to `expected`."""
    node = sha256(b"\0" + part).digest()
    for entry in way:
        try:
            side, other = entry
        except (TypeError, ValueError):
            return False
        if side not in ("left", "right") or not isinstance(other, bytes) or len(other) != 32:
            return False
        node = sha256(b"\1" + (other + node if side == "left" else node + other)).digest()
    return node == expected


def _leaves(data: bytes, band: int) -> list[bytes]:
    if band < 1:
        raise ValueError(f"a band of {band} bytes")
    starts = range(0, max(len(data), 1), band)
    return [sha256(b"\0" + data[start : start + band]).digest() for start in starts]


def _above(level: list[bytes]) -> list[bytes]:
    pairs = [sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
    return pairs + level[len(level) - len(level) % 2 :]
