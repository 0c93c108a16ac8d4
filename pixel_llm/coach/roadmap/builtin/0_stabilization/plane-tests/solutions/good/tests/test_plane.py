"""Tests of the sparse plane."""

import numpy as np
import pytest

from tinypixel.plane import Plane


def pixels(height, width, first=1):
    return (np.arange(height * width).reshape(height, width) % 200 + first).astype(np.uint8)


@pytest.mark.parametrize("x", [-9, -4, -1, 0, 3, 4])
@pytest.mark.parametrize("y", [-5, -4, 0, 2])
def test_round_trip(x, y):
    plane = Plane(size=4)
    plane.write(x, y, pixels(6, 9))
    assert np.array_equal(plane.read(x, y, 9, 6), pixels(6, 9))
    assert plane.read(x - 1, y - 1, 11, 8).sum() == pixels(6, 9).sum(dtype=int)
    assert plane.tiles == sorted({((x + i) // 4, (y + j) // 4) for i in range(9) for j in range(6)})


def test_fill():
    plane = Plane(size=4, fill=5)
    assert plane.read(-2, -2, 3, 3).tolist() == [[5] * 3] * 3
    plane.write(1, 1, np.zeros((1, 1), np.uint8))
    assert plane.read(0, 0, 2, 2).tolist() == [[5, 5], [5, 0]]
    assert plane.tiles == [(0, 0)]
    plane.write(1, 1, np.full((1, 1), 5, np.uint8))
    assert plane.tiles == []


def test_delete_drops_tiles():
    plane = Plane(size=4)
    plane.write(0, 0, np.ones((8, 8), np.uint8))
    plane.delete(0, 0, 4, 8)
    assert plane.tiles == [(1, 0), (1, 1)]
    assert plane.read(0, 0, 8, 1).tolist() == [[0] * 4 + [1] * 4]


def test_memory_is_its_own():
    plane, source = Plane(size=4), np.ones((4, 4), np.uint8)
    plane.write(0, 0, source)
    source[:] = 9
    plane.read(0, 0, 4, 4)[:] = 9
    assert (plane.read(0, 0, 4, 4) == 1).all()


def test_refused():
    for bad in (np.zeros(3, np.uint8), np.zeros((2, 2)), np.zeros((0, 3), np.uint8)):
        with pytest.raises(ValueError):
            Plane().write(0, 0, bad)
