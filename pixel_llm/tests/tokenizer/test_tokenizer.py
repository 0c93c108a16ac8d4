"""Encoding, decoding and streaming."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.errors import InvalidArgumentError, TokenizerFormatError
from pixel_llm.tokenizer import Tokenizer
from pixel_llm.tokenizer.gguf_vocabulary import TokenType, tokenizer_from_gguf

CONTROL = "<|endoftext|>", "<|im_start|>", "<|im_end|>"


@pytest.mark.parametrize("text", [*CONTROL, "a<|im_end|>b", "<|<|im_end|>|>", " <|im_start|> <|im_end|>"])
def test_typed_specials_are_text(byte_level_tokenizer: Tokenizer, text: str) -> None:
    ids = byte_level_tokenizer.encode(text)
    assert byte_level_tokenizer.settings.specials.isdisjoint(ids)
    assert byte_level_tokenizer.decode(ids) == text


def test_parsed_specials_are_control_tokens(byte_level_tokenizer: Tokenizer) -> None:
    tokenizer = byte_level_tokenizer
    ids = tokenizer.encode("<|im_start|>a<|im_end|>", parse_special=True)
    assert ids[0] in tokenizer.settings.specials
    assert ids[-1] in tokenizer.eos
    assert tokenizer.decode(ids) == "a"
    assert tokenizer.decode(ids, skip_special=False) == "<|im_start|>a<|im_end|>"


def test_user_defined_tokens_are_always_tokens(byte_level_tokenizer: Tokenizer) -> None:
    ids = byte_level_tokenizer.encode("a<tool_call>b")
    assert len(ids) == 3
    assert byte_level_tokenizer.decode(ids) == "a<tool_call>b"


def test_merges_that_lead_to_a_control_token_do_not(byte_level: dict[str, Any]) -> None:
    tokens = list(byte_level["tokenizer.ggml.tokens"])
    types, merges = list(byte_level["tokenizer.ggml.token_type"]), list(byte_level["tokenizer.ggml.merges"])
    tokens += ["zq", "zqZ"]
    types += [TokenType.NORMAL, TokenType.CONTROL]
    merges += ["z q", "zq Z"]
    metadata = byte_level | {
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": merges,
    }
    tokenizer = Tokenizer(*tokenizer_from_gguf(metadata))
    ids = tokenizer.encode("a zqZ b")
    assert tokenizer.settings.specials.isdisjoint(ids)
    assert tokenizer.decode(ids) == "a zqZ b"
    assert len(tokens) - 1 in tokenizer.encode("a zqZ b", parse_special=True)


def test_bos_and_eos(byte_level: dict[str, Any]) -> None:
    metadata = byte_level | {"tokenizer.ggml.add_bos_token": True, "tokenizer.ggml.add_eos_token": True}
    tokenizer = Tokenizer(*tokenizer_from_gguf(metadata))
    bare = tokenizer.encode("ab", add_special=False)
    assert tokenizer.encode("ab") == [tokenizer.bos, *bare, tokenizer.settings.eos[0]]


def test_empty_text(byte_level_tokenizer: Tokenizer, sentencepiece_tokenizer: Tokenizer) -> None:
    assert byte_level_tokenizer.encode("") == []
    assert sentencepiece_tokenizer.encode("") == [sentencepiece_tokenizer.bos]
    assert byte_level_tokenizer.decode([]) == ""


def test_lone_surrogates_become_replacement_characters(byte_level_tokenizer: Tokenizer) -> None:
    assert byte_level_tokenizer.decode(byte_level_tokenizer.encode("a\ud800b")) == "a\ufffdb"
    assert byte_level_tokenizer.decode(byte_level_tokenizer.encode("\ud83d\ude00")) == "\U0001f600"


@given(text=st.text())
@settings(max_examples=200, deadline=None)
def test_any_text_survives(byte_level_tokenizer: Tokenizer, sentencepiece_tokenizer: Tokenizer, text: str) -> None:
    ids = byte_level_tokenizer.encode(text)
    assert byte_level_tokenizer.decode(ids) == text
    # SentencePiece cannot tell a space from the character that it writes spaces with.
    ids = sentencepiece_tokenizer.encode(text)
    assert sentencepiece_tokenizer.decode(ids) == text.replace("▁", " ")


@given(data=st.data(), skip=st.booleans())
@settings(max_examples=200, deadline=None)
def test_stream_equals_decode(
    byte_level_tokenizer: Tokenizer, sentencepiece_tokenizer: Tokenizer, data: st.DataObject, skip: bool
) -> None:
    for tokenizer in (byte_level_tokenizer, sentencepiece_tokenizer):
        ids = data.draw(st.lists(st.integers(0, tokenizer.vocab_size + 5), max_size=30))
        stream = tokenizer.stream(skip_special=skip)
        pieces = [*map(stream.push, ids), stream.finish()]
        whole = b"".join(
            b"" if skip and token in tokenizer.settings.specials else tokenizer.token_bytes(token) for token in ids
        ).decode("utf-8", "replace")
        if tokenizer.settings.strip_space:
            whole = whole.removeprefix(" ")
        assert "".join(pieces) == tokenizer.decode(ids, skip_special=skip) == whole


def test_stream_never_splits_a_character(byte_level_tokenizer: Tokenizer) -> None:
    text = "é漢\U0001f600\U0001f468\u200d\U0001f469"
    ids = [byte_level_tokenizer.encode(c, add_special=False)[0] for c in "a"]
    single = {byte_level_tokenizer.token_bytes(i): i for i in range(byte_level_tokenizer.vocab_size)}
    ids = [single[bytes([byte])] for byte in text.encode()]
    stream = byte_level_tokenizer.stream()
    pieces = [stream.push(token) for token in ids]
    assert "".join(pieces) == text
    assert all(len(piece) <= 1 and "\ufffd" not in piece for piece in pieces)
    assert stream.finish() == ""


def test_invalid_bytes_are_given_out_when_sure(byte_level_tokenizer: Tokenizer) -> None:
    single = {byte_level_tokenizer.token_bytes(i): i for i in range(byte_level_tokenizer.vocab_size)}
    stream = byte_level_tokenizer.stream()
    assert stream.push(single[b"\xf0"]) == ""
    assert stream.push(single[b"\x9f"]) == ""
    assert stream.push(single[b"a"]) == "\ufffda"
    assert stream.push(single[b"\xff"]) == "\ufffd"
    assert stream.push(single[b"\xe6"]) == ""
    assert stream.finish() == "\ufffd"
    assert stream.push(single[b"b"]) == "b"


def test_sentencepiece_leading_space(sentencepiece_tokenizer: Tokenizer) -> None:
    tokenizer = sentencepiece_tokenizer
    ids = tokenizer.encode("the end")
    assert ids[0] == tokenizer.bos
    assert tokenizer.decode(ids) == "the end"
    assert tokenizer.decode(ids, skip_special=False) == "<s> the end"
    after_text = tokenizer.stream(after=ids)
    assert "".join([*map(after_text.push, ids[1:]), after_text.finish()]) == " the end"
    after_bos = tokenizer.stream(after=[tokenizer.bos])
    assert "".join(map(after_bos.push, ids[1:])) == "the end"


def test_sentencepiece_bytes(sentencepiece_tokenizer: Tokenizer) -> None:
    ids = sentencepiece_tokenizer.encode("<0x41>", add_special=False)
    assert sentencepiece_tokenizer.decode(ids) == "<0x41>"
    assert sentencepiece_tokenizer.token_bytes(3 + 0x41) == b"A"


def test_ids_without_a_token_are_empty(byte_level_tokenizer: Tokenizer) -> None:
    assert byte_level_tokenizer.token_bytes(byte_level_tokenizer.vocab_size + 1) == b""
    assert byte_level_tokenizer.decode([10**9]) == ""
    with pytest.raises(InvalidArgumentError):
        byte_level_tokenizer.token_bytes(-1)


def test_threads_share_a_tokenizer(smollm2_tokenizer: Tokenizer) -> None:
    texts = [f"text {i} <|im_end|> \U0001f600" for i in range(50)]
    wanted = [smollm2_tokenizer.encode(text, parse_special=i % 2 == 0) for i, text in enumerate(texts)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: smollm2_tokenizer.encode(texts[i], parse_special=i % 2 == 0), range(50)))
    assert found == wanted


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "wordpiece"),
        ("vocab_size", 0),
        ("vocab_size", 10),
        ("vocab_size", True),
        ("vocab_size", 1 << 40),
        ("bos", -1),
        ("bos", 10**9),
        ("bos", "1"),
        ("eos", 3),
        ("eos", [None]),
        ("eos", [10**9]),
        ("specials", None),
        ("specials", ["<s>"]),
        ("add_bos", None),
        ("add_eos", 1),
        ("strip_space", "no"),
        ("chat_template", 5),
    ],
)
def test_malformed_settings_are_named(byte_level: dict[str, Any], field: str, value: object) -> None:
    stored, data = tokenizer_from_gguf(byte_level)
    with pytest.raises(TokenizerFormatError) as caught:
        Tokenizer(stored | {field: value}, data)
    assert "tokenizer settings" in str(caught.value)


def test_contradictory_settings(byte_level: dict[str, Any]) -> None:
    stored, data = tokenizer_from_gguf(byte_level)
    for change in ({"add_bos": True, "bos": None}, {"add_eos": True, "eos": []}):
        with pytest.raises(TokenizerFormatError):
            Tokenizer(stored | change, data)
    with pytest.raises(TokenizerFormatError):
        Tokenizer([], data)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\xff", b'{"model": {}}', b"null"])
def test_malformed_tokenizer_json(byte_level: dict[str, Any], data: bytes) -> None:
    stored, _ = tokenizer_from_gguf(byte_level)
    with pytest.raises(TokenizerFormatError):
        Tokenizer(stored, data)
