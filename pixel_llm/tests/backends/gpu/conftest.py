"""Devices for the tests of the GPU backend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.tests.adapters import adapter_or_skip


@pytest.fixture(scope="session")
def gpu_device() -> Iterator[GpuDevice]:
    """A device with all that the adapter has. Tests that harm a device open their own."""
    with GpuDevice.open(adapter_or_skip().index) as device:
        yield device


@pytest.fixture(scope="session")
def plain_gpu_device() -> Iterator[GpuDevice]:
    """A device with what every WebGPU adapter has: default limits, no float16, no subgroups."""
    with GpuDevice.open(adapter_or_skip().index, f16=False, subgroups=False, default_limits=True) as device:
        yield device


@pytest.fixture(params=["all features", "default limits"])
def any_gpu_device(request: pytest.FixtureRequest) -> GpuDevice:
    """Either."""
    name = "gpu_device" if request.param == "all features" else "plain_gpu_device"
    device: GpuDevice = request.getfixturevalue(name)
    return device
