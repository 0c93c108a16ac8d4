import numpy as np
import pytest

from tinypixel.attention import Cache, attend


def test_one_position_gives_its_value():
    q, k, v = np.random.default_rng(0).standard_normal((3, 1, 2, 4)).astype(np.float32)
    cache = Cache(4, 2, 4)
    assert np.allclose(attend(q, k, v, cache), v) and cache.length == 1


def test_capacity():
    cache, x = Cache(1, 1, 4), np.ones((2, 1, 4), np.float32)
    with pytest.raises(ValueError):
        attend(x, x, x, cache)
    assert cache.length == 0
