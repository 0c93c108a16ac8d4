"""What a map is made of, fixed when it is created: sample type, channels, fill value, tile size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixel_llm.core.pxi import SampleType
from pixel_llm.core.pxi.layout import MAX_CHANNELS
from pixel_llm.errors import InvalidArgumentError

MIN_TILE = 256  # smaller tiles need more key bits than 62 to reach 2^38
MAX_TILE = 4096
MAX_TILE_BYTES = 64 << 20

Fill = float | Sequence[float]


@dataclass(frozen=True, slots=True)
class MapSettings:
    """Raises InvalidArgumentError for values out of range.

    `fill` is one pixel's bytes: `channels` little-endian samples.
    """

    sample: SampleType
    channels: int
    fill: bytes
    tile_size: int

    def __post_init__(self) -> None:
        if not 1 <= self.channels <= MAX_CHANNELS:
            raise InvalidArgumentError(f"channels must be 1 to {MAX_CHANNELS}, not {self.channels}", part="channels")
        size = self.tile_size
        if not MIN_TILE <= size <= MAX_TILE or size & (size - 1):
            raise InvalidArgumentError(
                f"the tile size must be a power of two from {MIN_TILE} to {MAX_TILE}, not {size}", part="tile_size"
            )
        if self.tile_bytes > MAX_TILE_BYTES:
            raise InvalidArgumentError(
                f"a tile of {self.tile_bytes:,} bytes is over {MAX_TILE_BYTES:,}",
                part="tile_size",
                remedy="take smaller tiles",
            )
        if len(self.fill) != self.pixel_bytes:
            raise InvalidArgumentError(f"a pixel has {self.pixel_bytes} bytes, not {len(self.fill)}", part="fill")

    @property
    def pixel_bytes(self) -> int:
        return self.channels * self.sample.dtype.itemsize

    @property
    def tile_bytes(self) -> int:
        return self.tile_size**2 * self.pixel_bytes

    def shape(self, height: int, width: int) -> tuple[int, ...]:
        """(height, width), and the channels where there is more than one."""
        return (height, width) if self.channels == 1 else (height, width, self.channels)

    def filled(self, height: int, width: int) -> NDArray[np.generic]:
        """A new array of fill pixels."""
        shape = self.shape(height, width)
        if not any(self.fill):
            return np.zeros(shape, self.sample.dtype)
        out: NDArray[np.generic] = np.empty(shape, self.sample.dtype)
        out[...] = np.frombuffer(self.fill, self.sample.dtype)
        return out


def sample_type(name: str) -> SampleType:
    try:
        return SampleType(name)
    except ValueError:
        known = ", ".join(SampleType)
        raise InvalidArgumentError(f"{name!r} is not a sample type", part="sample", remedy=f"one of {known}") from None


def fill_bytes(fill: Fill, sample: SampleType, channels: int) -> bytes:
    """One pixel's bytes; `fill` is one number for all channels or one for each, held exactly by integer types."""
    try:
        values = np.asarray(fill)
    except ValueError:  # lists of unequal lengths
        values = np.empty(0)
    if values.dtype.kind not in "iuf" or values.shape not in ((), (channels,)):
        raise InvalidArgumentError(f"must be a number, or {channels} of them", part="fill")
    with np.errstate(all="ignore"):
        cast = values.astype(sample.dtype)
    # Floats may be rounded to the sample type; integers may not wrap and finite values may not become infinite.
    same = np.isfinite(cast) == np.isfinite(values) if sample.dtype.kind == "f" else cast == values
    if not np.all(same):
        raise InvalidArgumentError(f"{fill!r} does not fit {sample}", part="fill")
    return np.broadcast_to(cast, (channels,)).tobytes()
