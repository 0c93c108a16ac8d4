"""From the `tokenizer.*` metadata of a GGUF file to a tokenizer.json and the settings beside it.

Keys and token types: the GGUF specification (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Defaults
for what a file leaves out, and which tokens end a text: llama.cpp, `src/llama-vocab.cpp`,
`llama_vocab::impl::load`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from pixel_llm.errors import TokenizerFormatError, UnsupportedError
from pixel_llm.tokenizer.metadata import MAX_TOKENS, TokenizerMetadata
from pixel_llm.tokenizer.pretokenizers import Json, pre_tokenizer

TOKENS = "tokenizer.ggml.tokens"
TOKEN_TYPE = "tokenizer.ggml.token_type"
MERGES = "tokenizer.ggml.merges"
SCORES = "tokenizer.ggml.scores"

MAX_PIECE_CHARS = 512
"""Longest SentencePiece piece: finding its merges takes time with the square of its length."""

# Texts of control tokens that end a turn or a document, whatever the metadata says (as in llama.cpp).
END_TEXTS = frozenset(
    {
        *("<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "<|endoftext|>", "</s>"),
        *("<|end_of_text|>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<eos>", "<end_of_utterance>"),
        *("<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>"),
        *("<reponame>", "<|file_sep|>"),
    }
)


class TokenType(IntEnum):
    """`tokenizer.ggml.token_type`."""

    UNDEFINED = 0
    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


def tokenizer_from_gguf(metadata: Mapping[str, Any]) -> tuple[Json, bytes]:
    """Settings (see `TokenizerSettings`) and tokenizer.json of a GGUF file's metadata.

    Raises `TokenizerFormatError` naming the key that is malformed, `UnsupportedError` for a kind of tokenizer or a
    pre-tokenizer that Pixel-LLM does not have.
    """
    meta = TokenizerMetadata(metadata)
    model = meta.text("tokenizer.ggml.model", limit=1000)
    if model is None:
        raise TokenizerFormatError("is missing: the file has no tokenizer", part="tokenizer.ggml.model")
    if model not in ("gpt2", "llama"):
        raise UnsupportedError(
            f"the tokenizer kind {model[:80]!r} is unknown",
            part="tokenizer.ggml.model",
            remedy="known are gpt2 (byte-level BPE) and llama (SentencePiece BPE)",
        )
    tokens = _tokens(meta)
    types = _types(meta, tokens)
    defaults: tuple[int | None, int | None, int | None]
    if model == "gpt2":
        style = pre_tokenizer(meta.text("tokenizer.ggml.pre", "", limit=MAX_PIECE_CHARS) or "")
        add_bos, defaults = style.add_bos, (None, None, None)
        settings: Json = {"kind": "byte_level", "strip_space": False}
        body: Json = {
            "normalizer": style.normalizer(),
            "pre_tokenizer": style.pre_tokenizer(),
            "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
            "model": _model(tokens, _written_merges(meta, tokens), ignore_merges=style.ignore_merges),
        }
    else:
        prefix = meta.flag("tokenizer.ggml.add_space_prefix", True)
        add_bos, defaults = True, (1, 2, 0)
        settings = {"kind": "sentencepiece", "strip_space": prefix}
        unknown = meta.token_id("tokenizer.ggml.unknown_token_id", len(tokens), 0)
        body = _sentencepiece(prefix) | {
            "model": _model(
                tokens,
                _scored_merges(meta, tokens, types),
                unk_token=None if unknown is None else tokens[unknown],
                byte_fallback=True,
                fuse_unk=True,
            )
        }
    settings |= _special_ids(meta, tokens, defaults, add_bos)
    for role in (settings["bos"], *settings["eos"]):
        if role is not None:
            types[role] = TokenType.CONTROL
    settings["specials"] = [i for i, kind in enumerate(types) if kind in (TokenType.CONTROL, TokenType.UNKNOWN)]
    settings["vocab_size"] = len(tokens)
    settings["chat_template"] = meta.text("tokenizer.chat_template")
    added = [
        _added_token(i, tokens[i], kind != TokenType.USER_DEFINED)
        for i, kind in enumerate(types)
        if kind in (TokenType.CONTROL, TokenType.UNKNOWN, TokenType.USER_DEFINED)
    ]
    document = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "post_processor": None}
    return settings, json.dumps(document | body, ensure_ascii=False, separators=(",", ":")).encode()


def _tokens(meta: TokenizerMetadata) -> list[str]:
    tokens = meta.strings(TOKENS, limit=MAX_TOKENS)
    if not tokens:
        raise TokenizerFormatError("is missing or empty", part=TOKENS)
    tokens = [token or f"[EMPTY_{i}]" for i, token in enumerate(tokens)]
    if len(set(tokens)) != len(tokens):
        first: dict[str, int] = {}
        for index, token in enumerate(tokens):
            if first.setdefault(token, index) != index:
                raise TokenizerFormatError(f"entries {first[token]} and {index} are the same token", part=TOKENS)
    return tokens


def _types(meta: TokenizerMetadata, tokens: list[str]) -> list[int]:
    types = meta.numbers(TOKEN_TYPE, len(tokens), integral=True)
    if types is None:
        return [TokenType.NORMAL] * len(tokens)
    known = {int(kind) for kind in TokenType}
    if not known.issuperset(types):
        index = next(i for i, kind in enumerate(types) if kind not in known)
        raise TokenizerFormatError(f"entry {index} is {types[index]}, which is no token type", part=TOKEN_TYPE)
    return types


def _special_ids(
    meta: TokenizerMetadata, tokens: list[str], defaults: tuple[int | None, int | None, int | None], add_bos: bool
) -> Json:
    """The settings bos, eos (EOS first, then the others that end a text), unk, pad, add_bos, add_eos."""
    size = len(tokens)
    bos, eos, unk = (
        meta.token_id(f"tokenizer.ggml.{name}_token_id", size, default)
        for name, default in zip(("bos", "eos", "unknown"), defaults, strict=True)
    )
    found: Json = {"bos": bos, "unk": unk, "pad": meta.token_id("tokenizer.ggml.padding_token_id", size)}
    ends = [eos] + [meta.token_id(f"tokenizer.ggml.{name}_token_id", size) for name in ("eot", "eom")]
    ends += [i for i, token in enumerate(tokens) if token in END_TEXTS]
    found["eos"] = list(dict.fromkeys(i for i in ends if i is not None))
    found["add_bos"] = meta.flag("tokenizer.ggml.add_bos_token", add_bos)
    found["add_eos"] = meta.flag("tokenizer.ggml.add_eos_token", False)
    for name, value in (("bos", bos), ("eos", eos)):
        if found[f"add_{name}"] and value is None:
            raise TokenizerFormatError(
                f"is missing, though a {name.upper()} token is to be added", part=f"tokenizer.ggml.{name}_token_id"
            )
    return found


def _written_merges(meta: TokenizerMetadata, tokens: list[str]) -> list[tuple[str, str]]:
    rules = meta.strings(MERGES, limit=MAX_TOKENS)
    if rules is None:
        raise TokenizerFormatError("is missing", part=MERGES)
    vocabulary = set(tokens)
    merges: list[tuple[str, str]] = []
    for index, rule in enumerate(rules):
        left, space, right = rule.partition(" ")
        if not (left and space and right) or " " in right:
            raise TokenizerFormatError(f"entry {index} is not two tokens with a space between", part=MERGES)
        for token in (left, right, left + right):
            if token not in vocabulary:
                raise TokenizerFormatError(f"entry {index}: {token[:80]!r} is not in the vocabulary", part=MERGES)
        merges.append((left, right))
    return merges


def _scored_merges(meta: TokenizerMetadata, tokens: list[str], types: list[int]) -> list[tuple[str, str]]:
    """The merges that SentencePiece's rule implies: two neighbours merge when the vocabulary holds both together, the
    highest score first (Kudo and Richardson 2018). Control, unknown and byte tokens are never made from text.
    """
    scores = meta.numbers(SCORES, len(tokens), integral=False)
    if scores is None:
        raise TokenizerFormatError("is missing", part=SCORES)
    made = (TokenType.NORMAL, TokenType.USER_DEFINED, TokenType.UNUSED, TokenType.UNDEFINED)
    ids = {token: i for i, token in enumerate(tokens) if types[i] in made}
    merges: list[tuple[float, int, int, int]] = []
    for token, index in ids.items():
        if len(token) > MAX_PIECE_CHARS:
            raise TokenizerFormatError(
                f"entry {index} has {len(token)} characters, more than {MAX_PIECE_CHARS}", part=TOKENS
            )
        score = -scores[index]
        for cut in range(1, len(token)):
            left = ids.get(token[:cut])
            if left is not None:
                right = ids.get(token[cut:])
                if right is not None:
                    merges.append((score, index, left, right))
    # Equal scores: the order of transformers' converter, by the parts' ids within one piece.
    merges.sort()
    return [(tokens[left], tokens[right]) for _, _, left, right in merges]


def _model(tokens: list[str], merges: list[tuple[str, str]], **options: Any) -> Json:
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        **options,
        "vocab": {token: i for i, token in enumerate(tokens)},
        "merges": merges,
    }


def _sentencepiece(prefix: bool) -> Json:
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    strip = [{"type": "Strip", "content": " ", "start": 1, "stop": 0}] if prefix else []
    back = {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}
    decoders = [back, {"type": "ByteFallback"}, {"type": "Fuse"}, *strip]
    normalizers = [{"type": "Prepend", "prepend": "▁"}, replace]
    return {
        "normalizer": {"type": "Sequence", "normalizers": normalizers} if prefix else replace,
        "pre_tokenizer": None,
        "decoder": {"type": "Sequence", "decoders": decoders},
    }


def _added_token(index: int, content: str, special: bool) -> Json:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": index, "content": content, **flags, "special": special}
