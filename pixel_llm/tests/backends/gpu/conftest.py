"""Devices for the tests of the GPU backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.tests.adapters import adapter_or_skip
from pixel_llm.tests.backends.gpu.combinations import ALL, COMBINATIONS, PLAIN, SEEDS, Combination

Opener = Callable[[Combination], GpuDevice]


@pytest.fixture(scope="session")
def open_combination() -> Iterator[Opener]:
    """The device of a combination, one for all tests; skips where it would be the same as another's."""
    opened: dict[Combination, GpuDevice] = {}

    def device_of(which: Combination) -> GpuDevice:
        info = adapter_or_skip()
        if which.f16 and "shader-f16" not in info.features and which != ALL:
            pytest.skip("this adapter has no shader-f16")
        if which.subgroups and "subgroups" not in info.features and which != ALL:
            pytest.skip("this adapter has no subgroups")
        if which not in opened:
            opened[which] = GpuDevice.open(
                info.index, f16=which.f16, subgroups=which.subgroups, default_limits=which.default_limits
            )
        return opened[which]

    yield device_of
    for device in opened.values():
        device.close()


@pytest.fixture(scope="session")
def gpu_device(open_combination: Opener) -> GpuDevice:
    """A device with all that the adapter has. Tests that harm a device open their own."""
    return open_combination(ALL)


@pytest.fixture(scope="session")
def plain_gpu_device(open_combination: Opener) -> GpuDevice:
    """A device with what every WebGPU adapter has: default limits, no float16, no subgroups."""
    return open_combination(PLAIN)


@pytest.fixture(params=COMBINATIONS, ids=str)
def any_gpu_device(request: pytest.FixtureRequest, open_combination: Opener) -> GpuDevice:
    """Every combination of features, and the adapter's own limits."""
    return open_combination(request.param)


@pytest.fixture(params=range(len(SEEDS)), ids=("seed 0", "seed 1", "fresh seed"))
def seed(request: pytest.FixtureRequest) -> int:
    """Fixed seeds and a fresh one, which pytest shows where a test fails."""
    print(f"seed {SEEDS[request.param]}")
    return SEEDS[request.param]
