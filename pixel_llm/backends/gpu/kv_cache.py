"""The KV cache on the device: float16, of fixed capacity, written in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixel_llm.backends.gpu.adapter import Limits
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.errors import GpuError
from pixel_llm.models.spec import DecoderSpec

if TYPE_CHECKING:
    import wgpu

_QUAD_BYTES = 8  # four float16


def head_quads(spec: DecoderSpec) -> int:
    """Groups of four elements that a head is padded to."""
    return -(-spec.head_dim // 4)


def cache_bytes(spec: DecoderSpec, context_length: int, slots: int) -> int:
    """Bytes of the whole cache."""
    return 2 * spec.layers * _plane_bytes(spec, context_length, slots)


def _plane_bytes(spec: DecoderSpec, context_length: int, slots: int) -> int:
    return slots * spec.kv_heads * context_length * head_quads(spec) * _QUAD_BYTES


@dataclass(frozen=True)
class KvCache:
    """Keys and values of each layer: (slots, kv_heads, context_length, head) float16, four a `vec2u`."""

    keys: tuple[wgpu.GPUBuffer, ...]
    values: tuple[wgpu.GPUBuffer, ...]

    @classmethod
    def make(cls, device: GpuDevice, spec: DecoderSpec, context_length: int, slots: int) -> KvCache:
        """Room for `slots` sequences. Raises `GpuError` where a layer's exceeds the adapter's limits,
        `GpuMemoryError` where memory is exhausted."""
        import wgpu

        size = _plane_bytes(spec, context_length, slots)
        usage = wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_SRC
        check_cache(device.limits, spec, context_length, slots)
        made: list[wgpu.GPUBuffer] = []
        try:
            with device.guard(f"making room for the KV cache of {slots} × {context_length} tokens"):
                made.extend(device.device.create_buffer(size=size, usage=usage) for _ in range(2 * spec.layers))
        except BaseException:
            for buffer in made:
                buffer.destroy()
            raise
        return cls(tuple(made[: spec.layers]), tuple(made[spec.layers :]))

    def destroy(self) -> None:
        """Give the memory back."""
        for buffer in (*self.keys, *self.values):
            buffer.destroy()


def check_cache(limits: Limits, spec: DecoderSpec, context_length: int, slots: int) -> None:
    """`GpuError` where a layer's keys exceed what a kernel can bind."""
    size, most = _plane_bytes(spec, context_length, slots), min(limits.storage_binding_bytes, limits.buffer_bytes)
    if size > most:
        raise GpuError(
            f"the keys of a layer take {size:,} bytes for {slots} × {context_length} tokens, and the adapter binds at "
            f"most {most:,}",
            remedy=f"a context of {most * context_length // size} tokens, or fewer slots",
        )
