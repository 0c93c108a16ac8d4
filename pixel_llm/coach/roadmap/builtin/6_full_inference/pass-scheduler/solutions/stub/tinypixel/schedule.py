"""Which tokens are computed together in the next pass."""
from typing import NamedTuple

class Sequence(NamedTuple):
    """A text that is being computed: in prefill while done < prompt."""
    name: str
    prompt: int
    done: int
    arrived: int

def next_pass(sequences: list[Sequence], budget: int, chunk: int=256) -> list[tuple[str, int]]:
    """(name, tokens) of the next pass: decode first, but a quarter of the budget is kept for prompts."""
    raise NotImplementedError('to be written')
