"""What every backend offers: a `Decoder` that turns token ids into logits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import ContextLengthError, InvalidArgumentError
from pixel_llm.models.spec import DecoderSpec


@dataclass(frozen=True)
class Chunk:
    """Tokens that continue one sequence.

    `slot`: which sequence, 0 <= slot < decoder.slots. `ids`: int64 token ids, shape (n,), n >= 1; they stand at
    positions length(slot) … length(slot) + n - 1. `logits`: rows wanted: none, the last position's, or all n.
    """

    slot: int
    ids: NDArray[np.int64]
    logits: Literal["none", "last", "all"] = "last"


@runtime_checkable
class Decoder(Protocol):
    """A model made ready to run, with a KV cache of `context_length` positions for each of `slots` sequences.

    `backend` is the name of the backend that runs it. Each backend says whether several Python threads may call it:
    those of the cpu and gpu backends may be.
    """

    backend: str
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
        """Forget all positions of `slot` from `length` on; 0 empties it. A length above the present one is an error."""
        ...

    def close(self) -> None:
        """Release memory and threads; using the decoder afterwards raises `BackendError`."""
        ...


@dataclass(frozen=True)
class Choice:
    """How a decoder that chooses tokens itself shall choose; the fields mean what `SamplingParams`' mean.

    `draw(n)` gives the next n random numbers, float64 in [0, 1), one a token; it is not called at temperature 0.
    `seen`: the ids that the repetition penalty counts before the first choice; each id that is chosen joins them.
    """

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    draw: Callable[[int], NDArray[np.float64]] | None = None
    repetition_penalty: float = 1.0
    seen: Collection[int] = ()


@runtime_checkable
class SamplingDecoder(Decoder, Protocol):
    """A decoder that can choose tokens where it computes, several passes ahead of whoever reads them."""

    def decode_ahead(self, slot: int, token: int, choice: Choice, limit: int) -> Generator[int, None, None]:
        """At most `limit` ids: what follows `token`, which is put behind what `slot` holds, and each other in turn.

        `token` is the last one of a prompt, or of what was generated. After each id, the slot holds `token` and all ids
        but the latest, whatever was computed ahead. Other calls may come in between, and so may streams of other slots;
        after a call that changes this slot, going on raises `BackendError`, as logits that are not finite do. Raises
        `ContextLengthError`, at the first id, where more than `limit` - 1 ids behind `token` would not fit.
        """
        ...


def check_chunks(chunks: Sequence[Chunk], lengths: Sequence[int], context_length: int, vocab_size: int) -> None:
    """What `Decoder.forward` must refuse, before it changes anything; `lengths` has one entry a slot."""
    seen: set[int] = set()
    for chunk in chunks:
        slot = check_slot(chunk.slot, len(lengths))
        if slot in seen:
            raise InvalidArgumentError("is given twice in one pass", part=f"slot {slot}")
        seen.add(slot)
        if chunk.logits not in ("none", "last", "all"):
            raise InvalidArgumentError(f"logits {chunk.logits!r} is none of none, last and all", part=f"slot {slot}")
        ids = np.asarray(chunk.ids)
        if ids.ndim != 1 or ids.dtype != np.int64:
            raise InvalidArgumentError(f"ids are {ids.dtype}{ids.shape}, not int64 (n,)", part=f"slot {slot}")
        if ids.size == 0:
            raise InvalidArgumentError("has no ids", part=f"slot {slot}")
        # A single id needs no reduction, whose code would have to be fetched from memory for each token.
        low, high = (int(ids[0]),) * 2 if ids.size == 1 else (int(ids.min()), int(ids.max()))
        if low < 0 or high >= vocab_size:
            wrong = low if low < 0 else high
            raise InvalidArgumentError(f"token id {wrong} is outside 0..{vocab_size - 1}", part=f"slot {slot}")
    for chunk in chunks:
        total = lengths[chunk.slot] + len(chunk.ids)
        if total > context_length:
            raise ContextLengthError(
                f"{total} tokens do not fit the context of {context_length}",
                part=f"slot {chunk.slot}",
                remedy="shorten the text or load the model with a longer context",
            )


def check_slot(slot: int, slots: int) -> int:
    """`slot` as an int; `InvalidArgumentError` unless 0 <= slot < slots."""
    if isinstance(slot, bool) or not isinstance(slot, (int, np.integer)) or not 0 <= slot < slots:
        raise InvalidArgumentError(f"slot {slot!r} is outside 0..{slots - 1}")
    return int(slot)


def check_truncate(length: int, filled: int) -> int:
    """`length` as an int; `InvalidArgumentError` unless 0 <= length <= filled, a slot's length."""
    if isinstance(length, bool) or not isinstance(length, (int, np.integer)) or not 0 <= length <= filled:
        raise InvalidArgumentError(f"cannot truncate to {length!r}: {filled} positions are filled")
    return int(length)
