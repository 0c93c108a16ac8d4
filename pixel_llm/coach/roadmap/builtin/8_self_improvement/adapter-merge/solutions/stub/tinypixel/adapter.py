"""Low-rank adapters (Hu et al. 2021) on 4-bit weights."""
import math
import numpy as np
from tinypixel.q4 import dequantise, quantise

def apply(x: np.ndarray, codes: np.ndarray, scales: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> np.ndarray:
    """x · (W + alpha / rank · b · a)ᵀ, float32 (n, out)."""
    raise NotImplementedError('to be written')

def merge(codes: np.ndarray, scales: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> tuple[tuple[np.ndarray, np.ndarray], float]:
    """Planes of the sum, and the largest error that quantising it made."""
    raise NotImplementedError('to be written')

def _checked(codes: np.ndarray, scales: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> tuple[np.ndarray, float]:
    raise NotImplementedError('to be written')
