"""Text to token ids and back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import tokenizers

from pixel_llm.errors import InvalidArgumentError, TokenizerFormatError, UnsupportedError
from pixel_llm.tokenizer.byte_level import bytes_to_token, token_to_bytes
from pixel_llm.tokenizer.chat_template import ChatTemplate
from pixel_llm.tokenizer.library import library_encode, load_library_tokenizer
from pixel_llm.tokenizer.settings import TokenizerSettings
from pixel_llm.tokenizer.stream import StreamDecoder

_BYTE_TOKEN = re.compile(r"<0x([0-9A-Fa-f]{2})>")


class Tokenizer:
    """The tokenizer of a model file. Safe to use from several threads.

    Control tokens come from `parse_special`, `add_special` and the chat template alone: text that looks like one is
    split as any other text. That is so by construction. The library never matches a control token's own text; where
    one is meant, its text is replaced, before encoding, by an alias that is random and new in each process.
    """

    def __init__(self, settings: Mapping[str, Any], tokenizer_json: bytes) -> None:
        """`settings`: as `TokenizerSettings`. Raises `TokenizerFormatError` or `UnsupportedError` for malformed
        input.
        """
        self.settings = TokenizerSettings.from_json(settings)
        self._library = load_library_tokenizer(tokenizer_json)
        self._library.encode_special_tokens = True
        self.vocab_size: int = self.settings.vocab_size
        self.bos: int | None = self.settings.bos
        self.eos: frozenset[int] = frozenset(self.settings.eos)
        self._pieces: dict[int, bytes] = {}
        self._special_texts = self._texts_of_specials()
        self._alias_of, self._id_of_alias = self._add_aliases()
        self._defused: dict[int, list[int]] = {}

    def encode(self, text: str, *, add_special: bool = True, parse_special: bool = False) -> list[int]:
        """Token ids of `text`.

        `add_special`: BOS and EOS are added where the tokenizer's settings say so. `parse_special`: the text of a
        control token becomes that token; meant for prompts that the caller wrote, not for what somebody typed. A
        lone surrogate counts as U+FFFD.
        """
        text = _well_formed(text)
        if parse_special:
            text = self._special_pattern.sub(lambda match: self._alias_of[match[0]], text)
        ids = self._encode_aliased(text)
        if add_special and self.settings.add_bos and self.bos is not None:
            ids.insert(0, self.bos)
        if add_special and self.settings.add_eos:
            ids.append(self.settings.eos[0])
        return ids

    def decode(self, ids: Iterable[int], skip_special: bool = True) -> str:
        """The text of some ids; control tokens are left out, or with `skip_special=False` spelt. Invalid UTF-8 is
        U+FFFD.
        """
        stream = self.stream(skip_special=skip_special)
        return "".join([*map(stream.push, ids), stream.finish()])

    def stream(self, *, skip_special: bool = True, after: Sequence[int] = ()) -> StreamDecoder:
        """A decoder for ids that arrive one at a time.

        `after`: the ids before them. Where those end in text, the stream goes on in the middle of a text: a leading
        space that separates words is kept.
        """
        hidden = self.settings.specials if skip_special else frozenset()
        middle = bool(after) and after[-1] not in self.settings.specials
        return StreamDecoder(
            lambda token: b"" if token in hidden else self.token_bytes(token),
            strip_space=self.settings.strip_space and not middle,
        )

    def token_bytes(self, token: int) -> bytes:
        """The bytes that a token stands for; none for an id that the vocabulary leaves free (padding of the model's
        matrix).

        Raises `InvalidArgumentError` for a negative id.
        """
        piece = self._pieces.get(token)
        if piece is None:
            if token < 0:
                raise InvalidArgumentError(f"{token} is not a token id")
            piece = self._pieces[token] = self._spell(token)
        return piece

    def chat(self, messages: list[dict[str, Any]], *, add_generation_prompt: bool = True) -> list[int]:
        """Token ids of a conversation in the model's chat template; see `ChatTemplate` for messages and guarantees.

        Raises `UnsupportedError` when the model has no template or uses what the sandbox refuses, and
        `InvalidArgumentError` for messages that the template refuses.
        """
        parts = self._template.render(messages, add_generation_prompt=add_generation_prompt)
        return self._encode_aliased("".join([self._alias_of[text] if special else text for text, special in parts]))

    def render_chat(self, messages: list[dict[str, Any]], *, add_generation_prompt: bool = True) -> str:
        """The text that `chat` encodes."""
        parts = self._template.render(messages, add_generation_prompt=add_generation_prompt)
        return "".join([text for text, _ in parts])

    @cached_property
    def _template(self) -> ChatTemplate:
        source = self.settings.chat_template
        if source is None:
            raise UnsupportedError(
                "the model has no chat template", part="chat_template", remedy="give it a plain prompt (generate)"
            )
        names = {"bos": self.bos, "eos": next(iter(self.settings.eos), None)}
        names |= {"unk": self.settings.unk, "pad": self.settings.pad}
        variables = {f"{k}_token": self._library.id_to_token(v) or "" for k, v in names.items() if v is not None}
        return ChatTemplate(source, variables, list(self._special_texts))

    @cached_property
    def _special_pattern(self) -> re.Pattern[str]:
        """Finds the text of a control token, the longest where several begin at one place."""
        texts = sorted(self._special_texts, key=lambda text: (-len(text), text))
        return re.compile("|".join(map(re.escape, texts)) or r"(?!)")

    def _texts_of_specials(self) -> dict[str, int]:
        texts = {}
        for token in self.settings.specials:
            text = self._library.id_to_token(token)
            if text is None:
                raise TokenizerFormatError(
                    f"token {token} is not in the vocabulary", part="tokenizer settings, specials"
                )
            if text:
                texts[text] = token
        return texts

    def _add_aliases(self) -> tuple[dict[str, str], dict[int, int]]:
        nonce = secrets.token_hex(16)
        alias_of = {text: f"\U0010fffe{nonce}{token:x};" for text, token in self._special_texts.items()}
        flags = {added.content: added for added in self._library.get_added_tokens_decoder().values()}
        self._library.add_tokens([_alias_token(alias, flags.get(text)) for text, alias in alias_of.items()])
        id_of_alias = {}
        for text, alias in alias_of.items():
            token = self._library.token_to_id(alias)
            if token is None or token < self.vocab_size:
                raise TokenizerFormatError("vocab_size is smaller than the vocabulary", part="tokenizer settings")
            id_of_alias[token] = self._special_texts[text]
        return alias_of, id_of_alias

    def _encode_aliased(self, text: str) -> list[int]:
        ids = library_encode(self._library, text)
        specials, aliases = self.settings.specials, self._id_of_alias
        if specials.isdisjoint(ids) and aliases.keys().isdisjoint(ids):
            return ids
        out: list[int] = []
        for token in ids:
            if token in aliases:
                out.append(aliases[token])
            elif token in specials and token != self.settings.unk:
                out.extend(self._defuse(token))
            else:
                out.append(token)
        return out

    def _defuse(self, token: int) -> list[int]:
        """The ids of a control token's text, character by character, for a vocabulary whose merges lead to a
        control token.
        """
        if token not in self._defused:
            find = self._library.token_to_id
            ids: list[int] = []
            for char in self._library.id_to_token(token) or "":
                data = char.encode("utf-8")
                if self.settings.kind == "byte_level":
                    found = [find(bytes_to_token(bytes([byte]))) for byte in data]
                else:
                    found = [find(char)] if find(char) is not None else [find(f"<0x{byte:02X}>") for byte in data]
                ids.extend(i for i in found if i is not None and i not in self.settings.specials)
            self._defused[token] = ids
        return self._defused[token]

    def _spell(self, token: int) -> bytes:
        text = self._library.id_to_token(token) if token < self.vocab_size else None
        if text is None:
            return b""
        if token in self._added_ids:
            return text.encode("utf-8")
        if self.settings.kind == "byte_level":
            return token_to_bytes(text)
        if match := _BYTE_TOKEN.fullmatch(text):
            return bytes([int(match[1], 16)])
        return text.replace("▁", " ").encode("utf-8")

    @cached_property
    def _added_ids(self) -> frozenset[int]:
        return frozenset(self._library.get_added_tokens_decoder())


def _alias_token(alias: str, like: tokenizers.AddedToken | None) -> tokenizers.AddedToken:
    lstrip, rstrip = (like.lstrip, like.rstrip) if like is not None else (False, False)
    return tokenizers.AddedToken(alias, lstrip=lstrip, rstrip=rstrip, normalized=False, special=False)


def _well_formed(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
