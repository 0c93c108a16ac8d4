"""The protocols of agents: what the loop knows about a writer and a reviewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from pixel_llm.coach.types import Completion, Message, Review, ReviewRequest, Value
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

    `status` is the HTTP status where there was one. `bought` says whether the service may have charged for the call.
    """

    def __init__(self, message: str, *, status: int | None = None, bought: bool = False, remedy: str | None = None):
        super().__init__(message, remedy=remedy)
        self.status = status
        self.bought = bought


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
        service knows it. Raises AgentUnavailableError, AgentCallError, ContextLengthError.
        """


@runtime_checkable
class Reviewer(Agent, Protocol):
    """Judges work with the tests' results at hand."""

    def review(self, request: ReviewRequest) -> Review | None:
        """A review, or None where the model did not give a valid one in two tries: no review, never a pass.

        Raises AgentUnavailableError and AgentCallError.
        """
