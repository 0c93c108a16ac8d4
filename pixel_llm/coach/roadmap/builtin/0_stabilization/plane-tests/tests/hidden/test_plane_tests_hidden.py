import os
import pathlib
import sys

import pytest

PLANE = pathlib.Path("tinypixel/plane.py").read_text()
TILES = pathlib.Path("tinypixel/tiles.py").read_text()
BROKEN = {
    "empty tiles stay": ("if (tile == self._fill).all():", "if False:"),
    "zeros are nothing": ("if (tile == self._fill).all():", "if not tile.any():"),
    "new tiles are zero": ("tile = np.full((self._size, self._size), self._fill, np.uint8)", "tile = np.zeros((self._size, self._size), np.uint8)"),
    "never written reads as zero": ("out = np.full((height, width), self._fill, np.uint8)", "out = np.zeros((height, width), np.uint8)"),
    "swapped axes": ("((key[1], y, height), (key[0], x, width))", "((key[0], y, height), (key[1], x, width))"),
    "one pixel short": ("min((tile + 1) * self._size, start + length)", "min((tile + 1) * self._size - 1, start + length)"),
    "delete does nothing": ("self.write(x, y, np.full((height, width), self._fill, np.uint8))", "pass"),
    "transposed delete": ("self.write(x, y, np.full((height, width), self._fill, np.uint8))", "self.write(x, y, np.full((width, height), self._fill, np.uint8))"),
    "any array": ("if pixels.ndim != 2 or pixels.dtype != np.uint8 or pixels.size == 0:", "if pixels.ndim != 2:"),
    "tiles in any order": ("return sorted(self._tiles)", "return sorted(self._tiles, reverse=True)"),
}


def run(tmp_path, source, tiles=TILES):
    (tmp_path / "tinypixel").mkdir()
    (tmp_path / "tinypixel/plane.py").write_text(source)
    (tmp_path / "tinypixel/tiles.py").write_text(tiles)
    tests = tmp_path / "test_plane.py"
    tests.write_text(pathlib.Path("tests/test_plane.py").read_text())
    child = os.fork()
    if child == 0:  # a process of its own, because modules are imported once in each
        code = 99
        try:
            for name in [n for n in sys.modules if n.split(".")[0] in ("tinypixel", "tests", tests.stem)]:
                del sys.modules[name]
            os.chdir(tmp_path)
            sys.path.insert(0, str(tmp_path))
            code = int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tests)]))
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_the_right_plane_passes(tmp_path):
    assert run(tmp_path, PLANE) == 0


@pytest.mark.parametrize("name", BROKEN)
def test_finds(name, tmp_path):
    old, new = BROKEN[name]
    assert old in PLANE
    assert run(tmp_path, PLANE.replace(old, new)) == 1


def test_finds_truncation_towards_zero(tmp_path):
    old = "divmod(x, size), divmod(y, size)"
    assert old in TILES
    broken = TILES.replace(old, "(int(x / size), abs(x) % size), (int(y / size), abs(y) % size)")
    assert run(tmp_path, PLANE, broken) == 1
