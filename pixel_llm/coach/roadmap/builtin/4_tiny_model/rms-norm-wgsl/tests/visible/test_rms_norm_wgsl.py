import pathlib

import numpy as np

from tinypixel.gpu import run
from tinypixel.layers import rms_norm

SOURCE = pathlib.Path("tinypixel/rms_norm.wgsl").read_text()


def test_two_rows():
    x = np.random.default_rng(0).standard_normal((2, 128)).astype(np.float32)
    weight = np.linspace(0.5, 2, 128, dtype=np.float32)
    y = np.frombuffer(run(SOURCE, [x, weight], 1024, (2, 1, 1), {"COLUMNS": 128, "EPS": 1e-5}), np.float32)
    assert np.allclose(y.reshape(2, 128), rms_norm(x, weight, 1e-5), rtol=1e-5, atol=1e-6)
