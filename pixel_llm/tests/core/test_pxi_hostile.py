"""Hostile bytes: only errors of our tree, and never a wrong array."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import struct
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixel_llm.core.pxi import PxiFile, PxiUpdater, PxiWriter
from pixel_llm.errors import IntegrityError, PixelLLMError
from pixel_llm.tests.core.pxi_support import (
    BLOCK,
    INDEX_DOMAIN,
    index_extent,
    index_json,
    newest_slot,
    patch_index,
    sign_superblock,
)
from pixel_llm.tests.data.corpus.pxi.renew_pxi_corpus import write_second, write_small

CORPUS = Path(__file__).parents[1] / "data" / "corpus" / "pxi"
EXPECTED = json.loads((CORPUS / "expected.json").read_text())

Content = tuple[str, tuple[int, ...], bytes]
reached: Counter[str] = Counter()


class Seeds:
    """A file of one and a file of two generations, what each page root stands for, and a path to put variants at."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.contents: dict[bytes, Content] = {}
        self.files = []
        for step in (write_small, write_second):
            step(path)
            self.files.append(path.read_bytes())
            with PxiFile(path) as file:
                for name, page in file.pages.items():
                    array = file.array(name)
                    self.contents[page.root] = (str(array.dtype), array.shape, array.tobytes())

    def put(self, data: bytes) -> None:
        """Write in place, which is several times faster than anew."""
        with self.path.open("r+b", buffering=0) as file:
            file.write(data)
            if file.tell() != os.fstat(file.fileno()).st_size:
                file.truncate()


@pytest.fixture
def seeds(tmp_path: Path) -> Seeds:
    return Seeds(tmp_path / "a.pxi")


def read_everything(path: Path, contents: dict[bytes, Content]) -> str:
    """Open and read all pages; any array that comes back must be the one that its root stands for."""
    try:
        file = PxiFile(path)
    except PixelLLMError as error:
        return type(error).__name__
    with file:
        outcome = "read"
        for name, page in file.pages.items():
            try:
                array = file.array(name)
                if page.kind == "bytes":
                    assert file.read_bytes(name) == array.tobytes()[: page.length]
            except PixelLLMError as error:
                outcome = f"page: {type(error).__name__}"
                continue
            assert page.root in contents, "an array that nobody wrote"
            assert contents[page.root] == (str(array.dtype), array.shape, array.tobytes())
        return outcome


def sign(data: bytearray) -> None:
    """Make the newest superblock's index hash and CRC good where the fields make sense."""
    slot = newest_slot(data)
    offset, length = index_extent(data)
    if offset + length <= len(data):
        data[slot + 32 : slot + 64] = hashlib.sha256(INDEX_DOMAIN + data[offset : offset + length]).digest()
    sign_superblock(data, slot)


Mutation = tuple[str, int, int, int]
mutations = st.tuples(
    st.sampled_from(["flip", "number", "cut", "copy", "zero", "insert", "remove"]),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0, 1, 2, 7, 8, 63, 64, 255, 1024, 4096, 2**31, 2**32, 2**53, 2**63, 2**64 - 1]),
)


def position_in(data: bytes, raw: int) -> int:
    """Half of all positions hit what is looked at: head, superblocks, small pages, index; the rest is spread evenly."""
    if raw % 2:
        return (raw >> 1) % max(1, len(data))
    places = [(0, 24), (BLOCK, 72), (2 * BLOCK, 72), (3 * BLOCK, 512)]
    if len(data) >= 3 * BLOCK:
        offset, length = index_extent(data)
        places.append((offset, max(1, length)))
    start, size = places[(raw >> 1) % len(places)]
    return min(start + (raw >> 4) % size, max(0, len(data) - 1))


