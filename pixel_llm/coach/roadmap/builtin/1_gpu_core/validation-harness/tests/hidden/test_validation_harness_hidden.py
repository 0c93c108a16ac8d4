import warnings

import numpy as np
import pytest

from tinypixel.validate import compare

NAN, INF = float("nan"), float("inf")


@pytest.fixture(autouse=True)
def _strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize(
    ("found", "expected", "worst"),
    [(NAN, NAN, 0), (INF, INF, 0), (-INF, INF, INF), (NAN, 1.0, INF), (1.0, NAN, INF), (INF, 1.0, INF), (1.0, INF, INF)],
)  # fmt: skip
def test_not_finite(found, expected, worst):
    verdict = compare(np.array([0.0, found]), np.array([0.0, expected]), 1.0, tolerance=1e30)
    assert verdict.worst == worst and verdict.ok == (worst == 0)


def test_zero_scale():
    zeros = np.zeros(2)
    assert compare(np.ones(2), np.ones(2), zeros).ok
    verdict = compare(np.array([1.0, 1.5]), np.ones(2), zeros)
    assert verdict.worst == INF and verdict.at == (1,)


def test_shapes():
    verdict = compare(np.zeros((2, 3)), np.zeros((3, 2)), 1.0)
    assert not verdict.ok and verdict.worst == INF and verdict.at is None
    assert "(2, 3)" in verdict.reason and "(3, 2)" in verdict.reason
    assert compare(np.zeros((0, 3)), np.zeros((0, 3)), 1.0) == (True, 0.0, None, "")


def test_index_is_plain_and_first():
    found = np.zeros((3, 4), np.float32)
    found[1, 2] = found[2, 0] = 1
    verdict = compare(found, np.zeros((3, 4), np.float32), np.ones((3, 1)))
    assert verdict.at == (1, 2) and all(type(i) is int for i in verdict.at) and type(verdict.worst) is float
    assert "(1, 2)" in verdict.reason


def test_tolerance_is_inclusive():
    assert compare(np.array([1.5]), np.array([1.0]), 1.0, 0.5).ok
    assert not compare(np.array([1.5]), np.array([1.0]), 1.0, 0.49).ok
    for bad in (-1.0, NAN):
        with pytest.raises(ValueError):
            compare(np.zeros(1), np.zeros(1), 1.0, bad)


def test_float32_differences_are_taken_in_float64():
    found, expected = np.array([16777216.0], np.float32), np.array([16777215.0], np.float32)
    assert compare(found, expected, 1.0, 10).worst == 1.0
    big = np.array([3e38], np.float32)
    assert compare(big, -big, 1e38, 10).worst == pytest.approx(6)
