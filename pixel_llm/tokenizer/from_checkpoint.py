"""The tokenizer that a checkpoint brings along, in the form that a model file keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from pixel_llm.errors import PixelLLMError
from pixel_llm.tokenizer.gguf_vocabulary import tokenizer_from_gguf
from pixel_llm.tokenizer.huggingface import tokenizer_from_files


class TokenizerSource(Protocol):
    """The part of a checkpoint that is read here."""

    @property
    def kind(self) -> str:
        """ "gguf" or "safetensors"."""
        ...

    @property
    def path(self) -> Any:
        """Where it lies, for messages."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]:
        """GGUF's keys and values."""
        ...

    def resources(self) -> dict[str, bytes]:
        """Files of a Hugging Face folder by "source/NAME"."""
        ...


def tokenizer_from_checkpoint(checkpoint: TokenizerSource) -> tuple[dict[str, Any], bytes]:
    """Settings (see `TokenizerSettings`) and the bytes of tokenizer.json.

    Raises `TokenizerFormatError` for malformed metadata and `UnsupportedError` for a tokenizer beyond Pixel-LLM.
    """
    try:
        if checkpoint.kind == "gguf":
            return tokenizer_from_gguf(checkpoint.metadata)
        files = {name.removeprefix("source/"): data for name, data in checkpoint.resources().items()}
        return tokenizer_from_files(files)
    except PixelLLMError as error:
        error.file = error.file or str(checkpoint.path)
        raise
