import pathlib

import numpy as np

from tinypixel.gpu import run

SOURCE = pathlib.Path("tinypixel/dot_product.wgsl").read_text()


def test_a_thousand_elements():
    a, b = np.random.default_rng(0).standard_normal((2, 1000)).astype(np.float32)
    parts = np.frombuffer(run(SOURCE, [a, b], 16, (4, 1, 1), {"LENGTH": 1000, "GROUPS": 4}), np.float32)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    assert abs(parts.sum() - exact) <= 1e-5 * np.abs(a * b).sum()
