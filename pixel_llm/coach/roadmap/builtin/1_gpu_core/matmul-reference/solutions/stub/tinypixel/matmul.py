"""The matrix product that kernels are measured against."""
import numpy as np

def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A · B in float64, rounded once to float32 (M, N)."""
    raise NotImplementedError('to be written')

def scale(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """|A| · |B|, float64 (M, N)."""
    raise NotImplementedError('to be written')

def _check(a: np.ndarray, b: np.ndarray) -> None:
    raise NotImplementedError('to be written')
