"""A tiny Llama: token ids in, logits out."""

from typing import NamedTuple

import numpy as np

from tinypixel.attention import Cache, attend
from tinypixel.layers import rms_norm, swiglu
from tinypixel.rotary import rotate


class Config(NamedTuple):
    """Sizes of the network."""

    vocab: int
    hidden: int
    inner: int
    layers: int
    heads: int
    kv_heads: int
    eps: float = 1e-5
    base: float = 10000.0


def shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights."""
    hidden, kv = config.hidden, config.kv_heads * (config.hidden // config.heads)
    out: dict[str, tuple[int, ...]] = {"token_embd": (config.vocab, hidden)}
    for layer in range(config.layers):
        parts = {
            "attn_norm": (hidden,), "attn_q": (hidden, hidden), "attn_k": (kv, hidden), "attn_v": (kv, hidden),
            "attn_o": (hidden, hidden), "ffn_norm": (hidden,), "ffn_gate": (config.inner, hidden),
            "ffn_up": (config.inner, hidden), "ffn_down": (hidden, config.inner),
        }  # fmt: skip
        out |= {f"blk.{layer}.{name}": shape for name, shape in parts.items()}
    return out | {"output_norm": (hidden,)}


class Model:
    """A network with a cache of `capacity` positions, of which `length` are filled."""

    def __init__(self, config: Config, weights: dict[str, np.ndarray], capacity: int) -> None:
        wanted = shapes(config)
        for name in [*wanted, *weights]:
            if name not in weights:
                raise ValueError(f"{name} is missing")
            if name not in wanted:
                raise ValueError(f"{name} is not a weight of this network")
            if weights[name].shape != wanted[name] or weights[name].dtype != np.float32:
                raise ValueError(f"{name} is {weights[name].dtype}{weights[name].shape}, not float32{wanted[name]}")
        self._config, self._weights, self._capacity = config, weights, capacity
        self.length = 0
        dim = config.hidden // config.heads
        self._caches = [Cache(capacity, config.kv_heads, dim) for _ in range(config.layers)]

    def forward(self, ids: list[int]) -> np.ndarray:
        """float32 logits (n, vocab) of tokens that continue the sequence."""
        config, weights = self._config, self._weights
        if not ids or min(ids) < 0 or max(ids) >= config.vocab:
            raise ValueError(f"expected token ids from 0 to {config.vocab - 1}")
        if self.length + len(ids) > self._capacity:
            raise ValueError(f"{self.length + len(ids)} tokens are more than {self._capacity}")
        positions = np.arange(self.length, self.length + len(ids))
        x = weights["token_embd"][ids]
        for layer, cache in enumerate(self._caches):
            w = {name.split(".")[2]: value for name, value in weights.items() if name.startswith(f"blk.{layer}.")}
            y = rms_norm(x, w["attn_norm"], config.eps)
            q, k, v = (self._heads(y @ w[name].T) for name in ("attn_q", "attn_k", "attn_v"))
            mixed = attend(rotate(q, positions, config.base), rotate(k, positions, config.base), v, cache)
            x = x + mixed.reshape(len(ids), -1) @ w["attn_o"].T
            y = rms_norm(x, w["ffn_norm"], config.eps)
            x = x + swiglu(y @ w["ffn_gate"].T, y @ w["ffn_up"].T) @ w["ffn_down"].T
        self.length += len(ids)
        return rms_norm(x, weights["output_norm"], config.eps) @ weights["token_embd"].T

    def _heads(self, x: np.ndarray) -> np.ndarray:
        return x.reshape(len(x), -1, self._config.hidden // self._config.heads)
