"""The colour map of every picture of weights, and the colours around it.

One diverging map, made in OKLCH (Ottosson 2020) so that lightness grows evenly from the dark middle to both ends: blue
to ice below, rust to cream above. The two arms differ in hue by blue against orange, which the common colour-vision
deficiencies keep apart, and in nothing else; the middle is almost the background, so that what is unusual glows.
"""

from __future__ import annotations

import functools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BACKGROUND: Final = (13, 15, 20)
TEXT: Final = (232, 233, 237)
MUTED: Final = (134, 140, 154)

_ANCHORS: Final = (
    "d8f9ff",
    "8de6fd",
    "4cccf5",
    "09afe5",
    "0090cb",
    "0472ad",
    "175489",
    "1f3859",
    "1b1d22",
    "552a14",
    "7e3d00",
    "9c5806",
    "b97406",
    "d3920d",
    "e7b236",
    "f1d57c",
    "fcf4c1",
)


@functools.cache
def diverging() -> NDArray[np.uint8]:
    """The map as (256, 3): 0 is far below, 127.5 the middle, 255 far above."""
    anchors = np.frombuffer(bytes.fromhex("".join(_ANCHORS)), np.uint8).reshape(-1, 3)
    at = np.linspace(0, len(anchors) - 1, 256)
    channels = [np.interp(at, np.arange(len(anchors)), anchors[:, k]) for k in range(3)]
    table = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    table.setflags(write=False)
    return table


def colour(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Values in -1 … 1 (beyond: the ends; NaN: the middle) as RGB, one axis more than `values`."""
    index = np.clip(np.nan_to_num(values, nan=0.0), -1, 1)
    out: NDArray[np.uint8] = diverging()[np.rint((index + 1) * 127.5).astype(np.uint8)]
    return out
