import pathlib

import numpy as np

from tinypixel.gpu import run
from tinypixel.matmul import matmul, scale

SOURCE = pathlib.Path("tinypixel/matmul.wgsl").read_text()


def test_thirty_two():
    a, b = np.random.default_rng(0).standard_normal((2, 32, 32)).astype(np.float32)
    sizes = {"M": 32, "K": 32, "N": 32}
    c = np.frombuffer(run(SOURCE, [a, b], 4096, (2, 2, 1), sizes), np.float32).reshape(32, 32)
    assert (np.abs(c - matmul(a, b)) <= 1e-5 * scale(a, b)).all()
