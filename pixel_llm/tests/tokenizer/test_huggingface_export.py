"""A tokenizer as the files of a Hugging Face folder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pixel_llm.errors import TokenizerFormatError
from pixel_llm.testing.hf_folder import tiny_tokenizer
from pixel_llm.tokenizer.huggingface import tokenizer_from_files
from pixel_llm.tokenizer.huggingface_export import tokenizer_to_huggingface


def settings(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "kind": "byte_level",
        "vocab_size": 288,
        "bos": 256,
        "eos": [257],
        "unk": None,
        "pad": None,
    }
    plain |= {"specials": [256, 257, 258, 259], "add_bos": False, "add_eos": False, "strip_space": False}
    return plain | {"chat_template": "{{ messages }}"} | changes


@pytest.mark.parametrize("add_bos", [False, True])
@pytest.mark.parametrize("add_eos", [False, True])
def test_settings_come_back(add_bos: bool, add_eos: bool) -> None:
    import tokenizers

    given = settings(add_bos=add_bos, add_eos=add_eos)
    files = tokenizer_to_huggingface(given, json.dumps(tiny_tokenizer()).encode())
    found, _ = tokenizer_from_files({**files, "config.json": b'{"vocab_size": 288}'})
    for name in ("kind", "bos", "eos", "add_bos", "add_eos", "chat_template", "specials"):
        assert found[name] == given[name], name
    # The library adds what the settings say, as transformers would.
    ids = tokenizers.Tokenizer.from_str(files["tokenizer.json"].decode()).encode("hello").ids
    assert (ids[0] == 256, ids[-1] == 257) == (add_bos, add_eos)


def test_a_malformed_tokenizer() -> None:
    for bad in (b"{}", b"nonsense", b"[]"):
        with pytest.raises(TokenizerFormatError, match="malformed"):
            tokenizer_to_huggingface(settings(), bad)
