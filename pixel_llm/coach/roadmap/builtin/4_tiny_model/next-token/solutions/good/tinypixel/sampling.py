"""From logits to the next token."""

import math

import numpy as np


def probabilities(
    logits: np.ndarray, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0, min_p: float = 0.0
) -> np.ndarray:
    """float64 probabilities after temperature, top-k, top-p (Holtzman et al. 2020) and min-p (Nguyen et al. 2024)."""
    if np.isnan(logits).any() or not np.isfinite(logits.max()):
        raise ValueError("the logits are not finite")
    if not (math.isfinite(temperature) and temperature >= 0) or top_k < 0 or not 0 < top_p <= 1 or not 0 <= min_p <= 1:
        raise ValueError("a setting is out of range")
    out = np.zeros(len(logits))
    if temperature == 0:
        out[int(np.argmax(logits))] = 1
        return out
    scaled = logits.astype(np.float64) - float(logits.max())
    with np.errstate(over="ignore"):
        out = np.exp(scaled / temperature)
    out /= out.sum()
    if 0 < top_k < len(out):
        out[out < np.sort(out)[-top_k]] = 0
        out /= out.sum()
    if top_p < 1:
        order = np.argsort(-out, kind="stable")
        before = np.cumsum(out[order]) - out[order]
        out[order[before >= top_p]] = 0
    out[out < min_p * out.max()] = 0
    return out / out.sum()


def choose(logits: np.ndarray, draw: float, **settings: float) -> int:
    """The token that a number from 0 to 1 falls on."""
    if not 0 <= draw < 1:
        raise ValueError(f"a draw of {draw}")
    chances = probabilities(logits, **settings)
    possible = np.flatnonzero(chances)
    place = int(np.searchsorted(np.cumsum(chances[possible]), draw, side="right"))
    return int(possible[min(place, len(possible) - 1)])
