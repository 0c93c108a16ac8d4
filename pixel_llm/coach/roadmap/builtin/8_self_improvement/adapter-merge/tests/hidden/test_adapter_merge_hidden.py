import numpy as np
import pytest

from tinypixel.adapter import apply, merge
from tinypixel.q4 import dequantise, quantise

RANDOM = np.random.default_rng(3)
PLANES = quantise(RANDOM.standard_normal((24, 64)).astype(np.float32))
A, B = RANDOM.standard_normal((8, 64)).astype(np.float32), RANDOM.standard_normal((24, 8)).astype(np.float32)
X = RANDOM.standard_normal((5, 64)).astype(np.float32)


def test_alpha_is_divided_by_the_rank():
    wide = dequantise(*PLANES).astype(np.float64) + 16.0 / 8 * B.astype(np.float64) @ A
    found = apply(X, *PLANES, A, B, 16.0)
    assert found.dtype == np.float32 and np.abs(found - X @ wide.T).max() < 2e-4
    planes, error = merge(*PLANES, A, B, 16.0)
    difference = np.abs(dequantise(*planes) - wide).max()
    assert isinstance(error, float) and 0 < error and abs(difference - error) < 1e-4


def test_rank_zero_and_alpha_zero():
    empty = np.zeros((0, 64), np.float32), np.zeros((24, 0), np.float32)
    plain = X @ dequantise(*PLANES).T
    assert np.allclose(apply(X, *PLANES, *empty, 16.0), plain, atol=1e-5)
    assert np.allclose(apply(X, *PLANES, A, B, 0.0), plain, atol=1e-5)
    planes, error = merge(*PLANES, *empty, 1.0)
    assert np.abs(dequantise(*planes) - dequantise(*PLANES)).max() <= error + 1e-6


def test_planes_stay():
    before = [plane.copy() for plane in PLANES]
    merge(*PLANES, A, B, 3.0)
    apply(X, *PLANES, A, B, 3.0)
    assert all(np.array_equal(p, q) for p, q in zip(PLANES, before, strict=True))


@pytest.mark.parametrize(
    ("a", "b", "alpha"),
    [(A[:, :32], B, 1.0), (A, B[:5], 1.0), (A[:3], B, 1.0), (A.astype(np.float64), B, 1.0), (A[0], B, 1.0), (A, B, float("nan")), (A, B, float("inf"))],
)  # fmt: skip
def test_refused(a, b, alpha):
    for call in (lambda: apply(X, *PLANES, a, b, alpha), lambda: merge(*PLANES, a, b, alpha)):
        with pytest.raises(ValueError):
            call()


@pytest.mark.parametrize("x", [X[:, :32], X[0], X.astype(np.float64)])
def test_x(x):
    with pytest.raises(ValueError):
        apply(x, *PLANES, A, B, 1.0)
