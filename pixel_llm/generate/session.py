"""One sequence in a decoder's slot, and the ids that its KV cache holds."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Chunk, Decoder
from pixel_llm.errors import ContextLengthError, InvalidArgumentError
from pixel_llm.generate.params import SamplingParams
from pixel_llm.generate.sampler import Sampler

PREFILL_CHUNK = 256
"""Prompt positions in one pass: bounds the memory of a pass and how long Ctrl-C waits."""


class FinishReason(StrEnum):
    """Why a generation ended: an end-of-text token, a stop string, `max_tokens`, or the context is full."""

    EOS = "eos"
    STOP = "stop"
    LENGTH = "length"
    CONTEXT = "context"


class Session:
    """Generates in one slot and keeps the KV cache between calls: of a prompt that begins like what the slot holds,
    only the rest is run. One thread at a time.
    """

    def __init__(self, decoder: Decoder, slot: int = 0) -> None:
        if not 0 <= slot < decoder.slots:
            raise InvalidArgumentError(f"slot {slot} is not one of the decoder's {decoder.slots}")
        self.decoder = decoder
        self.slot = slot
        self._ids: list[int] | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids whose keys and values the slot holds, as far as this session knows."""
        return tuple(self._ids or ())

    def prefill(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Make the slot hold exactly `ids`; float32 logits (vocab_size,) after the last of them.

        Raises `InvalidArgumentError` for an empty prompt and `ContextLengthError` for one longer than the context.
        """
        check_length(self.decoder, len(ids))
        ids = list(ids)
        # Somebody else may have used the slot, or a pass may have been interrupted: then what it holds is not known.
        held = self._ids if self._ids is not None and len(self._ids) == self.decoder.length(self.slot) else []
        # The last position is run again, for its logits.
        shared = min(_common_prefix(held, ids), len(ids) - 1)
        self._ids = None
        self.decoder.truncate(self.slot, shared)
        self._ids = ids[:shared]
        while len(ids) - len(self._ids) > PREFILL_CHUNK:
            self._run(ids[len(self._ids) : len(self._ids) + PREFILL_CHUNK], last=False)
        return self._run(ids[len(self._ids) :])

    def generate(
        self, prompt_ids: Sequence[int], params: SamplingParams, *, eos: frozenset[int]
    ) -> Generator[int, None, FinishReason]:
        """The ids that follow `prompt_ids`, as they are made; the token that ends the text is not among them.

        Raises as `prefill` does, at once and not at the first id. The generator returns a `FinishReason`. Closing
        it at any point leaves decoder and session consistent.
        """
        check_length(self.decoder, len(prompt_ids))
        return self._generate(list(prompt_ids), params, eos)

    def _generate(
        self, prompt: list[int], params: SamplingParams, eos: frozenset[int]
    ) -> Generator[int, None, FinishReason]:
        logits = self.prefill(prompt)
        sampler = Sampler(params, prompt)
        made = 0
        while True:
            token = sampler.sample(logits)
            if token in eos:
                return FinishReason.EOS
            yield token
            made += 1
            if made == params.max_tokens:
                return FinishReason.LENGTH
            if len(prompt) + made > self.decoder.context_length:
                return FinishReason.CONTEXT
            logits = self._run([token])

    def _run(self, ids: list[int], *, last: bool = True) -> NDArray[np.float32]:
        known, self._ids = self._ids or [], None
        chunk = Chunk(self.slot, np.asarray(ids, dtype=np.int64), "last" if last else "none")
        (logits,) = self.decoder.forward([chunk])
        known.extend(ids)
        self._ids = known
        return logits[-1] if last else logits


def generate_ids(
    decoder: Decoder, prompt_ids: Sequence[int], params: SamplingParams, *, eos: frozenset[int], slot: int = 0
) -> Iterator[int]:
    """The ids that follow `prompt_ids`, in a slot that is emptied first; see `Session.generate`."""
    return Session(decoder, slot).generate(prompt_ids, params, eos=eos)


def check_length(decoder: Decoder, count: int) -> None:
    """Raise `InvalidArgumentError` for no ids at all, `ContextLengthError` for more than the context holds."""
    if count == 0:
        raise InvalidArgumentError("the prompt is empty", remedy="give at least one token")
    if count > decoder.context_length:
        raise ContextLengthError(
            f"the text has {count} tokens and the context holds {decoder.context_length}",
            remedy="shorten the text, or open the model with a larger context length",
        )


def _common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    count = min(len(a), len(b))
    differ = np.flatnonzero(np.asarray(a[:count], np.int64) != np.asarray(b[:count], np.int64))
    return int(differ[0]) if len(differ) else count


Progress = Callable[[int, int], None]
"""Called as progress(done_tokens, total_tokens)."""
