"""Gemini as a reviewer: google-genai with a structured answer, or the `gemini` command where there is no key."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pixel_llm.coach.agents import reviewing
from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError, Availability
from pixel_llm.coach.agents.pricing import Pricing
from pixel_llm.coach.agents.retrying import retry_after, retrying, transient
from pixel_llm.coach.types import Completion, Message, Review, ReviewRequest
from pixel_llm.errors import PixelLLMError

if TYPE_CHECKING:
    from google import genai

DEFAULT_MODEL = "gemini-flash-latest"
"""Google's name for the newest model of the kind; the answer says which one it was."""
DEFAULT_URL = "https://generativelanguage.googleapis.com"
KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
_MAX_OUTPUT = 4 << 20  # bytes that the command may print
_FINISHES: dict[str, Literal["stop", "length", "content_filter"]] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
}


class GeminiAgent:
    """Reviews with a Gemini model over its API.

    key_env: name of the environment variable with the key; empty takes GEMINI_API_KEY or GOOGLE_API_KEY. url: another
    server that speaks the protocol.
    """

    name = "gemini"

    def __init__(
        self, model: str = "", *, key_env: str = "", url: str = "", seconds: float = 120.0, max_tokens: int = 2048
    ) -> None:
        self.model = model or DEFAULT_MODEL
        self.endpoint = url or DEFAULT_URL
        self._keys = (key_env,) if key_env else KEYS
        self._key = next((os.environ[k] for k in self._keys if os.environ.get(k)), "")
        self._seconds = seconds
        self._max_tokens = max_tokens
        self._pricing = Pricing(provider="google")

    def is_available(self) -> Availability:
        """Whether there is a key; whether it is good shows at the first call, which alone can tell."""
        if self._key:
            return Availability(ok=True)
        return Availability(
            ok=False,
            why_not=f"the environment has no {' or '.join(self._keys)}",
            remedy=f"get a key at https://aistudio.google.com/apikey, then: export {self._keys[0]}=...",
        )

    def price(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """The listed price."""
        return self._pricing.cost(self.model, input_tokens, output_tokens)

    def review(self, request: ReviewRequest) -> Review | None:
        """A review; see `Reviewer.review`."""
        if not self._key:
            why = self.is_available()
            raise AgentUnavailableError(why.why_not, remedy=why.remedy)
        return reviewing.review(request, lambda messages: retrying(lambda: self._ask(messages), seconds=self._seconds))

    def _ask(self, messages: list[Message]) -> Completion:
        from google.genai import types

        started = time.monotonic()
        system, *turns = messages
        contents: Any = [
            types.Content(role="model" if m.role == "assistant" else "user", parts=[types.Part(text=m.content)])
            for m in turns
        ]
        config = types.GenerateContentConfig(
            system_instruction=system.content,
            temperature=0.0,
            max_output_tokens=self._max_tokens,
            response_mime_type="application/json",
            response_json_schema=reviewing.SCHEMA,
        )
        try:
            answer = self._client.models.generate_content(model=self.model, contents=contents, config=config)
        except Exception as error:  # noqa: BLE001 (the explanation raises what it does not know)
            raise self._explain(error) from None
        usage = answer.usage_metadata
        model = answer.model_version or self.model
        candidates = answer.candidates or []
        finish = str(getattr(candidates[0].finish_reason, "value", "")) if candidates else ""
        parts = (candidates[0].content.parts or []) if candidates and candidates[0].content else []
        return Completion(
            text="".join(p.text for p in parts if p.text and not p.thought),
            model=model,
            finish_reason=_FINISHES.get(finish, "unknown"),
            # Thoughts are charged as output.
            usage=self._pricing.usage(
                model,
                (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0) if usage else None,
                (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0) if usage else None,
            ),
            seconds=time.monotonic() - started,
            endpoint=f"{self.endpoint}/v1/models/{self.model}:generateContent",
        )

    def _explain(self, error: Exception) -> Exception:
        """The library's exception as one of ours."""
        import httpx2
        from google.genai import errors

        if isinstance(error, PixelLLMError):
            return error
        if isinstance(error, errors.APIError):
            status = int(error.code or 0)
            text = f"Gemini says {status} {error.status or ''}: {self._clean(error.message or '')}"
            if status in (401, 403) or (status == 400 and "api key" in text.lower()):
                return AgentUnavailableError(text, remedy=f"check {self._keys[0]}")
            if status == 404:
                return AgentUnavailableError(text, remedy="name another model in the settings: reviewer.model")
            pause = retry_after(getattr(error.response, "headers", None) or {})
            pause = _retry_delay(error.details) if pause is None else pause
            return AgentCallError(text, status=status, transient=transient(status), retry_after=pause)
        if isinstance(error, httpx2.TimeoutException):
            return AgentCallError(f"Gemini: no answer within {self._seconds:g} s", bought=True)
        if isinstance(error, httpx2.ConnectError):
            return AgentCallError(f"{self.endpoint} cannot be reached", transient=True, reached=False)
        if isinstance(error, httpx2.HTTPError | ValueError):
            text = self._clean(f"{type(error).__name__}: {error}")
            return AgentCallError(f"Gemini: {text}", transient=True, bought=True)
        return error

    def _clean(self, text: str) -> str:
        text = " ".join(text.split())[:500]
        return text.replace(self._key, "***") if self._key else text

    @cached_property
    def _client(self) -> genai.Client:
        from google import genai
        from google.genai import types

        # The library's own retries know nothing of our time limit.
        options = types.HttpOptions(
            base_url=self.endpoint,
            timeout=int(self._seconds * 1000),
            retry_options=types.HttpRetryOptions(attempts=1),
        )
        return genai.Client(api_key=self._key, vertexai=False, http_options=options)


def _retry_delay(details: Any) -> float | None:
    """`retryDelay` of a google.rpc.RetryInfo, e.g. "17s", from an error's JSON."""
    try:
        for detail in details["error"]["details"]:
            if str(detail.get("@type", "")).endswith("google.rpc.RetryInfo"):
                return float(detail["retryDelay"].removesuffix("s"))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return None


class GeminiCommand:
    """Reviews with the `gemini` command (https://github.com/google-gemini/gemini-cli) and its own login."""

    name = "gemini command"

    def __init__(self, model: str = "", *, seconds: float = 120.0) -> None:
        self.model = model or DEFAULT_MODEL
        self.endpoint = f"gemini --model {self.model} --output-format json"
        self._seconds = seconds
        self._pricing = Pricing(provider="google")

    def is_available(self) -> Availability:
        """Whether the command is installed."""
        if shutil.which("gemini"):
            return Availability(ok=True)
        return Availability(
            ok=False, why_not="the gemini command is not installed", remedy="npm install -g @google/gemini-cli"
        )

    def price(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """The listed price, although a login may have a free share."""
        return self._pricing.cost(self.model, input_tokens, output_tokens)

    def review(self, request: ReviewRequest) -> Review | None:
        """A review; see `Reviewer.review`."""
        return reviewing.review(request, lambda messages: retrying(lambda: self._ask(messages), seconds=self._seconds))

    def _ask(self, messages: list[Message]) -> Completion:
        program = shutil.which("gemini")
        if program is None:
            why = self.is_available()
            raise AgentUnavailableError(why.why_not, remedy=why.remedy)
        started = time.monotonic()
        prompt = "\n\n".join(m.content for m in messages)
        # In an empty folder, since the command is an agent that looks around where it is started.
        with tempfile.TemporaryDirectory(prefix="pixel-llm-gemini-") as folder:
            try:
                ran = subprocess.run(
                    [program, "--model", self.model, "--output-format", "json"],
                    input=prompt.encode(),
                    capture_output=True,
                    timeout=self._seconds,
                    cwd=folder,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise AgentCallError(f"gemini: no answer within {self._seconds:g} s", bought=True) from None
            except OSError as error:
                raise AgentUnavailableError(f"gemini cannot be started: {error}") from None
        if ran.returncode:
            last = (ran.stderr or ran.stdout).decode("utf-8", "replace").strip()[-500:]
            raise AgentCallError(f"gemini ended with status {ran.returncode}: {last}", transient=True)
        text, input_tokens, output_tokens = _read_command(ran.stdout[:_MAX_OUTPUT].decode("utf-8", "replace"))
        return Completion(
            text=text,
            model=self.model,
            finish_reason="unknown",
            usage=self._pricing.usage(self.model, input_tokens, output_tokens),
            seconds=time.monotonic() - started,
            endpoint=self.endpoint,
        )


def _read_command(output: str) -> tuple[str, int, int]:
    """Text and token counts of the output: {"response": ..., "stats": {"models": {...: {"tokens": ...}}}}."""
    try:
        data = json.loads(output[output.index("{") :])
        if data.get("error"):
            raise AgentCallError(f"gemini: {data['error'].get('message', data['error'])}"[:500], transient=True)
        tokens = [m.get("tokens", {}) for m in data.get("stats", {}).get("models", {}).values()]
        given = sum(int(t.get("prompt", 0)) for t in tokens)
        made = sum(int(t.get("candidates", 0)) + int(t.get("thoughts", 0)) for t in tokens)
        return str(data["response"]), given, made
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AgentCallError(f"gemini printed no answer ({type(error).__name__}: {error})", bought=True) from None
