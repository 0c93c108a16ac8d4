import warnings

import numpy as np
import pytest

from tinypixel.online import combine, part


@pytest.fixture(autouse=True)
def _strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("cuts", [[], [1], [5, 5, 20], [0, 64], list(range(1, 64))])
def test_any_cut(cuts):
    random = np.random.default_rng(len(cuts))
    q = (random.standard_normal(16) * 3).astype(np.float32)
    keys, values = random.standard_normal((2, 64, 16)).astype(np.float32)
    scores = keys.astype(np.float64) @ q * 0.25
    weights = np.exp(scores - scores.max())
    edges = [0, *cuts, 64]
    parts = [part(q, keys[a:b], values[a:b], 0.25) for a, b in zip(edges, edges[1:], strict=False)]
    found = combine(parts)
    assert found.dtype == np.float32 and np.abs(found - weights @ values / weights.sum()).max() < 1e-6
    assert np.allclose(combine(parts[::-1]), found, atol=1e-6)


def test_far_apart_scores():
    q = np.array([1e15, 0], np.float32)
    keys, values = np.array([[1e15, 0], [-1e15, 0]], np.float32), np.array([[1, 2], [3, 4]], np.float32)
    assert combine([part(q, keys[i : i + 1], values[i : i + 1], 1.0) for i in (1, 0)]).tolist() == [1, 2]


def test_empty():
    nothing = part(np.ones(3), np.zeros((0, 3)), np.zeros((0, 3)), 1.0)
    assert nothing.top == -np.inf and nothing.total == 0 and nothing.mixed.tolist() == [0, 0, 0]
    assert combine([nothing, nothing]).tolist() == [0, 0, 0]
    with pytest.raises(ValueError):
        combine([])
