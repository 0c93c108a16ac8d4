"""Sampling, stopping, streaming and scoring: token ids in, token ids or text out."""

from __future__ import annotations

from pixel_llm.generate.chat import Chat
from pixel_llm.generate.params import SamplingParams
from pixel_llm.generate.sampler import Sampler
from pixel_llm.generate.score import Scores, score
from pixel_llm.generate.session import FinishReason, Session, generate_ids
from pixel_llm.generate.speculation import DraftCounts
from pixel_llm.generate.text import GenerationResult, TextEvent, generate, stream_text

__all__ = [
    "Chat",
    "DraftCounts",
    "FinishReason",
    "GenerationResult",
    "Sampler",
    "SamplingParams",
    "Scores",
    "Session",
    "TextEvent",
    "generate",
    "generate_ids",
    "score",
    "stream_text",
]
