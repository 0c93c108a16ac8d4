import pytest

from tinypixel.protect import Refused, check


def test_fine(tmp_path):
    assert check(tmp_path, "src/a.py", {"src/a.py"}, {"docs"}) == tmp_path / "src/a.py"


@pytest.mark.parametrize("path", ["../a.py", "/a.py", "src/conftest.py", "b.py"])
def test_refused(tmp_path, path):
    with pytest.raises(Refused):
        check(tmp_path, path, {"a.py", "src/conftest.py"}, set())
