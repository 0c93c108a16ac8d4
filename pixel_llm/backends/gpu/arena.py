"""Small numbers that kernels read: one buffer of vectors, one of uniform parameters, each filled once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.gpu.device import GpuDevice

if TYPE_CHECKING:
    import wgpu

BLOCK = 32
"""Elements: rows of activations and vectors are padded to whole blocks of weights."""
_ALIGNED = 64  # elements: what uniform bindings may begin at
_UNIFORM_BYTES = 64  # what a dispatch may have of parameters


def padded(count: int) -> int:
    """`count` elements with those that fill the last block."""
    return -(-count // BLOCK) * BLOCK


class Arena:
    """Norm weights and biases in one storage buffer, parameters of dispatches in one uniform buffer."""

    def __init__(self) -> None:
        self._vectors: list[NDArray[np.float32]] = [np.zeros(_ALIGNED, np.float32)]
        self._filled = _ALIGNED
        self._uniforms: list[tuple[int, ...]] = []
        self._numbers: dict[tuple[int, ...], int] = {}

    def vector(self, values: NDArray[np.float32]) -> int:
        """Keep a vector, padded with zeros; the element where it begins."""
        at = self._filled
        row = np.zeros(-(-values.size // _ALIGNED) * _ALIGNED, np.float32)
        row[: values.size] = values.reshape(-1)
        self._vectors.append(row)
        self._filled += row.size
        return at

    def uniform(self, *values: int) -> int:
        """Keep the parameters of a dispatch; their number."""
        if values not in self._numbers:
            self._numbers[values] = len(self._uniforms)
            self._uniforms.append(values)
        return self._numbers[values]

    def nbytes(self, alignment: int) -> int:
        """Bytes of both buffers."""
        return 4 * self._filled + alignment * max(1, len(self._uniforms))

    def upload(self, device: GpuDevice) -> UploadedArena:
        """Both buffers on the device."""
        import wgpu

        step = max(device.limits.uniform_alignment, _UNIFORM_BYTES)
        table = np.zeros((max(1, len(self._uniforms)), step // 4), np.uint32)
        for row, values in zip(table, self._uniforms, strict=False):
            row[: len(values)] = values
        with device.guard("uploading norms and biases"):
            usage = wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.UNIFORM
            vectors = device.device.create_buffer_with_data(data=np.concatenate(self._vectors), usage=usage)
            uniforms = device.device.create_buffer_with_data(data=table, usage=wgpu.BufferUsage.UNIFORM)
        return UploadedArena(vectors, uniforms, step)


class UploadedArena:
    """The arena's buffers: `vectors`, and `uniform(number)` as a resource for a bind group."""

    def __init__(self, vectors: wgpu.GPUBuffer, uniforms: wgpu.GPUBuffer, step: int) -> None:
        self.vectors = vectors
        self._uniforms = uniforms
        self._step = step

    def uniform(self, number: int) -> dict[str, Any]:
        """The binding of one dispatch's parameters."""
        return {"buffer": self._uniforms, "offset": number * self._step, "size": _UNIFORM_BYTES}

    def destroy(self) -> None:
        """Give the memory back."""
        self.vectors.destroy()
        self._uniforms.destroy()
