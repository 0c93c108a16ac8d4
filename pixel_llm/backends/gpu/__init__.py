"""The GPU backend: WGSL kernels on any Vulkan, Metal or DX12 adapter, weights in textures.

For tensors of one's own, without a model:

    with GpuDevice.open() as device:
        matrix = upload(device, file.tensors["blk.0.attn_q.weight"])  # or a NumPy array
        matrix.parts[0].codes  # a texture's view, for a bind group
"""

from pixel_llm.backends.gpu.adapter import AdapterInfo, choose_adapter, list_adapters
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.textures import GpuMatrix, download, upload

__all__ = ["AdapterInfo", "GpuDevice", "GpuMatrix", "choose_adapter", "download", "list_adapters", "upload"]
