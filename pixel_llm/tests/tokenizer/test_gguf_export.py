"""Tokenizers written as GGUF metadata mean the same when they are read back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pixel_llm.errors import TokenizerFormatError, UnsupportedError
from pixel_llm.testing.hf_folder import tiny_tokenizer
from pixel_llm.tokenizer import Tokenizer
from pixel_llm.tokenizer.gguf_export import tokenizer_to_gguf
from pixel_llm.tokenizer.gguf_vocabulary import tokenizer_from_gguf
from pixel_llm.tokenizer.huggingface import tokenizer_from_files
from pixel_llm.tokenizer.pretokenizers import PRE_TOKENIZERS

TEXTS = ["hello world", " Hello  World\n\n12345 it's", "naïve 日本 \U0001f600", "<|user|>hello<|eos|>", "", "  \t x"]


def byte_level(**changes: Any) -> tuple[dict[str, Any], bytes]:
    document = tiny_tokenizer() | changes
    config = {"bos_token": "<|bos|>", "eos_token": "<|eos|>", "chat_template": "{{ messages }}"}
    files = {"tokenizer.json": json.dumps(document).encode(), "tokenizer_config.json": json.dumps(config).encode()}
    return tokenizer_from_files(files)


def sentencepiece() -> dict[str, Any]:
    """Metadata of a SentencePiece vocabulary whose scores order merges."""
    pieces = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3)]
    pieces += [(f"<0x{b:02X}>", 0.0, 6) for b in range(256)]
    made = ["he", "ll", "hell", "hello", "▁w", "or", "▁wor", "ld", "▁world", "▁h", "▁hello", "▁▁"]
    pieces += [(token, -float(i), 1) for i, token in enumerate(made)]
    pieces += [(c, -1000.0 - i, 1) for i, c in enumerate("▁helowrdHW123.")]
    pieces += [("<tool>", 0.0, 4)]
    tokens, scores, types = zip(*pieces, strict=True)
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": list(tokens),
        "tokenizer.ggml.scores": list(scores),
        "tokenizer.ggml.token_type": list(types),
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
    }


def same(before: tuple[dict[str, Any], bytes], after: tuple[dict[str, Any], bytes]) -> None:
    a, b = Tokenizer(*before), Tokenizer(*after)
    assert (a.bos, a.eos) == (b.bos, b.eos)
    for text in TEXTS:
        for parse_special in (False, True):
            ids = a.encode(text, parse_special=parse_special)
            assert b.encode(text, parse_special=parse_special) == ids
            assert b.decode(ids) == a.decode(ids)


def test_byte_level() -> None:
    before = byte_level()
    metadata = tokenizer_to_gguf(*before, vocab_size=288)
    assert metadata["tokenizer.ggml.model"] == "gpt2"
    assert metadata["tokenizer.ggml.pre"] == "gpt-2"
    assert metadata["tokenizer.chat_template"] == "{{ messages }}"
    assert len(metadata["tokenizer.ggml.tokens"]) == len(metadata["tokenizer.ggml.token_type"]) == 288
    assert metadata["tokenizer.ggml.tokens"][-1] == "[PAD287]"
    assert metadata["tokenizer.ggml.token_type"][255:261] == [1, 3, 3, 3, 3, 1]
    assert metadata["tokenizer.ggml.token_type"][-1] == 5
    assert metadata["tokenizer.ggml.merges"][:2] == ["h e", "l l"]
    assert (metadata["tokenizer.ggml.bos_token_id"], metadata["tokenizer.ggml.eos_token_id"]) == (256, 257)
    assert metadata["tokenizer.ggml.add_bos_token"] is before[0]["add_bos"]
    same(before, tokenizer_from_gguf(metadata))


@pytest.mark.parametrize("prefix", [True, False])
def test_sentencepiece(prefix: bool) -> None:
    metadata = sentencepiece() | {"tokenizer.ggml.add_space_prefix": prefix}
    before = tokenizer_from_gguf(metadata)
    size = len(metadata["tokenizer.ggml.tokens"])
    again = tokenizer_to_gguf(*before, vocab_size=size + 3)
    assert again["tokenizer.ggml.model"] == "llama"
    assert again["tokenizer.ggml.add_space_prefix"] is prefix
    assert again["tokenizer.ggml.tokens"][:size] == metadata["tokenizer.ggml.tokens"]
    assert again["tokenizer.ggml.token_type"] == [*metadata["tokenizer.ggml.token_type"], 5, 5, 5]
    same(before, tokenizer_from_gguf(again))


@pytest.mark.parametrize("name", [n for n in PRE_TOKENIZERS if n])
def test_every_pre_tokenizer_has_its_name_back(name: str) -> None:
    style = PRE_TOKENIZERS[name]
    document = tiny_tokenizer()
    document["model"]["ignore_merges"] = style.ignore_merges
    settings, data = byte_level(
        model=document["model"], normalizer=style.normalizer(), pre_tokenizer=style.pre_tokenizer()
    )
    found = PRE_TOKENIZERS[tokenizer_to_gguf(settings, data, vocab_size=288)["tokenizer.ggml.pre"]]
    assert (found.splits, found.nfc, found.ignore_merges) == (style.splits, style.nfc, style.ignore_merges)


def test_digits_as_published_tokenizers_say_it() -> None:
    digits = {"type": "Digits", "individual_digits": True}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    before = byte_level(pre_tokenizer={"type": "Sequence", "pretokenizers": [digits, level]})
    assert tokenizer_to_gguf(*before, vocab_size=288)["tokenizer.ggml.pre"] == "smollm"


@pytest.mark.parametrize(
    "pre",
    [
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": "x+"}, "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
            ],
        },
        {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"String": " "}, "behavior": "Removed", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
            ],
        },
    ],
)
def test_other_cuts_are_refused(pre: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError, match="no name for the way"):
        tokenizer_to_gguf(*byte_level(pre_tokenizer=pre), vocab_size=288)


def test_more_tokens_than_rows_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="no row in the embedding"):
        tokenizer_to_gguf(*byte_level(), vocab_size=200)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"model": {"vocab": 3, "merges": []}}'])
def test_malformed_documents(data: bytes) -> None:
    with pytest.raises(TokenizerFormatError, match=r"tokenizer\.json: is malformed"):
        tokenizer_to_gguf(byte_level()[0], data, vocab_size=288)
