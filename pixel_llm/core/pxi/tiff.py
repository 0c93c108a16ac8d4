"""The chain of BigTIFF directories (IFDs) of one generation, as one block of bytes.

The block is a pure function of the index: our reader never parses it, `verify` builds it again and compares. Tags are
baseline TIFF 6.0 and its BigTIFF extension, none private. Order: contact sheet, index, then the pages.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from pixel_llm.core.pxi.layout import INDEX_WIDTH, Page, SampleType

_ASCII, _SHORT, _LONG, _RATIONAL, _LONG8 = 2, 3, 4, 5, 16
_FORMATS = {SampleType.UINT8: 1, SampleType.UINT16: 1, SampleType.INT8: 2, SampleType.FLOAT16: 3, SampleType.FLOAT32: 3}
_ENTRY = struct.Struct("<HHQ8s")
_MULTI_PAGE = 2  # NewSubfileType: one page of several


@dataclass(frozen=True, slots=True)
class _Image:
    name: str
    rgb: bool
    sample: SampleType
    width: int
    height: int
    channels: int
    offset: int
    nbytes: int
    description: str = ""


def _images(generation: int, sheet: Page, pages: Iterable[Page], index_offset: int, index_length: int) -> list[_Image]:
    body = [
        _Image(p.name, p.kind != "plane", p.sample, p.width, p.height, p.channels, p.offset, p.nbytes) for p in pages
    ]
    about = f"Pixel-LLM .pxi container, generation {generation}, {len(body)} pages; page 1 is the index"
    u8 = SampleType.UINT8
    return [
        _Image("contact sheet", True, u8, sheet.width, sheet.height, 3, sheet.offset, sheet.nbytes, about),
        _Image("index", False, u8, INDEX_WIDTH, index_length // INDEX_WIDTH, 1, index_offset, index_length),
        *body,
    ]


def _shorts(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}H", *values)


def _entries(image: _Image) -> list[tuple[int, int, int, bytes]]:
    """(tag, type, count, value) in ascending order of tags, as TIFF demands."""
    c = image.channels
    name = image.name.encode() + b"\0"
    entries = [
        (254, _LONG, 1, struct.pack("<I", _MULTI_PAGE)),
        (256, _LONG, 1, struct.pack("<I", image.width)),
        (257, _LONG, 1, struct.pack("<I", image.height)),
        (258, _SHORT, c, _shorts(*[8 * image.sample.size] * c)),
        (259, _SHORT, 1, _shorts(1)),
        (262, _SHORT, 1, _shorts(2 if image.rgb else 1)),
        (273, _LONG8, 1, struct.pack("<Q", image.offset)),
        (277, _SHORT, 1, _shorts(c)),
        (278, _LONG, 1, struct.pack("<I", image.height)),
        (279, _LONG8, 1, struct.pack("<Q", image.nbytes)),
        (282, _RATIONAL, 1, struct.pack("<II", 1, 1)),
        (283, _RATIONAL, 1, struct.pack("<II", 1, 1)),
        (284, _SHORT, 1, _shorts(1)),
        (285, _ASCII, len(name), name),
        (296, _SHORT, 1, _shorts(1)),
    ]
    if image.description:
        text, software = image.description.encode() + b"\0", b"Pixel-LLM\0"
        entries.insert(6, (270, _ASCII, len(text), text))
        entries.append((305, _ASCII, len(software), software))
    extra = c - (3 if image.rgb else 1)
    if extra:
        entries.append((338, _SHORT, extra, _shorts(*[0] * extra)))
    entries.append((339, _SHORT, c, _shorts(*[_FORMATS[image.sample]] * c)))
    return entries


def build_ifds(
    generation: int, sheet: Page, pages: Iterable[Page], index_offset: int, index_length: int, offset: int
) -> bytes:
    """The block of IFDs that lies at `offset`. Its length depends on nothing but the pages' names and channels, and the
    generation's number."""
    block = bytearray()
    images = _images(generation, sheet, pages, index_offset, index_length)
    for number, image in enumerate(images, 1):
        entries = _entries(image)
        start = len(block)
        outside = start + 8 + 20 * len(entries) + 8
        block += struct.pack("<Q", len(entries))
        tail = bytearray()
        for tag, kind, count, value in entries:
            if len(value) > 8:
                block += _ENTRY.pack(tag, kind, count, struct.pack("<Q", offset + outside + len(tail)))
                tail += value + b"\0" * (-len(value) % 8)
            else:
                block += _ENTRY.pack(tag, kind, count, value)
        following = outside + len(tail)
        block += struct.pack("<Q", offset + following if number < len(images) else 0)
        block += tail
    return bytes(block)
