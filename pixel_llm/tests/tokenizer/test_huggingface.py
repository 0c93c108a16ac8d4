"""Tokenizers of Hugging Face folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from pixel_llm.errors import PixelLLMError, TokenizerFormatError, UnsupportedError
from pixel_llm.formats.checkpoint import open_checkpoint
from pixel_llm.testing.hf_folder import tiny_tokenizer, write_hf_folder
from pixel_llm.tests.data.hard_texts import HARD_TEXTS
from pixel_llm.tokenizer import Tokenizer, tokenizer_from_checkpoint
from pixel_llm.tokenizer.huggingface import tokenizer_from_files


def _byte_level() -> tokenizers.Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*alphabet, "Ġt", "he", "Ġthe"])}
    library = tokenizers.Tokenizer(models.BPE(vocabulary, [("Ġ", "t"), ("h", "e"), ("Ġt", "he")]))
    library.normalizer = normalizers.NFC()
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    library.add_special_tokens(["<s>", "</s>", "<|user|>"])
    library.add_tokens([tokenizers.AddedToken("<think>", normalized=False)])
    library.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 259)])
    return library


def _metaspace() -> tokenizers.Tokenizer:
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{b:02X}>" for b in range(256)), "▁", "t", "h", "e", "he", "the", "▁the"]
    merges = [("h", "e"), ("t", "he"), ("▁", "the")]
    model = models.BPE({p: i for i, p in enumerate(pieces)}, merges, unk_token="<unk>", byte_fallback=True)
    library = tokenizers.Tokenizer(model)
    library.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    library.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(content=" ", left=1, right=0),
        ]
    )
    library.add_special_tokens(["<unk>", "<s>", "</s>"])
    return library


CONFIG: dict[str, Any] = {"bos_token": "<s>", "eos_token": {"content": "</s>"}}


def _files(library: tokenizers.Tokenizer, **documents: Any) -> dict[str, bytes]:
    files = {"tokenizer.json": library.to_str().encode(), "tokenizer_config.json": json.dumps(CONFIG).encode()}
    return files | {f"{name}.json": json.dumps(document).encode() for name, document in documents.items()}


@pytest.mark.parametrize("make", [_byte_level, _metaspace])
def test_ids_are_the_library_s(make: Any) -> None:
    library = make()
    tokenizer = Tokenizer(*tokenizer_from_files(_files(library)))
    for text in (*HARD_TEXTS, "the the", "<s>the</s> the", "the<s> the"):
        assert tokenizer.encode(text, parse_special=True) == library.encode(text).ids, text
        library.encode_special_tokens = True
        plain = library.encode(text, add_special_tokens=False).ids
        assert tokenizer.encode(text, add_special=False) == plain, text
        assert tokenizer.decode(plain) == library.decode(plain), text
        library.encode_special_tokens = False


def test_settings_of_a_folder() -> None:
    template = [{"name": "tool_use", "template": "T"}, {"name": "default", "template": "D"}]
    files = _files(
        _byte_level(),
        tokenizer_config={**CONFIG, "chat_template": template},
        generation_config={"eos_token_id": [260, 261]},
        config={"eos_token_id": 5},
    )
    stored, data = tokenizer_from_files(files)
    assert data == files["tokenizer.json"]
    assert stored["bos"] == 259
    assert stored["add_bos"]
    assert not stored["add_eos"]
    assert stored["eos"] == [260, 261]
    assert stored["specials"] == [259, 260, 261]
    assert stored["vocab_size"] == 263
    assert stored["chat_template"] == "D"
    stored, _ = tokenizer_from_files(files | {"chat_template.jinja": "J\u00e9".encode()})
    assert stored["chat_template"] == "J\u00e9"
    stored, _ = tokenizer_from_files(_files(_byte_level(), config={"eos_token_id": 5}))
    assert stored["eos"] == [260, 5]
    stored, _ = tokenizer_from_files(_files(_byte_level(), tokenizer_config={**CONFIG, "add_bos_token": False}))
    assert not stored["add_bos"]


def test_eos_that_is_not_marked_special_is_control_all_the_same() -> None:
    library = _byte_level()
    end = library.token_to_id("<think>")
    stored, data = tokenizer_from_files(_files(library, generation_config={"eos_token_id": end}))
    tokenizer = Tokenizer(stored, data)
    assert end not in tokenizer.encode("a<think>b")
    assert end in tokenizer.encode("a<think>b", parse_special=True)


def test_truncation_and_padding_are_not_taken_over() -> None:
    library = _byte_level()
    library.enable_truncation(3)
    library.enable_padding(length=50)
    tokenizer = Tokenizer(*tokenizer_from_files(_files(library)))
    assert tokenizer.decode(tokenizer.encode("a long text")) == "a long text"


def test_checkpoint_folder(tmp_path: Path) -> None:
    write_hf_folder(tmp_path / "m", "llama")
    checkpoint = open_checkpoint(tmp_path / "m")
    tokenizer = Tokenizer(*tokenizer_from_checkpoint(checkpoint))
    assert tokenizer.decode(tokenizer.encode("hello world")) == "hello world"
    assert tokenizer.chat([{"role": "user", "content": "x"}])[0] == tokenizer.bos
    checkpoint.close()


def test_errors_name_the_checkpoint() -> None:
    class Source:
        kind = "gguf"
        path = Path("some.gguf")
        metadata: dict[str, Any] = {}  # noqa: RUF012

        def resources(self) -> dict[str, bytes]:
            return {}

    with pytest.raises(TokenizerFormatError, match=r"some\.gguf"):
        tokenizer_from_checkpoint(Source())


def _document() -> dict[str, Any]:
    return json.loads(_byte_level().to_str())


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"model": {"type": "WordPiece", "vocab": {}}}, UnsupportedError),
        ({"model": {"type": "Unigram", "vocab": []}}, UnsupportedError),
        ({"model": None}, TokenizerFormatError),
        ({"pre_tokenizer": None, "decoder": None}, UnsupportedError),
        ({"decoder": {"type": "Nonsense"}, "pre_tokenizer": {"type": "ByteLevel"}}, TokenizerFormatError),
    ],
)
def test_unsupported_tokenizer_json(change: dict[str, Any], error: type[Exception]) -> None:
    data = json.dumps(_document() | change).encode()
    with pytest.raises(error):
        tokenizer_from_files({"tokenizer.json": data})


def test_dropout_is_refused() -> None:
    document = _document()
    document["model"]["dropout"] = 0.1
    with pytest.raises(UnsupportedError, match="dropout"):
        tokenizer_from_files({"tokenizer.json": json.dumps(document).encode()})


def test_added_token_with_an_impossible_id_is_named() -> None:
    document = _document()
    document["added_tokens"][-1]["id"] += 7
    with pytest.raises(TokenizerFormatError, match="think"):
        tokenizer_from_files({"tokenizer.json": json.dumps(document).encode()})


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("tokenizer.json", None, UnsupportedError),
        ("tokenizer.json", b"{", TokenizerFormatError),
        ("tokenizer.json", b"[" * 100_000, TokenizerFormatError),
        ("tokenizer.json", b'{"model": {}, ' + _byte_level().to_str().encode()[1:], TokenizerFormatError),
        ("tokenizer_config.json", b"[]", TokenizerFormatError),
        ("tokenizer_config.json", b'{"bos_token": "<nope>"}', TokenizerFormatError),
        ("tokenizer_config.json", b'{"bos_token": 5}', TokenizerFormatError),
        ("tokenizer_config.json", b'{"bos_token": "\\ud800"}', TokenizerFormatError),
        ("tokenizer_config.json", b'{"added_tokens_decoder": {"9": {"content": "\\ud800"}}}', UnsupportedError),
        ("tokenizer_config.json", b'{"chat_template": 5}', TokenizerFormatError),
        ("tokenizer_config.json", b'{"chat_template": "\\ud800"}', TokenizerFormatError),
        ("tokenizer_config.json", b'{"add_bos_token": "yes"}', TokenizerFormatError),
        ("tokenizer_config.json", b'{"add_eos_token": true}', TokenizerFormatError),
        ("tokenizer_config.json", b'{"bos_token": "</s>"}', UnsupportedError),
        ("tokenizer_config.json", b'{"added_tokens_decoder": {"999": {"content": "<x>"}}}', UnsupportedError),
        ("generation_config.json", b'{"eos_token_id": 9999}', TokenizerFormatError),
        ("generation_config.json", b'{"eos_token_id": "2"}', TokenizerFormatError),
        ("chat_template.jinja", b"\xff", TokenizerFormatError),
    ],
)
def test_malformed_files_are_named(name: str, content: bytes | None, error: type[PixelLLMError]) -> None:
    files = {k: v for k, v in (_files(_byte_level()) | {name: content}).items() if v is not None}
    with pytest.raises(error) as caught:
        tokenizer_from_files(files)
    assert caught.value.part in (name, "tokenizer.json")


def test_tokenizer_that_cannot_be_used() -> None:
    document = _document()
    document["model"]["unk_token"] = "<nope>"
    document["model"]["vocab"]["no space"] = document["model"]["vocab"].pop("\u0120")
    document["model"]["merges"] = []
    stored, data = tokenizer_from_files({"tokenizer.json": json.dumps(document).encode()})
    with pytest.raises(TokenizerFormatError, match="nope"):
        Tokenizer(stored, data).encode("a b")


def test_post_processor_that_does_more_is_refused() -> None:
    library = _byte_level()
    library.post_processor = processors.TemplateProcessing(
        single="<s> </s> $A", special_tokens=[("<s>", 259), ("</s>", 260)]
    )
    with pytest.raises(UnsupportedError):
        tokenizer_from_files(_files(library))


JUNK = st.none() | st.booleans() | st.integers(-3, 300) | st.text(max_size=5) | st.just([]) | st.just({})


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_only_our_errors(data: st.DataObject) -> None:
    """tokenizer.json with values replaced by junk at random places."""
    document = _document()
    for _ in range(data.draw(st.integers(1, 3))):
        place: Any = document
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys[:12]))
            if isinstance(place[key], dict | list) and data.draw(st.integers(0, 3)):
                place = place[key]
                continue
            place[key] = data.draw(JUNK)
            break
    try:
        tokenizer = Tokenizer(*tokenizer_from_files({"tokenizer.json": json.dumps(document).encode()}))
    except PixelLLMError:
        return
    assert isinstance(tokenizer.decode(tokenizer.encode("the <s> end", parse_special=True)), str)


def test_named_templates_with_odd_names() -> None:
    named = [{"name": [], "template": "a"}, {"name": "default", "template": "b"}, {"name": "default", "template": "c"}]
    files = _files(_byte_level(), tokenizer_config={**CONFIG, "chat_template": named})
    assert tokenizer_from_files(files)[0]["chat_template"] == "b"


def test_what_could_not_be_opened_again_is_refused() -> None:
    document = tiny_tokenizer()
    document["model"]["vocab"]["far away"] = 5000
    with pytest.raises(TokenizerFormatError, match="vocab_size"):
        tokenizer_from_files({"tokenizer.json": json.dumps(document).encode()})
