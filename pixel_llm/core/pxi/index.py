"""The index of one generation: canonical JSON that says where every page lies and what its root hash is."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pixel_llm.core.pxi import layout
from pixel_llm.core.pxi.layout import DATA_OFFSET, HASH, MAX_INT, Page
from pixel_llm.errors import InvalidArgumentError, PxiFormatError

_T = TypeVar("_T")
_HEX = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_LONG = re.compile(rb"[0-9]{19}")  # digits of an integer that may not fit 64 bits
_NOT_STRUCTURE = bytes(b for b in range(256) if b not in b"[]{},")
_ATTRIBUTE_INT = (-(1 << 63), (1 << 64) - 1)  # what a GGUF or any 64-bit program can mean
_TOP = frozenset(
    ("format", "version", "generation", "created", "label", "attributes", "contact_sheet", "ifds", "pages", "snapshots")
)
_PAGE = frozenset(("name", "kind", "sample", "width", "height", "channels", "offset", "length", "root", "hashes"))
_SHEET = _PAGE - {"name"}
_IFDS = frozenset(("offset", "length", "sha256"))
_SNAPSHOT = frozenset(("generation", "created", "label", "offset", "length", "sha256"))
SHEET_NAME = "contact sheet"


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """Where an earlier generation's index lies."""

    generation: int
    created: str
    label: str | None
    offset: int
    length: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Index:
    """One generation. `created` is UTC, `2026-01-31T12:00:00Z`; `snapshots` are the earlier ones, oldest first."""

    generation: int
    created: str
    label: str | None
    attributes: dict[str, Any]
    contact_sheet: Page
    pages: dict[str, Page]
    ifds_offset: int
    ifds_length: int
    ifds_hash: bytes
    snapshots: tuple[SnapshotRecord, ...]


def _page_record(page: Page) -> dict[str, Any]:
    return {
        "name": page.name,
        "kind": page.kind,
        "sample": page.sample.value,
        "width": page.width,
        "height": page.height,
        "channels": page.channels,
        "offset": page.offset,
        "length": page.length,
        "root": page.root.hex(),
        "hashes": page.hashes_offset,
    }


def check_attributes(attributes: dict[str, Any]) -> None:
    """`InvalidArgumentError` where the attributes are not JSON, or beyond what a reader accepts."""

    def walk(value: Any, depth: int, where: str) -> None:
        if depth > layout.MAX_NESTING - 2:
            raise InvalidArgumentError("nested too deeply", part=where)
        if isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str):
                    raise InvalidArgumentError(f"the key {key!r} is not a string", part=where)
                walk(item, depth + 1, f"{where}.{key}" if depth < 4 else where)
        elif isinstance(value, list | tuple):
            for item in value:
                walk(item, depth + 1, where)
        elif isinstance(value, float):
            if not math.isfinite(value):
                raise InvalidArgumentError("JSON has no NaN and no infinity", part=where)
        elif isinstance(value, int):
            if not _ATTRIBUTE_INT[0] <= value <= _ATTRIBUTE_INT[1]:
                raise InvalidArgumentError("the integer does not fit 64 bits", part=where)
        elif value is not None and not isinstance(value, str):
            raise InvalidArgumentError(f"{type(value).__name__} is not a JSON type", part=where)

    walk(attributes, 1, "attributes")


def dump_index(index: Index) -> bytes:
    """Canonical JSON (sorted keys, no white space, ASCII), padded with spaces to whole rows of 1024 bytes."""
    sheet = _page_record(index.contact_sheet)
    del sheet["name"]
    record = {
        "format": "pxi",
        "version": layout.VERSION,
        "generation": index.generation,
        "created": index.created,
        "label": index.label,
        "attributes": index.attributes,
        "contact_sheet": sheet,
        "ifds": {"offset": index.ifds_offset, "length": index.ifds_length, "sha256": index.ifds_hash.hex()},
        "pages": [_page_record(p) for p in index.pages.values()],
        "snapshots": [
            {
                "generation": s.generation,
                "created": s.created,
                "label": s.label,
                "offset": s.offset,
                "length": s.length,
                "sha256": s.root.hex(),
            }
            for s in index.snapshots
        ],
    }
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
    if len(text) > layout.MAX_INDEX:
        raise InvalidArgumentError(
            f"the index has {len(text)} bytes, more than {layout.MAX_INDEX}",
            remedy="store large attributes as a page of bytes, or compact the file to drop its snapshots",
        )
    return text.ljust(layout.align(len(text), layout.INDEX_WIDTH))


