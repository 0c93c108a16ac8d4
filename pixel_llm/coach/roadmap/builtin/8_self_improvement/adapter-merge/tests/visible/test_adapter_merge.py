import numpy as np

from tinypixel.adapter import apply, merge
from tinypixel.q4 import dequantise, quantise


def test_rank_one():
    random = np.random.default_rng(0)
    planes = quantise(random.standard_normal((4, 32)).astype(np.float32))
    a, b = random.standard_normal((1, 32)).astype(np.float32), random.standard_normal((4, 1)).astype(np.float32)
    x = random.standard_normal((2, 32)).astype(np.float32)
    assert np.allclose(apply(x, *planes, a, b, 1.0), x @ (dequantise(*planes) + b @ a).T, atol=1e-4)
    (codes, scales), error = merge(*planes, a, b, 1.0)
    assert np.abs(dequantise(codes, scales) - dequantise(*planes) - b @ a).max() <= error + 1e-5
