"""Where every tensor of a model lies on the plane."""

import re
from typing import NamedTuple

_KINDS = ("attn_q", "attn_k", "attn_v", "attn_o", "ffn_gate", "ffn_up", "ffn_down")
_NAME = re.compile(r"blk\.(0|[1-9][0-9]*)\.(\w+)")


class Place(NamedTuple):
    """A tensor's rectangle: one pixel a weight, rows downwards."""

    name: str
    x: int
    y: int
    width: int
    height: int


def layout(shapes: dict[str, tuple[int, int]], gap: int = 64) -> list[Place]:
    """A rectangle for each tensor: embeddings above, layers in rows, the output below."""
    if gap < 0:
        raise ValueError(f"a gap of {gap} pixels")
    layers: dict[int, dict[str, tuple[int, int]]] = {}
    for name, (rows, columns) in shapes.items():
        if rows < 1 or columns < 1:
            raise ValueError(f"{name}: a tensor of {rows} x {columns}")
        if name in ("token_embd", "output"):
            continue
        match = _NAME.fullmatch(name)
        if not match or match[2] not in _KINDS:
            raise ValueError(f"{name}: no place is known for a tensor of this name")
        layers.setdefault(int(match[1]), {})[match[2]] = (rows, columns)
    places = []
    if "token_embd" in shapes:
        rows, columns = shapes["token_embd"]
        places.append(Place("token_embd", 0, -gap - rows, columns, rows))
    y = 0
    for layer in sorted(layers):
        x = 0
        for kind in _KINDS:
            if kind in layers[layer]:
                rows, columns = layers[layer][kind]
                places.append(Place(f"blk.{layer}.{kind}", x, y, columns, rows))
                x += columns + gap
        y += max(rows for rows, _ in layers[layer].values()) + gap
    if "output" in shapes:
        rows, columns = shapes["output"]
        places.append(Place("output", 0, y, columns, rows))
    return places


def find(places: list[Place], x: int, y: int) -> tuple[str, int, int] | None:
    """The weight at a pixel."""
    for place in places:
        if 0 <= x - place.x < place.width and 0 <= y - place.y < place.height:
            return place.name, y - place.y, x - place.x
    return None
