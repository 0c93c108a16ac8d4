"""Token ids equal llama.cpp's and transformers'."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from pixel_llm.tests.tokenizer.conftest import gguf_metadata
from pixel_llm.tokenizer import Tokenizer
from pixel_llm.tokenizer.gguf_vocabulary import TokenType, tokenizer_from_gguf

Goldens = dict[str, Any]
CASES = [f"byte_level/{p}" for p in ("default", "gpt-2", "smollm", "llama-bpe", "deepseek-r1-qwen", "smaug-bpe")]


def _tokenizer(goldens: Goldens, case: str) -> Tokenizer:
    kind, option = case.split("/")
    more = {"pre": option} if kind == "byte_level" else {"add_space_prefix": option == "True"}
    return Tokenizer(*tokenizer_from_gguf(gguf_metadata(goldens["vocabularies"][kind], **more)))


def _check(tokenizer: Tokenizer, texts: list[str], found: dict[str, Any]) -> None:
    for text, plain in zip(texts, found["plain"], strict=True):
        assert tokenizer.encode(text, add_special=False) == plain, text
    for text, special in zip(texts, found.get("special", ()), strict=False):
        assert tokenizer.encode(text, parse_special=True) == special, text


def test_there_are_enough_hard_texts(goldens: Goldens) -> None:
    assert len(set(goldens["texts"])) >= 60


def test_smollm2_equals_llama_cpp(goldens: Goldens, smollm2_tokenizer: Tokenizer) -> None:
    _check(smollm2_tokenizer, goldens["texts"], goldens["llama_cpp"]["cases"]["smollm2"])


def test_smollm2_equals_transformers(goldens: Goldens, smollm2_tokenizer: Tokenizer) -> None:
    # From a GGUF file transformers cuts words as GPT-2 does, not digit by digit as SmolLM2's own tokenizer: where it
    # finds a merge across digits of other scripts, llama.cpp's ids are the model's.
    for text, ids in zip(goldens["texts"], goldens["transformers"]["special"], strict=True):
        if not text.startswith("\u0660"):
            assert smollm2_tokenizer.encode(text, add_special=False, parse_special=True) == ids, text


def test_smollm2_round_trip(goldens: Goldens, smollm2_tokenizer: Tokenizer) -> None:
    for text in goldens["texts"]:
        assert smollm2_tokenizer.decode(smollm2_tokenizer.encode(text)) == text


@pytest.mark.parametrize("case", [*CASES, "sentencepiece/True", "sentencepiece/False"])
def test_small_vocabulary_equals_llama_cpp(goldens: Goldens, case: str) -> None:
    _check(_tokenizer(goldens, case), goldens["texts"], goldens["llama_cpp"]["cases"][case])


def test_qwen2_equals_llama_cpp_on_normalised_text(goldens: Goldens) -> None:
    # llama.cpp does not normalise to NFC; Qwen2's tokenizer does.
    tokenizer = _tokenizer(goldens, "byte_level/qwen2")
    compared = 0
    for text, ids in zip(goldens["texts"], goldens["llama_cpp"]["cases"]["byte_level/qwen2"]["plain"], strict=True):
        normal = unicodedata.normalize("NFC", text)
        if normal == text:
            compared += 1
            assert tokenizer.encode(text, add_special=False) == ids, text
        assert tokenizer.encode(text, add_special=False) == tokenizer.encode(normal, add_special=False)
    assert compared > 80


def test_qwen2_equals_transformers(goldens: Goldens) -> None:
    # transformers' class knows no user-defined tokens.
    vocabulary = dict(goldens["vocabularies"]["byte_level"], pre="qwen2")
    vocabulary["token_type"] = [
        TokenType.NORMAL if kind == TokenType.USER_DEFINED else kind for kind in vocabulary["token_type"]
    ]
    tokenizer = Tokenizer(*tokenizer_from_gguf(gguf_metadata(vocabulary)))
    for text, ids in zip(goldens["texts"], goldens["transformers"]["qwen2"], strict=True):
        assert tokenizer.encode(text, add_special=False) == ids, text


def test_tekken_equals_llama_cpp_without_marks(goldens: Goldens) -> None:
    # llama.cpp's approximation of the pattern leaves out combining marks.
    tokenizer = _tokenizer(goldens, "byte_level/tekken")
    compared = 0
    for text, ids in zip(goldens["texts"], goldens["llama_cpp"]["cases"]["byte_level/tekken"]["plain"], strict=True):
        if not any(unicodedata.category(char).startswith("M") for char in text):
            compared += 1
            assert tokenizer.encode(text, add_special=False) == ids, text
    assert compared > 80
