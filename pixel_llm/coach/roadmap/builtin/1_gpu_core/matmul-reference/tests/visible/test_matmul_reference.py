import numpy as np
import pytest

from tinypixel.matmul import matmul, scale


def test_small():
    a, b = np.array([[1, -2]], np.float32), np.array([[3], [4]], np.float32)
    assert matmul(a, b).tolist() == [[-5]] and scale(a, b).tolist() == [[11]]


def test_shapes():
    with pytest.raises(ValueError):
        matmul(np.zeros((2, 3), np.float32), np.zeros((2, 3), np.float32))
