import numpy as np
import pytest

from tinypixel.plane import Plane


def test_against_a_dictionary_of_pixels():
    random = np.random.default_rng(5)
    plane, truth = Plane(size=5, fill=3), {}
    for _ in range(300):
        x, y = (int(v) for v in random.integers(-20, 20, 2))
        width, height = (int(v) for v in random.integers(1, 12, 2))
        kind = random.integers(3)
        if kind == 0:
            pixels = random.integers(0, 6, (height, width)).astype(np.uint8)
            plane.write(x, y, pixels)
            truth |= {(x + i, y + j): int(pixels[j, i]) for j in range(height) for i in range(width)}
        elif kind == 1:
            plane.delete(x, y, width, height)
            for j in range(height):
                for i in range(width):
                    truth.pop((x + i, y + j), None)
        got = plane.read(x, y, width, height)
        assert got.shape == (height, width) and got.dtype == np.uint8
        assert all(got[j, i] == truth.get((x + i, y + j), 3) for j in range(height) for i in range(width))
        assert plane.tiles == sorted({(i // 5, j // 5) for (i, j), v in truth.items() if v != 3})


def test_copies():
    plane, pixels = Plane(size=4), np.ones((4, 4), np.uint8)
    plane.write(0, 0, pixels)
    pixels[:] = 7
    plane.read(0, 0, 4, 4)[:] = 8
    assert (plane.read(0, 0, 4, 4) == 1).all()


def test_fill_stores_nothing():
    plane = Plane(size=4, fill=2)
    plane.write(0, 0, np.full((9, 9), 2, np.uint8))
    assert plane.tiles == []


@pytest.mark.parametrize("pixels", [np.zeros(4, np.uint8), np.zeros((2, 2), np.int64), np.zeros((0, 2), np.uint8)])
def test_refused(pixels):
    with pytest.raises(ValueError):
        Plane().write(0, 0, pixels)
