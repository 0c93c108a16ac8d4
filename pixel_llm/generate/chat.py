"""A conversation of several turns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pixel_llm.backends.base import Decoder
from pixel_llm.errors import ContextLengthError
from pixel_llm.generate.params import SamplingParams
from pixel_llm.generate.session import Progress, Session
from pixel_llm.generate.text import TextEvent, stream_text
from pixel_llm.tokenizer import Tokenizer

ANSWER_ROOM = 256
"""Positions that are kept free for an answer (or a quarter of the context, where that is less)."""


class Chat:
    """Keeps the messages and the KV cache, so that a turn costs only what is new.

    `messages`: dicts with "role" and "content", the system's first where there is one. When the context is full, the
    oldest turns are forgotten (never the system message); `forgotten` counts their messages.
    """

    def __init__(self, decoder: Decoder, tokenizer: Tokenizer, *, system: str | None = None, slot: int = 0) -> None:
        self._session = Session(decoder, slot)
        self._tokenizer = tokenizer
        self.messages: list[dict[str, Any]] = [] if system is None else [{"role": "system", "content": system}]
        self.forgotten = 0

    def send(self, text: str, params: SamplingParams, *, progress: Progress | None = None) -> Iterator[TextEvent]:
        """The answer to `text`, as it is made; `progress` follows a long prompt (see `Session.prefill`).

        The turn enters `messages` when the answer ends. Closing the iterator stops the answer, as an exception from
        `progress` does: what came until then counts as the answer, and nothing at all undoes the turn. Raises at once
        `ContextLengthError` when `text` and the system message alone leave no room, and what `Tokenizer.chat` raises.
        """
        history = [*self.messages, {"role": "user", "content": text}]
        prompt, history, forgotten = self._fit(history, params)
        return self._answer(prompt, history, forgotten, params, progress)

    def clear(self) -> None:
        """Forget everything but the system message."""
        self.messages = self.messages[: self._protected(self.messages)]
        self.forgotten = 0

    def _answer(
        self,
        prompt: list[int],
        history: list[dict[str, Any]],
        forgotten: int,
        params: SamplingParams,
        progress: Progress | None,
    ) -> Iterator[TextEvent]:
        answer: list[str] = []
        finished = False
        events = stream_text(self._session, self._tokenizer, prompt, params, progress=progress)
        try:
            for event in events:
                answer.append(event.text)
                finished = finished or event.finish_reason is not None
                yield event
        finally:
            text = "".join(answer)
            if finished or text:
                self.messages = [*history, {"role": "assistant", "content": text}]
                self.forgotten += forgotten

    def _fit(
        self, messages: list[dict[str, Any]], params: SamplingParams
    ) -> tuple[list[int], list[dict[str, Any]], int]:
        context = self._session.decoder.context_length
        room = min(ANSWER_ROOM, context // 4, params.max_tokens or context)
        first = self._protected(messages)
        forgotten = 0
        while True:
            prompt = self._tokenizer.chat(messages)
            if len(prompt) + room <= context:
                return prompt, messages, forgotten
            # A turn is the user's message and all up to the next one: what is left begins with a user's message again.
            turn = next((i for i in range(first + 1, len(messages)) if messages[i]["role"] == "user"), None)
            if turn is None:
                raise ContextLengthError(
                    f"the message takes {len(prompt)} tokens and the context of {context} keeps {room} for the answer",
                    remedy="shorten the message, or open the model with a larger context length",
                )
            messages = messages[:first] + messages[turn:]
            forgotten += turn - first

    @staticmethod
    def _protected(messages: list[dict[str, Any]]) -> int:
        return 1 if messages and messages[0]["role"] == "system" else 0
