import warnings

import numpy as np
import pytest

from tinypixel.sampling import choose, probabilities


@pytest.fixture(autouse=True)
def _strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def logs(*values):
    return np.log(np.array(values, np.float64)).astype(np.float32)


def test_top_p_keeps_the_token_that_crosses():
    assert np.count_nonzero(probabilities(logs(0.5, 0.3, 0.2), top_p=0.51)) == 2
    assert probabilities(logs(0.5, 0.3, 0.2), top_p=0.01).tolist() == [1, 0, 0]
    assert probabilities(np.zeros(4, np.float32), top_p=0.5).tolist() == [0.5, 0.5, 0, 0]


def test_top_k_keeps_ties():
    assert np.allclose(probabilities(logs(0.4, 0.2, 0.2, 0.2), top_k=2), [0.4, 0.2, 0.2, 0.2])
    assert np.count_nonzero(probabilities(logs(0.4, 0.3, 0.2, 0.1), top_k=2)) == 2
    assert np.count_nonzero(probabilities(logs(0.5, 0.5), top_k=9)) == 2


def test_order_top_k_before_top_p():
    found = probabilities(logs(0.4, 0.3, 0.2, 0.1), top_k=2, top_p=0.6)
    assert np.allclose(found, [4 / 7, 3 / 7, 0, 0])
    assert np.allclose(probabilities(logs(0.6, 0.3, 0.1), top_k=2, top_p=0.65), [1, 0, 0])


def test_min_p():
    assert np.allclose(probabilities(logs(0.5, 0.3, 0.2), min_p=0.5), [0.625, 0.375, 0])
    assert np.allclose(probabilities(np.zeros(3, np.float32), min_p=1), 1 / 3)


def test_temperature():
    x = np.array([1.0, 2.0, 3.0], np.float32)
    assert np.allclose(probabilities(x, temperature=0.5), np.exp(2 * x) / np.exp(2 * x).sum())
    assert np.allclose(probabilities(x, temperature=1e-300), [0, 0, 1])
    assert probabilities(np.array([2, 5, 5], np.float32), temperature=0).tolist() == [0, 1, 0]


def test_large_and_infinite_logits():
    assert np.allclose(probabilities(np.array([3e38, 3e38, -np.inf], np.float32)), [0.5, 0.5, 0])


def test_choose_covers_and_never_hits_zero():
    x = np.array([-np.inf, 0, -np.inf, 0, -np.inf], np.float32)
    assert {choose(x, d) for d in np.linspace(0, 0.9999999999999999, 1001)} == {1, 3}
    random = np.random.default_rng(0)
    logits = random.standard_normal(1000).astype(np.float32)
    assert 0 <= choose(logits, np.nextafter(1, 0), top_p=0.9) < 1000
    counts = np.bincount([choose(logs(0.7, 0.2, 0.1), d) for d in random.random(3000)], minlength=3) / 3000
    assert np.abs(counts - [0.7, 0.2, 0.1]).max() < 0.04


@pytest.mark.parametrize("bad", [
    {"temperature": float("nan")}, {"temperature": float("inf")}, {"top_k": -1}, {"top_p": 0.0}, {"top_p": 1.1}, {"min_p": -0.1}, {"min_p": 1.1},
])  # fmt: skip
def test_settings(bad):
    with pytest.raises(ValueError):
        probabilities(logs(0.5, 0.5), **bad)


@pytest.mark.parametrize("logits", [[float("nan"), 1.0], [float("inf"), 1.0], [float("-inf")] * 2])
def test_logits(logits):
    with pytest.raises(ValueError):
        probabilities(np.array(logits, np.float32))


@pytest.mark.parametrize("draw", [-0.1, 1.0, float("nan")])
def test_draw(draw):
    with pytest.raises(ValueError):
        choose(logs(0.5, 0.5), draw)
