"""Products of weights and activations: the dispatches for one row of activations, and those for several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.arena import BLOCK, padded
from pixel_llm.backends.gpu.buffers import Buffers, Sizes
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.kernels import Draft, Grid, weight_constants, weight_kernel, weight_resources, whole
from pixel_llm.backends.gpu.textures import GpuMatrix
from pixel_llm.backends.gpu.tuning import Tuning
from pixel_llm.backends.gpu.vectors import Vectors
from pixel_llm.backends.gpu.weights import Stack
from pixel_llm.models.spec import DecoderSpec

if TYPE_CHECKING:
    import wgpu

GEMM_TOKENS: Final = 8  # rows of activations that an invocation of `gemm.wgsl` works on
TILE_SIDE: Final = 32  # rows and rows of activations of `gemm_tiled.wgsl`


@dataclass(frozen=True)
class Options:
    """What becomes of a product's sums (`linear.wgsl`): `bias` is where biases begin in the arena."""

    bias: int | None = None
    softcap: float = 0.0
    add: bool = False
    gated: bool = False
    paired: bool = False


@dataclass(frozen=True)
class Update:
    """What a product has left in `Buffers.raw` to be added to the residual stream, its post norm half done: `squares`
    partial sums of squares say by what it is to be multiplied. Who reads both writes the sum to `target`."""

    squares: int
    target: wgpu.GPUBuffer


