import numpy as np
import pytest

from tinypixel.decide import decide


def test_a_lucky_median_is_not_enough():
    before = [1.0] * 9
    after = [0.9, 0.9, 0.9, 0.9, 0.9, 1.3, 1.3, 1.3, 1.3]
    found = decide(before, after, True)
    assert found.ratio > 1.1 and not found.keep and "not certain" in found.reason and found.low < 1


def test_pairs_count():
    noise = np.linspace(1, 5, 15)
    found = decide(list(1.1 * noise), list(noise), True)
    assert found.keep and np.isclose(found.low, 1.1) and "faster" in found.reason


def test_interval_is_the_bootstrap_s():
    random = np.random.default_rng(7)
    before, after = random.uniform(1, 2, 21), random.uniform(1, 2, 21)
    gains = before / after
    picks = np.random.default_rng(3).integers(0, 21, (500, 21))
    low, high = np.quantile(np.median(gains[picks], axis=1), [0.025, 0.975])
    found = decide(list(before), list(after), True, rounds=500, seed=3)
    assert np.allclose(found[1:4], (np.median(gains), low, high))


@pytest.mark.parametrize(
    ("before", "after", "correct", "word"),
    [([9.0] * 9, [1.0] * 9, False, "wrong results"), ([9.0] * 2, [1.0] * 2, False, "wrong results"), ([9.0] * 4, [1.0] * 4, True, "too few"),
     ([1.0] * 5, [2.0] * 5, True, "slower"), ([1.01] * 5, [1.0] * 5, True, "not certain"), ([1.0] * 5, [1.0] * 5, True, "not certain")],
)  # fmt: skip
def test_reasons(before, after, correct, word):
    found = decide(before, after, correct)
    assert not found.keep and word in found.reason


def test_least_gain():
    assert decide([1.05] * 5, [1.0] * 5, True, least_gain=0.05 - 1e-9).keep
    assert not decide([1.05] * 5, [1.0] * 5, True, least_gain=0.06).keep
    assert decide([1.0] * 4, [2.0] * 4, True)[1:4] == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("before", "after", "gain"), [([], [], 0.1), ([1.0], [0.0], 0.1), ([float("nan")], [1.0], 0.1), ([float("inf")], [1.0], 0.1), ([-1.0], [1.0], 0.1), ([1.0], [1.0], -0.1), ([1.0, 2.0], [1.0], 0.1)])
def test_refused(before, after, gain):
    with pytest.raises(ValueError):
        decide(before, after, True, least_gain=gain)
