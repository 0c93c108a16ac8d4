"""Which tokens are computed together in the next pass."""

from typing import NamedTuple


class Sequence(NamedTuple):
    """A text that is being computed: in prefill while done < prompt."""

    name: str
    prompt: int
    done: int
    arrived: int


def next_pass(sequences: list[Sequence], budget: int, chunk: int = 256) -> list[tuple[str, int]]:
    """(name, tokens) of the next pass: decode first, but a quarter of the budget is kept for prompts."""
    if budget < 1 or chunk < 1:
        raise ValueError(f"a budget of {budget} tokens in chunks of {chunk}")
    names = set()
    for one in sequences:
        if one.name in names or one.prompt < 1 or one.done < 0:
            raise ValueError(f"sequence {one.name} is malformed or occurs twice")
        names.add(one.name)
    order = sorted(sequences, key=lambda s: (s.arrived, s.name))
    decode = [s for s in order if s.done >= s.prompt]
    prefill = [(s, min(chunk, s.prompt - s.done)) for s in order if s.done < s.prompt]
    usable = sum(tokens for _, tokens in prefill)
    reserved = min(usable, max(1, budget // 4)) if prefill and budget >= 2 else 0
    out = [(s.name, 1) for s in decode[: budget - reserved]]
    left = budget - len(out)
    for one, tokens in prefill:
        taken = min(tokens, left)
        if taken:
            out.append((one.name, taken))
            left -= taken
    return out
