"""Tokenizers and chat templates."""

from __future__ import annotations

from pixel_llm.tokenizer.from_checkpoint import tokenizer_from_checkpoint
from pixel_llm.tokenizer.stream import StreamDecoder
from pixel_llm.tokenizer.tokenizer import Tokenizer

__all__ = ["StreamDecoder", "Tokenizer", "tokenizer_from_checkpoint"]
