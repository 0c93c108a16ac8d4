import numpy as np

from tinypixel.rotary import rotate


def test_quarter_turns_and_position_zero():
    x = np.array([[[1.0, 0.0]]], np.float32)
    assert np.allclose(rotate(x, np.array([0])), x)
    assert np.allclose(rotate(x, np.array([1])), [[[np.cos(1), np.sin(1)]]])
