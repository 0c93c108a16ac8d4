"""Which names a PixelFS takes, and that none of them leaves its root."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pixel_llm.core.pixelfs import PixelFS
from pixel_llm.core.pixelfs_paths import children, is_valid, split_path, stored_file, stored_paths
from pixel_llm.errors import InvalidArgumentError, NotFoundError

REFUSED = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../x",
    "a/../b",
    "a/..",
    ".",
    "./a",
    "a/./b",
    "a//b",
    "a/",
    "a\0b",
    "a\nb",
    "a\x7fb",
    "a\\b",
    "..\\x",
    "C:/x",
    "C:x",
    "a:stream",
    "what?",
    'quo"te',
    "a|b",
    "<a>",
    "a*",
    "con",
    "CON",
    "Con.txt",
    "nul.tar.gz",
    "a/COM1/b",
    "lpt9",
    "COM\u00b9",
    "aux .txt",
    "conin$",
    "a.",
    "a ",
    "a./b",
    "...",
    "dir.pxi/x",
    "dir.PXI/x",
    "x" * 201,
    "\u00e9" * 101,
    "/".join(["part"] * 300),
    "\ud800",
]
ALLOWED = [
    "a",
    "a/b.bin",
    ".hidden",
    "..a",
    "console",
    "com",
    "com10",
    "x.pxi",
    "dir/x.pxi",
    "\u65e5\u672c/\u8a9e",
    "a b",
    "x" * 200,
]


@pytest.mark.parametrize("path", REFUSED, ids=repr)
def test_refused_names_are_refused_by_every_method(tmp_path: Path, path: str) -> None:
    outside = tmp_path / "victim.pxi"
    outside.write_bytes(b"untouched")
    root = tmp_path / "root"
    store = PixelFS(root)
    for call in (store.read, store.open_read, store.info, store.verify, store.delete, store.exists):
        with pytest.raises(InvalidArgumentError):
            call(path)
    with pytest.raises(InvalidArgumentError, match="relative path"):
        store.write(path, b"x")
    assert not root.exists()
    assert outside.read_bytes() == b"untouched"


@pytest.mark.parametrize("path", ALLOWED, ids=repr)
def test_allowed_names_are_stored_and_listed(tmp_path: Path, path: str) -> None:
    store = PixelFS(tmp_path)
    info = store.write(path, b"content")
    assert info.file == tmp_path / f"{path}.pxi"
    assert store.read(path) == b"content"
    assert store.list() == [path]


def test_a_path_must_be_text(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="bytes"):
        PixelFS(tmp_path).read(b"a")  # type: ignore[arg-type]


HOSTILE = st.text(
    alphabet=st.one_of(st.sampled_from("./\\ab:\0 ~$"), st.characters(codec=None)), max_size=40
) | st.lists(st.sampled_from(["..", ".", "a", "b.pxi", "", "nul", "x" * 250, "a\\b"]), max_size=6).map("/".join)


@settings(max_examples=400)
@given(HOSTILE)
@example("a/../../x")
@example("\x00")
def test_a_path_is_refused_or_lies_below_the_root(path: str) -> None:
    root = Path("/nonexistent/root")
    if not is_valid(path):
        with pytest.raises(InvalidArgumentError):
            stored_file(root, path)
        return
    file = stored_file(root, path)
    assert Path(os.path.normpath(file)) == file
    assert file.is_relative_to(root) and file != root
    assert file.name.endswith(".pxi")
    assert all(len(part.encode()) <= 255 for part in file.parts)
    assert not any(unicodedata.category(c) == "Cc" for c in path)


@settings(max_examples=200)
@given(HOSTILE, HOSTILE)
def test_two_paths_never_share_a_file(one: str, two: str) -> None:
    if one != two and is_valid(one) and is_valid(two):
        root = Path("/nonexistent/root")
        assert stored_file(root, one) != stored_file(root, two)
        assert stored_file(root, one) not in stored_file(root, two).parents


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(HOSTILE.filter(is_valid), max_size=4, unique=True), HOSTILE)
def test_listing_is_the_names_that_begin_with_the_prefix(
    tmp_path_factory: pytest.TempPathFactory, paths: list[str], prefix: str
) -> None:
    root = tmp_path_factory.mktemp("list")
    for path in paths:
        file = stored_file(root, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    for candidate in {"", prefix, *(path[: len(path) // 2] for path in paths)}:
        try:
            found = sorted(stored_paths(root, candidate))
        except InvalidArgumentError:
            assert "/" in candidate
            continue
        assert found == sorted(path for path in paths if path.startswith(candidate))


@pytest.mark.parametrize("target", ["outside", "inside"])
def test_no_link_below_the_root_is_followed(tmp_path: Path, target: str) -> None:
    root = tmp_path / "root"
    store = PixelFS(root)
    store.write("real/data", b"inside")
    PixelFS(tmp_path / "outside").write("data", b"secret")
    folder = tmp_path / "outside" if target == "outside" else root / "real"
    (root / "linked").symlink_to(folder, target_is_directory=True)
    (root / "file.pxi").symlink_to(folder / "data.pxi")
    for path in ("linked/data", "file"):
        for call in (store.read, store.open_read, store.info, store.delete, store.verify):
            with pytest.raises(InvalidArgumentError, match="link"):
                call(path)
        with pytest.raises(InvalidArgumentError, match="link"):
            store.write(path, b"overwritten")
    with pytest.raises(InvalidArgumentError, match="link"):
        store.list("linked/")
    assert store.list() == ["real/data"]
    assert PixelFS(tmp_path / "outside").read("data") == b"secret"
    assert store.read("real/data") == b"inside"


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    PixelFS(tmp_path / "real").write("a", b"1")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert PixelFS(tmp_path / "link").read("a") == b"1"


def test_files_of_others_are_passed_over(tmp_path: Path) -> None:
    store = PixelFS(tmp_path)
    store.write("a/b", b"1")
    (tmp_path / "a" / "note.txt").touch()
    (tmp_path / "a" / ".pxi-1-ff.tmp").touch()
    (tmp_path / "folder.pxi").mkdir()
    (tmp_path / "nul.pxi").touch()
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.pxi")
    assert store.list() == ["a/b"]
    assert children(tmp_path, "") == (["a", "empty"], []) or children(tmp_path, "") == (["empty", "a"], [])
    with pytest.raises(InvalidArgumentError, match="regular"):
        store.read("folder")
    with pytest.raises(InvalidArgumentError, match="regular"):
        store.write("pipe", b"")


def test_a_stored_file_in_the_way_of_a_folder_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(NotFoundError):
        PixelFS(tmp_path).read("a/b")
    assert children(tmp_path, "a") == ([], [])


def test_parts() -> None:
    assert split_path("a/b.bin") == ("a", "b.bin")
