"""Weights as 4-bit codes with a float16 scale and offset for every 32 of them."""
import numpy as np
GROUP = 32

def quantise(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes uint8 (rows, columns / 2) and scales float16 (rows, columns / 32, 2)."""
    raise NotImplementedError('to be written')

def dequantise(codes: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """float32 weights (rows, columns)."""
    raise NotImplementedError('to be written')
