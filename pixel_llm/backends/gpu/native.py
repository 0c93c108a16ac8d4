"""wgpu-native's own entry points, where wgpu-py's cost too much or do not reach.

A call of wgpu-py captures errors around every call of the library, which takes longer than recording a dispatch does.
Here passes are recorded through the library's handles; an error in one still reaches wgpu's log, and so
`GpuDevice.guard`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import wgpu

    from pixel_llm.backends.gpu.kernels import Step


def trusted_module(device: wgpu.GPUDevice, code: str, label: str) -> wgpu.GPUShaderModule:
    """A shader module whose loops are not made to end by force: all of ours count to a bound.

    wgpu otherwise counts the rounds of each loop in 64 bits, which keeps drivers from unrolling it: a fifth of a matrix
    product's time on Mesa's software adapter. Reads and writes stay bounds-checked.
    """
    from wgpu.backends.wgpu_native import _api

    ffi, lib = _api.ffi, _api.lib
    # `ffi.new` owns what it makes: all of it must live until the call.
    text, name = ffi.new("char[]", code.encode()), ffi.new("char[]", label.encode())
    source = ffi.new("WGPUShaderSourceWGSL *")
    source.chain.sType = lib.WGPUSType_ShaderSourceWGSL
    source.code.data, source.code.length = text, len(code.encode())
    descriptor = ffi.new("WGPUShaderModuleDescriptor *")
    descriptor.nextInChain = ffi.cast("WGPUChainedStruct *", source)
    descriptor.label.data, descriptor.label.length = name, len(label.encode())
    checks = lib.WGPUShaderRuntimeChecks_BoundsChecks
    made = _api.libf.wgpuDeviceCreateShaderModuleTrusted(device._internal, descriptor, checks)
    return _api.GPUShaderModule(label, made, device)


class Recorder:
    """Records steps into compute passes."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._entries = [(step, step.pipeline._internal, step.group._internal) for step in steps]
        from wgpu.backends.wgpu_native import _api

        self._lib: Any = _api.lib
        self._null = _api.ffi.NULL

    def record(self, pass_: wgpu.GPUComputePassEncoder, tokens: int, splits: int) -> tuple[int, int]:
        """Record the steps for a pass of so many tokens; dispatches, and bytes of planes that they read."""
        lib, null, handle = self._lib, self._null, pass_._internal
        set_pipeline = lib.wgpuComputePassEncoderSetPipeline
        set_group = lib.wgpuComputePassEncoderSetBindGroup
        dispatch = lib.wgpuComputePassEncoderDispatchWorkgroups
        count, weight_bytes, current = 0, 0, None
        for step, pipeline, group in self._entries:
            if splits == 1 and step.only_split:
                continue
            if pipeline is not current:
                set_pipeline(handle, pipeline)
                current = pipeline
            set_group(handle, 0, group, 0, null)
            dispatch(handle, *step.grid.size(tokens, splits))
            count += 1
            weight_bytes += step.weight_bytes
        return count, weight_bytes


def portions(steps: Sequence[Step], most: int) -> list[list[Step]]:
    """The steps in a row of portions, each ending where it has read at least `most` bytes of planes."""
    made: list[list[Step]] = [[]]
    read = 0
    for step in steps:
        if read >= most:
            made.append([])
            read = 0
        made[-1].append(step)
        read += step.weight_bytes
    return made
