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
    wide = logits.astype(np.float64)
    shifted = wide - wide.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def agreement(found: np.ndarray, expected: np.ndarray, ids: list[int]) -> Agreement:
    """Compare logits (n, vocab) of the same text of n tokens."""
    if found.ndim != 2 or found.shape != expected.shape or len(found) < 2 or len(ids) != len(found):
        raise ValueError(f"logits {found.shape} and {expected.shape} of {len(ids)} tokens do not fit")
    if min(ids) < 0 or max(ids) >= found.shape[1]:
        raise ValueError(f"a token id is outside 0..{found.shape[1] - 1}")
    for name, logits in (("found", found), ("expected", expected)):
        bad = np.isnan(logits).any(axis=1) | (logits == np.inf).any(axis=1)
        if bad.any():
            raise ValueError(f"{name}: row {int(np.argmax(bad))} has logits that are NaN or infinite")
    rows, following = np.arange(len(ids) - 1), np.asarray(ids[1:])
    ours, theirs = (log_softmax(logits[1:])[rows, following] for logits in (found, expected))
    with np.errstate(invalid="ignore"):
        difference = np.where(ours == theirs, 0.0, np.abs(ours - theirs))
    at = int(np.argmax(difference))
    same = float(np.mean(found[:-1].argmax(axis=1) == expected[:-1].argmax(axis=1)))
    perplexity = (float(np.exp(-ours.mean())), float(np.exp(-theirs.mean())))
    return Agreement(len(rows), float(difference.mean()), float(difference[at]), at, same, perplexity)


def passes(report: Agreement, mean: float, same: float) -> tuple[bool, str]:
    """Whether the agreement is good enough, in words."""
    ok = report.mean <= mean and report.same >= same
    text = f"mean difference {report.mean:.6g} (at most {mean:.6g}), same token {100 * report.same:.2f} % (at least {100 * same:.2f} %)"
    return ok, ("passes: " if ok else "fails: ") + text
