import numpy as np
import pytest

from tinypixel.morton import decode, encode, parent, ranges


def test_small_plane():
    codes = {encode(x, y, 3): (x, y) for x in range(-4, 4) for y in range(-4, 4)}
    assert sorted(codes) == list(range(64))
    assert all(decode(code, 3) == at for code, at in codes.items())
    assert codes[0] == (-4, -4) and codes[1] == (-3, -4) and codes[2] == (-4, -3) and codes[63] == (3, 3)
    assert parent(63) == 15


def test_far_away():
    for x, y in [(-(2**30), 2**30 - 1), (2**30 - 1, -(2**30)), (-1, -1), (0, 0)]:
        assert decode(encode(x, y)) == (x, y)


def test_ranges_are_right_and_least():
    random = np.random.default_rng(0)
    for _ in range(200):
        (x0, x1), (y0, y1) = (sorted(int(v) for v in random.integers(-8, 8, 2)) for _ in range(2))
        codes = sorted(encode(x, y, 4) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1))
        expected = []
        for code in codes:
            if expected and expected[-1][1] == code - 1:
                expected[-1] = (expected[-1][0], code)
            else:
                expected.append((code, code))
        assert ranges(x0, y0, x1, y1, 4) == expected


def test_large_rectangles():
    half = 2**30
    assert ranges(-half, -half, half - 1, half - 1) == [(0, 4**31 - 1)]
    found = ranges(-1000, -1000, 1000, 1000)
    assert sum(last - first + 1 for first, last in found) == 2001**2


@pytest.mark.parametrize("call", [
    lambda: encode(2**30, 0), lambda: encode(0, -(2**30) - 1), lambda: decode(-1), lambda: decode(4**31), lambda: ranges(0, 0, 2**30, 0),
    lambda: ranges(0, 2, 0, 1),
])  # fmt: skip
def test_refused(call):
    with pytest.raises(ValueError):
        call()
