"""Any server that speaks OpenAI's chat completions: llama.cpp's, vLLM's, LM Studio's, OpenAI's own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError, Availability, OnText
from pixel_llm.coach.agents.pricing import Pricing
from pixel_llm.coach.agents.retrying import Answer, retry_after, retrying, transient
from pixel_llm.coach.types import Completion, Message, Usage
from pixel_llm.errors import ContextLengthError, PixelLLMError

if TYPE_CHECKING:
    import openai

DEFAULT_URL = "http://127.0.0.1:8080/v1"
SchemaForm = Literal["json_schema", "json_object"]
GUESSED = "tokens guessed"  # in a record's `priced_by`: the server did not count
REFUSED_FORM = "response_format"  # in the error of a server that does not know it, which may be a 500
_CHARACTERS_A_TOKEN = 4
_AVAILABILITY_SECONDS = 3.0
_FINISHES: dict[str, Literal["stop", "length", "content_filter"]] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
}


class OpenAICompatibleAgent:
    """A writer that asks such a server.

    model: its name there; empty takes the server's first. url: with the `/v1`. key_env: the environment variable that
    holds the key, where the server wants one. seconds: what one answer may take.
    """

    name = "openai"

    def __init__(self, model: str = "", *, url: str = "", key_env: str = "", seconds: float = 600.0) -> None:
        self.endpoint = url.rstrip("/") or DEFAULT_URL
        self._model = model
        self._key_env = key_env
        self._key = os.environ.get(key_env, "") if key_env else ""
        self._seconds = seconds
        self._pricing = Pricing(url=self.endpoint)
        # OpenAI's own newer models refuse `max_tokens`, other servers do not know what took its place.
        self._of_openai = (urlsplit(self.endpoint).hostname or "").endswith("openai.com")

    @property
    def model(self) -> str:
        """The model's name; the server's first where none was given, and nothing while it cannot be asked."""
        if not self._model:
            try:
                self._model = next(iter(self._models()), "")
            except AgentUnavailableError:
                return ""
        return self._model

    def is_available(self) -> Availability:
        """Whether the server answers, takes the key and has a model."""
        try:
            models = self._models()
        except AgentUnavailableError as error:
            return Availability(ok=False, why_not=error.message, remedy=error.remedy or "")
        if self._model and models and self._model not in models and not self._pricing.local:
            return Availability(
                ok=False,
                why_not=f"{self.endpoint} has no model {self._model}",
                remedy=f"it has {', '.join(models[:5])}",
            )
        if not self._model and not models:
            return Availability(ok=False, why_not=f"{self.endpoint} names no model", remedy="name one in the settings")
        return Availability(ok=True)

    def price(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """Nothing for a server of one's own, the listed price for others."""
        return self._pricing.cost(self.model, input_tokens, output_tokens)

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 4096,
        temperature: float = 0.2,
        seed: int | None = None,
        on_text: OnText | None = None,
    ) -> Completion:
        """One answer; see `Writer.complete`."""
        return self.ask(messages, max_tokens=max_tokens, temperature=temperature, seed=seed, on_text=on_text)

    def ask(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        seed: int | None = None,
        on_text: OnText | None = None,
        schema: dict[str, Any] | None = None,
        form: SchemaForm = "json_schema",
    ) -> Completion:
        """As `complete`; with `schema`, the answer is to be JSON of that JSON schema, which is sent as OpenAI's
        `json_schema` or as llama-cpp-python's `json_object` with a schema. A server that knows neither refuses."""
        if not self.model:
            self._models()
            raise AgentUnavailableError(f"{self.endpoint} names no model", remedy="name one in the settings")
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [m.model_dump() for m in messages],
            "max_completion_tokens" if self._of_openai else "max_tokens": max_tokens,
            "temperature": temperature,
        }
        if seed is not None:
            request["seed"] = seed
        if schema is not None:
            named = {"name": "answer", "strict": True, "schema": schema}
            request["response_format"] = {
                "json_schema": {"type": "json_schema", "json_schema": named},
                "json_object": {"type": "json_object", "schema": schema},
            }[form]
        return retrying(lambda: self._stream(request, max_tokens, on_text), seconds=self._seconds)

    def _stream(self, request: dict[str, Any], max_tokens: int, on_text: OnText | None) -> Completion:
        answer = Answer(seconds=self._seconds, max_tokens=max_tokens, on_text=on_text)
        usage: Any = None
        finish: str | None = None
        model = self.model
        begun = cut = False
        pieces = 0
        try:
            options = {"include_usage": True}
            create: Any = self._client.chat.completions.create
            with create(**request, stream=True, stream_options=options) as stream:
                for chunk in stream:
                    begun = True
                    model = chunk.model or model
                    usage = chunk.usage or usage
                    if not chunk.choices:
                        continue
                    choice = chunk.choices[0]
                    finish = choice.finish_reason or finish
                    pieces += bool(choice.delta.content)
                    if not answer.add(choice.delta.content or ""):
                        cut = True
                        break
        except Exception as error:  # noqa: BLE001 (the explanation raises what it does not know)
            raise self._explain(error, begun=begun) from None
        if not begun:
            raise AgentCallError(f"{self.endpoint} sent no answer", transient=True)
        if finish is None and not cut:
            raise AgentCallError(f"{self.endpoint} broke off its answer", transient=True, bought=True)
        return Completion(
            text=answer.text,
            model=model,
            finish_reason="length" if cut else _FINISHES.get(finish or "", "unknown"),
            usage=self._usage(model, usage, request, pieces),
            seconds=answer.seconds,
            endpoint=f"{self.endpoint}/chat/completions",
        )

    def _usage(self, model: str, counted: Any, request: dict[str, Any], pieces: int) -> Usage:
        """The server's counts. One that gives none while it streams, as llama-cpp-python's, sends a token a piece; of
        the question's tokens there is only a guess, and the record says so."""
        if counted is not None:
            return self._pricing.usage(model, counted.prompt_tokens, counted.completion_tokens)
        characters = sum(len(message["content"]) for message in request["messages"])
        usage = self._pricing.usage(model, characters // _CHARACTERS_A_TOKEN, pieces)
        return usage.model_copy(update={"priced_by": ", ".join(filter(None, (usage.priced_by, GUESSED)))})

    def _explain(self, error: Exception, *, begun: bool) -> Exception:
        """The library's exception as one of ours."""
        import httpx2
        import openai

        if isinstance(error, PixelLLMError):
            return error
        if isinstance(error, openai.APIStatusError):
            return self._explain_status(error)
        if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
            return AgentCallError(f"{self.endpoint}: no answer within {self._seconds:g} s", bought=True)
        if isinstance(error, openai.APIConnectionError) and not begun:
            return AgentCallError(
                f"{self.endpoint} cannot be reached", transient=True, reached=False, remedy="is the server running?"
            )
        if isinstance(error, openai.APIError | httpx2.HTTPError | ValueError):
            return AgentCallError(f"{self.endpoint}: {self._clean(error)}", transient=True, bought=begun)
        return error

    def _explain_status(self, error: openai.APIStatusError) -> Exception:
        status, text = error.status_code, f"{self.endpoint} says {error.status_code}: {self._clean(error)}"
        if status in (401, 403):
            return AgentUnavailableError(text, remedy="check the key")
        if status == 404:
            return AgentUnavailableError(text, remedy="check url and model in the settings")
        if status == 400 and (
            "context_length" in str(error.code) or "context length" in text or "context size" in text
        ):
            return ContextLengthError(text)
        if error.code == "insufficient_quota":
            return AgentUnavailableError(text, remedy="the account has no credit left")
        pause = retry_after(error.response.headers)
        passing = transient(status) and REFUSED_FORM not in text
        return AgentCallError(text, status=status, transient=passing, retry_after=pause)

    def _clean(self, error: Exception) -> str:
        text = " ".join(str(error).split())[:500]
        return text.replace(self._key, "***") if self._key else text

    def _models(self) -> list[str]:
        import httpx2
        import openai

        if self._key_env and not self._key:
            why = f"the environment has no {self._key_env}"
            raise AgentUnavailableError(why, remedy=f"export {self._key_env}=...")
        try:
            client = self._client.with_options(timeout=_AVAILABILITY_SECONDS)
            return [m.id for m in client.models.list().data or []]
        except openai.APIStatusError as error:
            remedy = "check the key" if error.status_code in (401, 403) else "check the url in the settings"
            why = f"{self.endpoint} says {error.status_code}: {self._clean(error)}"
            raise AgentUnavailableError(why, remedy=remedy) from None
        except (openai.APIError, httpx2.HTTPError, ValueError) as error:
            raise AgentUnavailableError(
                f"no server answers at {self.endpoint} ({type(error).__name__})",
                remedy="start one, e.g. llama-server -m MODEL.gguf, or set url",
            ) from None

    @cached_property
    def _client(self) -> openai.OpenAI:
        import openai

        return openai.OpenAI(
            base_url=self.endpoint,
            api_key=self._key or "none",
            timeout=self._seconds,
            max_retries=0,
        )
