"""The one place where a tokenizer.json enters the `tokenizers` library."""

from __future__ import annotations

import tokenizers

from pixel_llm.errors import TokenizerFormatError


def load_library_tokenizer(tokenizer_json: bytes) -> tokenizers.Tokenizer:
    """Parse a tokenizer.json, without truncation and padding; raises `TokenizerFormatError`."""
    try:
        library = tokenizers.Tokenizer.from_buffer(tokenizer_json)
    except Exception as error:  # the library raises plain Exception, and others
        raise TokenizerFormatError(f"cannot be read: {str(error)[:200]}", part="tokenizer.json") from error
    library.no_truncation()
    library.no_padding()
    return library
