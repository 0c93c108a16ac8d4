"""Kernels against their reference."""
from typing import NamedTuple
import numpy as np

class Verdict(NamedTuple):
    """Whether two arrays agree, and where they differ most."""
    ok: bool
    worst: float
    at: tuple[int, ...] | None
    reason: str

def compare(found: np.ndarray, expected: np.ndarray, scale: np.ndarray | float, tolerance: float=1e-05) -> Verdict:
    """The largest |found - expected| / scale against a tolerance."""
    raise NotImplementedError('to be written')
