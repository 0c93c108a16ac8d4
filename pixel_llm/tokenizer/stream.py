"""Text from token ids that arrive one at a time."""

from __future__ import annotations

import codecs
from collections.abc import Callable


class StreamDecoder:
    """Turns ids into text; what `push` and `finish` return, joined, is what decoding all ids at once gives.

    A character is given out when its last byte is there. Bytes that cannot become a character are U+FFFD as soon as
    that is sure (the substitution of maximal subparts, The Unicode Standard, section 3.9). `piece` gives a token's
    bytes, empty for a hidden one; `strip_space` drops one space at the very beginning.
    """

    def __init__(self, piece: Callable[[int], bytes], *, strip_space: bool) -> None:
        self._piece = piece
        self._strip = strip_space
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def push(self, token: int) -> str:
        """The text that is complete with `token`; often empty."""
        return self._take(self._utf8.decode(self._piece(token)))

    def finish(self) -> str:
        """What was held back: U+FFFD for a character that stays incomplete. The decoder is ready for another text."""
        text = self._take(self._utf8.decode(b"", final=True))
        self._utf8.reset()
        return text

    def _take(self, text: str) -> str:
        if self._strip and text:
            self._strip = False
            return text.removeprefix(" ")
        return text
