"""Kernels against their reference."""

from typing import NamedTuple

import numpy as np


class Verdict(NamedTuple):
    """Whether two arrays agree, and where they differ most."""

    ok: bool
    worst: float
    at: tuple[int, ...] | None
    reason: str


def compare(found: np.ndarray, expected: np.ndarray, scale: np.ndarray | float, tolerance: float = 1e-5) -> Verdict:
    """The largest |found - expected| / scale against a tolerance."""
    if not tolerance >= 0:
        raise ValueError(f"a tolerance of {tolerance}")
    if found.shape != expected.shape:
        return Verdict(False, float("inf"), None, f"shape {found.shape} instead of {expected.shape}")
    if found.size == 0:
        return Verdict(True, 0.0, None, "")
    got, want = found.astype(np.float64), expected.astype(np.float64)
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    with np.errstate(all="ignore"):
        error = np.abs(got - want) / np.broadcast_to(np.asarray(scale, np.float64), got.shape)
    error = np.where(same, 0.0, np.nan_to_num(error))
    at = tuple(int(i) for i in np.unravel_index(int(np.argmax(error)), error.shape))
    worst = float(error[at])
    ok = worst <= tolerance
    return Verdict(ok, worst, at, "" if ok else f"at {at}: {found[at]} instead of {expected[at]}, an error of {worst:.3g}")
