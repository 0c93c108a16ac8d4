"""Pairs of float16 numbers in 32-bit words, as WGSL's pack2x16float lays them out."""
import numpy as np

def pack(values: np.ndarray) -> np.ndarray:
    """float32 numbers to uint32 words, two in each, the first in the low half."""
    raise NotImplementedError('to be written')

def unpack(words: np.ndarray, count: int) -> np.ndarray:
    """The first `count` numbers of uint32 words, as float32."""
    raise NotImplementedError('to be written')
