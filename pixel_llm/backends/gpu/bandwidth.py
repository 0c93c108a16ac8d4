"""How fast an adapter reads its memory: the bound of decoding, which reads every weight once a token."""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.device import GpuDevice

READ_BYTES: Final = 128 << 20
"""More than most GPUs' caches hold, and what every adapter can bind."""
_GROUPS: Final = 4096
_WORKGROUP: Final = 256
_REPEATS: Final = 8  # dispatches a submission, so that what a submission costs does not count


def read_bandwidth(device: GpuDevice, runs: int = 5, *, nbytes: int = READ_BYTES) -> float:
    """GB/s at which a kernel that does nothing else reads a buffer of `nbytes`; the best of `runs` counts."""
    best = 0.0
    with _Reader(device, np.zeros(nbytes // 4, np.uint32)) as reader:
        reader.run(1)
        for _ in range(runs):
            start = time.perf_counter()
            reader.run(_REPEATS)
            best = max(best, _REPEATS * nbytes / (time.perf_counter() - start) / 1e9)
    return best


def read_sum(device: GpuDevice, values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """What the kernel makes of `values` (4·n,): every fourth combined by exclusive or, uint32 (4,). For tests."""
    with _Reader(device, values) as reader:
        reader.run(1)
        parts = device.download(reader.sums).view(np.uint32).reshape(-1, 4)
    combined: NDArray[np.uint32] = np.bitwise_xor.reduce(parts, axis=0)
    return combined


class _Reader:
    def __init__(self, device: GpuDevice, values: NDArray[np.uint32]) -> None:
        import wgpu

        self._device = device
        self._groups = min(_GROUPS, -(-values.size // (4 * _WORKGROUP)))
        which = shaders.kernel("read_bandwidth")
        make, usage = device.device.create_buffer_with_data, wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_SRC
        with device.guard("measuring the memory"):
            self._data = make(data=values, usage=usage)
            poison = np.full(4 * self._groups * _WORKGROUP, 0xDEADBEEF, np.uint32)
            self.sums = make(data=poison, usage=usage)
        self._pipeline = shaders.pipeline(device, which, {"WORKGROUP": _WORKGROUP})
        self._group = shaders.bind_group(device, which, {"data": {"buffer": self._data}, "sums": {"buffer": self.sums}})

    def run(self, count: int) -> None:
        with self._device.guard("measuring the memory"):
            encoder = self._device.device.create_command_encoder()
            for _ in range(count):
                compute = encoder.begin_compute_pass()
                compute.set_pipeline(self._pipeline)
                compute.set_bind_group(0, self._group)
                compute.dispatch_workgroups(self._groups)
                compute.end()
            self._device.submit(encoder)
            self._device.flush()

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._data.destroy()
        self.sums.destroy()
