"""Parts of a transformer's layer, in float32."""
import numpy as np

def rms_norm(x: np.ndarray, weight: np.ndarray, eps: float) -> np.ndarray:
    """Root mean square norm over the last axis (Zhang and Sennrich 2019)."""
    raise NotImplementedError('to be written')

def swiglu(gate: np.ndarray, up: np.ndarray) -> np.ndarray:
    """gate · sigmoid(gate) · up (Shazeer 2020)."""
    raise NotImplementedError('to be written')

def softmax(x: np.ndarray) -> np.ndarray:
    """Probabilities over the last axis; a row of -inf alone gives zeros."""
    raise NotImplementedError('to be written')
