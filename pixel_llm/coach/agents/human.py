"""A person who writes: code that somebody wrote by hand takes the same way as a model's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from pixel_llm.coach.agents.base import AgentCallError, Availability, OnText
from pixel_llm.coach.types import Completion, Message, TaskFile, Usage


class HumanWriter:
    """A writer whose one answer is the files that a person has written, for `coach review FILE`.

    A second attempt is the person's own affair: asking again is an AgentCallError.
    """

    name = "human"
    model = "human"
    endpoint = "by hand"

    def __init__(self, files: Iterable[TaskFile]) -> None:
        self._files = tuple(files)
        self._asked = False

    def is_available(self) -> Availability:
        """Whether there is anything to hand in."""
        if self._files:
            return Availability(ok=True)
        return Availability(ok=False, why_not="no file was handed in", remedy="name the file that you have written")

    def price(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """Nothing that we would know of."""
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
        """The files, each whole in a fence that is longer than any in it, under its path."""
        if self._asked or not self._files:
            raise AgentCallError("a person writes one answer at a time")
        self._asked = True
        text = "\n\n".join(_fenced(file) for file in self._files)
        return Completion(
            text=text, model=self.model, usage=Usage(cost_usd=Decimal(0), priced_by="local"), endpoint=self.endpoint
        )


def _fenced(file: TaskFile) -> str:
    fence = "```"
    while fence in file.content:
        fence += "`"
    end = "" if file.content.endswith("\n") or not file.content else "\n"
    return f"{file.path}\n{fence}\n{file.content}{end}{fence}"
