"""How the next token is chosen and when to stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from pixel_llm.errors import InvalidArgumentError


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """Settings of one generation; a value out of range raises `InvalidArgumentError` that names it.

    `temperature`: 0 takes the most likely token; above, logits are divided by it. `top_k`: only the k most likely
    tokens (0: all). `top_p`: only the fewest most likely tokens whose probabilities sum to at least this. `min_p`:
    only tokens at least this fraction as likely as the likeliest. `repetition_penalty`: above 1 makes tokens that
    occurred less likely. `seed`: an equal seed gives equal tokens; None takes a random one. `max_tokens`: None goes
    on to the context's end. `stop`: texts that end the generation and are not given out. `speculate`: draft from
    what the text says already, for speed; it does not change what is made. The gpu backend does not draft: it chooses
    tokens itself, several passes ahead.
    """

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    seed: int | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    speculate: bool = True

    def __post_init__(self) -> None:
        _check("temperature", self.temperature, "a number of at least 0", lambda x: x >= 0)
        _check_int("top_k", self.top_k, "a whole number of at least 0", 0)
        _check("top_p", self.top_p, "a number above 0 and at most 1", lambda x: 0 < x <= 1)
        _check("min_p", self.min_p, "a number from 0 to 1", lambda x: 0 <= x <= 1)
        # Within what float32 logits can be multiplied and divided by.
        _check("repetition_penalty", self.repetition_penalty, "a number from 0.001 to 1000", lambda x: 1e-3 <= x <= 1e3)
        if self.seed is not None:
            _check_int("seed", self.seed, "a whole number of at least 0", 0)
        if self.max_tokens is not None:
            _check_int("max_tokens", self.max_tokens, "a whole number of at least 1", 1)
        stop: object = self.stop
        if not isinstance(stop, tuple | list):
            raise InvalidArgumentError("is not a tuple of strings", part="stop")
        for text in stop:
            if not isinstance(text, str) or not text:
                raise InvalidArgumentError(f"{text!r} is not a string with a character in it", part="stop")
        object.__setattr__(self, "stop", tuple(stop))
        speculate: object = self.speculate
        if not isinstance(speculate, bool):
            raise InvalidArgumentError(f"{speculate!r} is not True or False", part="speculate")


def _check(name: str, value: object, wanted: str, holds: Callable[[float], bool]) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and math.isfinite(value) and holds(value)):  # type: ignore[arg-type]
        raise InvalidArgumentError(f"{value!r} is not {wanted}", part=name)


def _check_int(name: str, value: object, wanted: str, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidArgumentError(f"{value!r} is not {wanted}", part=name)
