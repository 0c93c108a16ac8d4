"""A decoder that says what a script tells it to, and a tokenizer of single bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pixel_llm.backends.base import Chunk
from pixel_llm.errors import ContextLengthError
from pixel_llm.tokenizer import Tokenizer
from pixel_llm.tokenizer.byte_level import bytes_to_token
from pixel_llm.tokenizer.gguf_vocabulary import tokenizer_from_gguf

END = 256
TEMPLATE = (
    "{% for m in messages %}{{ '<' + m.role[0] + '>' + m.content + '<end>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<a>' }}{% endif %}"
)
VOCAB = 264


class ScriptedDecoder:
    """`script` gives the next token for the ids so far; `passes` records the ids of each pass."""

    def __init__(
        self, script: Callable[[list[int]], int | np.ndarray], *, context_length: int = 64, slots: int = 1
    ) -> None:
        self.backend = "scripted"
        self.spec: Any = SimpleNamespace(vocab_size=VOCAB)
        self.context_length = context_length
        self.slots = slots
        self.script = script
        self.held: list[list[int]] = [[] for _ in range(slots)]
        self.passes: list[list[int]] = []

    def forward(self, chunks: Sequence[Chunk]) -> list[np.ndarray]:
        out = []
        for chunk in chunks:
            held = self.held[chunk.slot]
            if len(held) + len(chunk.ids) > self.context_length:
                raise ContextLengthError("too long")
            self.passes.append(chunk.ids.tolist())
            rows = []
            for token in chunk.ids.tolist():
                held.append(token)
                rows.append(self._logits(held))
            wanted = {"none": rows[:0], "last": rows[-1:], "all": rows}[chunk.logits]
            out.append(np.asarray(wanted, np.float32).reshape(-1, VOCAB))
        return out

    def _logits(self, held: list[int]) -> np.ndarray:
        following = self.script(list(held))
        if isinstance(following, np.ndarray):
            return following
        logits = np.zeros(VOCAB, np.float32)
        logits[following] = 10
        return logits

    def length(self, slot: int) -> int:
        return len(self.held[slot])

    def truncate(self, slot: int, length: int) -> None:
        del self.held[slot][length:]

    def close(self) -> None:
        pass


def saying(answer: bytes, after: int, **options: Any) -> ScriptedDecoder:
    """A decoder that answers a prompt of `after` tokens with `answer` and the end token."""
    tokens = [*answer, END]
    return ScriptedDecoder(lambda held: tokens[min(max(len(held) - after, 0), len(tokens) - 1)], **options)


@pytest.fixture(scope="session")
def byte_tokenizer() -> Tokenizer:
    """Ids 0 to 255 are the bytes, 256 ends a text, 257 to 259 begin a turn."""
    metadata = {
        "model": "gpt2",
        "pre": "gpt-2",
        "tokens": [*(bytes_to_token(bytes([byte])) for byte in range(256)), "<end>", "<u>", "<a>", "<s>"],
        "token_type": [1] * 256 + [3] * 4,
        "merges": [],
        "eos_token_id": END,
    }
    named = {f"tokenizer.ggml.{key}": value for key, value in metadata.items()}
    return Tokenizer(*tokenizer_from_gguf(named | {"tokenizer.chat_template": TEMPLATE}))
