"""A model in memory that reads like an open `ModelFile`, so that a backend can be tested without a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pixel_llm.formats.encodings import F32, Encoding, decode_rows, encode_rows
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.tiny import random_tensors


@dataclass(frozen=True)
class MemoryTensor:
    """What a backend reads of a `Tensor`: planes are read-only arrays."""

    name: str
    shape: tuple[int, ...]
    encoding: Encoding
    stored: tuple[NDArray[Any], ...]

    @property
    def n_rows(self) -> int:
        """Rows of the planes: 1 for a 1-D tensor."""
        return self.shape[0] if len(self.shape) == 2 else 1

    @property
    def nbytes(self) -> int:
        """Stored bytes of all planes."""
        return sum(plane.nbytes for plane in self.stored)

    def planes(self) -> tuple[NDArray[Any], ...]:
        """The planes, as `Tensor.planes`."""
        return self.stored

    def plane_rows(self, start: int, stop: int) -> tuple[NDArray[Any], ...]:
        """Rows of the planes, as `Tensor.plane_rows`."""
        return tuple(plane[start:stop] for plane in self.stored)

    def rows(self, start: int = 0, stop: int | None = None) -> NDArray[np.float32]:
        """Rows as float32 (rows, columns), as `Tensor.rows`."""
        return decode_rows(self.encoding, self.plane_rows(start, self.n_rows if stop is None else stop))


@dataclass(frozen=True)
class MemoryModel:
    """The attributes of `ModelFile` that a backend uses."""

    spec_json: dict[str, Any]
    tensors: Mapping[str, MemoryTensor]
    path: Path = Path("memory")


def memory_model(spec: DecoderSpec, *, encoding: Encoding = F32, seed: int = 0) -> ModelFile:
    """A random model of `spec`.

    As after an import, grouped encodings hold the matrices whose rows are whole groups, float32 the rest. Plain
    encodings hold everything.
    """
    tensors = {}
    for name, values in random_tensors(spec, seed).items():
        grouped = encoding.group > 0
        own = encoding if (not grouped or values.ndim == 2) and encoding.fits(values.shape) else F32
        planes = encode_rows(own, np.ascontiguousarray(np.atleast_2d(values)))
        for plane in planes:
            plane.flags.writeable = False
        tensors[name] = MemoryTensor(name, values.shape, own, planes)
    return cast(ModelFile, MemoryModel(spec.to_json(), tensors))
