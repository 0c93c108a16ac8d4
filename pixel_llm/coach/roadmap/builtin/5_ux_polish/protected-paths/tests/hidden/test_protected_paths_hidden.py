import os

import pytest

from tinypixel.protect import Refused, check


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "a/../b.py", "a/..", "/etc/passwd", "//x", "a\\b.py", "C:a.py", "c:/a.py", "a\0.py", "a\n.py", "a\x7f.py"],
)  # fmt: skip
def test_forms(tmp_path, path):
    with pytest.raises(Refused):
        check(tmp_path, path, {path, "b.py", "a.py"}, set())


def test_plain_form(tmp_path):
    assert check(tmp_path, "./a//b.py", {"a/b.py"}, set()) == tmp_path / "a" / "b.py"
    with pytest.raises(Refused):
        check(tmp_path, "a/b.py", {"./a//c.py"}, set())


@pytest.mark.parametrize("path", ["conftest.py", "t/ConfTest.py", "sitecustomize.py", "x/usercustomize.PY", "x/evil.pth", "evil.PTH", ".git/hooks/pre-commit", "a/.GIT/config"])
def test_names_that_run(tmp_path, path):
    with pytest.raises(Refused, match="(?s)."):
        check(tmp_path, path, {path}, set())


@pytest.mark.parametrize(("path", "protected"), [("docs/a.md", "docs"), ("Docs/a.md", "docs"), ("LICENSE", "license"), ("a/b/c.py", "a/b")])
def test_protected(tmp_path, path, protected):
    with pytest.raises(Refused):
        check(tmp_path, path, {path}, {protected})


def test_a_name_that_only_begins_alike(tmp_path):
    assert check(tmp_path, "docs2/a.md", {"docs2/a.md"}, {"docs"})
    assert check(tmp_path, "a/git/x.py", {"a/git/x.py"}, {"a/gi"})


def test_links(tmp_path):
    inside, outside = tmp_path / "p", tmp_path / "outside"
    (inside / "real").mkdir(parents=True)
    outside.mkdir()
    (inside / "away").symlink_to(outside)
    (inside / "near").symlink_to("real")
    (inside / "file.py").symlink_to("real/x.py")
    (outside / "h.py").write_text("x")
    os.link(outside / "h.py", inside / "hard.py")
    (inside / "folder.py").mkdir()
    os.mkfifo(inside / "pipe.py")
    for path in ("away/a.py", "near/a.py", "file.py", "hard.py", "folder.py", "pipe.py", "hard.py/a.py"):
        with pytest.raises(Refused, match=path.split(".")[0]):
            check(inside, path, {path}, set())
    (inside / "real/x.py").write_text("x")
    assert check(inside, "real/x.py", {"real/x.py"}, set()) == inside / "real/x.py"


def test_nothing_is_created(tmp_path):
    check(tmp_path, "a/b/c.py", {"a/b/c.py"}, set())
    assert list(tmp_path.iterdir()) == []
