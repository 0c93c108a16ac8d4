"""How far two versions of a model agree on a text."""
from typing import NamedTuple
import numpy as np

class Agreement(NamedTuple):
    """Differences of the log-probability of the token that follows, over a text."""
    tokens: int
    mean: float
    worst: float
    at: int
    same: float
    perplexity: tuple[float, float]

def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities over the last axis, float64."""
    raise NotImplementedError('to be written')

def agreement(found: np.ndarray, expected: np.ndarray, ids: list[int]) -> Agreement:
    """Compare logits (n, vocab) of the same text of n tokens."""
    raise NotImplementedError('to be written')

def passes(report: Agreement, mean: float, same: float) -> tuple[bool, str]:
    """Whether the agreement is good enough, in words."""
    raise NotImplementedError('to be written')
