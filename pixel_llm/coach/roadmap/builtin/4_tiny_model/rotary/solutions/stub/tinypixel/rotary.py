"""Rotary position embedding (Su et al. 2021)."""
import numpy as np

def rotate(x: np.ndarray, positions: np.ndarray, base: float=10000.0, interleaved: bool=False) -> np.ndarray:
    """x float32 (n, heads, head_dim) turned by its positions (n,)."""
    raise NotImplementedError('to be written')
