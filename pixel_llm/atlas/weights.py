"""What blocks are computed from: something that has weights under tensors' names."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from pixel_llm.atlas.statistics import Sums, encoded_sums, sums_of
from pixel_llm.atlas.window import plane_window, read_window
from pixel_llm.formats.model_file import ModelFile


class Weights(ABC):
    """Weights by tensor; a vector is one row. May be used from several threads."""

    @abstractmethod
    def values(self, tensor: str, row: int, col: int, height: int, width: int) -> NDArray[np.float32]:
        """A rectangle of a tensor, float32 (height, width)."""

    def sums(self, tensor: str, row: int, col: int, height: int, width: int, place: tuple[int, int], size: int) -> Sums:
        """Its sums over the blocks of `size` that it touches when its first weight lies at `place` (x, y)."""
        return sums_of(self.values(tensor, row, col, height, width), place[1], place[0], size)


class ModelWeights(Weights):
    """A model's own weights; raises what reading it raises."""

    def __init__(self, model: ModelFile) -> None:
        self._tensors = model.tensors

    def values(self, tensor: str, row: int, col: int, height: int, width: int) -> NDArray[np.float32]:
        return read_window(self._tensors[tensor], row, col, height, width)

    def sums(self, tensor: str, row: int, col: int, height: int, width: int, place: tuple[int, int], size: int) -> Sums:
        of = self._tensors[tensor]
        if (planes := plane_window(of, row, col, height, width)) is not None:
            found = encoded_sums(of.encoding, planes, width, place[1], place[0], size)
            if found is not None:
                return found
        return super().sums(tensor, row, col, height, width, place, size)
