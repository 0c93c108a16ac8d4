"""One sequence in a decoder's slot, and the ids that its KV cache holds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Sequence
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Choice, Chunk, Decoder, SamplingDecoder
from pixel_llm.errors import ContextLengthError, InvalidArgumentError
from pixel_llm.generate.params import SamplingParams
from pixel_llm.generate.sampler import Sampler
from pixel_llm.generate.speculation import DraftCounts, Drafter

PREFILL_CHUNK = 256
"""Prompt positions in one pass: bounds the memory of a pass and how long an interruption waits."""

Progress = Callable[[int, int], None]
"""Called as progress(done_tokens, total_tokens)."""


class FinishReason(StrEnum):
    """Why a generation ended: an end-of-text token, a stop string, `max_tokens`, or the context is full."""

    EOS = "eos"
    STOP = "stop"
    LENGTH = "length"
    CONTEXT = "context"


class Session:
    """Generates in one slot and keeps the KV cache between calls: of a prompt that begins like what the slot holds,
    only the rest is run. One thread at a time. `drafts` counts the speculation of the latest generation.
    """

    def __init__(self, decoder: Decoder, slot: int = 0) -> None:
        if not 0 <= slot < decoder.slots:
            raise InvalidArgumentError(f"slot {slot} is not one of the decoder's {decoder.slots}")
        self.decoder = decoder
        self.slot = slot
        self.drafts = DraftCounts()
        self._ids: list[int] | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids whose keys and values the slot holds, as far as this session knows."""
        return tuple(self._ids or ())

    def prefill(self, ids: Sequence[int], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Make the slot hold exactly `ids`; float32 logits (vocab_size,) after the last of them.

        Where that takes several passes, `progress` is called before each and after the last, with the tokens run and
        to run. What it raises ends the prefill there: the slot holds what was run, and the session goes on from it.

        Raises `InvalidArgumentError` for an empty prompt and `ContextLengthError` for one longer than the context.
        """
        check_length(self.decoder, len(ids))
        ids = list(ids)
        logits: NDArray[np.float32] = self._run_prompt(self._reuse(ids), "last", progress)[-1]
        return logits

    def generate(
        self,
        prompt_ids: Sequence[int],
        params: SamplingParams,
        *,
        eos: frozenset[int],
        progress: Progress | None = None,
    ) -> Generator[int, None, FinishReason]:
        """The ids that follow `prompt_ids`, as they are made; the token that ends the text is not among them.

        With `params.speculate` several tokens may come from one pass (see `speculation.Drafter`). The model's own
        choice is drawn at each position as ever, and the draft is dropped where it differs: for a draft that is
        certain, this is the acceptance rule of Leviathan et al. 2023. So the ids are those that come without
        speculation, seed for seed, where the backend's rounding does not depend on the number of tokens in a pass;
        where it does, they come from the same distribution up to that rounding. A decoder that chooses tokens itself
        (`SamplingDecoder`) does so from the first on, several ahead and without drafts.

        Raises as `prefill` does, at once and not at the first id. The generator returns a `FinishReason`. Closing
        it at any point leaves decoder and session consistent. `progress` is `prefill`'s.
        """
        check_length(self.decoder, len(prompt_ids))
        self.drafts = DraftCounts()
        return self._generate(list(prompt_ids), params, eos, self.drafts, progress)

    def _generate(
        self,
        prompt: list[int],
        params: SamplingParams,
        eos: frozenset[int],
        drafts: DraftCounts,
        progress: Progress | None,
    ) -> Generator[int, None, FinishReason]:
        sampler = Sampler(params, prompt)
        # Tokens that may come yet; the last of them is never run.
        left = self.decoder.context_length - len(prompt) + 1
        full = FinishReason.CONTEXT
        if params.max_tokens is not None and params.max_tokens <= left:
            left, full = params.max_tokens, FinishReason.LENGTH
        if isinstance(self.decoder, SamplingDecoder):
            return (yield from self._generate_ahead(self.decoder, prompt, sampler.choice(), eos, left, full, progress))
        rows = self.prefill(prompt, progress=progress).reshape(1, -1)
        drafter = Drafter(prompt, eos) if params.speculate else None
        draft: list[int] = []
        while True:
            accepted = 0
            # Row i was made from what is certain and the first i drafted tokens.
            for row in rows:
                token = sampler.sample(row)
                right = accepted < len(draft) and draft[accepted] == token
                if not right:
                    self._forget(len(draft) - accepted)
                if token in eos:
                    return FinishReason.EOS
                accepted += right
                drafts.accepted += right
                left -= 1
                if drafter is not None:
                    drafter.append(token)
                yield token
                if left == 0:
                    return full
                if not right:
                    break
            if drafter is not None:
                if draft:
                    drafter.judge(len(draft), accepted)
                draft = drafter.draft(left - 1)
                drafts.drafted += len(draft)
            rows = self._run([token, *draft], "all" if draft else "last")

    def _generate_ahead(
        self,
        decoder: SamplingDecoder,
        prompt: list[int],
        choice: Choice,
        eos: frozenset[int],
        left: int,
        full: FinishReason,
        progress: Progress | None,
    ) -> Generator[int, None, FinishReason]:
        """What the decoder chooses after `prompt`, whose last token it runs itself; at most `left` ids."""
        rest = self._reuse(prompt)
        if len(rest) > 1:
            self._run_prompt(rest[:-1], "none", progress)
        token = prompt[-1]
        with contextlib.closing(decoder.decode_ahead(self.slot, token, choice, left)) as stream:
            while True:
                known, self._ids = self._ids or [], None
                following = next(stream)
                known.append(token)
                self._ids, token, left = known, following, left - 1
                if token in eos:
                    return FinishReason.EOS
                yield token
                if left == 0:
                    return full

    def _reuse(self, ids: list[int]) -> list[int]:
        """Keep the longest beginning of `ids` that the slot holds, and nothing else; those that must be run, at least
        the last: for its logits."""
        # Somebody else may have used the slot, or a pass may have been interrupted: then what it holds is not known.
        held = self._ids if self._ids is not None and len(self._ids) == self.decoder.length(self.slot) else []
        shared = min(_common_prefix(held, ids), len(ids) - 1)
        self._ids = None
        self.decoder.truncate(self.slot, shared)
        self._ids = ids[:shared]
        return ids[shared:]

    def _run_prompt(
        self, ids: list[int], logits: Literal["none", "last"], progress: Progress | None
    ) -> NDArray[np.float32]:
        """Run `ids`, at least one, in passes of a chunk; the rows of the last one. See `prefill` for `progress`."""
        total = len(ids)
        wanted: Literal["none", "last"] = "none"
        if progress is None or total <= PREFILL_CHUNK:
            progress = _ignore
        else:
            wanted = logits = "last"  # a GPU only queues what gives no logits: progress would be ahead of it
        start = 0
        while total - start > PREFILL_CHUNK:
            progress(start, total)
            self._run(ids[start : start + PREFILL_CHUNK], wanted)
            start += PREFILL_CHUNK
        progress(start, total)
        rows = self._run(ids[start:], logits)
        progress(total, total)
        return rows

    def _run(self, ids: list[int], logits: Literal["none", "last", "all"]) -> NDArray[np.float32]:
        known, self._ids = self._ids or [], None
        (rows,) = self.decoder.forward([Chunk(self.slot, np.asarray(ids, dtype=np.int64), logits)])
        known.extend(ids)
        self._ids = known
        return rows

    def _forget(self, count: int) -> None:
        """Drop the last `count` ids that the slot holds."""
        if count:
            known, self._ids = self._ids or [], None
            del known[-count:]
            self.decoder.truncate(self.slot, len(known))
            self._ids = known


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


def _ignore(done: int, total: int) -> None:
    pass
