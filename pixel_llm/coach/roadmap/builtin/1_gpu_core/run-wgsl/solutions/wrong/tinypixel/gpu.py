"""Compute shaders on any adapter, through wgpu."""

from functools import cache

import numpy as np
import wgpu


class NoAdapter(RuntimeError):
    """This machine has no adapter, not even a software one."""


@cache
def _device():
    try:
        adapter = wgpu.gpu.request_adapter_sync(power_preference="high-performance")
    except RuntimeError as error:
        raise NoAdapter(str(error)) from error
    if adapter is None:
        raise NoAdapter("no adapter was found")
    return adapter.request_device_sync()


def run(source, inputs, out_bytes, groups, constants=None) -> bytes:
    """The output buffer's bytes after one dispatch of `main`."""
    if out_bytes < 4 or out_bytes % 4:
        raise ValueError(f"an output of {out_bytes} bytes: it must be a positive multiple of 4")
    device = _device()
    storage = wgpu.BufferUsage.STORAGE
    buffers = [device.create_buffer_with_data(data=_padded(array), usage=storage) for array in inputs]
    out = device.create_buffer_with_data(data=bytes(out_bytes), usage=storage | wgpu.BufferUsage.COPY_SRC)
    module = device.create_shader_module(code=source)
    stage = {"module": module, "entry_point": "main", "constants": constants or {}}
    pipeline = device.create_compute_pipeline(layout="auto", compute=stage)
    entries = [{"binding": i, "resource": {"buffer": b}} for i, b in enumerate([*buffers, out])]
    group = device.create_bind_group(layout=pipeline.get_bind_group_layout(0), entries=entries)
    encoder = device.create_command_encoder()
    compute = encoder.begin_compute_pass()
    compute.set_pipeline(pipeline)
    compute.set_bind_group(0, group)
    compute.dispatch_workgroups(*groups)
    compute.end()
    device.queue.submit([encoder.finish()])
    return bytes(device.queue.read_buffer(out))


def _padded(array: np.ndarray) -> bytes:
    data = np.ascontiguousarray(array).tobytes()
    return data.ljust(max(4, -(-len(data) // 4) * 4), b"\0")
