"""One test for each rule of specs/pxi_format.md that a file can break, with every checksum made good again."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from pixel_llm.core.pxi import PxiFile, PxiUpdater, PxiWriter, hashing
from pixel_llm.core.pxi import index as index_module
from pixel_llm.errors import IntegrityError, PxiFormatError
from pixel_llm.tests.core.pxi_support import (
    BLOCK,
    index_extent,
    index_json,
    newest_slot,
    page_record,
    patch_index,
    patch_superblock,
    replace_index,
    write_sample,
    write_two_generations,
)


def refused(path: Path, data: bytes, message: str, error: type[Exception] = PxiFormatError) -> None:
    path.write_bytes(data)
    with pytest.raises(error, match=message) as info:
        PxiFile(path)
    assert str(path) in str(info.value)
    with pytest.raises(error):
        PxiUpdater(path)


@pytest.fixture
def one(tmp_path: Path) -> tuple[Path, bytearray]:
    write_sample(tmp_path / "a.pxi")
    return tmp_path / "a.pxi", bytearray((tmp_path / "a.pxi").read_bytes())


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, bytearray]:
    write_two_generations(tmp_path / "a.pxi")
    return tmp_path / "a.pxi", bytearray((tmp_path / "a.pxi").read_bytes())


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (0, "the file is empty"),
        (1, "not a .pxi container"),
        (19, "not a .pxi container"),
        (20, "cut off inside its head"),
        (12287, "cut off inside its head"),
        (12288, "cut off before the end of its index"),
        (-1, "cut off before the end of its index"),
    ],
)
def test_cut_off_files(one, size: int, message: str) -> None:
    path, data = one
    refused(path, data[:size], message)


def test_other_files(tmp_path: Path) -> None:
    for content in (b"GGUF" + bytes(100), b"\x89PNG\r\n\x1a\n" + bytes(100), b"x" * 20_000):
        refused(tmp_path / "a.pxi", content, "not a .pxi container")
    refused(tmp_path / "a.pxi", b"II\x2a\0" + bytes(100), "a TIFF file without the mark PXI1")
    refused(tmp_path / "a.pxi", b"MM\0\x2a" + bytes(20_000), "a TIFF file without the mark PXI1")


def test_version_of_the_profile(one) -> None:
    path, data = one
    struct.pack_into("<I", data, 20, 2)
    refused(path, data, "version 2 of the format; this program knows 1.*newer version")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"version": 2}, "superblock 1: version 2 is not 1"),
        ({"generation": 0}, "generation 0 does not belong here"),
        ({"generation": 2}, "generation 2 does not belong here"),
        ({"generation": (1 << 53) + 1}, "does not belong here"),
        ({"generation": 3}, "index: says that it is generation 1|says that it is generation 1"),
        ({"offset": 12224}, "an index cannot start at 12224"),
        ({"offset": 12289}, "an index cannot start at 12289"),
        ({"offset": (1 << 64) - 64}, "an index cannot start at"),
        ({"length": 0}, "an index of 0 bytes"),
        ({"length": 1000}, "an index of 1000 bytes"),
        ({"length": 1 << 40}, "an index of 1099511627776 bytes"),
    ],
)
def test_superblocks(one, fields: dict[str, int], message: str) -> None:
    path, data = one
    patch_superblock(data, **fields)
    refused(path, data, message)


def test_no_whole_superblock(one) -> None:
    path, data = one
    data[newest_slot(data)] ^= 1
    refused(path, data, "both superblocks are damaged", IntegrityError)


def test_generations_that_are_not_neighbours(two) -> None:
    path, data = two
    patch_superblock(data, generation=4)
    refused(path, data, "hold generations 1 and 4, not neighbours")


def test_a_zeroed_superblock_does_not_bring_back_the_old_generation(two) -> None:
    path, data = two
    data[BLOCK : 2 * BLOCK] = bytes(BLOCK)
    refused(path, data, "newer than 1 is damaged", IntegrityError)


def test_index_hash(one) -> None:
    path, data = one
    data[index_extent(data)[0] + 50] ^= 1
    refused(path, data, "index of generation 1: its SHA-256 does not match", IntegrityError)


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b" ", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON in ASCII"),
        ('{"ü":1}'.encode(), "not JSON in ASCII"),
        (b"[]", "must be an object, not list"),
        (b"{}", "the key '.*' is missing"),
        (b'{"a":1,"a":2}', "the key 'a' appears twice"),
        (b'{"a":NaN}', "NaN is not JSON"),
        (b'{"a":-Infinity}', "-Infinity is not JSON"),
        (b'{"a":1e999}', "a number is out of range"),
        (b'{"a":18446744073709551616}', "does not fit 64 bits"),
        (b'{"a":' + b"9" * 5000 + b"}", "does not fit 64 bits"),
        (b'{"a":-9223372036854775809}', "does not fit 64 bits"),
        (b'{"a":' + deep(65) + b"}", "nested more than 64 deep"),
        (b'{"a":' + deep(500_000) + b"}", "nested more than 64 deep"),
        (b"[" + b"[]," * 1_000_000 + b"[]]", "brackets and commas"),
        (b'{"a":"' + b"[" * 100 + b'\\"' + b'"}', "is missing|is unknown"),
    ],
)
def test_json(one, text: bytes, message: str) -> None:
    path, data = one
    replace_index(data, text)
    refused(path, data, message)


def put(where: str, key: str, value: object):
    """A change of one field of the index; `where` is "", a key of it, or the name of a page."""

    def change(record: dict) -> None:
        if where == "":
            target = record
        elif isinstance(record.get(where), dict):
            target = record[where]
        else:
            target = page_record(record, where)
        if value is ...:
            del target[key]
        else:
            target[key] = value

    return change


def move(name: str, key: str, by: int):
    def change(record: dict) -> None:
        (record[name] if name in record else page_record(record, name))[key] += by

    return change


def copy_field(name: str, key: str, other: str, other_key: str, by: int = 0):
    def change(record: dict) -> None:
        source = record[other] if other in record else page_record(record, other)
        (record[name] if name in record else page_record(record, name))[key] = source[other_key] + by

    return change


RULES = [
    (put("", "format", "tiff"), "format 'tiff' version 1 is not 'pxi' 1"),
    (put("", "version", 2), "version 2"),
    (put("", "more", 1), "the key 'more' is unknown"),
    (put("", "snapshots", ...), "the key 'snapshots' is missing"),
    (put("", "generation", 0), "generation: 0 is outside 1"),
    (put("", "generation", True), "must be an integer, not bool"),
    (put("", "generation", 3), "says that it is generation 3"),
    (put("", "created", "yesterday"), "created: must be a time"),
    (put("", "created", 5), "created: must be a time"),
    (put("", "label", 5), "label: must be str, not int"),
    (put("", "label", "x" * 513), "label: longer than 512"),
    (put("", "attributes", []), "attributes: must be dict, not list"),
    (put("", "pages", {}), "pages: must be list, not dict"),
    (put("", "pages", [5]), "page 0: must be an object, not int"),
    (put("", "snapshots", 5), "snapshots: must be list, not int"),
    (put("u8", "colour", 1), "the key 'colour' is unknown"),
    (put("u8", "root", ...), "the key 'root' is missing"),
    (put("u8", "root", "00"), "must be 64 lower-case hexadecimal digits"),
    (put("u8", "root", "A" * 64), "must be 64 lower-case hexadecimal digits"),
    (put("u8", "root", None), "must be 64 lower-case hexadecimal digits"),
    (put("u8", "name", ""), "a page's name is empty"),
    (put("u8", "name", 7), "must be str, not int"),
    (put("u8", "name", "a\x00b"), "control characters"),
    (put("u8", "name", "a\x7fb"), "control characters"),
    (put("u8", "name", "a\ud800b"), "control characters"),
    (put("u8", "name", "x" * 513), "longer than 512"),
    (put("u8", "name", "f16"), "the name 'f16' is taken"),
    (put("u8", "sample", "float64"), "the sample type 'float64' is none of"),
    (put("u8", "sample", 8), "must be str, not int"),
    (put("u8", "kind", "film"), "the kind 'film' is none of"),
    (put("u8", "kind", "rgb"), "a page of kind rgb must be uint8 with 3 channels"),
    (put("f16", "kind", "bytes"), "a page of kind bytes must be uint8 with 3 channels"),
    (put("picture", "kind", "bytes"), "bytes take 1024x1 pixels, not 6x4"),
    (put("notes.txt", "length", 3073), "3073 bytes take 1024x2 pixels"),
    (put("u8", "width", 0), "pixels are outside 1"),
    (put("u8", "height", 1 << 31), "pixels are outside 1"),
    (put("u8", "height", 1 << 60), "outside 0..9007199254740991"),
    (put("u8", "height", -1), "-1 is outside 0"),
    (put("u8", "width", 3.0), "must be an integer, not float"),
    (put("u8", "channels", 5), "5 channels are outside 1..4"),
    (put("u8", "channels", 0), "0 channels are outside 1..4"),
    (put("u8", "length", 14), "the length 14 is not the 15 bytes"),
    (put("u8", "offset", 1 << 53), "is outside 0"),
    (put("u8", "offset", "0"), "must be an integer, not str"),
    (move("u8", "offset", 8), "not a multiple of 64"),
    (move("u8", "hashes", 8), "not a multiple of 32"),
    (put("u8", "offset", 0), "page u8: overlaps the head of the file"),
    (put("u8", "offset", 8192), "page u8: overlaps the head of the file"),
    (copy_field("u8", "offset", "f16", "offset"), "overlaps page"),
    (copy_field("u8", "offset", "ifds", "offset", 32), "page u8: overlaps IFDs|not a multiple of 64"),
    (copy_field("u8", "hashes", "f16", "hashes"), "band hashes of .*: overlaps band hashes of"),
    (copy_field("contact_sheet", "offset", "picture", "offset"), "overlaps page"),
    (put("u8", "offset", 1 << 40), "ends at 1099511627791, beyond the index"),
    (put("u8", "hashes", 1 << 40), "ends at 1099511627808, beyond the index"),
    (put("contact_sheet", "name", "x"), "the key 'name' is unknown"),
    (put("contact_sheet", "kind", "plane"), "contact sheet: its kind is 'plane', not 'rgb'"),
    (put("ifds", "length", 0), "ifds: 0 is outside 1"),
    (put("ifds", "length", 1 << 40), "beyond the index"),
    (move("ifds", "offset", 4), "ifds: start at .* not a multiple of 8"),
    (put("ifds", "offset", 16), "IFDs: overlaps the head of the file"),
    (put("ifds", "sha256", "xx"), "ifds: must be 64 lower-case"),
]


@pytest.mark.parametrize(("change", "message"), RULES, ids=[message for _, message in RULES])
def test_index_rules(one, change, message: str) -> None:
    path, data = one
    patch_index(data, change)
    refused(path, data, message)


def snapshot(**fields: object):
    def change(record: dict) -> None:
        record["snapshots"][0].update(fields)

    return change


SNAPSHOT_RULES = [
    (snapshot(generation=2), "generation 2 is not between its neighbours"),
    (snapshot(generation=0), "snapshot 0: 0 is outside 1"),
    (snapshot(offset=0), "its index does not lie after the one before it"),
    (snapshot(offset=12289), "an index cannot start at 12289"),
    (snapshot(length=100), "an index of 100 bytes"),
    (snapshot(length=1 << 50), "an index of"),
    (snapshot(offset=1 << 40), "beyond the index"),
    (snapshot(offset=12288), "overlaps"),
    (snapshot(created=None), "must be a time"),
    (snapshot(label=5), "must be str, not int"),
    (snapshot(sha256=""), "must be 64 lower-case"),
    (snapshot(more=1), "the key 'more' is unknown"),
    (lambda r: r["snapshots"].append(r["snapshots"][0]), "generation 1 is not between its neighbours"),
]


@pytest.mark.parametrize(("change", "message"), SNAPSHOT_RULES, ids=[message for _, message in SNAPSHOT_RULES])
def test_snapshot_rules(two, change, message: str) -> None:
    path, data = two
    patch_index(data, change)
    refused(path, data, message)


@pytest.mark.parametrize("cap", ["MAX_PAGES", "MAX_SNAPSHOTS"])
def test_caps_on_counts(two, cap: str, monkeypatch) -> None:
    path, data = two
    monkeypatch.setattr(index_module.layout, cap, 0)
    refused(path, data, "are more than 0")


def test_a_snapshot_whose_index_is_bad(two) -> None:
    path, data = two
    patch_index(data, lambda r: r["snapshots"][0].update(sha256="00" * 32))
    path.write_bytes(data)
    with PxiFile(path) as file:
        assert file.generation == 2
        assert any("generation 1" in f.message for f in file.verify().failures)


def test_a_snapshot_that_names_another_generation(two) -> None:
    """The superblock's own record is right, the snapshot list of generation 2 points to a forged index."""
    path, data = two
    record = index_json(data)
    offset, length = record["snapshots"][0]["offset"], record["snapshots"][0]["length"]
    forged = json.loads(data[offset : offset + length])
    forged["generation"] = 9
    text = json.dumps(forged, sort_keys=True, separators=(",", ":")).encode().ljust(length)
    data[offset : offset + length] = text
    digest = hashing.index_root(text).hex()
    patch_index(data, lambda r: r["snapshots"][0].update(sha256=digest))
    path.write_bytes(data)
    with pytest.raises(PxiFormatError, match="says that it is generation 9"):
        PxiFile(path, generation=1)


def test_an_overlap_of_one_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    with PxiWriter(path) as writer:
        writer.add_array("a", np.zeros((1, 65), np.uint8))  # ends one byte behind a place where a page may start
        writer.add_array("b", np.zeros((1, 10), np.uint8))
    data = bytearray(path.read_bytes())
    patch_index(data, copy_field("b", "offset", "a", "offset", 64))
    refused(path, data, "page b: overlaps page a")
