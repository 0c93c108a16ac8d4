import pathlib

import numpy as np

from tinypixel.gpu import run

SOURCE = pathlib.Path("tinypixel/attention.wgsl").read_text()


def test_one_position():
    q, k, v = np.random.default_rng(0).standard_normal((3, 2, 8)).astype(np.float32)
    sizes = {"HEADS": 2, "KV_HEADS": 2, "DIM": 8, "LENGTH": 1, "SCALE": 0.3}
    out = np.frombuffer(run(SOURCE, [q, k, v], 64, (2, 1, 1), sizes), np.float32)
    assert np.allclose(out, v.reshape(-1), atol=1e-5)
