"""Text in steps, and where it stops."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from pixel_llm.backends.base import Decoder
from pixel_llm.generate.params import SamplingParams
from pixel_llm.generate.session import FinishReason, Progress, Session
from pixel_llm.generate.speculation import DraftCounts
from pixel_llm.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class TextEvent:
    """One step: `token` was made and `text` (often empty) became certain.

    The last event has no token, the text that was still held back, the `finish_reason` and the `drafts` that
    speculation made; the others have neither.
    """

    text: str
    token: int | None = None
    finish_reason: FinishReason | None = None
    drafts: DraftCounts | None = None


@dataclass(frozen=True, slots=True)
class GenerationResult:
    """A whole generation. `ids`: what was made, the tokens of a stop string included; the end-of-text token is not."""

    text: str
    ids: tuple[int, ...]
    finish_reason: FinishReason
    prompt_tokens: int
    drafts: DraftCounts


class StopFinder:
    """Finds the stop string that is complete first in text that arrives in pieces; the pieces' borders make no
    difference.
    """

    def __init__(self, stop: Sequence[str]) -> None:
        self._stop = tuple(stop)
        self._held = ""

    def push(self, text: str) -> tuple[str, bool]:
        """Text that is certain not to belong to a stop string, and whether one was found (nothing comes after it)."""
        if not self._stop:
            return text, False
        self._held += text
        found = [(start + len(stop), start) for stop in self._stop if (start := self._held.find(stop)) >= 0]
        if found:
            text, self._held = self._held[: min(found)[1]], ""
            return text, True
        keep = max(_overlap(self._held, stop) for stop in self._stop)
        certain = len(self._held) - keep
        text, self._held = self._held[:certain], self._held[certain:]
        return text, False

    def finish(self) -> str:
        """The text that was held back."""
        text, self._held = self._held, ""
        return text


def stream_text(
    decoder: Decoder | Session,
    tokenizer: Tokenizer,
    prompt_ids: Sequence[int],
    params: SamplingParams,
    *,
    progress: Progress | None = None,
) -> Iterator[TextEvent]:
    """Generate after `prompt_ids`; the events' texts, joined, are the answer without the stop string.

    A `Session` instead of a decoder reuses the KV cache of earlier calls. A text that could be the beginning of a
    stop string is held back until that is decided. `progress` follows a long prompt (see `Session.prefill`). Raises
    as `Session.generate`; closing the iterator stops the generation.
    """
    session = decoder if isinstance(decoder, Session) else Session(decoder)
    ids = session.generate(prompt_ids, params, eos=tokenizer.eos, progress=progress)
    return _stream(ids, session.drafts, tokenizer, prompt_ids, params)


def generate(
    decoder: Decoder | Session, tokenizer: Tokenizer, prompt_ids: Sequence[int], params: SamplingParams
) -> GenerationResult:
    """`stream_text`, collected."""
    events = list(stream_text(decoder, tokenizer, prompt_ids, params))
    reason, drafts = events[-1].finish_reason, events[-1].drafts
    assert reason is not None and drafts is not None
    ids = tuple(event.token for event in events if event.token is not None)
    return GenerationResult("".join(event.text for event in events), ids, reason, len(prompt_ids), drafts)


def _stream(
    ids: Generator[int, None, FinishReason],
    drafts: DraftCounts,
    tokenizer: Tokenizer,
    prompt_ids: Sequence[int],
    params: SamplingParams,
) -> Iterator[TextEvent]:
    decoder = tokenizer.stream(after=prompt_ids)
    stops = StopFinder(params.stop)
    try:
        while True:
            try:
                token = next(ids)
            except StopIteration as end:
                text, stopped = stops.push(decoder.finish())
                reason = FinishReason.STOP if stopped else end.value
                yield TextEvent(text + stops.finish(), None, reason, drafts)
                return
            text, stopped = stops.push(decoder.push(token))
            if stopped:
                yield TextEvent("", token)
                yield TextEvent(text, None, FinishReason.STOP, drafts)
                return
            yield TextEvent(text, token)
    finally:
        ids.close()


def _overlap(text: str, stop: str) -> int:
    """The length of the longest end of `text` that `stop` begins with, `stop` itself excepted."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
