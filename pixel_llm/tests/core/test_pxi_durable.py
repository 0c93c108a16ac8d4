"""The seam of durable operations: each refusal of the operating system is a StorageError that names the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pixel_llm.core import durable
from pixel_llm.core.durable import DurableFile, Operation
from pixel_llm.core.pxi import PxiUpdater, PxiWriter, locking
from pixel_llm.errors import AlreadyExistsError, NotFoundError, StorageError
from pixel_llm.tests.core.pxi_support import write_sample


@pytest.mark.parametrize(
    "action",
    [
        lambda f: f.write(b"x", 0),
        lambda f: f.sync(),
        lambda f: f.truncate(0),
        lambda f: durable.rename(f.path, f.path.parent / "b"),
        lambda f: durable.unlink(f.path.parent),
        lambda f: durable.sync_directory(f.path),
    ],
)
def test_refusals(tmp_path: Path, action) -> None:
    with pytest.raises(StorageError) as info:
        action(DurableFile(tmp_path / "none", 1_000_000))
    assert str(tmp_path) in str(info.value)


def test_create_and_open(tmp_path: Path) -> None:
    path = tmp_path / "a"
    file = DurableFile.create(path)
    file.write(b"abcdef", 2)
    file.truncate(7)
    file.sync()
    assert file.size == 7
    file.close()
    file.close()
    assert path.read_bytes() == b"\0\0abcde"
    with pytest.raises(AlreadyExistsError):
        DurableFile.create(path)
    with pytest.raises(NotFoundError):
        DurableFile.create(tmp_path / "none" / "a")
    with pytest.raises(StorageError):
        DurableFile.create(path / "below a file")
    with pytest.raises(NotFoundError):
        DurableFile.open(tmp_path / "none")
    with pytest.raises(StorageError):
        DurableFile.open(tmp_path)
    durable.unlink(path)
    durable.unlink(path)


def test_a_watcher_sees_operations_in_order_and_only_inside_its_block(tmp_path: Path) -> None:
    seen: list[Operation] = []
    with durable.watched(seen.append):
        file = DurableFile.create(tmp_path / "a")
        file.write(b"abc", 5)
        file.sync()
        durable.rename(tmp_path / "a", tmp_path / "b")
        durable.sync_directory(tmp_path)
    file.truncate(0)
    file.close()
    assert [op.kind for op in seen] == ["create", "write", "sync", "rename", "sync_directory"]
    assert (seen[1].offset, bytes(seen[1].data)) == (5, b"abc")
    assert seen[3].target == tmp_path / "b"


def test_short_reads_are_continued(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "a").write_bytes(bytes(range(100)))
    real = os.pread
    monkeypatch.setattr(durable.os, "pread", lambda fd, size, offset: real(fd, min(size, 30), offset))
    fd = os.open(tmp_path / "a", os.O_RDONLY)
    try:
        assert durable.read(fd, 80, 10) == bytes(range(10, 90))
        assert durable.read(fd, 80, 50) == bytes(range(50, 100))
        assert durable.read(fd, 80, 200) == b""
    finally:
        os.close(fd)


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch) -> None:
    write_sample(tmp_path / "a.pxi")

    def lock(fd: int, flags: object) -> None:
        raise locking.portalocker.LockException("no locks available")

    monkeypatch.setattr(locking.portalocker, "lock", lock)
    with pytest.raises(StorageError, match="cannot lock the file: no locks available"):
        PxiUpdater(tmp_path / "a.pxi")


def test_a_name_too_long_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="look at the target"):
        PxiWriter(tmp_path / ("x" * 300))
