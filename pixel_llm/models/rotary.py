"""Rotary frequencies, the one place that turns a `Rotary` into numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError
from pixel_llm.models.spec import Rotary


def inverse_frequencies(rotary: Rotary, factors: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """Angle a position, in radians, of each pair of elements: float32, shape (dims/2,).

    Computed in float32 in the order that transformers computes in, so that long positions agree with it. `factors` is
    the tensor `rope_freqs.weight`, needed where `rotary.scaling` is `factors`. `llama3` follows the reference code of
    Llama 3.1: wavelengths below original_context / high_freq_factor stay, those above original_context /
    low_freq_factor are divided by factor, and those between are interpolated.
    """
    frequencies: NDArray[np.float32]
    exponents = np.arange(0, rotary.dims, 2, dtype=np.float32) / np.float32(rotary.dims)
    plain: NDArray[np.float32] = np.float32(1.0) / np.power(np.float32(rotary.base), exponents)
    if rotary.scaling == "linear":
        frequencies = plain / np.float32(rotary.factor)
    elif rotary.scaling == "factors":
        if factors is None or factors.size != rotary.dims // 2:
            raise InvalidArgumentError(f"rotary scaling by factors needs {rotary.dims // 2} of them")
        frequencies = plain / factors.astype(np.float32).reshape(-1)
    elif rotary.scaling == "llama3":
        context = np.float32(rotary.original_context)
        low, high = np.float32(rotary.low_freq_factor), np.float32(rotary.high_freq_factor)
        wavelength = np.float32(2 * math.pi) / plain
        slow = plain / np.float32(rotary.factor)
        share = (context / wavelength - low) / (high - low)
        between = (1 - share) * slow + share * plain
        frequencies = np.where(wavelength < context / high, plain, np.where(wavelength > context / low, slow, between))
    else:
        frequencies = plain
    return frequencies
