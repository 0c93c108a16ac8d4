"""The kernel that measures the memory reads all of it."""

from __future__ import annotations

import numpy as np
import pytest

from pixel_llm.backends.gpu.bandwidth import read_bandwidth, read_sum
from pixel_llm.backends.gpu.device import GpuDevice


@pytest.mark.parametrize("count", [1, 255, 256, 1025, 70_001])
def test_every_byte_is_read(any_gpu_device: GpuDevice, count: int) -> None:
    values = np.random.default_rng(count).integers(0, 1 << 32, 4 * count, np.uint32)
    wanted = np.bitwise_xor.reduce(values.reshape(-1, 4), axis=0)
    np.testing.assert_array_equal(read_sum(any_gpu_device, values), wanted)


def test_it_measures(gpu_device: GpuDevice) -> None:
    assert 0.001 < read_bandwidth(gpu_device, 1, nbytes=1 << 20) < 1e5
