"""From a model file's tokenizer to the files of a Hugging Face folder: the inverse of `huggingface`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pixel_llm.errors import TokenizerFormatError
from pixel_llm.tokenizer.settings import TokenizerSettings


def tokenizer_to_huggingface(settings: Mapping[str, Any], tokenizer_json: bytes) -> dict[str, bytes]:
    """tokenizer.json and tokenizer_config.json by name.

    transformers adds BOS and EOS through the post-processor of tokenizer.json, so one that does what the settings say
    replaces whatever is there. Raises `TokenizerFormatError` where tokenizer.json is malformed.
    """
    checked = TokenizerSettings.from_json(settings)
    try:
        document: dict[str, Any] = json.loads(tokenizer_json)
        texts = {int(i): str(token) for token, i in document["model"]["vocab"].items()}
        texts |= {int(a["id"]): str(a["content"]) for a in document.get("added_tokens") or []}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise TokenizerFormatError(f"is malformed: {str(error)[:200]}", part="tokenizer.json") from error
    first = checked.bos if checked.add_bos else None
    last = checked.eos[0] if checked.add_eos else None
    document["post_processor"] = _template(texts, first, last)
    config: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    roles = {"bos": checked.bos, "eos": next(iter(checked.eos), None), "unk": checked.unk, "pad": checked.pad}
    config |= {f"{role}_token": texts[i] for role, i in roles.items() if i in texts}
    config |= {"add_bos_token": checked.add_bos, "add_eos_token": checked.add_eos}
    if checked.chat_template is not None:
        config["chat_template"] = checked.chat_template
    return {"tokenizer.json": _dump(document), "tokenizer_config.json": _dump(config)}


def _template(texts: Mapping[int, str], first: int | None, last: int | None) -> dict[str, Any] | None:
    if first is None and last is None:
        return None
    special = {texts[i]: {"id": texts[i], "ids": [i], "tokens": [texts[i]]} for i in (first, last) if i is not None}

    def sequence(name: str) -> list[dict[str, Any]]:
        number = 0 if name == "A" else 1
        parts: list[dict[str, Any]] = [{"Sequence": {"id": name, "type_id": number}}]
        if first is not None:
            parts.insert(0, {"SpecialToken": {"id": texts[first], "type_id": number}})
        if last is not None:
            parts.append({"SpecialToken": {"id": texts[last], "type_id": number}})
        return parts

    pair = [*sequence("A"), *sequence("B")]
    return {"type": "TemplateProcessing", "single": sequence("A"), "pair": pair, "special_tokens": special}


def _dump(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
