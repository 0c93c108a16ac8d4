import pathlib

import numpy as np
import pytest

from tinypixel.gpu import run

SOURCE = pathlib.Path("tinypixel/dot_product.wgsl").read_text()


@pytest.mark.parametrize("length", [0, 1, 2, 63, 64, 65, 127, 129, 1023, 4097, 65537])
@pytest.mark.parametrize("groups", [1, 3, 64])
def test_any_length(length, groups):
    random = np.random.default_rng(length + groups)
    a, b = random.standard_normal((2, length + 77)).astype(np.float32)
    a[length:] = np.nan
    parts = np.frombuffer(run(SOURCE, [a, b], 4 * groups, (groups, 1, 1), {"LENGTH": length, "GROUPS": groups}), np.float32)
    exact = a[:length].astype(np.float64) @ b[:length].astype(np.float64)
    assert np.isfinite(parts).all()
    assert abs(parts.sum(dtype=np.float64) - exact) <= 1e-5 * max(np.abs(a[:length] * b[:length]).sum(), 1e-30)


def test_many_groups():
    ones = np.ones(1000, np.float32)
    parts = np.frombuffer(run(SOURCE, [ones, ones], 4000, (1000, 1, 1), {"LENGTH": 1000, "GROUPS": 1000}), np.float32)
    assert parts.sum() == 1000


def test_sums_in_parallel():
    assert "workgroupBarrier" in SOURCE and "var<workgroup>" in SOURCE
