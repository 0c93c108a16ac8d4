"""Memory that kernels work in: regions with named parts, the KV cache, and what a pass is given."""

from __future__ import annotations

import mmap
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.cpu.kernels_cache import BLOCK, CACHES
from pixel_llm.backends.cpu.target import Target
from pixel_llm.errors import BackendError
from pixel_llm.models.spec import DecoderSpec

_LINE: Final = 128  # bytes: two cache lines, which are fetched together


class Region:
    """`copies` equal areas with parts of given byte sizes; `at` is a part's address in the first area.

    `stride` is the distance of the areas in bytes.
    """

    def __init__(self, parts: Mapping[str, int], copies: int = 1) -> None:
        offsets: dict[str, int] = {}
        end = 0
        for name, size in parts.items():
            offsets[name] = end
            end += -(-max(size, 1) // _LINE) * _LINE
        self.stride = end + _LINE
        self._offsets = offsets
        self._memory = np.zeros(self.stride * copies + _LINE, np.uint8)
        self._start = -self._memory.ctypes.data % _LINE
        self._base = self._memory.ctypes.data + self._start

    def at(self, name: str) -> int:
        """Address of a part in the first area."""
        return self._base + self._offsets[name]

    def array(self, name: str, dtype: type[np.generic], count: int) -> NDArray[np.generic]:
        """A part of the first area as an array."""
        first = self._start + self._offsets[name]
        return self._memory[first : first + count * np.dtype(dtype).itemsize].view(dtype)


class KVCache:
    """Keys and values of all layers and slots, zeroed; pages are taken from the system when first written.

    `bits` an element: 16 or 8, the forms in `kernels_cache.py`.

    A layer's keys begin at `keys(layer)`, its values at `values(layer)`, their scales at `scales(layer)`; those of slot
    s begin `slot_bytes`·s behind.
    """

    def __init__(self, *, bits: int, layers: int, slots: int, positions: int, kv_heads: int, padded: int) -> None:
        self.form = CACHES[bits]
        areas = -(-positions // BLOCK) * kv_heads
        self._keys_bytes = areas * self.form.block_bytes(padded)
        self.slot_bytes = 2 * self._keys_bytes + areas * self.form.scale_bytes
        self._layer_bytes = self.slot_bytes * slots
        self.nbytes = layers * self._layer_bytes
        try:
            if sys.platform == "win32":
                self._memory = mmap.mmap(-1, self.nbytes)
            else:
                self._memory = mmap.mmap(-1, self.nbytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except (OSError, OverflowError) as error:
            raise BackendError(
                f"the system gives no {self.nbytes:,} bytes for the KV cache ({error})",
                remedy="ask for a shorter context or fewer slots",
            ) from None
        if hasattr(mmap, "MADV_HUGEPAGE"):
            # A long context is read from end to end for each token: large pages double the speed of that.
            self._memory.madvise(mmap.MADV_HUGEPAGE)
        self._array: NDArray[np.uint8] | None = np.frombuffer(self._memory, np.uint8)
        self._base = self._array.ctypes.data

    def keys(self, layer: int) -> int:
        """Address of a layer's keys."""
        return self._base + layer * self._layer_bytes

    def values(self, layer: int) -> int:
        """Address of a layer's values."""
        return self.keys(layer) + self._keys_bytes

    def scales(self, layer: int) -> int:
        """Address of the scales of a layer's keys and values."""
        return self.values(layer) + self._keys_bytes

    def close(self) -> None:
        """Give the memory back."""
        self._array = None
        self._memory.close()


def padded_head(spec: DecoderSpec, target: Target) -> int:
    """A head's elements in the cache and in queries: whole pairs of vectors."""
    return -(-spec.head_dim // (2 * target.width)) * 2 * target.width


@dataclass(frozen=True)
class Inputs:
    """Addresses of what a pass is given: counts, and one entry a token, tile or layer."""

    tokens: int
    outputs: int
    tile_count: int
    ids: int
    positions: int
    places: int
    rows: int
    tiles: int
    counters: int
