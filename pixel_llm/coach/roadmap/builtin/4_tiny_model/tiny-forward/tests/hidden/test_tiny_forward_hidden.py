import numpy as np
import pytest

from tinypixel.model import Config, Model, shapes

CONFIG = Config(vocab=17, hidden=24, inner=20, layers=3, heads=6, kv_heads=2, eps=1e-4, base=500.0)


def weights(seed=0):
    random = np.random.default_rng(seed)
    return {name: (random.standard_normal(shape) * 0.5).astype(np.float32) for name, shape in shapes(CONFIG).items()}


def slow(w, ids):
    """Everything in float64, one position at a time, written down anew."""
    c, dim = CONFIG, CONFIG.hidden // CONFIG.heads
    w = {name: value.astype(np.float64) for name, value in w.items()}

    def norm(x, name):
        return x / np.sqrt((x * x).mean() + c.eps) * w[name]

    def turn(x, position):
        out = x.copy()
        for p in range(dim // 2):
            angle = position * c.base ** (-2 * p / dim)
            a, b = x[:, p], x[:, p + dim // 2]
            out[:, p], out[:, p + dim // 2] = a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) + a * np.sin(angle)
        return out

    keys, values, rows = [[] for _ in range(c.layers)], [[] for _ in range(c.layers)], []
    for position, i in enumerate(ids):
        x = w["token_embd"][i]
        for layer in range(c.layers):
            b = f"blk.{layer}."
            y = norm(x, b + "attn_norm")
            q = turn((w[b + "attn_q"] @ y).reshape(-1, dim), position)
            keys[layer].append(turn((w[b + "attn_k"] @ y).reshape(-1, dim), position))
            values[layer].append((w[b + "attn_v"] @ y).reshape(-1, dim))
            mixed = []
            for h in range(c.heads):
                kv = h // (c.heads // c.kv_heads)
                scores = np.array([k[kv] @ q[h] for k in keys[layer]]) / np.sqrt(dim)
                p = np.exp(scores - scores.max())
                mixed.append((p / p.sum()) @ np.array([v[kv] for v in values[layer]]))
            x = x + w[b + "attn_o"] @ np.concatenate(mixed)
            y = norm(x, b + "ffn_norm")
            gate = w[b + "ffn_gate"] @ y
            x = x + w[b + "ffn_down"] @ (gate / (1 + np.exp(-gate)) * (w[b + "ffn_up"] @ y))
        rows.append(w["token_embd"] @ norm(x, "output_norm"))
    return np.array(rows)


def test_names_and_order():
    names = list(shapes(CONFIG))
    assert names[0] == "token_embd" and names[-1] == "output_norm" and len(names) == 2 + 9 * 3
    assert names[1:5] == ["blk.0.attn_norm", "blk.0.attn_q", "blk.0.attn_k", "blk.0.attn_v"]
    assert shapes(CONFIG)["blk.2.attn_k"] == (8, 24) and shapes(CONFIG)["blk.1.ffn_down"] == (24, 20)


def test_against_a_slow_one_in_parts():
    ids = [3, 1, 4, 1, 5, 9, 2, 6, 5, 16]
    expected = slow(weights(), ids)
    model = Model(CONFIG, weights(), 10)
    parts = [model.forward(ids[:4]), model.forward(ids[4:5]), model.forward(ids[5:])]
    assert model.length == 10
    assert np.abs(np.concatenate(parts) - expected).max() < 1e-4


def test_errors_change_nothing():
    model = Model(CONFIG, weights(), 4)
    first = model.forward([1, 2])
    for bad in ([], [-1], [17], [1, 2, 3]):
        with pytest.raises(ValueError):
            model.forward(bad)
        assert model.length == 2
    both = Model(CONFIG, weights(), 4).forward([1, 2, 3])
    assert np.allclose(np.concatenate([first, model.forward([3])]), both, atol=1e-4)


def test_weights_are_checked():
    good = weights()
    for name in ("blk.1.ffn_up", "output_norm"):
        with pytest.raises(ValueError, match=name):
            Model(CONFIG, {k: v for k, v in good.items() if k != name}, 4)
        with pytest.raises(ValueError, match=name):
            Model(CONFIG, {**good, name: good[name].astype(np.float64)}, 4)
        with pytest.raises(ValueError, match=name):
            Model(CONFIG, {**good, name: good[name][:3]}, 4)
    with pytest.raises(ValueError, match="blk.9.extra"):
        Model(CONFIG, {**good, "blk.9.extra": good["output_norm"]}, 4)
