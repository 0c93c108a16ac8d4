"""`pixelfs.py demo`: bytes become an image, come back, and a changed byte is found."""

from __future__ import annotations

import colorsys
import shutil
import tempfile
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from pixel_llm.core.pixelfs import PAGE, PixelFS
from pixel_llm.core.pixelfs_sheet import ROW_BYTES
from pixel_llm.core.pxi import PxiFile
from pixel_llm.errors import IntegrityError

SIZE = 3600
NAME = "demo/rainbow.bin"
_DAMAGED_BYTE = 1234
_GREYS = " .:-=+*#%@"


def rainbow() -> bytes:
    """3,600 bytes: 1,200 pixels whose hue goes round while their brightness swings."""
    pixels = bytearray()
    for i in range(SIZE // 3):
        brightness = 0.6 + 0.4 * abs(i % 150 / 75 - 1)
        pixels += bytes(round(255 * c) for c in colorsys.hsv_to_rgb(i / 1024, 0.85, brightness))
    return bytes(pixels)


def run(store: PixelFS, console: Console) -> bool:
    """Shows the steps on `console`; whether every step came out as it must. Leaves `NAME` in the store."""
    data = rainbow()
    console.print(Panel.fit("[bold]PixelFS[/]: bytes are stored as pixels", border_style="cyan"))

    info = store.write(NAME, data)
    _step(console, "write", f"{len(data):,} bytes -> an image of {info.width} x {info.height} pixels, 3 bytes a pixel")
    console.print(_strip(data, console))
    _note(console, f"the second row ends after {info.pixels - info.width} pixels, the rest is black")

    back = store.read(NAME)
    part = store.read(NAME, offset=1800, length=6)
    equal = back == data and part == data[1800:1806]
    _step(console, "read", f"{len(back):,} bytes come back, {_verdict(equal, 'equal', 'DIFFERENT')}")
    _note(console, f"bytes 1800 to 1805 alone: {part.hex(' ')}")

    seen = _pillow(info.file)
    as_image = seen == ((info.width, info.height), data)
    _step(
        console,
        "look",
        f"Pillow opens the file as an ordinary TIFF, {_verdict(as_image, 'same pixels', 'OTHER PIXELS')}",
    )

    report = store.verify(NAME)
    _step(console, "verify", f"{report.bytes_checked:,} bytes checked, {_verdict(report.ok, 'intact', 'DAMAGED')}")
    _note(console, f"root {info.root_hash}")

    found = _damage(info.file, data, console)
    console.print(f"\nThe picture stays: open [cyan]{escape(str(info.file))}[/] in any image viewer.", soft_wrap=True)
    return equal and as_image and report.ok and found


def _damage(file: Path, data: bytes, console: Console) -> bool:
    with tempfile.TemporaryDirectory(prefix="pixelfs-demo-") as folder:
        copy = PixelFS(folder)
        target = Path(folder) / "copy.bin.pxi"
        shutil.copyfile(file, target)
        with PxiFile.open(file) as pxi:
            position = pxi.pages[PAGE].offset + _DAMAGED_BYTE
        old = data[_DAMAGED_BYTE]
        with target.open("r+b") as raw:
            raw.seek(position)
            raw.write(bytes([old ^ 0x80]))
        x = _DAMAGED_BYTE // 3
        _step(console, "damage", f"one bit of a copy: byte {_DAMAGED_BYTE} was 0x{old:02x} and is 0x{old ^ 0x80:02x}")
        damaged = bytearray(data)
        damaged[_DAMAGED_BYTE] ^= 0x80
        console.print(_strip(bytes(damaged), console))
        mark = _INDENT + x * _columns(console) // (ROW_BYTES // 3)
        console.print(Text(f"{'':{mark}}^ pixel {x} of row 0, one bit off", style="red"))

        report = copy.verify("copy.bin")
        hits = [f for f in report.failures if f.page == PAGE and f.band == 0]
        _step(console, "verify", f"the copy: {_verdict(not report.ok, 'damage found', 'NOTHING FOUND', good='red')}")
        for failure in report.failures:
            where = f'page "{failure.page}", band {failure.band}' if failure.page else "file"
            _note(console, f"{where}: {failure.message}")
        try:
            copy.read("copy.bin")
        except IntegrityError:
            refused = True
        else:
            refused = False
        _step(
            console,
            "read",
            f"the copy: {_verdict(refused, 'refused, no wrong byte comes out', 'WRONG BYTES CAME OUT')}",
        )
        return bool(hits) and refused


def _pillow(file: Path) -> tuple[tuple[int, int], bytes]:
    from PIL import Image

    with Image.open(file, formats=["TIFF"]) as image:
        return image.size, image.convert("RGB").tobytes()[:SIZE]


_INDENT = 10


def _columns(console: Console) -> int:
    return max(16, min(console.width - _INDENT - 2, 128))


def _strip(data: bytes, console: Console) -> Text:
    """Two rows of pixels as one line of half blocks, or as grey characters where there are no colours."""
    count = _columns(console)
    padded = data.ljust(2 * ROW_BYTES, b"\0")
    rows: tuple[list[bytes], list[bytes]] = ([], [])
    for column in range(count):
        at = column * (ROW_BYTES // 3) // count * 3
        rows[0].append(padded[at : at + 3])
        rows[1].append(padded[ROW_BYTES + at : ROW_BYTES + at + 3])
    text = Text(" " * _INDENT, no_wrap=True)
    if console.color_system is None:
        lines = ("".join(_GREYS[sum(p) * (len(_GREYS) - 1) // 765] for p in row) for row in rows)
        text.append(("\n" + " " * _INDENT).join(lines))
        return text
    for top, bottom in zip(*rows, strict=True):
        text.append("\u2580", f"#{top.hex()} on #{bottom.hex()}")
    return text


def _step(console: Console, name: str, text: str) -> None:
    console.print(f"[bold cyan]{name:<{_INDENT}}[/]{text}", highlight=False)


def _note(console: Console, text: str) -> None:
    console.print(Text(f"{'':{_INDENT}}{text}", style="dim"), soft_wrap=True)


def _verdict(fine: bool, yes: str, no: str, *, good: str = "green") -> str:
    return f"[bold {good}]{yes}[/]" if fine else f"[bold red]{no}[/]"
