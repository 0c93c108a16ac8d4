import pathlib

import numpy as np
import pytest

from tinypixel.gpu import run
from tinypixel.q4 import dequantise, quantise

SOURCE = pathlib.Path("tinypixel/q4_matvec.wgsl").read_text()


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 200])
@pytest.mark.parametrize("groups", [1, 3, 18])
def test_any_shape(rows, groups):
    random = np.random.default_rng(rows + groups)
    codes, scales = quantise(random.standard_normal((rows, 32 * groups)).astype(np.float32))
    x = random.standard_normal(32 * groups).astype(np.float32)
    out = run(SOURCE, [codes, scales, x], 4 * rows + 64, (-(-rows // 64), 1, 1), {"ROWS": rows, "GROUPS": groups})
    y = np.frombuffer(out, np.float32)
    weights = dequantise(codes, scales).astype(np.float64)
    assert (np.abs(y[:rows] - weights @ x) <= 1e-5 * (np.abs(weights) @ np.abs(x))).all()
    assert np.isnan(y[rows:]).all()


def test_no_feature_is_needed():
    assert "enable " not in SOURCE
