"""GGUF metadata that is malformed, incomplete or hostile."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.errors import PixelLLMError, TokenizerFormatError, UnsupportedError
from pixel_llm.tokenizer import Tokenizer
from pixel_llm.tokenizer.gguf_vocabulary import tokenizer_from_gguf

TOKENS = "tokenizer.ggml.tokens"
TYPES = "tokenizer.ggml.token_type"
MERGES = "tokenizer.ggml.merges"
SCORES = "tokenizer.ggml.scores"
Metadata = dict[str, Any]

SMALL: Metadata = {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "gpt-2",
    TOKENS: ["a", "b", "ab", "</s>"],
    TYPES: [1, 1, 1, 3],
    MERGES: ["a b"],
    "tokenizer.ggml.eos_token_id": 3,
}
SMALL_SPM: Metadata = {
    "tokenizer.ggml.model": "llama",
    TOKENS: ["<unk>", "<s>", "</s>", "▁", "a", "b", "ab"],
    TYPES: [2, 3, 3, 1, 1, 1, 1],
    SCORES: [0.0, 0.0, 0.0, -3.0, -4.0, -5.0, -1.0],
}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tokenizer.ggml.model", None),
        ("tokenizer.ggml.model", 5),
        ("tokenizer.ggml.pre", ["gpt-2"]),
        ("tokenizer.ggml.pre", "x" * 5000),
        (TOKENS, None),
        (TOKENS, []),
        (TOKENS, "abc"),
        (TOKENS, 7),
        (TOKENS, ["a", "b", "ab", 4]),
        (TOKENS, ["a", "b", "ab", "a"]),
        (TOKENS, ["a", "b", "ab", "\ud800"]),
        (TOKENS, ["a", "b", "ab", "x" * 5000]),
        (TOKENS, np.zeros((2, 2))),
        (TYPES, [1, 1, 1]),
        (TYPES, [1, 1, 1, 1, 1]),
        (TYPES, [1, 1, 1, 9]),
        (TYPES, [1, 1, 1, "3"]),
        (TYPES, [1, 1, 1, 3.0]),
        (TYPES, [True, 1, 1, 3]),
        (MERGES, None),
        (MERGES, ["ab"]),
        (MERGES, ["a  b"]),
        (MERGES, [" a b"]),
        (MERGES, ["a b c"]),
        (MERGES, ["a x"]),
        (MERGES, ["b a"]),
        (MERGES, [5]),
        ("tokenizer.ggml.eos_token_id", 4),
        ("tokenizer.ggml.eos_token_id", -1),
        ("tokenizer.ggml.eos_token_id", "3"),
        ("tokenizer.ggml.eos_token_id", True),
        ("tokenizer.ggml.bos_token_id", 1 << 40),
        ("tokenizer.ggml.add_bos_token", 1),
        ("tokenizer.chat_template", 5),
        ("tokenizer.chat_template", "x" * (1 << 20) + "x"),
    ],
)
def test_malformed_keys_are_named(key: str, value: object) -> None:
    metadata = {k: v for k, v in (SMALL | {key: value}).items() if v is not None}
    with pytest.raises(TokenizerFormatError) as caught:
        tokenizer_from_gguf(metadata)
    assert caught.value.part == key


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (SCORES, None),
        (SCORES, [0.0]),
        (SCORES, [0.0] * 6 + [float("nan")]),
        (SCORES, [0.0] * 6 + ["x"]),
        (TOKENS, ["<unk>", "<s>", "</s>", "▁", "a", "b", "b" * 600]),
        ("tokenizer.ggml.add_space_prefix", "yes"),
        ("tokenizer.ggml.unknown_token_id", 7),
    ],
)
def test_malformed_sentencepiece_keys_are_named(key: str, value: object) -> None:
    metadata = {k: v for k, v in (SMALL_SPM | {key: value}).items() if v is not None}
    with pytest.raises(TokenizerFormatError) as caught:
        tokenizer_from_gguf(metadata)
    assert caught.value.part == key


@pytest.mark.parametrize(("key", "value"), [("tokenizer.ggml.model", "bert"), ("tokenizer.ggml.pre", "no-such-pre")])
def test_unknown_kinds_are_unsupported(key: str, value: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        tokenizer_from_gguf(SMALL | {key: value})
    assert caught.value.part == key
    assert value in str(caught.value)


def test_bos_that_is_to_be_added_must_exist() -> None:
    with pytest.raises(TokenizerFormatError) as caught:
        tokenizer_from_gguf(SMALL | {"tokenizer.ggml.pre": "llama-bpe"})
    assert caught.value.part == "tokenizer.ggml.bos_token_id"


def test_defaults_are_llama_cpp_s() -> None:
    stored, _ = tokenizer_from_gguf(SMALL)
    assert (stored["bos"], stored["eos"], stored["add_bos"], stored["add_eos"]) == (None, [3], False, False)
    stored, _ = tokenizer_from_gguf(SMALL | {"tokenizer.ggml.pre": "llama-bpe", "tokenizer.ggml.bos_token_id": 3})
    assert stored["add_bos"]
    stored, _ = tokenizer_from_gguf(SMALL_SPM)
    assert (stored["bos"], stored["eos"], stored["unk"], stored["add_bos"]) == (1, [2], 0, True)
    assert stored["strip_space"]


def test_end_tokens_by_text_and_key() -> None:
    tokens = ["a", "<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<turn>", "<eom>"]
    metadata = SMALL | {TOKENS: tokens, TYPES: [1, 3, 3, 1, 3, 1], MERGES: [], "tokenizer.ggml.eos_token_id": 2}
    stored, data = tokenizer_from_gguf(metadata | {"tokenizer.ggml.eot_token_id": 4, "tokenizer.ggml.eom_token_id": 5})
    assert stored["eos"][0] == 2
    assert set(stored["eos"]) == {1, 2, 3, 4, 5}
    # What ends a text is a control token, whatever its type says.
    assert set(stored["specials"]) == {1, 2, 3, 4, 5}
    assert Tokenizer(stored, data).encode("<|eot_id|>", parse_special=True) == [3]


def test_arrays_may_be_numpy_arrays_and_tokens_empty() -> None:
    metadata = SMALL | {TYPES: np.array([1, 1, 1, 3], np.int32), TOKENS: ["a", "b", "ab", ""]}
    stored, data = tokenizer_from_gguf(metadata)
    assert json.loads(data)["model"]["vocab"]["[EMPTY_3]"] == 3
    assert stored["vocab_size"] == 4


def test_tokenizer_json_is_read_by_the_library_alone(sentencepiece: Metadata) -> None:
    """What is stored is a tokenizer.json that other programs can use."""
    import tokenizers

    stored, data = tokenizer_from_gguf(sentencepiece)
    library = tokenizers.Tokenizer.from_buffer(data)
    tokenizer = Tokenizer(stored, data)
    for text in ("the end", "  two", "日本", "\U0001f600 x"):
        ids = tokenizer.encode(text, add_special=False)
        assert library.encode(text).ids == ids
        assert library.decode(ids) == tokenizer.decode(ids)


def test_hostile_pieces_take_bounded_time() -> None:
    # Every beginning and end of each piece is a piece: the most merges for their number.
    alphabet = [f"{i:014b}".replace("0", "x").replace("1", "y") for i in range(1 << 11)]
    pieces = list(dict.fromkeys(piece[:end] for piece in alphabet for end in range(1, 15)))
    pieces += ["z" * n for n in range(1, 513)]
    metadata = SMALL_SPM | {TOKENS: ["<unk>", "<s>", "</s>", *pieces]}
    metadata |= {TYPES: [2, 3, 3] + [1] * len(pieces), SCORES: [0.0] * (3 + len(pieces))}
    start = time.monotonic()
    Tokenizer(*tokenizer_from_gguf(metadata)).encode("xyxyxyzzz" * 100)
    assert time.monotonic() - start < 10


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=8),
    max_leaves=10,
)


@given(
    base=st.sampled_from([SMALL, SMALL_SPM]),
    change=st.dictionaries(st.sampled_from(sorted(SMALL | SMALL_SPM | {"tokenizer.ggml.bos_token_id": 0})), JUNK),
    tokens=st.none() | st.lists(st.text(max_size=3), max_size=8),
)
@settings(max_examples=200, deadline=None)
def test_only_our_errors(base: Metadata, change: Metadata, tokens: list[str] | None) -> None:
    metadata = base | change
    if tokens is not None:
        metadata[TOKENS] = tokens
    try:
        tokenizer = Tokenizer(*tokenizer_from_gguf(metadata))
    except PixelLLMError:
        return
    assert isinstance(tokenizer.decode(tokenizer.encode("ab </s> x")), str)
