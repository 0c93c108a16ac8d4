"""Steps: kernels with their constants, resources and grids, ready to be recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.arena import BLOCK, UploadedArena
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.textures import GpuMatrix, MatrixPart
from pixel_llm.errors import GpuError

if TYPE_CHECKING:
    import wgpu


@dataclass(frozen=True)
class Grid:
    """Workgroups of a dispatch: `x`; y is 1, the tokens of the pass in tiles of `tile`, or the splits of attention: for
    several tokens, their blocks."""

    x: int
    tile: int = 0
    splits: bool = False

    def size(self, tokens: int, splits: int) -> tuple[int, int, int]:
        """(x, y, z) for a pass."""
        if self.splits:
            return self.x, splits, 1
        return self.x, -(-tokens // self.tile) if self.tile else 1, 1


@dataclass(frozen=True)
class Step:
    """One dispatch. `only_split`: left out where attention has one split. `weight_bytes`: of the planes it reads."""

    name: str
    pipeline: wgpu.GPUComputePipeline
    group: wgpu.GPUBindGroup
    grid: Grid
    only_split: bool
    weight_bytes: int


@dataclass
class Draft:
    """A step before its parameters are on the device: `uniform` is (binding's name, number in the arena), `norm_row`
    where norm weights begin in the arena's vectors, and how many."""

    kernel: shaders.Kernel
    constants: Mapping[str, shaders.Constant]
    bound: dict[str, Any]
    grid: Grid
    uniform: tuple[str, int] | None = None
    only_split: bool = False
    weight_bytes: int = 0
    vectors: bool = False
    norm_row: tuple[int, int] | None = None

    def finish(self, device: GpuDevice, arena: UploadedArena) -> Step:
        """The step."""
        bound = dict(self.bound)
        if self.vectors:
            bound["vectors"] = {"buffer": arena.vectors}
        if self.norm_row is not None:
            first, count = self.norm_row
            bound["norm_row"] = {"buffer": arena.vectors, "offset": 4 * first, "size": 4 * count}
        if self.uniform is not None:
            bound[self.uniform[0]] = arena.uniform(self.uniform[1])
        x = self.grid.x
        if x > device.limits.workgroups:
            raise GpuError(f"{self.kernel.name} needs {x:,} workgroups; the adapter has {device.limits.workgroups:,}")
        return Step(
            self.kernel.name,
            shaders.pipeline(device, self.kernel, self.constants),
            shaders.bind_group(device, self.kernel, bound),
            self.grid,
            self.only_split,
            self.weight_bytes,
        )


def weight_kernel(name: str, matrix: GpuMatrix, **parts: str) -> shaders.Kernel:
    """The kernel `name` for a matrix's encoding and form."""
    if not matrix.encoding.group:
        scales = "none"
    elif matrix.form == "texture":
        scales = "texture"
    else:
        scales = "pairs_buffer" if matrix.encoding.has_offset else "single_buffer"
    return shaders.kernel(name, form=matrix.form, scales=scales, encoding=matrix.encoding.name, **parts)


def weight_constants(kernel: shaders.Kernel, matrix: GpuMatrix) -> dict[str, shaders.Constant]:
    """The constants that say how the matrix lies."""
    group = matrix.encoding.group
    known: dict[str, shaders.Constant] = {
        "ROW_TEXELS": matrix.row_texels,
        "ROW_SCALES": matrix.row_scales,
        # One module serves all matrices of a single layer.
        "LAYER_ROWS": matrix.layer_rows if matrix.layers > 1 else 1,
        "LAYERS": matrix.layers,
        "GROUPS": matrix.columns // group if group else 0,
        "COLUMNS": matrix.columns,
        "BLOCKS": -(-matrix.columns // BLOCK),
    }
    return {name: value for name, value in known.items() if name in kernel.constants}


def weight_resources(part: MatrixPart) -> dict[str, Any]:
    """What binds a part of a matrix."""
    resources = {"codes": part.codes, "scales": part.scales}
    return {name: _resource(value) for name, value in resources.items() if value is not None}


def _resource(value: Any) -> Any:
    import wgpu

    return {"buffer": value} if isinstance(value, wgpu.GPUBuffer) else value


def whole(buffer: wgpu.GPUBuffer) -> dict[str, Any]:
    """What binds all of a buffer."""
    return {"buffer": buffer}
