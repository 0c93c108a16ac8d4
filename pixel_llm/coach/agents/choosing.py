"""Which agents a run has, from the settings and from what is there.

No reviewer: tests alone decide. No writer: review only. Neither: AgentUnavailableError with what would set one up.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypedDict

from pixel_llm.coach.agents.base import Agent, AgentUnavailableError, Availability, Reviewer, Writer
from pixel_llm.coach.agents.gemini import KEYS, GeminiAgent, GeminiCommand
from pixel_llm.coach.agents.llama_cpp_cli import LlamaCppCommand
from pixel_llm.coach.agents.ollama import OllamaAgent
from pixel_llm.coach.agents.openai_compatible import OpenAICompatibleAgent
from pixel_llm.coach.agents.openai_reviewer import OpenAIReviewer
from pixel_llm.coach.config import CoachConfig, ReviewerSettings, WriterSettings

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
OPENAI_REVIEW_MODEL = "gpt-5-mini"

SETTING_UP = (
    "ollama pull qwen2.5-coder:7b && ollama serve",
    "llama-server -m MODEL.gguf --port 8080",
    "export GEMINI_API_KEY=...",
)


class _Limits(TypedDict):
    seconds: float
    max_tokens: int


@dataclass(frozen=True)
class Candidate:
    """An agent that could take a part, and whether it can now."""

    role: Literal["writer", "reviewer"]
    agent: Agent
    availability: Availability


@dataclass(frozen=True)
class Team:
    """Who writes and who reviews. `notes` say, for people and the record, what is missing and what follows from it."""

    writer: Writer | None
    reviewer: Reviewer | None
    notes: tuple[str, ...] = ()


def candidates(config: CoachConfig) -> list[Candidate]:
    """Every agent that the settings allow, the preferred first, with its availability."""
    found = [Candidate("writer", w, w.is_available()) for w in writers(config.writer)]
    return found + [Candidate("reviewer", r, r.is_available()) for r in reviewers(config.reviewer)]


def choose(config: CoachConfig) -> Team:
    """The first available writer and reviewer.

    Raises AgentUnavailableError where an agent that the settings name is not available, so that nobody pays for another
    one unasked, and where there is neither writer nor reviewer.
    """
    notes: list[str] = []
    writer = _first(writers(config.writer), config.writer.kind, notes)
    reviewer = _first(reviewers(config.reviewer), config.reviewer.kind, notes)
    if writer is None and reviewer is None:
        commands = " · ".join(SETTING_UP)
        why = "; ".join(notes) or "the settings want none"
        raise AgentUnavailableError(f"there is nobody who writes or reviews: {why}", remedy=f"one of: {commands}")
    if reviewer is None:
        notes.append("no reviewer: tests alone decide")
    if writer is None:
        notes.append("no writer: files that are there are reviewed, nothing is written")
    return Team(writer, reviewer, tuple(notes))  # type: ignore[arg-type]  # each list holds agents of one kind


def _first(agents: Iterator[Writer] | Iterator[Reviewer], kind: str, notes: list[str]) -> Writer | Reviewer | None:
    for agent in agents:
        available = agent.is_available()
        if available.ok:
            return agent
        if kind != "auto":
            raise AgentUnavailableError(f"{agent.name}: {available.why_not}", remedy=available.remedy)
        notes.append(f"{agent.name}: {available.why_not}")
    return None


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
