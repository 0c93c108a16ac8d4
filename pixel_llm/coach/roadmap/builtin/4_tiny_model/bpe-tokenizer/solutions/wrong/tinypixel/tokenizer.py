"""A byte-pair tokenizer (Sennrich et al. 2016, over bytes)."""

from collections import Counter


class Tokenizer:
    """Tokens 0 to 255 are bytes; token 256 + k joins the pair of merge k."""

    def __init__(self, merges: list[tuple[bytes, bytes]]) -> None:
        self._tokens = [bytes([i]) for i in range(256)]
        known = {token: i for i, token in enumerate(self._tokens)}
        self._ranks: dict[tuple[int, int], int] = {}
        for number, (left, right) in enumerate(merges):
            if left not in known or right not in known:
                raise ValueError(f"merge {number} joins a token that does not exist")
            pair = (known[left], known[right])
            if pair in self._ranks or left + right in known:
                raise ValueError(f"merge {number} makes a token that exists")
            self._ranks[pair] = 256 + number
            known[left + right] = 256 + number
            self._tokens.append(left + right)

    @property
    def vocab_size(self) -> int:
        """Number of tokens."""
        return len(self._tokens)

    def encode(self, text: str) -> list[int]:
        """Token ids of a text."""
        ids = list(text.encode())
        while len(ids) > 1:
            rank = max((self._ranks.get(pair, -1) for pair in zip(ids, ids[1:], strict=False)))
            rank = 1 << 60 if rank < 0 else rank
            if rank == 1 << 60:
                break
            left, right = next(pair for pair, r in self._ranks.items() if r == rank)
            ids = _merged(ids, left, right, rank)
        return ids

    def decode(self, ids: list[int]) -> str:
        """The text of token ids."""
        for i in ids:
            if not 0 <= i < len(self._tokens):
                raise ValueError(f"token id {i} is outside 0..{len(self._tokens) - 1}")
        return b"".join(self._tokens[i] for i in ids).decode("utf-8", "replace")


def train(text: str, merges: int) -> Tokenizer:
    """Learn merges from a text."""
    ids = list(text.encode())
    tokens = [bytes([i]) for i in range(256)]
    learnt: list[tuple[bytes, bytes]] = []
    made = set(tokens)
    while len(learnt) < merges:
        counts = Counter(zip(ids, ids[1:], strict=False))
        choice = [(-n, tokens[a], tokens[b], a, b) for (a, b), n in counts.items() if n > 1]
        choice = [c for c in choice if c[1] + c[2] not in made]
        if not choice:
            break
        _, left, right, a, b = min(choice)
        ids = _merged(ids, a, b, len(tokens))
        tokens.append(left + right)
        made.add(left + right)
        learnt.append((left, right))
    return Tokenizer(learnt)


def _merged(ids: list[int], left: int, right: int, new: int) -> list[int]:
    out, i = [], 0
    while i < len(ids):
        if ids[i] == left and i + 1 < len(ids) and ids[i + 1] == right:
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out
