"""Agents that answer what they were told to: for tests of all around a model, and for measuring the loop itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from pixel_llm.coach.agents.base import AgentCallError, Availability, OnText
from pixel_llm.coach.types import Completion, Message, Review, ReviewRequest, Usage

Answer = str | Completion | Exception
Answers = Iterable[Answer] | Callable[[Sequence[Message]], Answer]
Judgement = Review | Exception | None
Judgements = Iterable[Judgement] | Callable[[ReviewRequest], Judgement]


class ScriptedAgent:
    """A writer and reviewer with its answers given.

    `answers` and `reviews` are taken in turn, or made by a function of the messages or the request; an exception among
    them is raised. `calls` holds what it was asked. Tokens are counted as words. Running out is an AgentCallError.
    """

    name = "scripted"
    endpoint = "scripted"

    def __init__(self, answers: Answers = (), reviews: Judgements = (), *, model: str = "scripted") -> None:
        self.model = model
        self.calls: list[Sequence[Message] | ReviewRequest] = []
        self._answers = answers if callable(answers) else iter(answers)
        self._reviews = reviews if callable(reviews) else iter(reviews)

    def is_available(self) -> Availability:
        """Always."""
        return Availability(ok=True)

    def price(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """Nothing."""
        return Decimal(0)

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 4096,
        temperature: float = 0.2,
        seed: int | None = None,
        on_text: OnText | None = None,
    ) -> Completion:
        """The next answer, word by word to `on_text`; one of more than `max_tokens` words is cut off."""
        started = time.monotonic()
        self.calls.append(tuple(messages))
        answer = self._answers(messages) if callable(self._answers) else next(self._answers, None)
        if answer is None:
            raise AgentCallError("the script has no further answer")
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Completion):
            if on_text:
                on_text(answer.text)
            return answer
        words = answer.split(" ")
        kept = words[:max_tokens]
        text = " ".join(kept)
        if on_text:
            for i, word in enumerate(kept):
                on_text(word if i == 0 else f" {word}")
        return Completion(
            text=text,
            model=self.model,
            finish_reason="length" if len(kept) < len(words) else "stop",
            usage=Usage(
                input_tokens=sum(len(m.content.split(" ")) for m in messages),
                output_tokens=len(kept),
                cost_usd=Decimal(0),
                priced_by="local",
            ),
            seconds=time.monotonic() - started,
            endpoint=self.endpoint,
        )

    def review(self, request: ReviewRequest) -> Review | None:
        """The next review."""
        self.calls.append(request)
        made = self._reviews(request) if callable(self._reviews) else next(self._reviews, None)
        if isinstance(made, Exception):
            raise made
        return made
