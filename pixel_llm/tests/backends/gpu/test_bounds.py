"""Reads past the end of what a kernel may see: its neighbours' bytes never come back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.native import trusted_module

OWN, SECRET = 1.0, 666.0
PLACES = np.array([0, 3, 4, 5, 7, 8, 12, 63, 64, 100, 1000, 1 << 20, (1 << 31) - 1, (1 << 32) - 16, (1 << 32) - 1])
COLUMNS = ("buffer", "column", "row", "layer", "mip level", "workgroup memory")
KERNEL = """
@group(0) @binding(0) var<storage, read> numbers: array<f32>;
@group(0) @binding(1) var codes: texture_2d_array<u32>;
@group(0) @binding(2) var<storage, read> places: array<u32>;
@group(0) @binding(3) var<storage, read_write> found: array<array<f32, 6>>;

var<workgroup> before: array<f32, 64>;
var<workgroup> few: array<f32, 4>;
var<workgroup> behind: array<f32, 64>;

@compute @workgroup_size(64)
fn look(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) index: u32) {
    let at = places[id.x];
    before[index] = 666.0;
    behind[index] = 666.0;
    if (index < 4u) {
        few[index] = 1.0;
    }
    workgroupBarrier();
    if (index == 0u) {
        found[id.x][0] = numbers[at];
        found[id.x][1] = f32(textureLoad(codes, vec2u(at, 0u), 0u, 0).x);
        found[id.x][2] = f32(textureLoad(codes, vec2u(0u, at), 0u, 0).x);
        found[id.x][3] = f32(textureLoad(codes, vec2u(0u, 0u), at, 0).x);
        found[id.x][4] = f32(textureLoad(codes, vec2u(0u, 0u), 0u, i32(at)).x);
        // Memory that is never read need not be there.
        // Not far away, where a read without checks would end the test's process.
        found[id.x][5] = few[at % 128u] + 0.0 * (before[at % 64u] + behind[at % 64u]);
    }
}
"""


def look(gpu: GpuDevice) -> NDArray[np.float32]:
    """What reads at PLACES give: float32 (places, COLUMNS). Of each resource a small part is bound, around which SECRET
    lies: 4 numbers; 2 layers of a texture, of the first of its mip levels."""
    import wgpu

    device, buffers, textures = gpu.device, wgpu.BufferUsage, wgpu.TextureUsage
    with gpu.guard("looking"):
        numbers = np.full(4096, SECRET, np.float32)
        numbers[64:68] = OWN
        texture = device.create_texture(
            size=(8, 8, 8),
            format="rgba32uint",
            usage=textures.TEXTURE_BINDING | textures.COPY_DST,
            mip_level_count=2,
        )
        texels = np.full((8, 8, 8, 4), SECRET, np.uint32)
        texels[2:4] = OWN
        for level, side in ((0, 8), (1, 4)):
            layout = {"bytes_per_row": 16 * side, "rows_per_image": side}
            data = texels if level == 0 else np.full((8, 4, 4, 4), SECRET, np.uint32)
            device.queue.write_texture({"texture": texture, "mip_level": level}, data, layout, (side, side, 8))
        view = texture.create_view(dimension="2d-array", base_array_layer=2, array_layer_count=2, mip_level_count=1)
        found = np.full((len(PLACES), len(COLUMNS)), np.nan, np.float32)
        arrays = (numbers, PLACES.astype(np.uint32), found)
        usage = buffers.STORAGE | buffers.COPY_SRC
        bound, places, out = (device.create_buffer_with_data(data=data, usage=usage) for data in arrays)
        compute = {"module": trusted_module(device, KERNEL, "look"), "entry_point": "look"}
        pipeline = device.create_compute_pipeline(layout="auto", compute=compute)
        resources = ({"buffer": bound, "offset": 256, "size": 16}, view, {"buffer": places}, {"buffer": out})
        group = device.create_bind_group(
            layout=pipeline.get_bind_group_layout(0),
            entries=[{"binding": number, "resource": resource} for number, resource in enumerate(resources)],
        )
        encoder = device.create_command_encoder()
        pass_ = encoder.begin_compute_pass()
        pass_.set_pipeline(pipeline)
        pass_.set_bind_group(0, group)
        pass_.dispatch_workgroups(len(PLACES))
        pass_.end()
        gpu.submit(encoder)
        return gpu.download(out).view(np.float32).reshape(found.shape)


def test_reads_out_of_bounds_see_nothing(any_gpu_device: GpuDevice) -> None:
    """A resource's own value, or 0. Buffers and textures may be guarded by the driver as well, a workgroup's memory
    is by `trusted_module`'s checks alone."""
    found = look(any_gpu_device)
    for row, place in zip(found, PLACES.tolist(), strict=True):
        for value, what in zip(row.tolist(), COLUMNS, strict=True):
            assert value in (OWN, 0.0), f"{what} at {place}: {value}"
    assert (found[0] == OWN).all()
