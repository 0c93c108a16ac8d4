"""How likely a model finds a text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Chunk, Decoder
from pixel_llm.errors import BackendError, InvalidArgumentError
from pixel_llm.generate.session import check_length

MAX_LOGITS = 1 << 24
"""Logits of one pass (64 MiB of float32)."""
MAX_POSITIONS = 128


@dataclass(frozen=True, slots=True)
class Scores:
    """For n ids: `logprobs`, float64 (n - 1,), natural logarithm of the probability of ids[1:] each given what
    comes before; `argmax`, int64 (n,), the most likely next token at every position, the lowest id of equals.
    """

    logprobs: NDArray[np.float64]
    argmax: NDArray[np.int64]

    @property
    def perplexity(self) -> float:
        """exp of the mean negative log-probability; raises `InvalidArgumentError` for a single id."""
        if len(self.logprobs) == 0:
            raise InvalidArgumentError("perplexity needs at least two tokens")
        mean = -float(self.logprobs.mean())
        return math.exp(mean) if mean < 709 else math.inf


def score(
    decoder: Decoder, ids: Sequence[int], *, slot: int = 0, progress: Callable[[int, int], None] | None = None
) -> Scores:
    """Score `ids` in `slot`, which is emptied before and afterwards.

    Memory does not grow with the text: at most 128 positions' logits exist at a time. `progress(done, total)`
    counts positions. Raises `ContextLengthError`, `InvalidArgumentError` for no ids, and `BackendError` when a
    logit is not finite.
    """
    check_length(decoder, len(ids))
    tokens = np.asarray(ids, dtype=np.int64)
    total = len(tokens)
    logprobs, argmax = np.empty(total - 1), np.empty(total, np.int64)
    step = max(1, min(MAX_POSITIONS, MAX_LOGITS // decoder.spec.vocab_size))
    decoder.truncate(slot, 0)
    try:
        for start in range(0, total, step):
            (logits,) = decoder.forward([Chunk(slot, tokens[start : start + step], "all")])
            for row, position in zip(logits, range(start, total), strict=False):
                if not np.isfinite(row).all():
                    raise BackendError(f"the model gave logits that are not finite at position {position}")
                argmax[position] = np.argmax(row)
                if position + 1 < total:
                    wide = row.astype(np.float64)
                    wide -= wide[argmax[position]]
                    logprobs[position] = wide[tokens[position + 1]] - math.log(np.exp(wide).sum())
            if progress is not None:
                progress(min(start + step, total), total)
    finally:
        decoder.truncate(slot, 0)
    return Scores(logprobs, argmax)
