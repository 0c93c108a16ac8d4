"""The layout as metadata, and layers by their place."""

import json

from tinypixel.layout import Place


def to_json(places: list[Place]) -> str:
    """One line of JSON."""
    return json.dumps({"version": 1, "places": [list(place) for place in places]}, separators=(",", ":"))


def from_json(text: str) -> list[Place]:
    """The places; ValueError for anything that `to_json` does not write."""
    try:
        data = json.loads(text)
    except RecursionError:
        raise ValueError("the layout is nested too deeply") from None
    if not isinstance(data, dict) or set(data) != {"version", "places"}:
        raise ValueError("the layout is not an object of version and places")
    if type(data["version"]) is not int or data["version"] != 1:
        raise ValueError(f"version {data['version']!r} of the layout is not known")
    if not isinstance(data["places"], list):
        raise ValueError("the places are not a list")
    places = []
    for entry in data["places"]:
        fine = isinstance(entry, list) and len(entry) == 5 and isinstance(entry[0], str)
        if not fine or any(type(number) is not int for number in entry[1:]):
            raise ValueError(f"{entry!r} is not a name and four integers")
        place = Place(*entry)
        if place.width < 1 or place.height < 1:
            raise ValueError(f"{place.name} is {place.width} x {place.height} pixels")
        places.append(place)
    names = [place.name for place in places]
    if len(set(names)) < len(names):
        raise ValueError("a name occurs twice")
    return places


def layer_box(places: list[Place], layer: int) -> tuple[int, int, int, int]:
    """The least box around a layer's tensors."""
    own = [place for place in places if place.name.startswith(f"blk.{layer}.")]
    if not own:
        raise KeyError(layer)
    left, top = min(p.x for p in own), min(p.y for p in own)
    right, bottom = max(p.x + p.width for p in own), max(p.y + p.height for p in own)
    return left, top, right - left, bottom - top


def layer_at(places: list[Place], y: int) -> int | None:
    """The layer whose box holds the line y."""
    layers = {int(place.name.split(".")[1]) for place in places if place.name.startswith("blk.")}
    for layer in sorted(layers):
        _, top, _, height = layer_box(places, layer)
        if top <= y < top + height:
            return layer
    return None
