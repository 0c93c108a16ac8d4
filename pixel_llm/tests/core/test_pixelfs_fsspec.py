"""PixelFS through fsspec: fsspec's own abstract suites, and what it adds to them."""

from __future__ import annotations

import gc
import posixpath
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.tests import abstract

from pixel_llm.core.pixelfs import PAGE, PixelFS
from pixel_llm.core.pixelfs_fsspec import PixelFileSystem
from pixel_llm.core.pxi import PxiFile
from pixel_llm.errors import IntegrityError, InvalidArgumentError, UnsupportedError


class Fixtures(abstract.AbstractFixtures):
    """What fsspec's suites need to know: paths are joined with "/", and there are no empty folders."""

    @pytest.fixture
    def fs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PixelFileSystem:
        # Waiting for the disk adds nothing to what these suites ask, and they write hundreds of files.
        monkeypatch.setattr("pixel_llm.core.durable._flush", lambda fd, path: None)
        return PixelFileSystem(root=tmp_path / "pixelfs")

    @pytest.fixture
    def fs_path(self) -> str:
        return "base"

    @pytest.fixture
    def fs_join(self) -> Any:
        return posixpath.join

    @pytest.fixture
    def supports_empty_directories(self) -> bool:
        return False


class TestCopy(abstract.AbstractCopyTests, Fixtures):
    pass


class TestGet(abstract.AbstractGetTests, Fixtures):
    pass


class TestPut(abstract.AbstractPutTests, Fixtures):
    pass


class TestOpen(abstract.AbstractOpenTests, Fixtures):
    pass


class TestPipe(abstract.AbstractPipeTests, Fixtures):
    pass


@pytest.fixture
def fs(tmp_path: Path) -> Iterator[PixelFileSystem]:
    yield PixelFileSystem(root=tmp_path / "store")


def test_the_protocol_is_registered(tmp_path: Path) -> None:
    fsspec.register_implementation("pixelfs", PixelFileSystem, clobber=True)
    with fsspec.open("pixelfs://a/b.txt", "w", root=str(tmp_path), encoding="utf-8") as file:
        file.write("gr\u00fc\u00dfe\n")
    with fsspec.open("pixelfs://a/b.txt", "r", root=str(tmp_path), encoding="utf-8") as file:
        assert file.read() == "gr\u00fc\u00dfe\n"
    assert PixelFS(tmp_path).read("a/b.txt") == "gr\u00fc\u00dfe\n".encode()
    with fsspec.open("pixelfs://z.gz", "wb", root=str(tmp_path), compression="gzip") as file:
        file.write(b"x" * 1000)
    with fsspec.open("pixelfs://z.gz", root=str(tmp_path), compression="gzip") as file:
        assert file.read() == b"x" * 1000


def test_the_default_root_is_that_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXELFS_ROOT", str(tmp_path))
    assert PixelFileSystem().store.root == tmp_path
    assert PixelFileSystem().fsid == f"pixelfs_{tmp_path}"


def test_listing_walking_and_info(fs: PixelFileSystem) -> None:
    for path in ("a/b/c.bin", "a/d.bin", "e.bin", "e/f"):
        fs.pipe(path, path.encode())
    assert fs.ls("", detail=False) == ["a", "e", "e.bin"]
    assert fs.ls("a", detail=False) == ["a/b", "a/d.bin"]
    assert fs.ls("a/d.bin", detail=False) == ["a/d.bin"]
    assert [(e["name"], e["type"], e["size"]) for e in fs.ls("pixelfs://a/")] == [
        ("a/b", "directory", 0),
        ("a/d.bin", "file", 7),
    ]
    assert list(fs.walk("")) == [
        ("", ["a", "e"], ["e.bin"]),
        ("a", ["b"], ["d.bin"]),
        ("a/b", [], ["c.bin"]),
        ("e", [], ["f"]),
    ]
    assert fs.find("") == ["a/b/c.bin", "a/d.bin", "e.bin", "e/f"]
    assert fs.glob("a/**/*.bin") == ["a/b/c.bin", "a/d.bin"]
    assert fs.du("") == 9 + 7 + 5 + 3
    assert fs.isdir("a/b") and fs.isdir("") and not fs.isdir("a/d.bin") and fs.isfile("e.bin") and not fs.isfile("a")
    assert fs.info("e.bin")["content_hash"] == fs.ukey("e.bin") == fs.store.info("e.bin").content_hash
    assert fs.modified("e.bin") == fs.created("e.bin") == fs.store.info("e.bin").modified
    assert isinstance(fs.checksum("e.bin"), int)
    for missing in ("x", "a/b/x", "../x", "a//b"):
        assert not fs.exists(missing) and not fs.isfile(missing) and not fs.isdir(missing)
        with pytest.raises(FileNotFoundError):
            fs.info(missing)
        with pytest.raises(FileNotFoundError):
            fs.ls(missing)


def test_a_name_that_is_a_file_and_a_folder(fs: PixelFileSystem) -> None:
    fs.pipe({"a": b"file", "a/b": b"inside"})
    assert fs.info("a")["type"] == "file" and fs.cat_file("a") == b"file"
    assert fs.ls("a", detail=False) == ["a/b"]
    assert fs.ls("", detail=False) == ["a"]


