"""Typed, checked access to the tokenizer keys of a GGUF file's metadata, which nobody vouches for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel_llm.errors import TokenizerFormatError

MAX_TOKENS = 1 << 22
MAX_TEXT = 1 << 20
"""Characters of one metadata string."""
MAX_TOKEN_CHARS = 1 << 12
MAX_TOTAL_CHARS = 1 << 26


class TokenizerMetadata:
    """The keys under `tokenizer.`; every getter raises `TokenizerFormatError` naming the key that is wrong."""

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        self._metadata = metadata

    def __contains__(self, key: str) -> bool:
        return key in self._metadata

    def text(self, key: str, default: str | None = None, *, limit: int = MAX_TEXT) -> str | None:
        """A string of at most `limit` characters."""
        value = self._metadata.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise TokenizerFormatError(f"is {type(value).__name__}, not a string", part=key)
        return _checked_text(value, key, limit)

    def flag(self, key: str, default: bool) -> bool:
        """A boolean."""
        value = self._metadata.get(key)
        if value is None:
            return default
        if not isinstance(value, bool | np.bool_):
            raise TokenizerFormatError(f"is {type(value).__name__}, not a boolean", part=key)
        return bool(value)

    def token_id(self, key: str, vocab_size: int, default: int | None = None) -> int | None:
        """A token id inside the vocabulary. A default outside it counts as absent."""
        value = self._metadata.get(key)
        if value is None:
            return default if default is not None and default < vocab_size else None
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TokenizerFormatError(f"is {type(value).__name__}, not a token id", part=key)
        if not 0 <= int(value) < vocab_size:
            raise TokenizerFormatError(f"{int(value)} is outside the vocabulary of {vocab_size} tokens", part=key)
        return int(value)

    def strings(self, key: str, *, limit: int) -> list[str] | None:
        """An array of at most `limit` strings."""
        values = self._array(key, limit)
        if values is None:
            return None
        total = 0
        for index, value in enumerate(values):
            if not isinstance(value, str):
                raise TokenizerFormatError(f"entry {index} is {type(value).__name__}, not a string", part=key)
            total += len(value)
            if len(value) > MAX_TOKEN_CHARS:
                raise TokenizerFormatError(
                    f"entry {index} has {len(value)} characters, more than {MAX_TOKEN_CHARS}", part=key
                )
        if total > MAX_TOTAL_CHARS:
            raise TokenizerFormatError(f"holds {total} characters, more than {MAX_TOTAL_CHARS}", part=key)
        _checked_text("".join(values), key, MAX_TOTAL_CHARS)
        return list(values)

    def numbers(self, key: str, count: int, *, integral: bool) -> list[Any] | None:
        """An array of exactly `count` finite numbers."""
        values = self._array(key, MAX_TOKENS)
        if values is None:
            return None
        if len(values) != count:
            raise TokenizerFormatError(f"has {len(values)} entries for {count} tokens", part=key)
        kind = int if integral else int | float
        for index, value in enumerate(values):
            if isinstance(value, bool) or not isinstance(value, kind) or not math.isfinite(value):
                raise TokenizerFormatError(f"entry {index} is {value!r}, not a finite number", part=key)
        return list(values)

    def _array(self, key: str, limit: int) -> Sequence[Any] | None:
        value = self._metadata.get(key)
        if value is None:
            return None
        if isinstance(value, str | bytes) or not isinstance(value, Sequence | np.ndarray):
            raise TokenizerFormatError(f"is {type(value).__name__}, not an array", part=key)
        if isinstance(value, np.ndarray) and value.ndim != 1:
            raise TokenizerFormatError("is not a flat array", part=key)
        if len(value) > limit:
            raise TokenizerFormatError(f"has {len(value)} entries, more than {limit}", part=key)
        return value.tolist() if isinstance(value, np.ndarray) else value


def _checked_text(value: str, key: str, limit: int) -> str:
    if len(value) > limit:
        raise TokenizerFormatError(f"has {len(value)} characters, more than {limit}", part=key)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise TokenizerFormatError("is not valid Unicode", part=key) from error
    return value
