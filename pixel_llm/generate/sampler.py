"""From logits to one token."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Choice
from pixel_llm.errors import BackendError
from pixel_llm.generate.params import SamplingParams


class Sampler:
    """Chooses tokens as `params` say, in the order of transformers (`GenerationMixin._get_logits_processor`):
    repetition penalty, temperature, top-k, top-p, min-p.

    Repetition penalty: Keskar et al. 2019 (CTRL), section 4.1, over the prompt and what was generated. Top-k: Fan
    et al. 2018; tokens that tie with the k-th stay. Top-p: Holtzman et al. 2020. Min-p: Nguyen et al. 2024. Random
    numbers: PCG64.
    """

    def __init__(self, params: SamplingParams, history: Iterable[int] = ()) -> None:
        """`history`: the ids that the repetition penalty counts already, the prompt as a rule."""
        self._params = params
        self._random = np.random.Generator(np.random.PCG64(params.seed))
        self._seen = dict.fromkeys(history) if params.repetition_penalty != 1 else {}

    def sample(self, logits: NDArray[np.float32]) -> int:
        """The next token for float32 logits of shape (vocab_size,).

        Raises `BackendError` when a logit is not finite.
        """
        if not np.isfinite(logits).all():
            bad = int(np.flatnonzero(~np.isfinite(logits))[0])
            raise BackendError(f"the model gave {logits[bad]} as the logit of token {bad}", part="logits")
        params = self._params
        if params.repetition_penalty != 1:
            logits = self._penalised(logits)
        # argmax gives the first of equals: the lowest id.
        token = int(np.argmax(logits)) if params.temperature == 0 else self._draw(logits)
        if params.repetition_penalty != 1:
            self._seen[token] = None
        return token

    def choice(self) -> Choice:
        """The same choices for a decoder that makes them itself, with the random numbers that would come next."""
        p = self._params
        return Choice(
            p.temperature, p.top_k, p.top_p, p.min_p, self._random.random, p.repetition_penalty, tuple(self._seen)
        )

    def _penalised(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        logits = logits.copy()
        seen = np.fromiter((i for i in self._seen if 0 <= i < len(logits)), np.int64)
        values = logits[seen]
        penalty = np.float32(self._params.repetition_penalty)
        logits[seen] = np.where(values > 0, values / penalty, values * penalty)
        return logits

    def _draw(self, logits: NDArray[np.float32]) -> int:
        params = self._params
        tokens: NDArray[np.int64] | None = None
        scaled = logits.astype(np.float64)
        scaled -= scaled.max()
        with np.errstate(over="ignore"):
            scaled /= params.temperature
        count = len(scaled)
        if 0 < params.top_k < count:
            least = np.partition(scaled, count - params.top_k)[count - params.top_k]
            tokens = np.flatnonzero(scaled >= least)
            scaled = scaled[tokens]
        weights = np.exp(scaled)
        keep = np.ones(len(weights), bool)
        if params.top_p < 1:
            keep = _nucleus(weights / weights.sum(), params.top_p)
        if params.min_p > 0:
            # The likeliest token's weight is 1.
            keep &= weights >= params.min_p
        chosen = np.flatnonzero(keep)
        cumulative = np.cumsum(weights[chosen])
        place = int(np.searchsorted(cumulative, self._random.random() * cumulative[-1], side="right"))
        index = int(chosen[min(place, len(chosen) - 1)])
        return index if tokens is None else int(tokens[index])


def _nucleus(probabilities: NDArray[np.float64], top_p: float) -> NDArray[np.bool_]:
    # All tokens below this bound together have less than 1 - top_p, so none of them is in the nucleus: only the few
    # others are sorted.
    likely = np.flatnonzero(probabilities >= (1 - top_p) / len(probabilities))
    order = likely[np.argsort(-probabilities[likely], kind="stable")]
    before = np.cumsum(probabilities[order]) - probabilities[order]
    keep = np.zeros(len(probabilities), bool)
    keep[order[before < top_p]] = True
    return keep