@pytest.mark.parametrize(
    ("start", "end"),
    [(None, None), (2, 5), (0, 0), (5, 2), (None, 3), (7, None), (-3, None), (None, -2), (-4, -1), (-99, 99)],
)
def test_cat_file_is_a_slice(fs: PixelFileSystem, start: int | None, end: int | None) -> None:
    fs.pipe("a", b"0123456789")
    assert fs.cat_file("a", start, end) == b"0123456789"[start:end]
    assert fs.cat_ranges(["a", "a"], [0, 4], [2, 6]) == [b"01", b"45"]


def test_reading_at_random_equals_the_bytes(fs: PixelFileSystem) -> None:
    data = random.Random(0).randbytes(1_500_000)
    with fs.open("big", "wb") as file:
        assert file.writable() and not file.closed
        for i in range(0, len(data), 70_001):
            assert file.write(data[i : i + 70_001]) == len(data[i : i + 70_001])
        assert file.tell() == len(data)
    with fs.open("big") as file:
        file.seek(1_048_570)
        assert file.read(20) == data[1_048_570:1_048_590]
    assert fs.read_block("big", 100, 50) == data[100:150]
    assert fs.head("big", 10) == data[:10] and fs.tail("big", 10) == data[-10:]


def test_a_file_is_stored_when_it_is_closed_and_not_before(fs: PixelFileSystem) -> None:
    fs.pipe("a", b"old")
    file = fs.open("a", "wb")
    file.write(b"new")
    assert fs.cat_file("a") == b"old"
    file.close()
    file.close()
    assert fs.cat_file("a") == b"new"
    with pytest.raises(ValueError, match="closed"):
        file.write(b"more")
    with pytest.raises(RuntimeError), fs.open("a", "wb") as broken:
        broken.write(b"half of it")
        raise RuntimeError
    assert fs.cat_file("a") == b"new"


def test_a_lost_file_is_not_stored(fs: PixelFileSystem) -> None:
    file = fs.open("a", "wb")
    file.write(b"half of it")
    with pytest.warns(ResourceWarning, match="never closed"):
        del file
        gc.collect()
    assert not fs.exists("a")


def test_modes(fs: PixelFileSystem) -> None:
    with fs.open("a", "xb") as file:
        file.write(b"1")
    with pytest.raises(FileExistsError):
        fs.open("a", "xb")
    with pytest.raises(FileExistsError):
        fs.pipe_file("a", b"2", mode="create")
    for mode in ("ab", "r+b"):
        with pytest.raises(UnsupportedError, match="not offered"):
            fs.open("a", mode)
    with pytest.raises(FileNotFoundError):
        fs.open("missing")
    with pytest.raises(InvalidArgumentError):
        fs.open("../a", "wb").close()
    assert fs.cat_file("a") == b"1"


def test_there_are_no_transactions(fs: PixelFileSystem) -> None:
    with pytest.raises(UnsupportedError, match="transactions"), fs.transaction:
        pass
    with pytest.raises(UnsupportedError, match="transactions"):
        fs.start_transaction()


def test_put_get_move_and_remove(fs: PixelFileSystem, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "one").write_bytes(b"1" * 5000)
    (source / "sub" / "two").write_bytes(b"2")
    fs.put(f"{source}/", "dir/", recursive=True)
    assert fs.find("dir") == ["dir/one", "dir/sub/two"]
    fs.get("dir/", f"{tmp_path}/back/", recursive=True)
    assert (tmp_path / "back" / "one").read_bytes() == b"1" * 5000
    assert (tmp_path / "back" / "sub" / "two").read_bytes() == b"2"
    callback = fsspec.Callback()
    fs.put_file(str(source / "one"), "three", callback=callback)
    assert (callback.size, callback.value) == (5000, 5000)
    fs.mv("three", "moved")
    fs.cp_file("moved", "copied")
    assert not fs.exists("three") and fs.cat("moved") == fs.cat("copied") == b"1" * 5000
    with pytest.raises(FileNotFoundError):
        fs.cp_file("missing", "x")
    with pytest.raises(IsADirectoryError):
        fs.rm("dir")
    fs.rm("dir", recursive=True)
    assert not fs.exists("dir")
    fs.rm_file("moved")
    fs.rm(["copied"])
    assert fs.ls("") == []
    with pytest.raises(FileNotFoundError):
        fs.rm("copied")
    with pytest.raises(FileNotFoundError):
        fs.rm_file("copied")
    fs.makedirs("nothing/here")
    fs.mkdir("nothing")
    assert not fs.exists("nothing")


def test_touch(fs: PixelFileSystem) -> None:
    fs.touch("a")
    assert fs.size("a") == 0
    fs.pipe("a", b"1")
    with pytest.raises(UnsupportedError):
        fs.touch("a", truncate=False)
    fs.touch("a")
    assert fs.size("a") == 0


def test_damage_is_listed_and_never_read(fs: PixelFileSystem) -> None:
    fs.pipe({"a": b"content", "b": b"fine"})
    file = fs.store.info("a").file
    good = file.read_bytes()
    with PxiFile.open(file) as pxi:
        at = pxi.pages[PAGE].offset
    file.write_bytes(good[:at] + b"C" + good[at + 1 :])
    with pytest.raises(IntegrityError):
        fs.cat_file("a")
    file.write_bytes(good[: len(good) // 2])
    assert [(e["name"], e["size"]) for e in fs.ls("")] == [("a", None), ("b", 4)]
    assert "cut off" in fs.ls("")[0]["error"]
    assert fs.ls("", detail=False) == ["a", "b"]
    fs.rm("a")
    assert fs.ls("", detail=False) == ["b"]
