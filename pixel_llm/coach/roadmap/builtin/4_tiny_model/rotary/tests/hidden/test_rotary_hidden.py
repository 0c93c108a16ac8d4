import numpy as np
import pytest

from tinypixel.rotary import rotate


def slow(x, positions, base, interleaved):
    out = x.astype(np.float64)
    d = x.shape[2]
    for i, position in enumerate(positions):
        for p in range(d // 2):
            j, k = (2 * p, 2 * p + 1) if interleaved else (p, p + d // 2)
            angle = float(position) * base ** (-2 * p / d)
            a, b = x[i, :, j].astype(np.float64), x[i, :, k].astype(np.float64)
            out[i, :, j], out[i, :, k] = a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) + a * np.sin(angle)
    return out


@pytest.mark.parametrize("interleaved", [False, True])
@pytest.mark.parametrize("base", [10000.0, 1e6])
def test_against_a_slow_one(interleaved, base):
    x = np.random.default_rng(0).standard_normal((5, 3, 64)).astype(np.float32)
    positions = np.array([0, 1, 77, 4096, 1_000_000])
    found = rotate(x, positions, base, interleaved)
    assert found.dtype == np.float32 and np.abs(found - slow(x, positions, base, interleaved)).max() < 1e-5


def test_length_stays_and_only_distance_counts():
    random = np.random.default_rng(1)
    q, k = random.standard_normal((2, 1, 1, 32)).astype(np.float32)
    assert np.allclose(np.linalg.norm(rotate(q, np.array([9]))), np.linalg.norm(q), rtol=1e-6)
    near = (rotate(q, np.array([10])) * rotate(k, np.array([7]))).sum()
    far = (rotate(q, np.array([1010])) * rotate(k, np.array([1007]))).sum()
    assert abs(near - far) < 1e-4


def test_argument_stays():
    x = np.ones((1, 1, 4), np.float32)
    rotate(x, np.array([5]))
    assert (x == 1).all()


@pytest.mark.parametrize(("shape", "n", "base"), [((1, 1, 3), 1, 10.0), ((2, 1, 4), 1, 10.0), ((2, 4), 2, 10.0), ((1, 1, 4), 1, 1.0), ((1, 1, 4), 1, float("nan"))])
def test_refused(shape, n, base):
    with pytest.raises(ValueError):
        rotate(np.zeros(shape, np.float32), np.arange(n), base)
