"""A reviewer on any OpenAI-compatible server."""

from __future__ import annotations

from decimal import Decimal

from pixel_llm.coach.agents import reviewing
from pixel_llm.coach.agents.base import AgentCallError, Availability
from pixel_llm.coach.agents.openai_compatible import REFUSED_FORM, OpenAICompatibleAgent, SchemaForm
from pixel_llm.coach.types import Completion, Message, Review, ReviewRequest


class OpenAIReviewer:
    """Reviews with a model of such a server; arguments as `OpenAICompatibleAgent`'s. max_tokens: of one review."""

    name = "openai reviewer"

    def __init__(
        self, model: str = "", *, url: str = "", key_env: str = "", seconds: float = 120.0, max_tokens: int = 2048
    ) -> None:
        self._agent = OpenAICompatibleAgent(model, url=url, key_env=key_env, seconds=seconds)
        self._max_tokens = max_tokens
        self._forms: list[SchemaForm] = ["json_schema", "json_object"]

    @property
    def model(self) -> str:
        """The model's name."""
        return self._agent.model

    @property
    def endpoint(self) -> str:
        """The server's URL."""
        return self._agent.endpoint

    def is_available(self) -> Availability:
        """Whether the server answers, takes the key and has the model."""
        return self._agent.is_available()

    def price(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """What such a call costs."""
        return self._agent.price(input_tokens, output_tokens)

    def review(self, request: ReviewRequest) -> Review | None:
        """A review; see `Reviewer.review`."""
        return reviewing.review(request, self._ask)

    def _ask(self, messages: list[Message]) -> Completion:
        while self._forms:
            try:
                return self._agent.ask(
                    messages,
                    max_tokens=self._max_tokens,
                    temperature=0.0,
                    schema=reviewing.SCHEMA,
                    form=self._forms[0],
                )
            except AgentCallError as error:
                if error.status not in (400, 422) and REFUSED_FORM not in str(error):
                    raise
                del self._forms[0]  # a server that does not know it; the question says it all as well
        return self._agent.ask(messages, max_tokens=self._max_tokens, temperature=0.0)
