import pathlib

import numpy as np
import pytest

from tinypixel.f16 import pack
from tinypixel.gpu import run
from tinypixel.matmul import matmul, scale

SOURCE = pathlib.Path("tinypixel/matmul_f16.wgsl").read_text()


@pytest.mark.parametrize("m", [1, 15, 33])
@pytest.mark.parametrize("k", [1, 16, 17, 100])
@pytest.mark.parametrize("n", [1, 16, 47])
def test_any_shape(m, k, n):
    random = np.random.default_rng(m * 10_000 + k * 100 + n)
    a, b = random.standard_normal((m, k)).astype(np.float16), random.standard_normal((k, n)).astype(np.float16)
    groups = (-(-n // 16), -(-m // 16), 1)
    c = np.frombuffer(run(SOURCE, [pack(a.astype(np.float32)), pack(b.astype(np.float32))], 4 * m * n, groups, {"M": m, "K": k, "N": n}), np.float32).reshape(m, n)
    assert (np.abs(c - matmul(a, b)) <= 1e-5 * scale(a, b)).all()


def test_more_groups_than_needed():
    a = np.ones((3, 5), np.float32)
    c = np.frombuffer(run(SOURCE, [pack(a), pack(a.T)], 36 + 64, (4, 4, 1), {"M": 3, "K": 5, "N": 3}), np.float32)
    assert c[:9].tolist() == [5] * 9 and np.isnan(c[9:]).all()


def test_tiles_go_through_workgroup_memory():
    assert "workgroupBarrier" in SOURCE and "var<workgroup>" in SOURCE


def test_no_feature_is_needed():
    assert "enable f16" not in SOURCE
