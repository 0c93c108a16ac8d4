"""How invocations lie in subgroups, which an adapter's description does not tell reliably."""

from __future__ import annotations

from typing import Final

import numpy as np

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.device import GpuDevice

SUBGROUP: Final = 8
"""Invocations that exchange values in `attention_lanes.wgsl` and `share_subgroup.wgsl`."""


def has_subgroups_of_8(device: GpuDevice) -> bool:
    """Whether the 8 invocations of a workgroup are a subgroup each, in the same order; asked of the device once."""
    if not device.subgroups:
        return False
    if "subgroups of 8" not in device.cache:
        device.cache["subgroups of 8"] = _measured(device)
    return bool(device.cache["subgroups of 8"])


def _measured(device: GpuDevice) -> bool:
    import wgpu

    which = shaders.kernel("subgroup_lanes")
    pipeline = shaders.pipeline(device, which, {})
    with device.guard("looking at subgroups"):
        usage = wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_SRC
        buffer = device.device.create_buffer(size=8 * SUBGROUP, usage=usage)
        group = shaders.bind_group(device, which, {"lanes": {"buffer": buffer}})
        encoder = device.device.create_command_encoder()
        compute = encoder.begin_compute_pass()
        compute.set_pipeline(pipeline)
        compute.set_bind_group(0, group)
        compute.dispatch_workgroups(1)
        compute.end()
        device.submit(encoder)
        found = device.download(buffer).view(np.uint32).reshape(SUBGROUP, 2)
        buffer.destroy()
    return all(found[i, 0] == i and found[i, 1] == SUBGROUP for i in range(SUBGROUP))
