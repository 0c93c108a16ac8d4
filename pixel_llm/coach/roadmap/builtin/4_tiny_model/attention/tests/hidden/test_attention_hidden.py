import numpy as np
import pytest

from tinypixel.attention import Cache, attend


def slow(q, k, v, start, window):
    n, heads, dim = q.shape
    out = np.zeros(q.shape)
    group = heads // k.shape[1]
    for i in range(n):
        at = start + i
        first = max(0, at - window + 1) if window else 0
        for h in range(heads):
            keys, values = (a[first : at + 1, h // group].astype(np.float64) for a in (k, v))
            scores = keys @ q[i, h].astype(np.float64) / np.sqrt(dim)
            weights = np.exp(scores - scores.max())
            out[i, h] = weights @ values / weights.sum()
    return out


@pytest.mark.parametrize("window", [0, 1, 3, 100])
@pytest.mark.parametrize(("heads", "kv_heads"), [(4, 4), (6, 2), (3, 1)])
def test_in_parts(heads, kv_heads, window):
    random = np.random.default_rng(heads)
    q = random.standard_normal((11, heads, 8)).astype(np.float32)
    k, v = random.standard_normal((2, 11, kv_heads, 8)).astype(np.float32)
    cache, start = Cache(11, kv_heads, 8), 0
    for size in (1, 4, 1, 5):
        part = slice(start, start + size)
        found = attend(q[part], k[part], v[part], cache, window)
        assert found.dtype == np.float32 and found.shape == (size, heads, 8)
        assert np.abs(found - slow(q[part], k, v, start, window)).max() < 1e-5
        start += size
        assert cache.length == start


def test_large_scores():
    q = np.full((2, 1, 4), 300, np.float32)
    k = np.array([[[300] * 4], [[-300] * 4]], np.float32)
    v = np.array([[[1] * 4], [[2] * 4]], np.float32)
    assert np.allclose(attend(q, k, v, Cache(2, 1, 4)), 1)


def test_refused_and_unchanged():
    cache = Cache(8, 2, 4)
    ones = lambda *shape: np.ones(shape, np.float32)  # noqa: E731
    attend(ones(2, 4, 4), ones(2, 2, 4), ones(2, 2, 4), cache)
    for q, k, v in [
        (ones(1, 3, 4), ones(1, 2, 4), ones(1, 2, 4)), (ones(1, 4, 4), ones(2, 2, 4), ones(2, 2, 4)), (ones(1, 4, 5), ones(1, 2, 5), ones(1, 2, 5)),
        (ones(1, 4, 4), ones(1, 2, 4), ones(1, 1, 4)), (ones(7, 4, 4), ones(7, 2, 4), ones(7, 2, 4)),
    ]:  # fmt: skip
        with pytest.raises(ValueError):
            attend(q, k, v, cache)
        assert cache.length == 2
