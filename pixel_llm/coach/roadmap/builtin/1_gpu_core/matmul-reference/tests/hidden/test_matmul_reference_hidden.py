import warnings

import numpy as np
import pytest

from tinypixel.matmul import matmul, scale


def test_rounded_once():
    a = np.array([[1e8, 1, -1e8, 1]], np.float32)
    assert matmul(a, np.ones((4, 1), np.float32)).tolist() == [[2]]
    random = np.random.default_rng(0)
    a, b = random.standard_normal((7, 5000)).astype(np.float32), random.standard_normal((5000, 3)).astype(np.float32)
    assert np.array_equal(matmul(a, b), (a.astype(np.float64) @ b.astype(np.float64)).astype(np.float32))


def test_half_is_widened_first():
    a = np.full((1, 10), 300, np.float16)
    assert matmul(a, a.T).tolist() == [[900_000]]


def test_types_and_empty():
    out = matmul(np.zeros((2, 0), np.float32), np.zeros((0, 3), np.float16))
    assert out.shape == (2, 3) and out.dtype == np.float32 and not out.any()
    assert scale(np.zeros((2, 0), np.float32), np.zeros((0, 3), np.float32)).dtype == np.float64


def test_too_large_is_silent():
    big = np.full((1, 1), 3e38, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isinf(matmul(big, big)).all()


@pytest.mark.parametrize(
    ("a", "b"),
    [(np.zeros(3, np.float32), np.zeros((3, 1), np.float32)), (np.zeros((1, 3)), np.zeros((3, 1), np.float32)),
     (np.zeros((1, 3), np.int32), np.zeros((3, 1), np.float32)), (np.zeros((1, 3), np.float32), np.zeros((4, 1), np.float32))],
)  # fmt: skip
def test_refused(a, b):
    for function in (matmul, scale):
        with pytest.raises(ValueError) as caught:
            function(a, b)
        assert str(a.shape) in str(caught.value) and str(b.shape) in str(caught.value)