def mutate(data: bytearray, mutation: Mutation) -> None:
    kind, where, other, value = mutation
    if len(data) < 3 * BLOCK:
        return
    at, source = position_in(data, where), position_in(data, other)
    size = 1 + other % 64
    if kind == "flip":
        data[at] ^= 1 << (other % 8)
    elif kind == "number":
        at = min(at & ~7, len(data) - 8)
        struct.pack_into("<Q", data, at, value)
    elif kind == "cut":
        del data[at:]
    elif kind == "copy":
        data[at : at + size] = data[source : source + size]
    elif kind == "zero":
        data[at : at + size] = bytes(len(data[at : at + size]))
    elif kind == "insert":
        data[at:at] = data[source : source + size]
    else:
        del data[at : at + size]


quick = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)


def test_mutated_files(seeds: Seeds) -> None:
    reached: Counter[str] = Counter()

    @settings(quick, max_examples=3500)
    @given(st.integers(0, 1), st.lists(mutations, min_size=1, max_size=4), st.integers(0, 3))
    def run(which: int, changes: list[Mutation], signed: int) -> None:
        data = bytearray(seeds.files[which])
        for change in changes:
            mutate(data, change)
        if signed and len(data) >= 3 * BLOCK:
            sign(data)
        seeds.put(data)
        reached[read_everything(seeds.path, seeds.contents)] += 1

    run()
    # It would mean nothing if every example failed at the first check.
    assert reached["PxiFormatError"] > 100 and reached["IntegrityError"] > 100
    assert reached["read"] > 100 and reached["page: IntegrityError"] > 20


json_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.sampled_from([0, 1, 2, 3, 5, 8, 15, 32, 64, 4096, 12288, 16384, 2**31 - 1, 2**53 - 1]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["plane", "rgb", "bytes", "uint8", "float16", "float32", "00" * 32]),
    st.sampled_from([[], {}, [[]]]),
)


def change_index(record: dict, choices: list[tuple[int, int, object]]) -> None:
    for number, how, value in choices:
        leaves = [(record, key) for key in record]
        for key in ("contact_sheet", "ifds"):
            leaves += [(record[key], k) for k in record[key]] if isinstance(record.get(key), dict) else []
        for key in ("pages", "snapshots"):
            if isinstance(record.get(key), list):
                leaves += [(one, k) for one in record[key] if isinstance(one, dict) for k in one] * 2
        holder, key = leaves[number % len(leaves)]
        if how == 0:
            holder[key] = value
        elif how == 1 and isinstance(holder[key], int):
            holder[key] += (number % 5 - 2) * 64
        else:  # another page's value of the same key
            pages = record["pages"] if isinstance(record.get("pages"), list) else []
            others = [p[key] for p in pages if isinstance(p, dict) and key in p]
            holder[key] = others[number % len(others)] if others else value


def test_signed_indexes_that_say_something_else(seeds: Seeds) -> None:
    """The index is changed as JSON and signed, so that every deeper check is reached."""
    reached: Counter[str] = Counter()

    @settings(quick, max_examples=3000)
    @given(
        st.integers(0, 1),
        st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 2), json_values), min_size=1, max_size=3),
    )
    def run(which: int, choices: list[tuple[int, int, object]]) -> None:
        data = bytearray(seeds.files[which])
        patch_index(data, lambda record: change_index(record, choices))
        seeds.put(data)
        reached[read_everything(seeds.path, seeds.contents)] += 1

    run()
    assert reached["PxiFormatError"] > 300
    assert reached["page: IntegrityError"] > 50 and reached["read"] > 50


