"""Which agents a run has, from the settings and from what is there.

No reviewer: tests alone decide. No writer: review only. Neither: an error with three commands that would set one up.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypedDict, TypeVar

from pixel_llm.coach.agents.base import Agent, AgentUnavailableError, Reviewer, Writer
from pixel_llm.coach.agents.gemini import KEYS, GeminiAgent, GeminiCommand
from pixel_llm.coach.agents.llama_cpp_cli import LlamaCppCommand
from pixel_llm.coach.agents.ollama import OllamaAgent
from pixel_llm.coach.agents.openai_compatible import OpenAICompatibleAgent
from pixel_llm.coach.agents.openai_reviewer import OpenAIReviewer
from pixel_llm.coach.config import CoachConfig, ReviewerSettings, WriterSettings
from pixel_llm.coach.types import Value

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
OPENAI_REVIEW_MODEL = "gpt-5-mini"

SETTING_UP = (
    "ollama pull qwen2.5-coder:7b",
    "llama-server -m MODEL.gguf --port 8080",
    "export GEMINI_API_KEY=...",
)


class _Limits(TypedDict):
    seconds: float
    max_tokens: int


class Candidate(Value):
    """An agent that the settings allow, and whether it can work now."""

    role: Literal["writer", "reviewer"]
    name: str
    model: str
    endpoint: str
    available: bool
    chosen: bool = False
    why_not: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Chosen:
    """Who writes and who reviews. `notice` says, for people, what is missing and what follows from it."""

    writer: Writer | None
    reviewer: Reviewer | None
    candidates: tuple[Candidate, ...]
    notice: str

    def require(self) -> None:
        """Raise AgentUnavailableError, with three commands that would set one up, where there is nobody at all."""
        if self.writer is None and self.reviewer is None:
            why = "; ".join(f"{c.name}: {c.why_not}" for c in self.candidates) or "the settings want none"
            remedy = "set one up, e.g. " + " · or ".join(SETTING_UP)
            raise AgentUnavailableError(f"there is nobody who writes or reviews ({why})", remedy=remedy)

    def summary(self) -> dict[str, str]:
        """Exact names, models and endpoints, for the log."""
        return {c.role: f"{c.name} {c.model} {c.endpoint}" for c in self.candidates if c.chosen}


def choose_agents(config: CoachConfig, *, review: bool = True) -> Chosen:
    """The first available writer and, with `review`, reviewer that the settings allow.

    An agent that the settings name and that is not available has no substitute: another one is not what was asked for.
    """
    found: list[Candidate] = []
    writer = _first("writer", writers(config.writer), found)
    reviewer = _first("reviewer", reviewers(config.reviewer), found) if review else None
    missing = []
    if reviewer is None:
        missing.append("No reviewer is available: tests alone decide." if review else "")
    if writer is None:
        missing.append("No writer is available: files that are there are reviewed, nothing is written.")
    return Chosen(writer, reviewer, tuple(found), " ".join(filter(None, missing)))


_AnyAgent = TypeVar("_AnyAgent", bound=Agent)


def _first(
    role: Literal["writer", "reviewer"], agents: Iterator[_AnyAgent], found: list[Candidate]
) -> _AnyAgent | None:
    chosen: _AnyAgent | None = None
    for agent in agents:
        available = agent.is_available()
        first = available.ok and chosen is None
        chosen = agent if first else chosen
        found.append(
            Candidate(
                role=role,
                name=agent.name,
                model=agent.model,
                endpoint=agent.endpoint,
                available=available.ok,
                chosen=first,
                why_not=available.why_not,
                remedy=available.remedy,
            )
        )
    return chosen


def writers(settings: WriterSettings) -> Iterator[Writer]:
    """The writers that the settings allow, the preferred first."""
    kind, model, url, seconds = settings.kind, settings.model, settings.url, settings.timeout
    gguf = model.endswith(".gguf")
    if kind == "ollama" or (kind == "auto" and not url and not gguf):
        yield OllamaAgent(model, url=url, seconds=seconds)
    if kind == "openai" or (kind == "auto" and not gguf):
        yield OpenAICompatibleAgent(model, url=url, key_env=settings.api_key_env, seconds=seconds)
    if kind == "llama-cpp" or (kind == "auto" and gguf):
        yield LlamaCppCommand(model, seconds=seconds)


def reviewers(settings: ReviewerSettings) -> Iterator[Reviewer]:
    """The reviewers that the settings allow, the preferred first."""
    kind, model, url, key_env = settings.kind, settings.model, settings.url, settings.api_key_env
    limits: _Limits = {"seconds": settings.timeout, "max_tokens": settings.max_tokens}
    if kind == "gemini" or (kind == "auto" and not url):
        has_key = bool(key_env) or any(map(os.environ.get, KEYS))
        if not has_key and shutil.which("gemini"):
            yield GeminiCommand(model, seconds=settings.timeout)
        else:
            yield GeminiAgent(model, key_env=key_env, url=url, **limits)
    if kind == "openai" and not url and not key_env:
        key_env = OPENAI_KEY
    if kind == "openai" or (kind == "auto" and url):
        yield OpenAIReviewer(
            model if url else model or OPENAI_REVIEW_MODEL, url=url or OPENAI_URL, key_env=key_env, **limits
        )
    elif kind == "auto" and os.environ.get(OPENAI_KEY):
        yield OpenAIReviewer(OPENAI_REVIEW_MODEL, url=OPENAI_URL, key_env=OPENAI_KEY, **limits)