class _Parser:
    """Reads the JSON record of an index and names what is wrong with it."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def fail(self, part: str, message: str) -> NoReturn:
        raise PxiFormatError(message, file=self.file, part=f"index: {part}" if part else "index")

    def json(self, data: bytes) -> Any:
        bare = _STRINGS.sub(b"", data)
        structure = bare.translate(None, _NOT_STRUCTURE)
        if len(structure) > layout.MAX_STRUCTURE:
            self.fail("", f"more than {layout.MAX_STRUCTURE} brackets and commas")
        depth = 0
        for bracket in structure.translate(None, b","):
            depth += 1 if bracket in b"[{" else -1
            if depth > layout.MAX_NESTING:
                self.fail("", f"nested more than {layout.MAX_NESTING} deep")
        try:
            return json.loads(
                data.decode("ascii"),
                object_pairs_hook=self.object,
                parse_int=self.integer if _LONG.search(bare) else None,  # the built-in way is several times faster
                parse_float=self.float,
                parse_constant=lambda text: self.fail("", f"{text} is not JSON"),
            )
        except PxiFormatError:
            raise
        except (ValueError, RecursionError) as error:
            self.fail("", f"not JSON in ASCII: {error}")

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self.fail("", f"the key {key[:80]!r} appears twice in one object")
                seen.add(key)
        return result

    def integer(self, text: str) -> int:
        value = int(text) if len(text) <= 20 else None
        if value is None or not _ATTRIBUTE_INT[0] <= value <= _ATTRIBUTE_INT[1]:
            self.fail("", "an integer does not fit 64 bits")
        return value

    def float(self, text: str) -> float:
        value = float(text)
        if not math.isfinite(value):
            self.fail("", "a number is out of range")
        return value

    def typed(self, value: Any, kind: type[_T], part: str) -> _T:
        if type(value) is not kind:
            self.fail(part, f"must be {kind.__name__}, not {type(value).__name__}")
        return value

    def whole(self, value: Any, part: str, least: int = 0) -> int:
        if type(value) is not int:
            self.fail(part, f"must be an integer, not {type(value).__name__}")
        if not least <= value <= MAX_INT:
            self.fail(part, f"{value} is outside {least}..{MAX_INT}")
        return value

    def hash(self, value: Any, part: str) -> bytes:
        if type(value) is not str or _HEX.fullmatch(value) is None:
            self.fail(part, "must be 64 lower-case hexadecimal digits")
        return bytes.fromhex(value)

    def record(self, value: Any, keys: frozenset[str], part: str) -> dict[str, Any]:
        if type(value) is not dict:
            self.fail(part, f"must be an object, not {type(value).__name__}")
        if value.keys() != keys:
            odd = sorted(value.keys() ^ keys)[0]
            self.fail(part, f"the key {odd[:80]!r} is {'missing' if odd in keys else 'unknown'}")
        return value

    def label(self, value: Any, part: str) -> str | None:
        if value is not None and len(self.typed(value, str, part)) > layout.MAX_LABEL:
            self.fail(part, f"longer than {layout.MAX_LABEL} characters")
        return value  # type: ignore[no-any-return]  # None or the str just checked

    def time(self, value: Any, part: str) -> str:
        if type(value) is not str or _TIME.fullmatch(value) is None:
            self.fail(part, "must be a time such as 2026-01-31T12:00:00Z")
        return value

    def page(self, rec: dict[str, Any], name: str, part: str) -> Page:
        sample = layout.SAMPLES.get(self.typed(rec["sample"], str, part))
        if sample is None:
            self.fail(part, f"the sample type {rec['sample'][:80]!r} is none of {', '.join(layout.SAMPLES)}")
        kind = self.typed(rec["kind"], str, part)
        width, height, channels, length = rec["width"], rec["height"], rec["channels"], rec["length"]
        offset, hashes = rec["offset"], rec["hashes"]
        for value in (width, height, channels, length, offset, hashes):
            if type(value) is not int or not 0 <= value <= MAX_INT:
                self.whole(value, part)
        fault = layout.geometry_fault(kind[:80], sample, width, height, channels, length)
        if fault is not None:
            self.fail(part, fault)
        nbytes = width * height * channels * sample.size
        if offset % layout.alignment(nbytes):
            self.fail(part, f"starts at {offset}, which is not a multiple of {layout.alignment(nbytes)}")
        if hashes % HASH:
            self.fail(part, f"its band hashes start at {hashes}, which is not a multiple of {HASH}")
        root = self.hash(rec["root"], part)
        return Page(name, kind, sample, width, height, channels, offset, nbytes, length, root, hashes)

    def pages(self, records: list[Any]) -> dict[str, Page]:
        if len(records) > layout.MAX_PAGES:
            self.fail("pages", f"{len(records)} pages are more than {layout.MAX_PAGES}")
        pages: dict[str, Page] = {}
        for number, rec in enumerate(records):
            rec = self.record(rec, _PAGE, f"page {number}")
            name = self.typed(rec["name"], str, f"page {number}")
            fault = layout.name_fault(name)
            if fault is not None:
                self.fail(f"page {number}", fault)
            if name in pages:
                self.fail(f"page {number}", f"the name {name!r} is taken by an earlier page")
            pages[name] = self.page(rec, name, f"page {name!r}")
        return pages

    def snapshots(self, records: list[Any], generation: int) -> tuple[SnapshotRecord, ...]:
        if len(records) > layout.MAX_SNAPSHOTS:
            self.fail("snapshots", f"{len(records)} snapshots are more than {layout.MAX_SNAPSHOTS}")
        result: list[SnapshotRecord] = []
        last, end = 0, DATA_OFFSET
        for number, rec in enumerate(records):
            part = f"snapshot {number}"
            rec = self.record(rec, _SNAPSHOT, part)
            one = SnapshotRecord(
                self.whole(rec["generation"], part, 1),
                self.time(rec["created"], part),
                self.label(rec["label"], part),
                self.whole(rec["offset"], part),
                self.whole(rec["length"], part, 1),
                self.hash(rec["sha256"], part),
            )
            if not last < one.generation < generation:
                self.fail(part, f"generation {one.generation} is not between its neighbours")
            if one.offset < end:
                self.fail(part, "its index does not lie after the one before it")
            index_extent_fault = extent_fault(one.offset, one.length)
            if index_extent_fault is not None:
                self.fail(part, index_extent_fault)
            last, end = one.generation, one.offset + one.length
            result.append(one)
        return tuple(result)


def extent_fault(offset: int, length: int) -> str | None:
    """What is wrong with the place of an index, or None."""
    if not 1 <= length <= layout.MAX_INDEX or length % layout.INDEX_WIDTH:
        return f"an index of {length} bytes is not 1 to {layout.MAX_INDEX // layout.INDEX_WIDTH} rows of 1024 bytes"
    if not DATA_OFFSET <= offset <= MAX_INT or offset % layout.ALIGN_SMALL:
        return f"an index cannot start at {offset}"
    return None


def parse_index(data: bytes, offset: int, file: Path) -> Index:
    """The index that lies at `offset`. Every rule of the format that the index alone can break is checked here:
    `PxiFormatError` names the part. `data` must have been checked against its hash."""
    parser = _Parser(file)
    top = parser.record(parser.json(data), _TOP, "")
    if top["format"] != "pxi" or top["version"] != layout.VERSION:
        parser.fail("version", f"format {top['format']!r} version {top['version']!r} is not 'pxi' {layout.VERSION}")
    generation = parser.whole(top["generation"], "generation", 1)
    ifds = parser.record(top["ifds"], _IFDS, "ifds")
    sheet_record = parser.record(top["contact_sheet"], _SHEET, SHEET_NAME)
    sheet = parser.page(sheet_record, SHEET_NAME, SHEET_NAME)
    if sheet.kind != "rgb":
        parser.fail(SHEET_NAME, f"its kind is {sheet.kind!r}, not 'rgb'")
    index = Index(
        generation=generation,
        created=parser.time(top["created"], "created"),
        label=parser.label(top["label"], "label"),
        attributes=parser.typed(top["attributes"], dict, "attributes"),
        contact_sheet=sheet,
        pages=parser.pages(parser.typed(top["pages"], list, "pages")),
        ifds_offset=parser.whole(ifds["offset"], "ifds"),
        ifds_length=parser.whole(ifds["length"], "ifds", 1),
        ifds_hash=parser.hash(ifds["sha256"], "ifds"),
        snapshots=parser.snapshots(parser.typed(top["snapshots"], list, "snapshots"), generation),
    )
    if index.ifds_offset % 8:
        parser.fail("ifds", f"start at {index.ifds_offset}, which is not a multiple of 8")
    _sweep(index, offset, parser)
    return index


def _sweep(index: Index, index_offset: int, parser: _Parser) -> None:
    """Everything lies after the fixed head and before the index, and nothing overlaps anything."""
    extents = [(index.ifds_offset, index.ifds_offset + index.ifds_length, "IFDs", "")]
    extents += [(s.offset, s.offset + s.length, "index of generation", str(s.generation)) for s in index.snapshots]
    for page in (index.contact_sheet, *index.pages.values()):
        extents.append((page.offset, page.offset + page.nbytes, "page", page.name))
        extents.append((page.hashes_offset, page.hashes_offset + page.bands * HASH, "band hashes of", page.name))
    extents.sort()
    before, end = "the head of the file", DATA_OFFSET
    for start, stop, what, name in extents:
        if start < end:
            parser.fail(f"{what} {name}".rstrip(), f"overlaps {before}")
        before, end = f"{what} {name}".rstrip(), stop
    if end > index_offset:
        parser.fail(before, f"ends at {end}, beyond the index at {index_offset}")
