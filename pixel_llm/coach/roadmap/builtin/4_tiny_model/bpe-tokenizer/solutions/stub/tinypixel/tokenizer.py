"""A byte-pair tokenizer (Sennrich et al. 2016, over bytes)."""
from collections import Counter

class Tokenizer:
    """Tokens 0 to 255 are bytes; token 256 + k joins the pair of merge k."""

    def __init__(self, merges: list[tuple[bytes, bytes]]) -> None:
        raise NotImplementedError('to be written')

    @property
    def vocab_size(self) -> int:
        """Number of tokens."""
        raise NotImplementedError('to be written')

    def encode(self, text: str) -> list[int]:
        """Token ids of a text."""
        raise NotImplementedError('to be written')

    def decode(self, ids: list[int]) -> str:
        """The text of token ids."""
        raise NotImplementedError('to be written')

def train(text: str, merges: int) -> Tokenizer:
    """Learn merges from a text."""
    raise NotImplementedError('to be written')

def _merged(ids: list[int], left: int, right: int, new: int) -> list[int]:
    raise NotImplementedError('to be written')
