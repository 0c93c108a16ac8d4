"""Runs one kernel of the manifest on arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.kernels import weight_constants, weight_kernel, weight_resources
from pixel_llm.backends.gpu.textures import GpuMatrix

POISON = np.float32(np.nan)
TOLERANCE = 1e-5


def poisoned(*shape: int) -> NDArray[np.float32]:
    """What an output holds before a kernel runs: a place that is not written is found out."""
    return np.full(shape, POISON, np.float32)


def run_kernel(
    device: GpuDevice,
    kernel: shaders.Kernel,
    constants: Mapping[str, shaders.Constant],
    arrays: Mapping[str, NDArray[Any]],
    grid: tuple[int, int, int],
    *,
    others: Mapping[str, Any] | None = None,
    times: int = 1,
    also: Sequence[str] = (),
) -> dict[str, NDArray[Any]]:
    """Bind `arrays` by name, dispatch, and read back those that the kernel may write, and `also` others."""
    import wgpu

    usage = wgpu.BufferUsage
    everything = usage.STORAGE | usage.UNIFORM | usage.COPY_SRC | usage.COPY_DST
    buffers = {
        name: device.device.create_buffer_with_data(data=np.ascontiguousarray(array), usage=everything)
        for name, array in arrays.items()
    }
    bound = {name: {"buffer": buffer} for name, buffer in buffers.items()} | dict(others or {})
    pipeline = shaders.pipeline(device, kernel, constants)
    group = shaders.bind_group(device, kernel, bound)
    with device.guard("a test"):
        encoder = device.device.create_command_encoder()
        compute = encoder.begin_compute_pass()
        compute.set_pipeline(pipeline)
        compute.set_bind_group(0, group)
        for _ in range(times):
            compute.dispatch_workgroups(*grid)
        compute.end()
        device.queue.submit([encoder.finish()])
        written = [b["name"] for b in kernel.bindings if b["kind"] == "storage" and b["name"] in buffers]
        written += also
        return {
            name: np.frombuffer(device.queue.read_buffer(buffers[name]), arrays[name].dtype).reshape(arrays[name].shape)
            for name in written
        }


def weight_setup(name: str, matrix: GpuMatrix, **parts: str) -> tuple[shaders.Kernel, dict[str, Any], dict[str, Any]]:
    """A kernel for a matrix in one part, its constants about the matrix, and what binds the matrix."""
    kernel = weight_kernel(name, matrix, **parts)
    return kernel, weight_constants(kernel, matrix), weight_resources(matrix.parts[0])


def padded_rows(values: NDArray[np.float32], stride: int) -> NDArray[np.float32]:
    """Rows as the decoder keeps them: zero beyond their end."""
    out = np.zeros((len(values), stride), np.float32)
    out[:, : values.shape[1]] = values
    return out


def check_close(found: NDArray[Any], expected: NDArray[Any], seed: int) -> None:
    """Equal to TOLERANCE, relative to the largest value that is expected."""
    assert np.isfinite(found).all(), f"seed {seed}: poison or worse in the result"
    error = np.abs(found - expected).max() / max(1.0, np.abs(expected).max())
    assert error <= TOLERANCE, f"seed {seed}: relative error {error:.2e}"
