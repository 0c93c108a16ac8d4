"""What is found out about subgroups."""

from __future__ import annotations

from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.subgroups import has_subgroups_of_8
from pixel_llm.backends.gpu.tuning import tuning_for


def test_subgroups_of_8_are_those_of_256_bits(gpu_device: GpuDevice) -> None:
    """Mesa's software adapter says in its name how wide its vectors are, of which an invocation has 32 bits."""
    if gpu_device.info.software and gpu_device.subgroups and " bits)" in gpu_device.info.name:
        assert has_subgroups_of_8(gpu_device) == ("256 bits" in gpu_device.info.name)
    assert has_subgroups_of_8(gpu_device) is has_subgroups_of_8(gpu_device)


def test_without_subgroups_there_are_none(plain_gpu_device: GpuDevice) -> None:
    assert not has_subgroups_of_8(plain_gpu_device)
    assert not tuning_for(plain_gpu_device).subgroups_of_8
