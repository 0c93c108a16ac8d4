"""Tests of the sparse plane."""

import numpy as np

from tinypixel.plane import Plane


def test_round_trip():
    plane = Plane()
    plane.write(10, 20, np.ones((5, 5), np.uint8))
    assert (plane.read(10, 20, 5, 5) == 1).all()


def test_empty():
    assert (Plane().read(0, 0, 2, 2) == 0).all()


def test_delete():
    plane = Plane()
    plane.write(0, 0, np.ones((5, 5), np.uint8))
    plane.delete(0, 0, 5, 5)
    assert (plane.read(0, 0, 5, 5) == 0).all()
