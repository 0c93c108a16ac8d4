import numpy as np

from tinypixel.layers import rms_norm, softmax, swiglu


def test_small():
    x = np.array([[3.0, 4.0]], np.float32)
    assert np.allclose(rms_norm(x, np.array([1, 2], np.float32), 0.0), [[3 / 12.5**0.5, 8 / 12.5**0.5]])
    assert np.allclose(softmax(np.zeros((2, 4), np.float32)), 0.25)
    assert np.allclose(swiglu(np.ones(1, np.float32), np.full(1, 2, np.float32)), 2 / (1 + np.exp(-1)))
