import pathlib

import numpy as np
import pytest

from tinypixel.gpu import run

SOURCE = pathlib.Path("tinypixel/attention.wgsl").read_text()


@pytest.mark.parametrize(("heads", "kv_heads", "dim"), [(1, 1, 1), (4, 4, 7), (6, 2, 64), (3, 1, 128)])
@pytest.mark.parametrize(("length", "size"), [(2, 1.0), (33, 1.0), (300, 8.0)])
def test_against_float64(heads, kv_heads, dim, length, size):
    random = np.random.default_rng(heads + length)
    q = (random.standard_normal((heads, dim)) * size).astype(np.float32)
    k, v = random.standard_normal((2, length + 3, kv_heads, dim)).astype(np.float32)
    k[length:], v[length:] = 1e6, np.nan
    sizes = {"HEADS": heads, "KV_HEADS": kv_heads, "DIM": dim, "LENGTH": length, "SCALE": 0.5}
    out = np.frombuffer(run(SOURCE, [q, k, v], 4 * heads * dim, (heads, 1, 1), sizes), np.float32).reshape(heads, dim)
    for h in range(heads):
        keys, values = (a[:length, h // (heads // kv_heads)].astype(np.float64) for a in (k, v))
        scores = keys @ q[h].astype(np.float64) * 0.5
        weights = np.exp(scores - scores.max())
        assert np.abs(out[h] - weights @ values / weights.sum()).max() < 1e-4 * max(1, np.abs(scores).max() / 10)


def test_large_scores():
    q, k = np.full((1, 4), 100, np.float32), np.zeros((2, 1, 4), np.float32)
    k[1] = 25
    v = np.array([[[1] * 4], [[2] * 4]], np.float32)
    out = run(SOURCE, [q, k, v], 16, (1, 1, 1), {"HEADS": 1, "KV_HEADS": 1, "DIM": 4, "LENGTH": 2, "SCALE": 1.0})
    assert np.frombuffer(out, np.float32).tolist() == [2] * 4


def test_long():
    n = 10_000
    values = np.arange(n, dtype=np.float32).reshape(n, 1, 1)
    out = run(SOURCE, [np.zeros((1, 1), np.float32), np.ones((n, 1, 1), np.float32), values], 4, (1, 1, 1),
              {"HEADS": 1, "KV_HEADS": 1, "DIM": 1, "LENGTH": n, "SCALE": 1.0})  # fmt: skip
    assert abs(np.frombuffer(out, np.float32)[0] - (n - 1) / 2) < 1