def test_flipping_any_byte_never_yields_a_wrong_array(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    with PxiWriter(path) as writer:
        writer.add_array("u8", np.arange(20, dtype=np.uint8).reshape(4, 5))
        writer.add_array("f16", np.arange(6, dtype=np.float16).reshape(2, 3))
        writer.set_contact_sheet(np.zeros((1, 1, 3), np.uint8))
    with PxiUpdater(path) as updater:
        updater.replace_array("f16", np.ones((2, 3), np.float16))
    good = path.read_bytes()
    with PxiFile(path) as file:
        arrays = {name: file.array(name).copy() for name in file.pages}
    reserved = [(24, BLOCK), (BLOCK + 68, 2 * BLOCK), (2 * BLOCK + 68, 3 * BLOCK)]
    positions = [
        p for p in range(len(good)) if not any(a <= p < b for a, b in reserved) or (p % 512 == 0 or p % BLOCK == 4095)
    ]
    rng = random.Random(0)
    silent = 0
    with path.open("r+b", buffering=0) as raw:
        for position in positions:
            raw.seek(position)
            raw.write(bytes([good[position] ^ (1 << rng.randrange(8))]))
            try:
                with PxiFile(path) as file:
                    assert file.generation == 2 and list(file.pages) == list(arrays)
                    for name, array in arrays.items():
                        assert np.array_equal(file.array(name), array)
                silent += 1
            except PixelLLMError:
                pass
            raw.seek(position)
            raw.write(good[position : position + 1])
    # What may pass in silence is what no array needs: padding, the old generation, the IFDs.
    assert 0 < silent < len(positions)


def test_verify_finds_every_flip_in_what_a_generation_refers_to(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    write_small(path)
    data = path.read_bytes()
    record = index_json(data)
    extents = [(p["offset"], p["length"]) for p in [*record["pages"], record["contact_sheet"]]]
    extents += [(p["hashes"], 32) for p in [*record["pages"], record["contact_sheet"]]]
    extents += [(record["ifds"]["offset"], record["ifds"]["length"]), (24, BLOCK - 24), (2 * BLOCK + 68, BLOCK - 68)]
    rng = random.Random(1)
    for _ in range(300):
        start, size = rng.choice(extents)
        damaged = bytearray(data)
        damaged[start + rng.randrange(size)] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        with PxiFile(path) as file:
            assert len(file.verify(threads=1).failures) == 1


@pytest.mark.parametrize("name", EXPECTED)
def test_corpus(name: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    path = tmp_path / name
    path.write_bytes((CORPUS / name).read_bytes())
    if isinstance(expected, str):
        for opener in (PxiFile, PxiUpdater):
            with pytest.raises(PixelLLMError, match=expected):
                opener(path)
        return
    with PxiFile(path) as file:
        assert file.generation == expected["generation"] and file.root_hash.hex() == expected["root"]
        pages = {n: hashlib.sha256(file.array(n).tobytes()).hexdigest() for n in file.pages}
        assert pages == expected["pages"]
        assert file.verify().ok and bool(file.verify().notes) == ("cut_off" in name)
    with PxiUpdater(path) as updater:
        updater.delete("text")
    with PxiFile(path) as file:
        assert file.verify().ok and not file.verify().notes


def test_the_corpus_is_complete() -> None:
    assert {p.name for p in CORPUS.glob("*.pxi")} == set(EXPECTED)


def test_a_bomb_takes_bounded_memory(tmp_path: Path) -> None:
    """The largest index that the caps allow, all of it structure, does not fill the memory."""
    path = tmp_path / "a.pxi"
    write_small(path)
    data = bytearray(path.read_bytes())
    from pixel_llm.tests.core.pxi_support import replace_index

    replace_index(data, b'{"a":[' + b"[]," * 690_000 + b"[]]}")
    path.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PixelLLMError, match=r"missing|unknown"):
        PxiFile(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10


def test_swapped_pages_are_found(tmp_path: Path) -> None:
    """Two pages of one size that change places in the file: each is where the other should be."""
    path = tmp_path / "a.pxi"
    write_small(path)
    data = bytearray(path.read_bytes())
    one, other = (next(p for p in index_json(data)["pages"] if p["name"] == n) for n in ("uint16", "float16"))
    a, b = one["offset"], other["offset"]
    data[a : a + 30], data[b : b + 30] = data[b : b + 30], data[a : a + 30]
    path.write_bytes(data)
    with PxiFile(path) as file:
        for name in ("uint16", "float16"):
            with pytest.raises(IntegrityError, match=name):
                file.array(name)
