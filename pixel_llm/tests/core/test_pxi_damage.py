"""What opening need not look at, and reading or verify must find; files that change or fail while they are open."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from pixel_llm.core.pxi import PxiFile, PxiWriter, hashing
from pixel_llm.core.pxi.loading import load
from pixel_llm.errors import IntegrityError, PxiFormatError, StorageError
from pixel_llm.tests.core.pxi_support import (
    BLOCK,
    index_json,
    newest_slot,
    page_record,
    patch_index,
    sign_superblock,
    write_sample,
    write_two_generations,
)


@pytest.fixture
def one(tmp_path: Path) -> tuple[Path, bytearray]:
    write_sample(tmp_path / "a.pxi")
    return tmp_path / "a.pxi", bytearray((tmp_path / "a.pxi").read_bytes())


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, bytearray]:
    write_two_generations(tmp_path / "a.pxi")
    return tmp_path / "a.pxi", bytearray((tmp_path / "a.pxi").read_bytes())


def failures(path: Path, data: bytes) -> list[tuple[str | None, int | None, str]]:
    path.write_bytes(data)
    with PxiFile(path) as file:
        return [(f.page, f.band, f.message) for f in file.verify().failures]


def test_a_flipped_bit_of_a_band(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    array = np.arange(3 << 20, dtype=np.uint32).astype(np.uint8).reshape(3, 1 << 20)
    with PxiWriter(path) as writer:
        writer.add_array("w", array)
        writer.add_array("other", array[:2])
    with PxiFile(path) as file:
        offset = file.pages["w"].offset
    data = bytearray(path.read_bytes())
    data[offset + (1 << 20) + 77] ^= 4
    data[offset + (2 << 20)] ^= 4
    found = failures(path, data)
    assert [f[:2] for f in found] == [("w", 1), ("w", 2)]
    assert all(str(path) in f[2] and "w" in f[2] for f in found)
    with PxiFile(path) as file:
        with pytest.raises(IntegrityError, match=r"w: band 1 \(bytes 1048576 to 2097152 of the page\)"):
            file.array("w")
        with pytest.raises(IntegrityError, match="band 1"):  # again, not only the first time
            file.rows("w", 1, 2)
        assert np.array_equal(file.rows("w", 0, 1), array[:1])
        assert np.array_equal(file.array("other"), array[:2])
    with PxiFile(path, verify=False) as file:
        assert file.array("w").shape == array.shape
        assert not file.verify().ok  # verify checks whatever the switch says


def test_band_hashes(one) -> None:
    path, data = one
    data[page_record(index_json(data), "f16")["hashes"]] ^= 1
    assert [(p, b) for p, b, _ in failures(path, data)] == [("f16", None)]
    with PxiFile(path) as file, pytest.raises(IntegrityError, match="f16: its band hashes do not match its root"):
        file.array("f16")


def test_geometry_is_part_of_the_root(one) -> None:
    """The same bytes as another shape or type are another page."""
    path, data = one
    patch_index(data, lambda r: page_record(r, "f32").update(width=2, height=9))
    path.write_bytes(data)
    with PxiFile(path) as file, pytest.raises(IntegrityError, match="f32"):
        file.array("f32")


def test_the_payload_length_is_part_of_the_root(one) -> None:
    path, data = one
    patch_index(data, lambda r: page_record(r, "notes.txt").update(length=401))
    path.write_bytes(data)
    with PxiFile(path) as file, pytest.raises(IntegrityError, match=r"notes\.txt"):
        file.read_bytes("notes.txt")


def test_a_band_is_not_a_table(one) -> None:
    assert hashing.band_hash(b"") != hashing.index_root(b"") != hashing.ifds_hash(b"")


def test_the_contact_sheet(one) -> None:
    path, data = one
    data[index_json(data)["contact_sheet"]["offset"]] ^= 1
    ((name, band, message),) = failures(path, data)
    assert (name, band) == (None, 0) and "contact sheet" in message
    with PxiFile(path) as file, pytest.raises(IntegrityError, match="contact sheet"):
        file.contact_sheet()


def test_ifds(one) -> None:
    path, data = one
    offset = index_json(data)["ifds"]["offset"]
    data[offset + 30] ^= 1
    assert "IFDs: they do not match their SHA-256" in failures(path, data)[0][2]
    block = bytes(data[offset : offset + index_json(data)["ifds"]["length"]])
    patch_index(data, lambda r: r["ifds"].update(sha256=hashing.ifds_hash(block).hex()))
    assert "IFDs: they are not those of the index" in failures(path, data)[0][2]


@pytest.mark.parametrize(
    ("position", "message"),
    [
        (8, "the first IFD is said to be at"),
        (24, "reserved bytes 24 to 4095"),
        (4095, "reserved bytes 24 to 4095"),
        (8192 + 68, "superblock 1: the reserved bytes"),
        (12287, "superblock 1: the reserved bytes"),
    ],
)
def test_head(one, position: int, message: str) -> None:
    path, data = one
    data[position] ^= 1
    if position == 8:  # downwards: upwards is a sign of a lost generation
        struct.pack_into("<Q", data, 8, 12288)
    assert [message in f[2] for f in failures(path, data)] == [True]


def test_a_damaged_unused_superblock_is_a_note(one) -> None:
    path, data = one
    data[BLOCK + 9] = 1
    path.write_bytes(data)
    with PxiFile(path) as file:
        report = file.verify()
        assert report.ok and "superblock 0 is not whole" in report.notes[0]


def test_a_file_cut_off_while_it_is_open(two) -> None:
    path, _ = two
    with PxiFile(path) as file:
        os.truncate(path, 12288)
        with pytest.raises(PxiFormatError, match="cut off before the end of the page"):
            file.array("i8")
        with pytest.raises(PxiFormatError, match="cut off"):
            file.read_bytes("notes.txt")
        report = file.verify()
        assert not report.ok and all("cut off" in f.message for f in report.failures)


def test_a_file_cut_off_inside_a_page(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    with PxiWriter(path) as writer:
        writer.add_array("w", np.ones((4, 1 << 20), np.uint8))
    with PxiFile(path) as file:
        assert file.rows("w", 0, 1).all()
        os.truncate(path, file.pages["w"].offset + (2 << 20) + 5)
        report = file.verify()
        assert not report.ok and any("cut off" in f.message for f in report.failures)


def test_verify_goes_on_and_reports_progress(one) -> None:
    path, data = one
    record = index_json(data)
    for name in ("u8", "f16", "notes.txt"):
        data[page_record(record, name)["offset"]] ^= 1
    path.write_bytes(data)
    calls: list[tuple[int, int]] = []
    with PxiFile(path) as file:
        report = file.verify(threads=3, progress=lambda done, total: calls.append((done, total)))
    assert [f.page for f in report.failures] == ["f16", "notes.txt", "u8"]
    assert calls[-1][0] == calls[-1][1] and len({total for _, total in calls}) == 1


def test_a_disk_that_fails(one, monkeypatch) -> None:
    path, _ = one

    def pread(fd: int, size: int, offset: int) -> bytes:
        raise OSError(5, "Input/output error")

    with PxiFile(path) as file:
        monkeypatch.setattr(os, "pread", pread)
        with pytest.raises(StorageError, match="Input/output error"):
            file.array("u8")
        assert not file.verify().ok
        with pytest.raises(StorageError):
            PxiFile(path)


def test_a_commit_between_two_reads_is_seen_through(two, monkeypatch) -> None:
    """The head is read, then two commits happen: what the head named may be gone, so the head is read again."""
    path, data = two
    from pixel_llm.core.pxi import loading

    stale = bytearray(data)
    stale[newest_slot(data) + 40] ^= 1
    sign_superblock(stale, newest_slot(data))
    path.write_bytes(stale)
    real = loading.read_index

    def read_index(*arguments):
        monkeypatch.setattr(loading, "read_index", real)
        path.write_bytes(data)
        return real(*arguments)

    monkeypatch.setattr(loading, "read_index", read_index)
    fd = os.open(path, os.O_RDONLY)
    try:
        assert load(fd, path).index.generation == 2
    finally:
        os.close(fd)
