"""Paths: which a candidate may write, and that nothing outside is ever reached."""

from __future__ import annotations

import os
import stat
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.coach.sandbox import protect
from pixel_llm.coach.sandbox.protect import ProtectedPathError, check_path, read_inside, write_inside
from pixel_llm.errors import StorageError


@pytest.mark.parametrize("path", ["a.py", "src/a.py", "docs/.hidden.md", "src/conftest_helper.py", "tests/test_a.py"])
def test_ordinary_paths_are_allowed(path):
    assert check_path(path) == path
    assert check_path(f"./{path}") == path


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "..", "../a.py", "a/../../b.py", "/etc/passwd", "C:/a.py", "a\\b.py", "a\0b", "a\nb.py"),
        *(
            "conftest.py",
            "a/conftest.py",
            "CONFTEST.PY",
            "sitecustomize.py",
            "lib/usercustomize.py",
            "x.pth",
            "a/b.PTH",
        ),
        *("pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini", "sub/pytest.toml", ".coveragerc"),
        *(".git/hooks/pre-commit", ".git", ".GIT/config", "a/.git/config", ".gitattributes", ".gitmodules"),
        *(".github/workflows/x.yml", ".ci/run", ".venv/bin/python", ".vscode/settings.json", ".envrc", ".env"),
        *("conftest.py.", "conftest.py ", "git~1/config", "a.py:stream", "__pycache__/a.pyc", "node_modules/x.js"),
        "ｃonftest.py".replace("ｃ", "c\u0000"),
    ],
)
def test_paths_that_steer_or_escape_are_refused(path):
    with pytest.raises(ProtectedPathError):
        check_path(path)


def test_targets_are_the_only_files_and_may_be_settings_but_not_what_steers():
    assert check_path("a.py", targets=["a.py"]) == "a.py"
    assert check_path("pyproject.toml", targets=["pyproject.toml"]) == "pyproject.toml"
    assert check_path(".github/workflows/x.yml", targets=[".github/workflows/x.yml"])
    with pytest.raises(ProtectedPathError, match="not one of the task's files"):
        check_path("b.py", targets=["a.py"])
    for path in ("conftest.py", ".git/config", "x.pth", "sitecustomize.py"):
        with pytest.raises(ProtectedPathError):
            check_path(path, targets=[path])


@pytest.mark.parametrize("rule", ["src", "src/", "src/core", "src/*/a.py", "SRC", "src/core/a.py"])
def test_protected_paths_win_over_targets(rule):
    with pytest.raises(ProtectedPathError, match="is protected by"):
        check_path("src/core/a.py", targets=["src/core/a.py"], protected=[rule])
    assert check_path("source/a.py", protected=[rule])


def test_reading_and_writing(tmp_path):
    write_inside(tmp_path, "a/b/c.txt", b"one")
    assert read_inside(tmp_path, "a/b/c.txt") == b"one"
    (tmp_path / "a/b/c.txt").chmod(0o750)
    write_inside(tmp_path, "a/b/c.txt", b"two")
    assert read_inside(tmp_path, "a/b/c.txt") == b"two"
    assert stat.S_IMODE((tmp_path / "a/b/c.txt").stat().st_mode) == 0o750
    assert read_inside(tmp_path, "a/missing") is None
    assert read_inside(tmp_path, "missing/too") is None
    assert sorted(p.name for p in (tmp_path / "a/b").iterdir()) == ["c.txt"]


@pytest.fixture
def outside(tmp_path):
    """A file that must not change, and a root from which links lead to it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_bytes(b"precious")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(outside)
    (root / "file").symlink_to(outside / "precious.txt")
    (root / "dangling").symlink_to(outside / "new.txt")
    os.link(outside / "precious.txt", root / "hard")
    os.mkfifo(root / "pipe")
    (root / "folder").mkdir()
    (root / "text").write_text("x")
    yield root
    assert (outside / "precious.txt").read_bytes() == b"precious"
    assert [p.name for p in outside.iterdir()] == ["precious.txt"]


@pytest.mark.parametrize(
    "path", ["link/precious.txt", "link/new.txt", "file", "dangling", "hard", "pipe", "folder", "text/below", "link"]
)
def test_links_and_what_is_no_file_are_refused(outside, path):
    with pytest.raises((ProtectedPathError, StorageError)):
        write_inside(outside, path, b"changed")
    with pytest.raises((ProtectedPathError, StorageError)):
        read_inside(outside, path)


@pytest.mark.parametrize("path", ["../outside/precious.txt", "/etc/passwd", "a/../../outside/x"])
def test_ways_up_are_refused(outside, path):
    for call in (lambda: write_inside(outside, path, b"x"), lambda: read_inside(outside, path)):
        with pytest.raises(ProtectedPathError):
            call()


def test_a_folder_that_becomes_a_link_meanwhile(outside, monkeypatch):
    """Between the check and the write the folder is swapped for a link; the write stays where it was checked."""
    real = os.open

    def swap(path, flags, *args, **kwargs):
        made = real(path, flags, *args, **kwargs)
        if path == "folder":
            (outside / "folder").rename(outside / "moved")
            (outside / "folder").symlink_to(outside.parent / "outside")
        return made

    monkeypatch.setattr(protect.os, "open", swap)
    write_inside(outside, "folder/precious.txt", b"changed")
    assert (outside / "moved" / "precious.txt").read_bytes() == b"changed"


@pytest.mark.parametrize("name", ["write", "replace", "fsync"])
def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch, name):
    write_inside(tmp_path, "a.txt", b"before")

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    if name == "write":
        monkeypatch.setattr(protect.os, "fdopen", lambda fd, mode: _Full(fd))
    else:
        monkeypatch.setattr(protect.os, name, fail)
    with pytest.raises(StorageError, match="No space left"):
        write_inside(tmp_path, "a.txt", b"after")
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"before"


class _Full:
    """A file on a full disk."""

    def __init__(self, fd):
        self._fd = fd

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        os.close(self._fd)

    def write(self, data):
        raise OSError(28, "No space left on device")


@settings(max_examples=150)
@given(st.lists(st.sampled_from(["..", ".", "a", "/", "b.py", "\\", "~", "C:", "conftest.py", ".git", "é", ""])))
def test_whatever_is_allowed_stays_inside(parts):
    path = "/".join(parts)
    try:
        plain = check_path(path)
    except ProtectedPathError:
        return
    assert PurePosixPath(plain).parts[0] != "/"
    assert not {"..", ".git", "conftest.py"} & set(plain.split("/"))
