import pathlib

import numpy as np
import pytest

from tinypixel.gpu import run
from tinypixel.layers import rms_norm

SOURCE = pathlib.Path("tinypixel/rms_norm.wgsl").read_text()


@pytest.mark.parametrize("columns", [1, 2, 63, 64, 65, 576, 1000])
@pytest.mark.parametrize(("rows", "eps"), [(1, 1e-5), (5, 1e-6), (5, 0.5)])
def test_any_shape(columns, rows, eps):
    random = np.random.default_rng(columns)
    x = (random.standard_normal((rows, columns)) * random.uniform(0.1, 30, (rows, 1))).astype(np.float32)
    weight = random.standard_normal(columns).astype(np.float32)
    y = np.frombuffer(run(SOURCE, [x, weight], x.nbytes, (rows, 1, 1), {"COLUMNS": columns, "EPS": eps}), np.float32)
    expected = rms_norm(x, weight, eps)
    assert (np.abs(y.reshape(x.shape) - expected) <= 1e-5 * np.abs(expected) + 1e-30).all()


def test_zeros():
    y = run(SOURCE, [np.zeros(70, np.float32), np.ones(70, np.float32)], 280, (1, 1, 1), {"COLUMNS": 70, "EPS": 1e-5})
    assert not np.frombuffer(y, np.float32).any()
