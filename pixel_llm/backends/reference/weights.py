"""Weights as float32, dequantised when they are first needed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.formats.model_file import ModelFile

BUDGET_BYTES: Final = 4 << 30
"""Float32 copies that are kept; a matrix beyond it is dequantised anew, in blocks of rows, each time it is used."""

_BLOCK_BYTES: Final = 64 << 20


class Weights:
    """The tensors of a model by canonical name. Kept copies of matrices take `kept_bytes`, at most `budget`."""

    def __init__(self, model: ModelFile, budget: int = BUDGET_BYTES) -> None:
        self.kept_bytes = 0
        self._tensors = model.tensors
        self._kept: dict[str, NDArray[np.float32]] = {}
        self._budget = budget

    def vector(self, name: str) -> NDArray[np.float32]:
        """A 1-D tensor, float32 (n,)."""
        if name not in self._kept:
            self._kept[name] = self._tensors[name].rows().reshape(-1)
        return self._kept[name]

    def embed(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Rows `ids` of `token_embd.weight`, float32 (n, hidden)."""
        if (kept := self._kept.get("token_embd.weight")) is not None:
            return kept[ids]
        tensor = self._tensors["token_embd.weight"]
        unique, inverse = np.unique(ids, return_inverse=True)
        return np.concatenate([tensor.rows(int(i), int(i) + 1) for i in unique])[inverse]

    def linear(self, name: str, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x @ W.T for the matrix `name` of shape (out, in): float32 (n, in) -> (n, out)."""
        weight = self._matrix(name)
        if weight is not None:
            return x @ weight.T
        tensor = self._tensors[name]
        rows, columns = tensor.shape
        out = np.empty((len(x), rows), np.float32)
        step = max(1, _BLOCK_BYTES // (4 * columns))
        for start in range(0, rows, step):
            stop = min(start + step, rows)
            np.matmul(x, tensor.rows(start, stop).T, out=out[:, start:stop])
        return out

    def _matrix(self, name: str) -> NDArray[np.float32] | None:
        if name not in self._kept:
            rows, columns = self._tensors[name].shape
            if self.kept_bytes + 4 * rows * columns > self._budget:
                return None
            self.kept_bytes += 4 * rows * columns
            self._kept[name] = self._tensors[name].rows()
        return self._kept[name]
