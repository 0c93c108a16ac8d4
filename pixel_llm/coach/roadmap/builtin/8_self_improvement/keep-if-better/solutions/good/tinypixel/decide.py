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


def decide(
    before: list[float],
    after: list[float],
    correct: bool,
    least_gain: float = 0.02,
    rounds: int = 2000,
    seed: int = 0,
) -> Decision:
    """Compare times measured in turn (percentile bootstrap, Efron 1979)."""
    old, new = np.asarray(before, np.float64), np.asarray(after, np.float64)
    if old.shape != new.shape or old.ndim != 1 or not old.size:
        raise ValueError("expected as many times of one version as of the other")
    if not (np.isfinite(old).all() and np.isfinite(new).all() and (old > 0).all() and (new > 0).all()):
        raise ValueError("times must be above 0 and finite")
    if not least_gain >= 0:
        raise ValueError(f"a least gain of {least_gain}")
    gains = old / new
    ratio = float(np.median(gains))
    low = high = ratio
    if len(gains) >= 5:
        picks = np.random.default_rng(seed).integers(0, len(gains), (rounds, len(gains)))
        low, high = (float(q) for q in np.quantile(np.median(gains[picks], axis=1), [0.025, 0.975]))
    figures = f"{ratio:.3f} times as fast, 95 % between {low:.3f} and {high:.3f}"
    if not correct:
        return Decision(False, ratio, low, high, f"wrong results; {figures}")
    if len(gains) < 5:
        return Decision(False, ratio, low, high, f"too few rounds: {len(gains)}")
    if high < 1:
        return Decision(False, ratio, low, high, f"slower: {figures}")
    if low >= 1 + least_gain:
        return Decision(True, ratio, low, high, f"faster: {figures}")
    return Decision(False, ratio, low, high, f"not certain: {figures}")
