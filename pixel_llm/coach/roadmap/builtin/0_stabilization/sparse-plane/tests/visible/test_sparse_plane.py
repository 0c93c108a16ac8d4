import numpy as np

from tinypixel.plane import Plane


def test_write_and_read_across_tiles():
    plane = Plane(size=4)
    pixels = np.arange(1, 37, dtype=np.uint8).reshape(6, 6)
    plane.write(-3, -2, pixels)
    assert np.array_equal(plane.read(-3, -2, 6, 6), pixels)


def test_never_written():
    assert (Plane(fill=9).read(10**9, -(10**9), 3, 2) == 9).all()


def test_delete():
    plane = Plane(size=4)
    plane.write(0, 0, np.ones((4, 4), np.uint8))
    plane.delete(0, 0, 2, 4)
    assert plane.read(0, 0, 4, 1).tolist() == [[0, 0, 1, 1]]
