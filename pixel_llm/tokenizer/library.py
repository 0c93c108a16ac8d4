"""The one place where text and a tokenizer.json enter the `tokenizers` library."""

from __future__ import annotations

from typing import NoReturn

import tokenizers

from pixel_llm.errors import TokenizerFormatError


def load_library_tokenizer(tokenizer_json: bytes) -> tokenizers.Tokenizer:
    """Parse a tokenizer.json, without truncation and padding; raises `TokenizerFormatError`."""
    try:
        library = tokenizers.Tokenizer.from_buffer(tokenizer_json)
    except BaseException as error:  # noqa: BLE001 (the library's panics are no Exceptions)
        _translate(error, "cannot be read")
    library.no_truncation()
    library.no_padding()
    return library


def library_encode(library: tokenizers.Tokenizer, text: str, *, framed: bool = False) -> list[int]:
    """Ids of `text`; `framed` with what the post-processor adds.

    Raises `TokenizerFormatError` where a tokenizer.json that could be read cannot be used.
    """
    try:
        return list(library.encode(text, add_special_tokens=framed).ids)
    except BaseException as error:  # noqa: BLE001
        _translate(error, "fails on a text")


def _translate(error: BaseException, what: str) -> NoReturn:
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError):
        raise error
    raise TokenizerFormatError(f"{what}: {str(error)[:200]}", part="tokenizer.json") from error
