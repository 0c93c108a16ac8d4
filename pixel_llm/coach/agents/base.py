"""The protocols of agents: what the loop knows about a writer and a reviewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol, runtime_checkable

from pixel_llm.coach.types import Completion, Message, Review, ReviewRequest, Usage, Value
from pixel_llm.errors import AgentError

OnText = Callable[[str], None]
"""Is handed each piece of an answer as it arrives."""


class Availability(Value):
    """Whether an agent can work now; if not, why not and what to do about it."""

    ok: bool
    why_not: str = ""
    remedy: str = ""


class AgentUnavailableError(AgentError):
    """The agent cannot work until somebody does something: no key, no server, no such model. Asking again is futile."""


class AgentCallError(AgentError):
    """A call failed for good, after what retries there were: the service's error, a cut connection, no answer in time.

    `status` is the HTTP status where there was one. `bought` says whether the service may have charged for the call,
    `usage` what it counted where it said so. `transient` errors are worth another try, after `retry_after` seconds
    where the service named a time. Where nobody could be `reached` at all, the tries end in an AgentUnavailableError.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        bought: bool = False,
        usage: Usage | None = None,
        transient: bool = False,
        retry_after: float | None = None,
        reached: bool = True,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.bought = bought
        self.usage = usage or Usage()
        self.transient = transient
        self.retry_after = retry_after
        self.reached = reached


class Agent(Protocol):
    """What writers and reviewers have in common."""

    @property
    def name(self) -> str:
        """For the record and for concurrency limits, e.g. `ollama`."""

    @property
    def model(self) -> str:
        """The exact model that is asked for."""

    @property
    def endpoint(self) -> str:
        """The URL without secrets, or the command, that is asked."""

    def is_available(self) -> Availability:
        """Whether it can work now. Quick, free of charge, and never raises."""

    def price(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """US dollars that so many tokens cost at the listed prices; None where no price is known."""


@runtime_checkable
class Writer(Agent, Protocol):
    """Turns a conversation into text."""

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 4096,
        temperature: float = 0.2,
        seed: int | None = None,
        on_text: OnText | None = None,
    ) -> Completion:
        """One answer to `messages`.

        `max_tokens` bounds the answer; one cut off there has `finish_reason` "length". `seed` is passed on where the
        service knows it. An answer that breaks off is asked for again, and `on_text` then hears it from its beginning.
        Raises AgentUnavailableError, AgentCallError, ContextLengthError.
        """


@runtime_checkable
class Reviewer(Agent, Protocol):
    """Judges work with the tests' results at hand."""

    def review(self, request: ReviewRequest) -> Review | None:
        """A review, or None where there is none to be had: no review, never a pass.

        Raises AgentUnavailableError, ContextLengthError and AgentCallError, the last also where a model's second try
        at a well-formed review failed like the first.
        """
