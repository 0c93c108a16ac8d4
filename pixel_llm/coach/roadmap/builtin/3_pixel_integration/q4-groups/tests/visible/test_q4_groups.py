import numpy as np
import pytest

from tinypixel.q4 import dequantise, quantise


def test_round_trip_is_near():
    weights = np.random.default_rng(0).standard_normal((3, 64)).astype(np.float32)
    codes, scales = quantise(weights)
    assert codes.shape == (3, 32) and scales.shape == (3, 2, 2)
    assert np.abs(dequantise(codes, scales) - weights).max() < 0.3


def test_groups():
    with pytest.raises(ValueError):
        quantise(np.zeros((1, 33), np.float32))
