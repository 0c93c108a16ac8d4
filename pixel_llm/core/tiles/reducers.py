"""How four tiles become the tile above them: named reducers, and the check of a caller's own.

A reducer takes (2h, 2w) pixels, or (2h, 2w, channels), and returns (h, w), or (h, w, channels), of the same dtype: one
pixel for each block of 2 x 2. Pixels of absent tiles come as the fill value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError

Reducer = Callable[[NDArray[Any]], NDArray[Any]]


def mean(pixels: NDArray[Any]) -> NDArray[Any]:
    """Integers are rounded to the nearest (halves upwards), float16 is summed in float32."""
    kind = pixels.dtype
    whole = kind.kind != "f"
    parts: list[NDArray[Any]] = [part.astype(np.int32 if whole else np.float32) for part in _quarters(pixels)]
    a, b, c, d = parts
    with np.errstate(all="ignore"):  # infinities and NaN are pixels like others
        total: NDArray[Any] = (a + b + c + d + 2) >> 2 if whole else a / 4 + b / 4 + c / 4 + d / 4
        return total.astype(kind)


def maximum(pixels: NDArray[Any]) -> NDArray[Any]:
    """NaN where one of the four is NaN."""
    result: NDArray[Any] = np.maximum.reduce(_quarters(pixels))
    return result


def minimum(pixels: NDArray[Any]) -> NDArray[Any]:
    """NaN where one of the four is NaN."""
    result: NDArray[Any] = np.minimum.reduce(_quarters(pixels))
    return result


def nearest(pixels: NDArray[Any]) -> NDArray[Any]:
    """The upper left pixel of the four."""
    return pixels[::2, ::2].copy()


REDUCERS: dict[str, Reducer] = {"mean": mean, "max": maximum, "min": minimum, "nearest": nearest}


def checked_reducer(reduce: str | Reducer) -> Reducer:
    """The reducer of that name, or the caller's own, whose results are checked."""
    if isinstance(reduce, str):
        if reduce not in REDUCERS:
            raise InvalidArgumentError(
                f"{reduce!r} is no reducer", part="reduce", remedy=f"one of {', '.join(REDUCERS)}, or a function"
            )
        return REDUCERS[reduce]

    def checked(pixels: NDArray[Any]) -> NDArray[Any]:
        result = reduce(pixels)
        shape = (pixels.shape[0] // 2, pixels.shape[1] // 2, *pixels.shape[2:])
        if not isinstance(result, np.ndarray) or result.shape != shape or result.dtype != pixels.dtype:
            got = f"{result.dtype} {result.shape}" if isinstance(result, np.ndarray) else type(result).__name__
            raise InvalidArgumentError(
                f"it made {got} of {pixels.dtype} {pixels.shape}, not {pixels.dtype} {shape}", part="reduce"
            )
        return result

    return checked


def _quarters(pixels: NDArray[Any]) -> list[NDArray[Any]]:
    return [pixels[top::2, left::2] for top in (0, 1) for left in (0, 1)]
