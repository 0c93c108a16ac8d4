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
    eps: float = 1e-05
    base: float = 10000.0

def shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights."""
    raise NotImplementedError('to be written')

class Model:
    """A network with a cache of `capacity` positions, of which `length` are filled."""

    def __init__(self, config: Config, weights: dict[str, np.ndarray], capacity: int) -> None:
        raise NotImplementedError('to be written')

    def forward(self, ids: list[int]) -> np.ndarray:
        """float32 logits (n, vocab) of tokens that continue the sequence."""
        raise NotImplementedError('to be written')

    def _heads(self, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError('to be written')
