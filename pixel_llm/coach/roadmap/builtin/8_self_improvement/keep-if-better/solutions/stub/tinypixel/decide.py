"""Whether a change is kept: only if it is right and certainly faster."""
from typing import NamedTuple
import numpy as np

class Decision(NamedTuple):
    """The median gain, its 95 % bootstrap interval, and what follows."""
    keep: bool
    ratio: float
    low: float
    high: float
    reason: str

def decide(before: list[float], after: list[float], correct: bool, least_gain: float=0.02, rounds: int=2000, seed: int=0) -> Decision:
    """Compare times measured in turn (percentile bootstrap, Efron 1979)."""
    raise NotImplementedError('to be written')
