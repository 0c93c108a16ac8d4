import numpy as np
import pytest

from tinypixel.model import Config, Model, shapes

CONFIG = Config(vocab=11, hidden=8, inner=12, layers=2, heads=2, kv_heads=1)


def weights(seed=0):
    random = np.random.default_rng(seed)
    return {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes(CONFIG).items()}


def test_shapes():
    logits = Model(CONFIG, weights(), 8).forward([1, 2, 3])
    assert logits.shape == (3, 11) and logits.dtype == np.float32 and np.isfinite(logits).all()


def test_ids():
    with pytest.raises(ValueError):
        Model(CONFIG, weights(), 8).forward([11])