class Products:
    """Drafts products. `target` and `source` are buffers of activations."""

    def __init__(
        self,
        device: GpuDevice,
        spec: DecoderSpec,
        tuning: Tuning,
        sizes: Sizes,
        buffers: Buffers,
        vectors: Vectors,
        matrices: Mapping[Stack, GpuMatrix],
    ) -> None:
        self._device, self._spec, self._tuning, self._sizes = device, spec, tuning, sizes
        self._buffers, self._vectors, self._matrices = buffers, vectors, matrices
        self._gelu = spec.activation == "gelu_tanh"

    def matvec(
        self,
        stack: Stack,
        source: wgpu.GPUBuffer,
        target: wgpu.GPUBuffer,
        options: Options,
        *,
        norm: str | None = None,
        update: Update | None = None,
        post_norm: str | None = None,
    ) -> list[Draft]:
        """For one row. `norm` names the norm before it, `update` is added before that. With `post_norm`, the norm
        behind it, what is written is an `Update`, of so many squares as `squares` says."""
        matrix, tuning = self._matrices[stack], self._tuning
        row = padded(matrix.columns)
        uniform = tuning.uniform_input and 4 * row <= self._device.limits.uniform_binding_bytes
        form = "uniform" if uniform else "storage"
        if post_norm is None:
            residual = "none" if update is None else form
            kernel = weight_kernel("matvec", matrix, reduce=tuning.reduce, input=form, residual=residual)
        else:
            kernel = weight_kernel("matvec_post_norm", matrix, reduce=tuning.reduce, input=form)
        common: dict[str, shaders.Constant] = {
            "LANES": tuning.lanes,
            "WORKGROUP": tuning.workgroup,
            "NORM": norm is not None,
            "EPSILON": self._spec.norm_eps,
        }
        inputs: dict[str, object] = {"input": _part(source, row)}
        norm_row = None
        if uniform:
            common["INPUT_QUADS"] = row // 4
            if norm is None:
                inputs["norm_row"] = inputs["input"]
            else:
                norm_row = self._vectors.norm(norm), row
        if update is not None:
            quads = -(-update.squares // 4)
            if uniform:
                common["SQUARE_QUADS"] = quads
            inputs["update"] = _part(self._buffers.raw, row)
            inputs["squares"] = _part(self._buffers.squares, 4 * quads)
            inputs["stream"] = whole(update.target)
        if post_norm is not None:
            inputs["squares"] = whole(self._buffers.squares)
        squares = 0 if update is None else update.squares
        drafts = []
        for part in matrix.parts:
            outputs = part.rows // 2 if options.paired else part.rows
            each = tuning.rows_for(outputs, -(-matrix.columns // BLOCK), options.paired)
            per_team = each // 2 if options.paired else each
            constants = weight_constants(kernel, matrix) | self._constants(target, options) | common | {"ROWS": each}
            linear = self._linear(stack, norm or post_norm, part.first_row, outputs, options)
            drafts.append(
                Draft(
                    kernel,
                    constants,
                    weight_resources(part) | inputs | {"output": whole(target)},
                    Grid(-(-outputs // (tuning.workgroup // tuning.lanes * per_team))),
                    ("linear", self._vectors.arena.uniform(*linear, squares)),
                    weight_bytes=matrix.stored_bytes * part.rows // matrix.rows,
                    vectors=True,
                    norm_row=norm_row,
                )
            )
            if post_norm is not None:
                squares += -(-outputs // per_team)
        return drafts

    def squares(self, stack: Stack) -> int:
        """Partial sums of squares that a product with a post norm behind it leaves: one for each team's rows."""
        matrix = self._matrices[stack]
        blocks = -(-matrix.columns // BLOCK)
        return sum(-(-part.rows // self._tuning.rows_for(part.rows, blocks, False)) for part in matrix.parts)

    def gemm(
        self,
        stack: Stack,
        source: wgpu.GPUBuffer,
        target: wgpu.GPUBuffer,
        options: Options,
        *,
        batch: wgpu.GPUBuffer | None = None,
    ) -> list[Draft]:
        """For several rows, of which `batch` says how many there are."""
        matrix, tuning = self._matrices[stack], self._tuning
        if tuning.tiled_gemm:
            kernel = weight_kernel("gemm_tiled", matrix)
        else:
            kernel = weight_kernel("gemm", matrix, share="subgroup" if tuning.subgroups_of_8 else "none")
        drafts = []
        for part in matrix.parts:
            outputs = part.rows // 2 if options.paired else part.rows
            constants = weight_constants(kernel, matrix)
            per_workgroup, tile, team_rows = TILE_SIDE, TILE_SIDE, 0
            if not tuning.tiled_gemm:
                constants |= {"ROWS": tuning.gemm_rows, "WORKGROUP": tuning.gemm_workgroup}
                team_rows = tuning.gemm_rows_for(outputs, -(-matrix.columns // BLOCK), options.paired)
                per_workgroup, tile = tuning.gemm_workgroup * team_rows, GEMM_TOKENS
            if options.paired:
                per_workgroup //= 2
            bound = weight_resources(part) | {
                "input": whole(source),
                "output": whole(target),
                "batch": whole(batch or self._buffers.batch),
            }
            flags = (options.bias is not None, options.add, options.gated, self._gelu, options.paired)
            linear = self._linear(stack, None, part.first_row, outputs, options)
            number = self._vectors.arena.uniform(
                *linear,
                0,
                sum(1 << bit for bit, flag in enumerate(flags) if flag),
                int(np.float32(options.softcap).view(np.uint32)),
                -(-matrix.columns // BLOCK),
                self._stride(source),
                self._stride(target),
                matrix.row_texels,
                matrix.row_scales,
                matrix.columns // matrix.encoding.group if matrix.encoding.group else 0,
                team_rows,
            )
            drafts.append(
                Draft(
                    kernel,
                    constants,
                    bound,
                    Grid(-(-outputs // per_workgroup), tile=tile),
                    ("linear", number),
                    weight_bytes=matrix.stored_bytes * part.rows // matrix.rows,
                    vectors=True,
                )
            )
        return drafts

    def _linear(self, stack: Stack, norm: str | None, first_row: int, rows: int, options: Options) -> tuple[int, ...]:
        """`linear.wgsl`'s parameters, as far as all kernels use them."""
        bias = 0 if options.bias is None else options.bias + stack.column + first_row
        alone = options.gated or stack.names[0].endswith("ffn_up.weight")
        column = first_row if alone else stack.column + first_row
        first = 0 if norm is None else self._vectors.norm(norm) // 4
        return rows, first, bias, bias + rows if options.paired else 0, column

    def _constants(self, target: wgpu.GPUBuffer, options: Options) -> dict[str, shaders.Constant]:
        return {
            "OUTPUT_STRIDE": self._stride(target),
            "BIAS": options.bias is not None,
            "SOFTCAP": options.softcap,
            "GELU": self._gelu,
            "ADD": options.add,
            "GATED": options.gated,
            "PAIRED": options.paired,
        }

    def _stride(self, buffer: wgpu.GPUBuffer) -> int:
        b, s = self._buffers, self._sizes
        strides = (
            (b.x, s.hidden),
            (b.normed, s.hidden),
            (b.raw, s.hidden),
            (b.picked_rows, s.hidden),
            (b.qkv, s.qkv),
            (b.mixed, s.mixed),
            (b.feed, s.feed),
            (b.logits, s.vocabulary),
        )
        return next(stride for known, stride in strides if known is buffer)


def _part(buffer: wgpu.GPUBuffer, elements: int) -> dict[str, object]:
    """The first elements of a buffer."""
    return {"buffer": buffer, "offset": 0, "size": 4 * elements}
