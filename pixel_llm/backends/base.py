"""What every backend offers: a `Decoder` that turns token ids into logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from pixel_llm.models.spec import DecoderSpec


@dataclass(frozen=True)
class Chunk:
    """Tokens that continue one sequence.

    `slot`: which sequence, 0 <= slot < decoder.slots. `ids`: int64 token ids, shape (n,), n >= 1; they stand at positions
    length(slot) … length(slot) + n - 1. `logits`: rows wanted: none, the last position's, or all n.
    """

    slot: int
    ids: NDArray[np.int64]
    logits: Literal["none", "last", "all"] = "last"


@runtime_checkable
class Decoder(Protocol):
    """A model made ready to run, with a KV cache of `context_length` positions for each of `slots` sequences."""

    spec: DecoderSpec
    context_length: int
    slots: int

    def forward(self, chunks: Sequence[Chunk]) -> list[NDArray[np.float32]]:
        """Run one pass over the weights for all `chunks` (at most one a slot) and append to their caches.

        Returns, for each chunk in order, float32 logits of shape (rows, vocab_size), rows 0, 1 or n. Raises
        `ContextLengthError` (and changes nothing) when a slot would overflow, `InvalidArgumentError` for an id
        outside the vocabulary, a slot outside the range or given twice, or an empty chunk.
        """
        ...

    def length(self, slot: int) -> int:
        """How many positions of `slot` are filled."""
        ...

    def truncate(self, slot: int, length: int) -> None:
        """Forget all positions of `slot` from `length` on; 0 empties it."""
        ...

    def close(self) -> None:
        """Release memory and threads; using the decoder afterwards raises `BackendError`."""
        ...
