"""From the files of a Hugging Face folder to a tokenizer.json and the settings beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import tokenizers

from pixel_llm.errors import TokenizerFormatError, UnsupportedError
from pixel_llm.tokenizer.library import library_encode, load_library_tokenizer
from pixel_llm.tokenizer.pretokenizers import Json
from pixel_llm.tokenizer.tokenizer import Tokenizer

MAX_FILE = 1 << 27
"""Bytes of one file."""


def tokenizer_from_files(files: Mapping[str, bytes]) -> tuple[Json, bytes]:
    """Settings (see `TokenizerSettings`) and tokenizer.json, from files by name.

    Read are tokenizer.json (required), tokenizer_config.json, generation_config.json, config.json, chat_template.jinja
    and chat_template.json. Raises `TokenizerFormatError` naming the file that is malformed, `UnsupportedError` for
    a tokenizer that is not BPE.
    """
    data = files.get("tokenizer.json")
    if data is None:
        raise UnsupportedError(
            "is missing", part="tokenizer.json", remedy="save the tokenizer with transformers' fast tokenizer"
        )
    document = _parse("tokenizer.json", data)
    config = _parse("tokenizer_config.json", files.get("tokenizer_config.json"))
    kind, strip_space = _kind(document)
    library = load_library_tokenizer(data)
    vocabulary = library.get_vocab(with_added_tokens=True)
    added = _added_tokens(document, config, library)
    size = max(vocabulary.values(), default=-1) + 1

    single = {name: _named(config, f"{name}_token", library) for name in ("bos", "eos", "unk", "pad")}
    ends = [single.pop("eos")]
    for name in ("generation_config.json", "config.json"):
        values = _parse(name, files.get(name)).get("eos_token_id")
        for value in values if isinstance(values, list) else [values]:
            if value is not None and not (type(value) is int and 0 <= value < size):
                raise TokenizerFormatError(f"eos_token_id {value!r} is no token id", part=name)
            ends.append(value)
        if any(end is not None for end in ends[1:]):
            break
    bos, add_bos, add_eos = _frame(library, config, single.pop("bos"), ends[0])
    settings: Json = {"kind": kind, "strip_space": strip_space, "vocab_size": size, "bos": bos, **single}
    settings |= {"add_bos": add_bos, "add_eos": add_eos, "eos": list(dict.fromkeys(i for i in ends if i is not None))}
    specials = {entry["id"] for entry in added if entry["special"]}
    specials |= {i for i in (bos, *single.values(), *settings["eos"]) if i is not None}
    settings["specials"] = sorted(specials)
    settings["chat_template"] = _chat_template(files, config)
    disguised = [entry for entry in added if entry["id"] in specials and not entry["special"]]
    if disguised:
        for entry in disguised:
            entry["special"] = True
        data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    Tokenizer(settings, data)  # what could not be opened again must not be stored
    return settings, data


def _parse(name: str, data: bytes | None) -> Json:
    if data is None:
        return {}
    if len(data) > MAX_FILE:
        raise TokenizerFormatError(f"has {len(data)} bytes, more than {MAX_FILE}", part=name)

    def pairs(items: list[tuple[str, Any]]) -> Json:
        made = dict(items)
        if len(made) != len(items):  # the library may take another of them than we do
            raise ValueError("a key appears twice in one object")
        return made

    try:
        document = json.loads(data, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise TokenizerFormatError(f"is not JSON: {str(error)[:200]}", part=name) from error
    if not isinstance(document, dict):
        raise TokenizerFormatError("is not a JSON object", part=name)
    return document


def _kind(document: Json) -> tuple[str, bool]:
    model = document.get("model")
    if not isinstance(model, dict) or not isinstance(model.get("vocab"), dict | list):
        raise TokenizerFormatError("has no model with a vocabulary", part="tokenizer.json")
    kind = model.get("type", "BPE" if "merges" in model else None)
    if kind != "BPE":
        raise UnsupportedError(f"the tokenizer kind {str(kind)[:80]!r} is not BPE", part="tokenizer.json")
    if model.get("dropout"):
        raise UnsupportedError("BPE dropout makes the tokens random", part="tokenizer.json")
    decoders = list(_components(document.get("decoder")))
    parts = [*decoders, *_components(document.get("pre_tokenizer"))]
    if any(part.get("type") == "ByteLevel" for part in parts):
        return "byte_level", False
    if not (model.get("byte_fallback") or any(part.get("type") in ("Metaspace", "Replace") for part in decoders)):
        raise UnsupportedError("the tokenizer is neither byte-level nor SentencePiece BPE", part="tokenizer.json")
    strip = any(
        (part.get("type") == "Strip" and part.get("start"))
        or (part.get("type") == "Metaspace" and part.get("prepend_scheme", "always") != "never")
        for part in decoders
    )
    return "sentencepiece", strip


def _components(part: object, depth: int = 0) -> Iterator[Json]:
    if not isinstance(part, dict) or depth > 8:
        return
    yield part
    for key in ("decoders", "pretokenizers", "normalizers"):
        inners = part.get(key)
        for inner in inners if isinstance(inners, list) else ():
            yield from _components(inner, depth + 1)


def _added_tokens(document: Json, config: Json, library: tokenizers.Tokenizer) -> list[Json]:
    added: list[Json] = document.get("added_tokens") or []
    for entry in added:
        # The library gives out another id where the stated one does not follow on from the vocabulary.
        if library.token_to_id(entry["content"]) != entry["id"]:
            raise TokenizerFormatError(
                f"added token {entry['content'][:80]!r} cannot have the id {entry['id']}", part="tokenizer.json"
            )
    listed = config.get("added_tokens_decoder")
    for key, value in listed.items() if isinstance(listed, dict) else ():
        content = value.get("content") if isinstance(value, dict) else None
        if not isinstance(content, str) or str(_token_to_id(library, content)) != key:
            raise UnsupportedError(
                f"added_tokens_decoder gives the id {key[:20]} to a token that tokenizer.json does not have so",
                part="tokenizer_config.json",
                remedy="save the tokenizer anew with transformers",
            )
    return added


def _named(config: Json, name: str, library: tokenizers.Tokenizer) -> int | None:
    value = config.get(name)
    if isinstance(value, dict):
        value = value.get("content")
    if value is None:
        return None
    token = _token_to_id(library, value) if isinstance(value, str) else None
    if token is None:
        raise TokenizerFormatError(f"{name} is not in the vocabulary", part="tokenizer_config.json")
    return token


def _token_to_id(library: tokenizers.Tokenizer, text: str) -> int | None:
    return library.token_to_id(text) if _is_unicode(text) else None


def _is_unicode(text: str) -> bool:
    """Whether `text` has no lone surrogate, which JSON can spell and UTF-8 cannot."""
    return not any("\ud800" <= char <= "\udfff" for char in text) if not text.isascii() else True


def _frame(
    library: tokenizers.Tokenizer, config: Json, bos: int | None, eos: int | None
) -> tuple[int | None, bool, bool]:
    """BOS and whether it and EOS are added: what tokenizer.json's post-processor does, unless the config says."""
    plain, framed = library_encode(library, "a"), library_encode(library, "a", framed=True)
    before = next((i for i in range(len(framed) - len(plain) + 1) if framed[i : i + len(plain)] == plain), None)
    extra = None if before is None else (framed[:before], framed[before + len(plain) :])
    if extra is None or len(extra[0]) > 1 or len(extra[1]) > 1:
        raise UnsupportedError("its post-processor does more than add BOS and EOS", part="tokenizer.json")
    first, last = extra
    if (first and bos not in (None, first[0])) or (last and eos != last[0]):
        raise UnsupportedError("its post-processor adds tokens that are not BOS and EOS", part="tokenizer.json")
    if first:
        bos = first[0]
    wanted: dict[str, bool] = {"add_bos_token": bool(first), "add_eos_token": bool(last)}
    for name, token in (("add_bos_token", bos), ("add_eos_token", eos)):
        value = config.get(name)
        if value is not None:
            if not isinstance(value, bool) or (value and token is None):
                raise TokenizerFormatError(f"{name} is {value!r} without such a token", part="tokenizer_config.json")
            wanted[name] = value
    return bos, wanted["add_bos_token"], wanted["add_eos_token"]


def _chat_template(files: Mapping[str, bytes], config: Json) -> str | None:
    if "chat_template.jinja" in files:
        try:
            return files["chat_template.jinja"].decode("utf-8")
        except UnicodeDecodeError as error:
            raise TokenizerFormatError("is not UTF-8", part="chat_template.jinja") from error
    template: Any = _parse("chat_template.json", files.get("chat_template.json")).get("chat_template")
    template = config.get("chat_template") if template is None else template
    if isinstance(template, list):
        template = next(
            (e.get("template") for e in template if isinstance(e, dict) and e.get("name") == "default"), None
        )
    if template is not None and not (isinstance(template, str) and _is_unicode(template)):
        raise TokenizerFormatError("chat_template is not text", part="tokenizer_config.json")
    return template
