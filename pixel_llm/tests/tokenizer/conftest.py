"""The golden vocabularies, as tokenizers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pixel_llm.formats.checkpoint import open_checkpoint
from pixel_llm.tokenizer import Tokenizer, tokenizer_from_checkpoint
from pixel_llm.tokenizer.gguf_vocabulary import tokenizer_from_gguf

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="session")
def goldens() -> dict[str, Any]:
    """What llama.cpp and transformers make of the hard texts; see data/renew_tokenizer_goldens.py."""
    return json.loads((DATA / "tokenizer_goldens.json").read_text())


def gguf_metadata(vocabulary: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The metadata of a GGUF file with a golden vocabulary and some more `tokenizer.ggml` keys."""
    return {f"tokenizer.ggml.{key}": value for key, value in {**vocabulary, **more}.items()}


@pytest.fixture(scope="session")
def byte_level(goldens: dict[str, Any]) -> dict[str, Any]:
    """Metadata of the small byte-level vocabulary."""
    return gguf_metadata(goldens["vocabularies"]["byte_level"], pre="smollm")


@pytest.fixture(scope="session")
def sentencepiece(goldens: dict[str, Any]) -> dict[str, Any]:
    """Metadata of the small SentencePiece vocabulary."""
    return gguf_metadata(goldens["vocabularies"]["sentencepiece"])


@pytest.fixture(scope="session")
def byte_level_tokenizer(byte_level: dict[str, Any]) -> Tokenizer:
    """A tokenizer of the small byte-level vocabulary."""
    return Tokenizer(*tokenizer_from_gguf(byte_level))


@pytest.fixture(scope="session")
def sentencepiece_tokenizer(sentencepiece: dict[str, Any]) -> Tokenizer:
    """A tokenizer of the small SentencePiece vocabulary."""
    return Tokenizer(*tokenizer_from_gguf(sentencepiece))


@pytest.fixture(scope="session")
def smollm2(smollm2_gguf: Path) -> tuple[dict[str, Any], bytes]:
    """Settings and tokenizer.json of the real model."""
    checkpoint = open_checkpoint(smollm2_gguf)
    try:
        return tokenizer_from_checkpoint(checkpoint)
    finally:
        checkpoint.close()


@pytest.fixture(scope="session")
def smollm2_tokenizer(smollm2: tuple[dict[str, Any], bytes]) -> Tokenizer:
    """The real model's tokenizer."""
    return Tokenizer(*smollm2)
