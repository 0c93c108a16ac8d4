"""Ollama through its native API (https://docs.ollama.com/api), which alone can set the context's length.

Ollama's default context is short, and it drops what does not fit without a word. So each request asks for a context
that holds the prompt and the answer, and the count of prompt tokens that comes back is compared with what was sent.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError, Availability, OnText
from pixel_llm.coach.agents.pricing import Pricing
from pixel_llm.coach.agents.retrying import Answer, retry_after, retrying, transient
from pixel_llm.coach.types import Completion, Message
from pixel_llm.errors import ContextLengthError, PixelLLMError

if TYPE_CHECKING:
    import httpx
    import ollama

DEFAULT_URL = "http://127.0.0.1:11434"
STEP = 2048
"""Context lengths are multiples of it: Ollama loads the model anew for each new length."""
_MESSAGE_TOKENS = 16  # a chat template's own, for each message
_TIGHT, _LOOSE, _ABSURD = 2.5, 6, 12  # bytes of text in a token: rarely fewer, rarely more, practically never more
_AVAILABILITY_SECONDS = 3.0


class OllamaAgent:
    """A writer that asks an Ollama server.

    model: its name there; empty takes the first that the server has. seconds: what one answer may take.
    """

    name = "ollama"

    def __init__(self, model: str = "", *, url: str = "", seconds: float = 600.0) -> None:
        self.endpoint = url or DEFAULT_URL
        self._model = model
        self._seconds = seconds
        self._pricing = Pricing(url=self.endpoint)
        self._heard = threading.local()
        self._limits: dict[str, int | None] = {}

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
        """Whether the server answers and has the model."""
        try:
            models = self._models()
        except AgentUnavailableError as error:
            return Availability(ok=False, why_not=error.message, remedy=error.remedy or "")
        wanted = self._model or "qwen2.5-coder:7b"
        if not models or (self._model and not any(_same_model(self._model, m) for m in models)):
            why = f"{self.endpoint} has no model {self._model}" if self._model else f"{self.endpoint} has no model"
            return Availability(ok=False, why_not=why, remedy=f"ollama pull {wanted}")
        return Availability(ok=True)

    def price(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """Nothing, unless the server is somebody else's."""
        return self._pricing.cost(self._model, input_tokens, output_tokens)

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 4096,
        temperature: float = 0.2,
        seed: int | None = None,
        on_text: OnText | None = None,
    ) -> Completion:
        """One answer; see `Writer.complete`. Where the server seems to have dropped a part of the prompt, it is asked
        again with the longest context that could be needed; ContextLengthError where the model has none."""
        if not self.model:
            self._models()
            raise AgentUnavailableError(f"{self.endpoint} has no model", remedy="ollama pull qwen2.5-coder:7b")
        size = sum(len(m.content.encode()) for m in messages)
        own = _MESSAGE_TOKENS * len(messages)
        most = self._limit()
        if most is not None and size / _ABSURD + max_tokens > most:
            raise ContextLengthError(f"{self.model} holds {most} tokens, fewer than prompt and answer need")
        context = _round_up(int(size / _TIGHT) + own + max_tokens, most)
        certain = _round_up(size + own + max_tokens, most)  # a token is a byte at least
        while True:
            options: dict[str, Any] = {"num_ctx": context, "num_predict": max_tokens, "temperature": temperature}
            if seed is not None:
                options["seed"] = seed
            made, counted = retrying(
                lambda options=options: self._ask(messages, options, max_tokens, on_text),  # type: ignore[misc]
                seconds=self._seconds,
            )
            if counted is None:
                return made
            room = counted + max_tokens <= context or (made.finish_reason == "stop" and counted < context)
            if room and (counted >= size / _LOOSE or (context == certain and counted >= size / _ABSURD)):
                return made
            if context == certain:
                raise ContextLengthError(
                    f"{self.model} saw {counted} tokens of {size} bytes: its context of {context} is too short"
                )
            context = certain

    def _ask(
        self, messages: Sequence[Message], options: dict[str, Any], max_tokens: int, on_text: OnText | None
    ) -> tuple[Completion, int | None]:
        answer = Answer(seconds=self._seconds, max_tokens=max_tokens, on_text=on_text)
        last: Any = None
        try:
            stream = self._client.chat(
                self.model,
                messages=[m.model_dump() for m in messages],
                stream=True,
                options=options,
            )
            for part in stream:
                last = part
                if not answer.add(part.message.content or ""):
                    break
        except Exception as error:  # noqa: BLE001 (the explanation raises what it does not know)
            raise self._explain(error, begun=last is not None) from None
        if last is None or (not last.done and last.done_reason is None and answer.text == ""):
            raise AgentCallError(f"{self.endpoint} sent no answer", transient=True)
        reason: Literal["stop", "length", "unknown"] = "length"
        if last.done:
            reason = "stop" if last.done_reason == "stop" else "length" if last.done_reason == "length" else "unknown"
        elif answer.add(""):
            raise AgentCallError(f"{self.endpoint} broke off its answer", transient=True, bought=True)
        completion = Completion(
            text=answer.text,
            model=last.model or self.model,
            finish_reason=reason,
            usage=self._pricing.usage(self.model, last.prompt_eval_count, last.eval_count),
            seconds=answer.seconds,
            endpoint=f"{self.endpoint}/api/chat",
        )
        return completion, last.prompt_eval_count

    def _explain(self, error: Exception, *, begun: bool) -> Exception:
        """The library's exception as one of ours."""
        import httpx
        import ollama

        if isinstance(error, PixelLLMError):
            return error
        if isinstance(error, ollama.ResponseError):
            status, text = error.status_code, f"{self.endpoint} says: {str(error.error)[:500]}"
            if status == 404:
                return AgentUnavailableError(text, remedy=f"ollama pull {self.model}")
            if status in (401, 403):
                return AgentUnavailableError(text, remedy="set OLLAMA_API_KEY")
            if "context" in text and ("length" in text or "exceed" in text):
                return ContextLengthError(text)
            pause = getattr(self._heard, "retry_after", None)
            known = status if status > 0 else None
            again = transient(status) or status < 0
            return AgentCallError(text, status=known, transient=again, retry_after=pause, bought=begun)
        if isinstance(error, httpx.TimeoutException):
            return AgentCallError(f"{self.endpoint}: no answer within {self._seconds:g} s", bought=True)
        if isinstance(error, ConnectionError | httpx.ConnectError):
            return AgentCallError(
                f"{self.endpoint} cannot be reached", transient=True, reached=False, remedy="ollama serve"
            )
        if isinstance(error, httpx.HTTPError | ValueError):
            return AgentCallError(f"{self.endpoint}: {error}", transient=True, bought=begun)
        return error

    def _limit(self) -> int | None:
        """The most tokens that the model's context may hold, as the server says, or None if it does not."""
        if self.model not in self._limits:
            found: int | None = None
            try:
                shown = self._client.show(self.model)
                for key, value in (shown.modelinfo or {}).items():
                    if key.endswith(".context_length") and isinstance(value, int):
                        found = value
            except Exception as error:  # noqa: BLE001 (as above)
                explained = self._explain(error, begun=False)
                if isinstance(explained, AgentUnavailableError) or not isinstance(explained, AgentCallError):
                    raise explained from None
            self._limits[self.model] = found
        return self._limits[self.model]

    def _models(self) -> list[str]:
        import httpx
        import ollama

        try:
            with ollama.Client(self.endpoint, timeout=_AVAILABILITY_SECONDS) as client:
                return [m.model for m in client.list().models if m.model]
        except (ConnectionError, httpx.HTTPError, ollama.ResponseError, ValueError) as error:
            raise AgentUnavailableError(
                f"no Ollama server answers at {self.endpoint} ({type(error).__name__})",
                remedy="install it from https://ollama.com/download, then: ollama serve",
            ) from None

    @cached_property
    def _client(self) -> ollama.Client:
        import ollama

        def listen(response: httpx.Response) -> None:
            self._heard.retry_after = retry_after(response.headers)

        return ollama.Client(self.endpoint, timeout=self._seconds, event_hooks={"response": [listen]})


def _same_model(wanted: str, found: str) -> bool:
    return wanted == found or f"{wanted}:latest" == found


def _round_up(tokens: int, most: int | None) -> int:
    rounded = -(-tokens // STEP) * STEP
    return rounded if most is None else min(rounded, most)
