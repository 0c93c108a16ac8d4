"""A model's weights as the kernels see them: addresses of the mapped planes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import BackendError
from pixel_llm.formats.encodings import Encoding
from pixel_llm.formats.model_file import ModelFile


@dataclass(frozen=True)
class Matrix:
    """A matrix (rows, columns) in its encoding. `planes` keeps the memory alive."""

    encoding: Encoding
    rows: int
    columns: int
    planes: tuple[NDArray[Any], ...]

    @property
    def codes(self) -> int:
        """Address of the codes, or of the numbers of a plain encoding."""
        return self.planes[0].ctypes.data

    @property
    def scales(self) -> int:
        """Address of the scales; 0 for a plain encoding."""
        return self.planes[1].ctypes.data if len(self.planes) > 1 else 0

    @property
    def nbytes(self) -> int:
        """Bytes that one pass reads."""
        return sum(plane.nbytes for plane in self.planes)


class Weights:
    """Matrices by canonical name, straight from the file; vectors (norms, biases) as float32 copies."""

    def __init__(self, model: ModelFile) -> None:
        self._model = model
        self._matrices: dict[str, Matrix] = {}
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def matrix(self, name: str) -> Matrix:
        """The matrix `name`; its first use checks its bytes, as the container does."""
        if name not in self._matrices:
            tensor = self._model.tensors[name]
            planes = tensor.planes()
            if not all(plane.flags.c_contiguous for plane in planes):
                raise BackendError("its rows do not lie one behind the other", file=self._model.path, part=name)
            self._matrices[name] = Matrix(tensor.encoding, tensor.shape[0], tensor.shape[1], planes)
        return self._matrices[name]

    def vector(self, name: str, offset: float = 0.0) -> NDArray[np.float32]:
        """The vector `name` plus `offset`, float32."""
        if name not in self._vectors:
            values = self._model.tensors[name].rows().reshape(-1).astype(np.float32) + np.float32(offset)
            self._vectors[name] = np.ascontiguousarray(values)
        return self._vectors[name]

    def address(self, name: str, offset: float = 0.0) -> int:
        """The address of a vector."""
        return self.vector(name, offset).ctypes.data

    @property
    def nbytes(self) -> int:
        """Bytes of the matrices used so far."""
        return sum(matrix.nbytes for matrix in self._matrices.values())
