import os
import pathlib
import sys

import pytest

CODEC = pathlib.Path("tinypixel/codec.py").read_text()
BROKEN = {
    "one row too many": ("max(1, -(-len(data) // (3 * width)))", "len(data) // (3 * width) + 1"),
    "no row for nothing": ("max(1, -(-len(data) // (3 * width)))", "-(-len(data) // (3 * width))"),
    "padding is not zero": ("np.zeros(height * width * 3, np.uint8)", "np.full(height * width * 3, 255, np.uint8)"),
    "columns first": ("out.reshape(height, width, 3)", "out.reshape(width, height, 3).transpose(1, 0, 2)"),
    "blue first": ("return out.reshape(height, width, 3)", "return out.reshape(height, width, 3)[:, :, ::-1].copy()"),
    "any width": ("if width < 1:", "if False:"),
    "any length": ("if not 0 <= length <= pixels.size:", "if length < 0:"),
    "negative length": ("if not 0 <= length <= pixels.size:", "if length > pixels.size:"),
    "any type": ("pixels.dtype != np.uint8 or ", ""),
    "any rank": ("pixels.ndim != 3 or pixels.shape[2] != 3", "pixels.ndim != 3"),
    "the last byte is lost": ("pixels.tobytes()[:length]", "pixels.tobytes()[: max(length - 1, 0)]"),
    "a default of its own": ("width: int = 1024", "width: int = 1000"),
}


def run(tmp_path, source):
    (tmp_path / "tinypixel").mkdir()
    (tmp_path / "tinypixel/codec.py").write_text(source)
    tests = tmp_path / "test_codec.py"
    tests.write_text(pathlib.Path("tests/test_codec.py").read_text())
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


def test_the_right_codec_passes(tmp_path):
    assert run(tmp_path, CODEC) == 0


@pytest.mark.parametrize("name", BROKEN)
def test_finds(name, tmp_path):
    old, new = BROKEN[name]
    assert old in CODEC
    assert run(tmp_path, CODEC.replace(old, new)) == 1
