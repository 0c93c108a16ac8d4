"""`infinite_map.py`: writes near and far, neighbours, a region across tiles, reopening, the quadtree at work, a pyramid
and a snapshot."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from pixel_llm.core.infinite_map import LIMIT, InfiniteMap, TileXY
from pixel_llm.core.tiles.morton import Box, decode, half, key_ranges

_SIDE = 48
_PLACES = {"the origin": (0, 0), "ten thousand pixels away": (10_000, 10_000), "negative coordinates": (-700, -300)}


def disc(hue: int) -> NDArray[np.uint8]:
    """A shaded disc of 48 x 48 RGB pixels."""
    rows, columns = np.mgrid[:_SIDE, :_SIDE] - (_SIDE - 1) / 2
    shade = np.clip(1.15 - np.hypot(rows, columns) / (_SIDE / 2), 0, 1)
    colour = np.roll([255, 170, 40], hue)
    pixels: NDArray[np.uint8] = (shade[..., None] * colour).astype(np.uint8)
    return pixels


def run(console: Console, folder: Path) -> bool:
    """Shows the steps; whether every one came out as it must."""
    path = folder / "demo.map"
    good = True
    console.print(Panel.fit("[bold]InfiniteMap[/]: an unbounded plane of pixels", border_style="cyan"))
    with InfiniteMap(path, channels=3) as plane:
        pictures = {place: disc(hue) for hue, place in enumerate(_PLACES)}
        for place, (x, y) in _PLACES.items():
            plane.write_region(x, y, pictures[place])
            same = np.array_equal(plane.read_region(x, y, _SIDE, _SIDE), pictures[place])
            good &= _step(console, "write", f"at {place} ({x:,}, {y:,}), read again", same)
        plane.write_region(LIMIT - _SIDE, -LIMIT, pictures["the origin"])
        good &= _step(
            console,
            "far",
            f"at the plane's corner ({LIMIT - _SIDE:,}, {-LIMIT:,})",
            np.array_equal(plane.read_region(LIMIT - _SIDE, -LIMIT, _SIDE, _SIDE), pictures["the origin"]),
        )
        good &= _step(console, "sparse", "never written: reads as fill", not plane.read_region(5000, 0, 9, 9).any())

        with plane.batch():
            for x, y in [(1, 0), (0, 1), (-1, -1)]:
                plane.write_region(x * 256, y * 256, disc(x + y))
        around = plane.neighbours(0, 0)
        good &= _step(console, "neighbours", f"of tile (0, 0): {_listed(around)}", len(around) == 3)
        found = plane.nearest(9000, 9000)
        good &= _step(console, "nearest", f"stored tile to pixel (9,000, 9,000): {_listed(found)}", found == [(39, 39)])

        across = plane.read_region(-256, -256, 512, 512)
        _step(console, "region", "512 x 512 pixels across four tiles, from (-256, -256)", True)
        console.print(_picture(across[8::32, 8::16]))
        before = list(plane)
        console.print(f"           bounds {tuple(plane.bounds() or ())}", highlight=False)

    with InfiniteMap(path) as plane:
        same = list(plane) == before and np.array_equal(plane.read_region(-256, -256, 512, 512), across)
        good &= _step(console, "reopen", f"{len(before)} tiles in Z-order, {path.stat().st_size:,} bytes", same)
        console.print(f"           {_listed(before)}", highlight=False)
        _quadtree(console)
        stored, total = plane.occupancy(-LIMIT, -LIMIT, 2 * LIMIT, 2 * LIMIT)
        good &= _step(console, "occupancy", f"of the whole plane: {stored} of {total:,} tiles", stored == len(before))
        good &= _lasting(console, plane)
    return bool(good)


def _lasting(console: Console, plane: InfiniteMap) -> bool:
    levels = plane.build_pyramid("max")
    counts = " ".join(str(plane.count(level)) for level in range(levels + 1))
    good = _step(console, "pyramid", f"{levels} levels of tiles: {counts}", plane.count(levels) <= 4)
    plane.take_snapshot("before")
    plane.delete_region(-LIMIT, -LIMIT, 2 * LIMIT, 2 * LIMIT)
    with plane.open_snapshot("before") as old:
        text = f"everything deleted: {plane.count()} tiles; in the snapshot taken before: {old.count()}"
        return good & _step(console, "snapshot", text, plane.count() == 0 < old.count())


def main() -> int:
    console = Console()
    with tempfile.TemporaryDirectory(prefix="infinite-map-") as folder:
        return 0 if run(console, Path(folder)) else 1


def _quadtree(console: Console) -> None:
    side = 1000
    first = half(0) - 500
    ranges = key_ranges(Box(first, first, first + side - 1, first + side - 1))
    exact = [r for r in ranges if r.exact]
    text = f"a million tiles are {len(ranges)} key ranges, {len(exact)} of them whole cells"
    _step(console, "quadtree", text, True)
    largest = max(exact, key=lambda r: r.last - r.first)
    x, y = decode(0, largest.first)
    console.print(
        f"           the largest: keys {largest.first:#x} to {largest.last:#x}, from tile ({x}, {y}) on",
        highlight=False,
    )


def _step(console: Console, name: str, text: str, good: bool) -> bool:
    mark = "[green]ok[/]" if good else "[bold red]WRONG[/]"
    console.print(f"[bold cyan]{name:>10}[/] {text} {mark}", highlight=False)
    return good


def _listed(tiles: Sequence[TileXY]) -> str:
    return " ".join(str(tuple(tile)) for tile in tiles)


def _picture(pixels: NDArray[np.uint8]) -> Text:
    text = Text()
    for row in pixels:
        text.append(" " * 11)
        for r, g, b in row:
            text.append("██" if r or g or b else "··", style=f"rgb({r},{g},{b})" if r or g or b else "grey30")
        text.append("\n")
    text.rstrip()
    return text
