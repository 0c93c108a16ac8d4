"""Generations: replace, delete, snapshots, rollback, compact, and readers and writers beside each other."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from pixel_llm.core import durable
from pixel_llm.core.pxi import PxiFile, PxiUpdater, PxiWriter, SampleType, compact, layout, rollback
from pixel_llm.errors import (
    AlreadyExistsError,
    BusyError,
    IntegrityError,
    InvalidArgumentError,
    NotFoundError,
    PxiFormatError,
    StorageError,
)
from pixel_llm.tests.core.pxi_support import PAYLOAD, write_sample, write_two_generations


def equal(file: PxiFile, arrays: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(file.array(name), array) for name, array in arrays.items())


def test_an_update_keeps_order_and_leaves_a_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    old, new = write_two_generations(path)
    with PxiFile(path) as file:
        assert file.generation == 2
        assert list(file.pages) == [*new, "notes.txt"]
        assert equal(file, new) and "u8" not in file.pages
        assert [(s.generation, s.label) for s in file.snapshots()] == [(1, None), (2, "second")]
        assert file.snapshots()[-1].root_hash == file.root_hash
        assert file.verify().ok
    with PxiFile(path, generation=1) as file:
        assert file.generation == 1 and equal(file, old) and file.read_bytes("notes.txt") == PAYLOAD
        assert file.snapshots()[0].root_hash == file.root_hash
        assert len(file.snapshots()) == 2 and file.verify().ok
    with pytest.raises(NotFoundError, match="no generation 7; the newest is 2"):
        PxiFile(path, generation=7)


def test_unchanged_pages_are_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    with PxiWriter(path) as writer:
        writer.begin_plane("big", SampleType.UINT8, 1000, 5000).skip_rows(5000)
        writer.add_bytes("small", b"1")
    size = path.stat().st_size
    with PxiUpdater(path) as updater:
        updater.replace_bytes("small", b"2")
        updater.commit()
    assert path.stat().st_size - size < 20_000


def test_the_block_commits_what_was_not_committed(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    write_sample(path)
    with PxiUpdater(path) as updater:
        updater.attributes["answer"]["value"] = 43
        assert "u8" in updater.pages
    with PxiUpdater(path) as updater:
        assert updater.commit(label="explicit") == 3  # a commit without a change is a generation, too
    with PxiUpdater(path):
        pass  # nothing changed, nothing committed
    with PxiFile(path) as file:
        assert file.generation == 3 and file.attributes["answer"]["value"] == 43


def test_several_commits_of_one_updater(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    write_sample(path)
    with PxiUpdater(path) as updater:
        for value in range(5):
            updater.replace_bytes("notes.txt", bytes([value]) * 5000)
            updater.set_contact_sheet(np.full((5, 5, 3), value, np.uint8))
            assert updater.commit(label=f"step {value}") == value + 2
    with PxiFile(path) as file:
        assert file.verify().ok and len(file.snapshots()) == 6
    for value in range(5):
        with PxiFile(path, generation=value + 2) as file:
            assert file.read_bytes("notes.txt") == bytes([value]) * 5000
            assert (file.contact_sheet() == value).all()


def test_skipped_rows_are_zeros_even_over_garbage(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    write_sample(path)
    with path.open("ab") as file:
        file.write(b"\xee" * 100_000)
    with PxiUpdater(path) as updater:
        updater.begin_plane("zeros", SampleType.UINT8, 100, 500).skip_rows(500)
    with PxiFile(path) as file:
        assert not file.array("zeros").any() and file.verify().ok


def test_an_updater_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    arrays = write_sample(path)
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), PxiUpdater(path) as updater:
        updater.replace_array("f32", np.zeros((500, 500), np.float32))
        raise ZeroDivisionError
    assert path.read_bytes() == before
    with pytest.raises(InvalidArgumentError, match="5 rows were never written"), PxiUpdater(path) as updater:
        updater.begin_plane("new", SampleType.UINT8, 5, 5)
    assert path.read_bytes() == before
    with PxiFile(path) as file:
        assert equal(file, arrays)


def test_a_refused_replacement_keeps_the_page(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    arrays = write_sample(path)
    with PxiUpdater(path) as updater:
        with pytest.raises(InvalidArgumentError):
            updater.replace_array("f32", np.zeros((2, 2), np.int64))
        with pytest.raises(InvalidArgumentError):
            updater.replace_bytes("notes.txt", [b"abc"], 2)
        with pytest.raises(NotFoundError):
            updater.replace_array("none", np.zeros((2, 2), np.uint8))
        with pytest.raises(NotFoundError):
            updater.delete("none")
        with pytest.raises(AlreadyExistsError):
            updater.add_bytes("f32", b"")
        with pytest.raises(InvalidArgumentError, match="label"):
            updater.commit(label="x" * 513)
        updater.commit()
        updater.close()
        with pytest.raises(InvalidArgumentError, match="closed"):
            updater.commit()
    with PxiFile(path) as file:
        assert equal(file, arrays) and list(file.pages) == [*arrays, "notes.txt"]


def test_rollback_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    old, new = write_two_generations(path)
    assert rollback(path, 1) == 3
    with PxiFile(path) as file:
        assert equal(file, old) and file.snapshots()[-1].label == "rollback to generation 1"
    with PxiFile(path, generation=2) as file:
        assert equal(file, new)
    with pytest.raises(NotFoundError):
        rollback(path, 9)
    with PxiFile(path) as file:
        assert file.generation == 3 and file.verify().ok


def test_compact_keeps_the_current_generation_only(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    _, new = write_two_generations(path)
    path.chmod(0o640)
    size = path.stat().st_size
    calls: list[tuple[int, int]] = []
    with PxiFile(path) as before:
        compact(path, progress=lambda done, total: calls.append((done, total)))
        assert equal(before, new)  # an open reader keeps the old file
        sheet = before.contact_sheet()
        with PxiFile(path) as file:
            assert file.generation == 2 and equal(file, new) and file.attributes == before.attributes
            assert [(s.generation, s.label) for s in file.snapshots()] == [(2, "second")]
            assert np.array_equal(file.contact_sheet(), sheet) and file.verify().ok
    assert path.stat().st_size < size and path.stat().st_mode & 0o777 == 0o640
    assert calls[-1][0] == calls[-1][1] > 0
    with PxiUpdater(path) as updater:
        updater.delete("i8")
        assert updater.commit() == 3


def test_compact_refuses_to_copy_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    write_two_generations(path)
    with PxiFile(path) as file:
        offset = file.pages["f32"].offset
    damaged = bytearray(path.read_bytes())
    damaged[offset] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(IntegrityError, match="f32"):
        compact(path)
    assert path.read_bytes() == damaged and list(tmp_path.iterdir()) == [path]


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    write_sample(path)
    with PxiUpdater(path) as updater:
        for attempt in (
            lambda: PxiUpdater(path),
            lambda: rollback(path, 1),
            lambda: compact(path),
            lambda: PxiWriter(path, overwrite=True).finish(),
        ):
            with pytest.raises(BusyError, match="another process is writing"):
                attempt()
        code = "import sys; from pixel_llm.core.pxi import PxiUpdater; PxiUpdater(sys.argv[1])"
        child = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
        assert child.returncode and "BusyError" in child.stderr
        with PxiFile(path) as file:  # readers need no lock
            assert file.verify().ok
        updater.delete("u8")
    with PxiUpdater(path) as updater:
        assert updater.commit() == 3


def test_an_updater_that_waited_for_compact_writes_the_new_file(tmp_path: Path, monkeypatch) -> None:
    """The file may be replaced between opening it and locking it."""
    path = tmp_path / "a.pxi"
    write_two_generations(path)
    from pixel_llm.core.pxi import locking

    real, calls = locking.portalocker.lock, []

    def lock(fd: int, flags: object) -> None:
        calls.append(fd)
        if len(calls) == 1:
            monkeypatch.setattr(locking.portalocker, "lock", real)
            compact(path)
            monkeypatch.setattr(locking.portalocker, "lock", lock)
        real(fd, flags)

    monkeypatch.setattr(locking.portalocker, "lock", lock)
    with PxiUpdater(path) as updater:
        updater.attributes["late"] = True
    assert len(calls) == 2
    with PxiFile(path) as file:
        assert file.attributes["late"] is True


def test_readers_beside_an_updater(tmp_path: Path) -> None:
    """Every reader sees one whole generation, whenever it opens the file."""
    path = tmp_path / "a.pxi"
    with PxiWriter(path) as writer:
        writer.add_array("w", np.zeros((50, 100), np.int8))
        writer.attributes["value"] = 0
    stop, wrong, opened = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            try:
                with PxiFile(path) as file:
                    value, array = file.attributes["value"], file.array("w")
                    if not (array == value).all() or file.generation != value + 1:
                        wrong.append(value)
                    opened.append(value)
            except Exception as error:  # noqa: BLE001 - reported by the assertion below
                wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    with PxiUpdater(path) as updater:
        for value in range(1, 41):
            updater.replace_array("w", np.full((50, 100), value, np.int8))
            updater.attributes["value"] = value
            updater.commit()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong and len(set(opened)) > 3


def test_too_many_snapshots(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "a.pxi"
    write_two_generations(path)
    monkeypatch.setattr(layout, "MAX_SNAPSHOTS", 1)
    with PxiUpdater(path) as updater, pytest.raises(InvalidArgumentError, match="compact it"):
        updater.commit()
    compact(path)
    with PxiUpdater(path) as updater:
        assert updater.commit() == 3


def test_a_full_disk_is_an_error_and_changes_nothing(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "a.pxi"
    write_sample(path)
    before = path.read_bytes()
    real = os.pwrite
    budget = [2]

    def pwrite(fd: int, data: bytes, offset: int) -> int:
        if not budget[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        budget[0] -= 1
        return real(fd, bytes(data)[:100], offset)  # and writes come short

    monkeypatch.setattr(durable.os, "pwrite", pwrite)
    with pytest.raises(StorageError, match=r"No space left.*free some space"), PxiUpdater(path) as updater:
        updater.replace_bytes("notes.txt", b"x" * 5000)
    with pytest.raises(StorageError), PxiWriter(tmp_path / "b.pxi") as writer:
        writer.add_bytes("t", b"x" * 5000)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_commit_that_fails_after_it_took_effect_is_not_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    write_sample(path)

    def fail_pointer(op: durable.Operation) -> None:
        if op.kind == "write" and op.offset == 8:
            raise StorageError("stand-in for a failing disk")

    with durable.watched(fail_pointer), pytest.raises(StorageError), PxiUpdater(path) as updater:
        updater.delete("u8")
        updater.commit()
    with PxiFile(path) as file:
        report = file.verify()
        assert file.generation == 2 and report.ok and "chain" in report.notes[0]
    with PxiUpdater(path) as updater:
        updater.commit()
    with PxiFile(path) as file:
        assert file.verify().ok and not file.verify().notes


def test_damage_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    write_two_generations(path)
    data = bytearray(path.read_bytes())
    data[4096 + 20] ^= 1  # generation 2's superblock
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="newer than 1 is damaged"):
        PxiUpdater(path)
    with pytest.raises(IntegrityError, match="generation 1 by its number"):
        PxiFile(path)
    with PxiFile(path, generation=1) as file:
        assert "u8" in file.pages
        assert [f.message for f in file.verify().failures] == ["the superblock of a generation newer than 1 is damaged"]
    with pytest.raises(NotFoundError):
        PxiFile(path, generation=2)
    assert path.read_bytes() == data


def test_a_damaged_newest_index_is_an_error_and_the_one_before_can_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.pxi"
    write_two_generations(path)
    data = bytearray(path.read_bytes())
    data[-600] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="index of generation 2"):
        PxiFile(path)
    with pytest.raises(IntegrityError, match="index of generation 2"):
        PxiFile(path, generation=2)
    with PxiFile(path, generation=1) as file:
        assert "u8" in file.pages
        report = file.verify()
    assert [f.message for f in report.failures] == [
        f"{path}: index of generation 2: its SHA-256 does not match (restore the file, or open an earlier generation)"
    ]


def test_files_that_are_not_regular(tmp_path: Path) -> None:
    with pytest.raises((PxiFormatError, StorageError)):
        PxiUpdater(tmp_path)
