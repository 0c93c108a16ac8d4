"""From a model file's tokenizer to the `tokenizer.*` metadata of a GGUF file: the inverse of `gguf_vocabulary`.

Keys and token types: the GGUF specification (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md); ids without
a token get the placeholders that llama.cpp's converter gives them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from pixel_llm.errors import TokenizerFormatError, UnsupportedError
from pixel_llm.tokenizer.gguf_vocabulary import MERGES, SCORES, TOKEN_TYPE, TOKENS, TokenType
from pixel_llm.tokenizer.pretokenizers import PRE_TOKENIZERS, Json, PreTokenizer
from pixel_llm.tokenizer.settings import TokenizerSettings

_BYTE: Final = re.compile(r"<0x[0-9A-F]{2}>")
# What other components of the `tokenizers` library cut by.
_BYTE_LEVEL: Final = PRE_TOKENIZERS["gpt-2"].splits[-1]
_DIGIT: Final = r"\p{N}"


def tokenizer_to_gguf(settings: Mapping[str, Any], tokenizer_json: bytes, *, vocab_size: int) -> dict[str, Any]:
    """The keys and values of `tokenizer.*` that describe a tokenizer of `vocab_size` ids (rows of the embedding).

    Raises `UnsupportedError` for a tokenizer that GGUF has no name for, or with more ids than the embedding has rows;
    `TokenizerFormatError` where tokenizer.json is malformed.
    """
    checked = TokenizerSettings.from_json(settings)
    try:
        document = json.loads(tokenizer_json)
        vocab: dict[str, int] = dict(document["model"]["vocab"])
        merges = [tuple(m.split(" ", 1)) if isinstance(m, str) else tuple(m) for m in document["model"]["merges"]]
        added: list[Json] = document.get("added_tokens") or []
        special = {int(a["id"]): bool(a.get("special")) for a in added}
        texts = {i: token for token, i in vocab.items()} | {int(a["id"]): str(a["content"]) for a in added}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise TokenizerFormatError(f"is malformed: {str(error)[:200]}", part="tokenizer.json") from error
    if max(texts, default=0) >= vocab_size:
        raise UnsupportedError(
            f"token id {max(texts)} has no row in the embedding, which has {vocab_size}", part="tokenizer.json"
        )
    types = [TokenType.NORMAL if i in texts else TokenType.UNUSED for i in range(vocab_size)]
    for i, is_special in special.items():
        types[i] = TokenType.CONTROL if is_special else TokenType.USER_DEFINED
    for i in checked.specials:
        types[i] = TokenType.CONTROL
    out: dict[str, Any] = {}
    if checked.kind == "byte_level":
        out["tokenizer.ggml.model"] = "gpt2"
        out["tokenizer.ggml.pre"] = _pre_name(document)
        out[MERGES] = [" ".join(m) for m in merges]
    else:
        out["tokenizer.ggml.model"] = "llama"
        out["tokenizer.ggml.add_space_prefix"] = checked.strip_space
        out[SCORES] = _scores(texts, merges, vocab_size)
        for i, text in texts.items():
            if _BYTE.fullmatch(text) and types[i] == TokenType.NORMAL:
                types[i] = TokenType.BYTE
        if checked.unk is not None:
            types[checked.unk] = TokenType.UNKNOWN
    out[TOKENS] = [texts.get(i, f"[PAD{i}]") for i in range(vocab_size)]
    out[TOKEN_TYPE] = [int(t) for t in types]
    ids = {"bos": checked.bos, "unknown": checked.unk, "padding": checked.pad}
    ids |= dict(zip(("eos", "eot", "eom"), checked.eos, strict=False))
    out |= {f"tokenizer.ggml.{name}_token_id": i for name, i in ids.items() if i is not None}
    out["tokenizer.ggml.add_bos_token"] = checked.add_bos
    out["tokenizer.ggml.add_eos_token"] = checked.add_eos
    if checked.chat_template is not None:
        out["tokenizer.chat_template"] = checked.chat_template
    return out


def _scores(texts: Mapping[int, str], merges: list[tuple[str, ...]], vocab_size: int) -> list[float]:
    """SentencePiece's scores: minus the rank of the first merge that makes a piece; 0 for what no merge makes."""
    first: dict[str, int] = {}
    for rank, pair in enumerate(merges):
        first.setdefault("".join(pair), rank)
    return [-float(first.get(texts.get(i, ""), 0)) for i in range(vocab_size)]


def _pre_name(document: Json) -> str:
    """GGUF's name for the way a byte-level tokenizer.json cuts text before merging."""
    normalizer = document.get("normalizer")
    nfc = isinstance(normalizer, dict) and normalizer.get("type") == "NFC"
    splits = _splits(document.get("pre_tokenizer"))
    ignore_merges = bool(document["model"].get("ignore_merges"))
    if splits is not None and (nfc or normalizer is None):
        for name, style in PRE_TOKENIZERS.items():
            wanted = PreTokenizer(splits, nfc=nfc, ignore_merges=ignore_merges, add_bos=style.add_bos)
            if name and style == wanted:
                return name
    raise UnsupportedError("GGUF has no name for the way it cuts text into words", part="tokenizer.json: pre_tokenizer")


def _splits(part: object) -> tuple[str, ...] | None:
    """The patterns by which a pre-tokenizer cuts, in order; None where it does anything else."""
    if not isinstance(part, dict):
        return None
    match part.get("type"):
        case "Sequence":
            inner = [_splits(p) for p in part.get("pretokenizers") or ()]
            return None if None in inner else tuple(pattern for splits in inner if splits for pattern in splits)
        case "Split" if part.get("behavior") == "Isolated" and not part.get("invert"):
            pattern = part.get("pattern")
            regex = pattern.get("Regex") if isinstance(pattern, dict) else None
            return (regex,) if isinstance(regex, str) else None
        case "Digits" if part.get("individual_digits"):
            return (_DIGIT,)
        case "ByteLevel" if not part.get("add_prefix_space"):
            return (_BYTE_LEVEL,) if part.get("use_regex", True) else ()
        case _:
            return None
