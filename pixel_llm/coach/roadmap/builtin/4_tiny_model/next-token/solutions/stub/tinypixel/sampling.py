"""From logits to the next token."""
import math
import numpy as np

def probabilities(logits: np.ndarray, temperature: float=1.0, top_k: int=0, top_p: float=1.0, min_p: float=0.0) -> np.ndarray:
    """float64 probabilities after temperature, top-k, top-p (Holtzman et al. 2020) and min-p (Nguyen et al. 2024)."""
    raise NotImplementedError('to be written')

def choose(logits: np.ndarray, draw: float, **settings: float) -> int:
    """The token that a number from 0 to 1 falls on."""
    raise NotImplementedError('to be written')
