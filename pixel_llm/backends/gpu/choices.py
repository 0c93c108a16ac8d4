"""What the kernels that choose a token are given."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Choice

_COLDEST: Final = 1e-30
_HOTTEST: Final = 1e30


def choice_numbers(choice: Choice, vocabulary: int) -> NDArray[np.float32]:
    """The uniform `Choice` of the kernels that choose a token.

    Temperatures beyond what float32 can divide by are brought within: they choose the same.
    """
    temperature = choice.temperature and min(max(choice.temperature, _COLDEST), _HOTTEST)
    numbers = np.array([temperature, choice.top_p, choice.min_p, 0, choice.repetition_penalty], np.float32)
    numbers.view(np.uint32)[3] = min(choice.top_k, vocabulary)
    return numbers


def seen_bits(ids: Collection[int], vocabulary: int) -> NDArray[np.uint32]:
    """A bit for each id, in words; ids outside the vocabulary have none."""
    found = np.fromiter((i for i in ids if 0 <= i < vocabulary), np.int64)
    bits = np.zeros(-(-vocabulary // 32) * 32, bool)
    bits[found] = True
    return np.packbits(bits, bitorder="little").view(np.uint32)
