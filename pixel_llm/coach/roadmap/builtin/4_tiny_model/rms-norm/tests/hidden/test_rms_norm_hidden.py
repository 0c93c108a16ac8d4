import warnings

import numpy as np
import pytest

from tinypixel.layers import rms_norm, softmax, swiglu


@pytest.fixture(autouse=True)
def _strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_norm_against_float64():
    random = np.random.default_rng(0)
    x, weight = random.standard_normal((2, 3, 576)).astype(np.float32), random.standard_normal(576).astype(np.float32)
    exact = x.astype(np.float64) / np.sqrt((x.astype(np.float64) ** 2).mean(-1, keepdims=True) + 1e-5) * weight
    found = rms_norm(x, weight, 1e-5)
    assert found.dtype == np.float32 and np.abs(found - exact).max() < 1e-5


def test_norm_of_large_values():
    assert np.allclose(rms_norm(np.full((1, 8), 1e30, np.float32), np.ones(8, np.float32), 1e-6), 1)
    assert not rms_norm(np.zeros((1, 8), np.float32), np.ones(8, np.float32), 1e-6).any()


def test_swiglu_far_out():
    gate = np.array([-1e4, -100, 0, 100, 1e4], np.float32)
    found = swiglu(gate, np.full(5, 3, np.float32))
    assert found.dtype == np.float32 and np.allclose(found, [0, 0, 0, 300, 3e4])


def test_softmax():
    random = np.random.default_rng(1)
    x = (random.standard_normal((4, 5, 9)) * 1000).astype(np.float32)
    found = softmax(x)
    assert found.dtype == np.float32 and np.allclose(found.sum(-1), 1, atol=1e-6)
    assert softmax(np.array([[-np.inf, 0.0, 0.0]], np.float32)).tolist() == [[0, 0.5, 0.5]]
    assert softmax(np.full((1, 3), -np.inf, np.float32)).tolist() == [[0, 0, 0]]


def test_arguments_stay():
    x = np.ones((1, 4), np.float32)
    rms_norm(x, x[0], 1e-5), softmax(x), swiglu(x, x)
    assert (x == 1).all()
