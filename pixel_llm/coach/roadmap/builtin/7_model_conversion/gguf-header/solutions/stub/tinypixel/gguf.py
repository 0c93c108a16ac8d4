"""The header of a GGUF file, version 3 (ggml's docs/gguf.md), read without trusting it."""
import struct
from typing import NamedTuple
_NUMBERS = {0: 'B', 1: 'b', 2: 'H', 3: 'h', 4: 'I', 5: 'i', 6: 'f', 10: 'Q', 11: 'q', 12: 'd'}
_BOOL, _STRING, _ARRAY = (7, 8, 9)

class GGUFError(ValueError):
    """The bytes are not a GGUF header."""

class TensorInfo(NamedTuple):
    """A tensor as the header describes it; `offset` counts from where the data begins."""
    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int

class _Reader:

    def __init__(self, data: bytes) -> None:
        raise NotImplementedError('to be written')

    def fail(self, message: str) -> GGUFError:
        raise NotImplementedError('to be written')

    def take(self, count: int) -> bytes:
        raise NotImplementedError('to be written')

    def number(self, code: str):
        raise NotImplementedError('to be written')

    def count(self, least: int, what: str) -> int:
        raise NotImplementedError('to be written')

    def text(self) -> str:
        raise NotImplementedError('to be written')

    def value(self, kind: int):
        raise NotImplementedError('to be written')

    def any_value(self, kind: int):
        raise NotImplementedError('to be written')

def read_header(data: bytes) -> tuple[dict[str, object], list[TensorInfo], int]:
    """Metadata, tensors, and where their data begins."""
    raise NotImplementedError('to be written')
