"""Drafts from the text itself, which one pass of the model then checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

NGRAM: Final = 3
"""Tokens that are looked up, and the fewest that must agree before a draft is made."""
WARY: Final = 12
"""The most tokens that must agree, after drafts that failed."""
SHORTEST: Final = 3
LONGEST: Final = 31
"""Bounds of a draft. On the cpu backend a pass that checks costs about two passes of one token and a sixth of one for
each further token, so a shorter draft could hardly win; with the token before it, the longest makes a pass of 32."""


@dataclass(slots=True)
class DraftCounts:
    """Tokens of one generation that were drafted, and how many of them the model chose as well."""

    drafted: int = 0
    accepted: int = 0


class Drafter:
    """Proposes how a text goes on: as it did after the latest earlier occurrence of its last tokens.

    Prompt-lookup decoding (Saxena 2023): speculative decoding (Leviathan et al. 2023, Chen et al. 2023) whose draft
    costs nothing. A draft that is right in full makes the next one twice as long, up to `LONGEST`. One that is right in
    less than half makes it half as long; where it was the shortest already, twice as many tokens must agree before the
    next one, up to `WARY`, and half as many after success. So text that does not repeat is left alone after a few
    wasted passes, and text that begins to repeat is noticed at once.
    """

    def __init__(self, ids: Sequence[int], eos: frozenset[int]) -> None:
        """`ids`: the text so far, at least one token. Tokens of `eos` are never drafted: they end the text."""
        self._eos = eos
        self._ids = list(ids[:-1])
        # n-gram -> the place after its latest occurrence; zip goes over a long prompt at C's speed.
        grams = zip(*(self._ids[i:] for i in range(NGRAM)), strict=False)
        self._after = dict(zip(grams, range(NGRAM, len(ids)), strict=False))
        self._match: int | None = None
        self._length = SHORTEST
        self._needed = NGRAM
        self.append(ids[-1])

    def append(self, token: int) -> None:
        """The text goes on with `token`."""
        self._ids.append(token)
        ending = tuple(self._ids[-NGRAM:])
        if len(ending) == NGRAM:
            self._match = self._after.get(ending)
            self._after[ending] = len(self._ids)

    def draft(self, room: int) -> list[int]:
        """At most `room` tokens that may come next; often none."""
        ids, match = self._ids, self._match
        if match is None or ids[max(match - self._needed, 0) : match] != ids[-self._needed :]:
            return []
        drafted: list[int] = []
        for place in range(match, match + min(self._length, room)):
            # Past the end, the draft repeats itself: a text that goes round in circles.
            token = ids[place] if place < len(ids) else drafted[place - len(ids)]
            if token in self._eos:
                break
            drafted.append(token)
        return drafted

    def judge(self, drafted: int, accepted: int) -> None:
        """Learn from a draft of `drafted` tokens of which the first `accepted` were right."""
        if accepted == drafted:
            self._length = min(2 * self._length + 1, LONGEST)
            self._needed = max(self._needed // 2, NGRAM)
        elif 2 * accepted < drafted:
            if self._length == SHORTEST:
                self._needed = min(2 * self._needed, WARY)
            self._length = max(self._length // 2, SHORTEST)
