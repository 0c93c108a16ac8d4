"""The plan: what is dispatched for a pass over the weights, from a `DecoderSpec`.

There are two plans. `token` is for one new token of one sequence: norms are fused into the products, keys and values
are appended by attention itself. `rows` is for several rows of activations, whether a prompt or several sequences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.arena import BLOCK, Arena, padded
from pixel_llm.backends.gpu.buffers import MOST_AHEAD, ROWS_TILE, Buffers, Sizes, attends_in_lanes, chunks_of
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.kernels import (
    Draft,
    Grid,
    Step,
    weight_constants,
    weight_kernel,
    weight_resources,
)
from pixel_llm.backends.gpu.kv_cache import KvCache, head_quads
from pixel_llm.backends.gpu.rotary import angle_table
from pixel_llm.backends.gpu.textures import GpuMatrix
from pixel_llm.backends.gpu.tuning import Tuning
from pixel_llm.backends.gpu.weights import LayerStacks, ModelStacks, Stack
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec, Rotary

if TYPE_CHECKING:
    import wgpu

GEMM_TOKENS: Final = 8  # rows of activations that an invocation of `gemm.wgsl` works on
TILE_SIDE: Final = 32  # rows and rows of activations of `gemm_tiled.wgsl`


@dataclass(frozen=True)
class Plan:
    """Steps of a pass: `token` for one token and `token_head` for its logits, `rows` for several, whose logits are
    `rows_head`'s, and `choose` from the first row of logits to the next token."""

    token: tuple[Step, ...]
    token_head: tuple[Step, ...]
    rows: tuple[Step, ...]
    rows_head: tuple[Step, ...]
    choose: tuple[Step, ...]


class PlanBuilder:
    """Drafts the steps of both plans; `finish` makes their pipelines and bind groups."""

    def __init__(
        self,
        device: GpuDevice,
        model: ModelFile,
        spec: DecoderSpec,
        tuning: Tuning,
        sizes: Sizes,
        buffers: Buffers,
        cache: KvCache,
        context_length: int,
    ) -> None:
        self.device, self.spec, self.tuning, self.sizes = device, spec, tuning, sizes
        self.arena = Arena()
        self.angles: dict[Rotary, wgpu.GPUBuffer] = {}
        self._model, self._buffers, self._cache, self._context = model, buffers, cache, context_length
        self._vectors: dict[str, int] = {}
        self._halves = "native" if tuning.native_halves else "packed"
        self._gelu = spec.activation == "gelu_tanh"

    def draft(self, stacks: ModelStacks, matrices: Mapping[Stack, GpuMatrix]) -> tuple[list[Draft], ...]:
        """Drafts of a `Plan`'s fields, in their order."""
        b, spec = self._buffers, self.spec
        token: list[Draft] = []
        rows: list[Draft] = []
        for plan in (token, rows):
            plan += self._embed(matrices[stacks.embedding])
        for i, layer in enumerate(stacks.layers):
            p = f"blk.{i}."
            before, after = p + "attn_norm.weight", p + "ffn_norm.weight"
            qkv_bias = self._biases(p, ("attn_q", "attn_k", "attn_v"), spec.qkv_bias)
            # Attention.
            for stack in layer.qkv:
                token += self._matvec(stack, matrices, b.x, b.qkv, norm=before, bias=qkv_bias)
            token.append(self._attention(i))
            token.append(self._combine(i))
            rows.append(self._norm(before, b.x, b.normed))
            for stack in layer.qkv:
                rows += self._gemm(stack, matrices, b.normed, b.qkv, bias=qkv_bias)
            rows.append(self._append(i))
            rows += self._attention_rows(i)
            self._project(token, rows, layer.output, matrices, b.mixed, p, "attn_output", "post_attention_norm")
            # Feed-forward.
            rows.append(self._norm(after, b.x, b.normed))
            self._gate_up(token, rows, layer, matrices, p, after)
            self._project(token, rows, layer.down, matrices, b.feed, p, "ffn_down", "post_ffw_norm")
        cap = spec.output_softcap
        token_head = self._matvec(stacks.head, matrices, b.x, b.logits, norm="output_norm.weight", softcap=cap)
        head = [self._norm("output_norm.weight", b.x, b.picked_rows, pick=True)]
        head += self._gemm(stacks.head, matrices, b.picked_rows, b.logits, softcap=cap, batch=b.logits_batch)
        return token, token_head, rows, head, self._choose()

    def _project(
        self,
        token: list[Draft],
        rows: list[Draft],
        stack: Stack,
        matrices: Mapping[Stack, GpuMatrix],
        source: wgpu.GPUBuffer,
        prefix: str,
        name: str,
        post_norm: str,
    ) -> None:
        """A product that is added to the residual stream, through a norm of its own with post norms."""
        b, spec = self._buffers, self.spec
        has_bias = spec.output_bias if name == "attn_output" else spec.mlp_bias
        bias = self._biases(prefix, (name,), has_bias)
        target = b.raw if spec.post_norms else b.x
        add = not spec.post_norms
        token += self._matvec(stack, matrices, source, target, bias=bias, add=add)
        rows += self._gemm(stack, matrices, source, target, bias=bias, add=add)
        if spec.post_norms:
            added = self._norm(f"{prefix}{post_norm}.weight", b.raw, b.x, add=True)
            token.append(added)
            rows.append(added)

    def _gate_up(
        self,
        token: list[Draft],
        rows: list[Draft],
        layer: LayerStacks,
        matrices: Mapping[Stack, GpuMatrix],
        prefix: str,
        norm: str,
    ) -> None:
        b, spec = self._buffers, self.spec
        bias = self._biases(prefix, ("ffn_gate", "ffn_up"), spec.mlp_bias)
        if layer.paired:
            token += self._matvec(layer.gate_up[0], matrices, b.x, b.feed, norm=norm, bias=bias, paired=True)
            rows += self._gemm(layer.gate_up[0], matrices, b.normed, b.feed, bias=bias, paired=True)
            return
        for stack, gated in zip(layer.gate_up, (False, True), strict=True):
            token += self._matvec(stack, matrices, b.x, b.feed, norm=norm, bias=bias, gated=gated)
            rows += self._gemm(stack, matrices, b.normed, b.feed, bias=bias, gated=gated)

    def _biases(self, prefix: str, names: tuple[str, ...], has: bool) -> int | None:
        """Where the biases of stacked tensors begin, one behind the other."""
        if not has:
            return None
        key = prefix + "+".join(names)
        if key not in self._vectors:
            values = [self._model.tensors[f"{prefix}{name}.bias"].rows().reshape(-1) for name in names]
            self._vectors[key] = self.arena.vector(np.concatenate(values))
        return self._vectors[key]

    def _weights_of(self, name: str) -> int:
        """Where a norm's weights begin, with the spec's offset added."""
        if name not in self._vectors:
            values = self._model.tensors[name].rows().reshape(-1)
            self._vectors[name] = self.arena.vector(values + np.float32(self.spec.norm_weight_offset))
        return self._vectors[name]

    def _embed(self, matrix: GpuMatrix) -> list[Draft]:
        b = self._buffers
        kernel = weight_kernel("embed", matrix)
        drafts = []
        for part in matrix.parts:
            constants = weight_constants(kernel, matrix) | {
                "VOCABULARY": matrix.rows,
                "PART_FIRST": part.first_row,
                "PART_ROWS": part.rows,
                "SCALE": self.spec.embedding_scale,
                "OUTPUT_STRIDE": self.sizes.hidden,
                "WORKGROUP": self.tuning.row_workgroup,
            }
            bound = weight_resources(part) | {"ids": _whole(b.ids), "output": _whole(b.x)}
            drafts.append(Draft(kernel, constants, bound, Grid(1, tile=1)))
        return drafts

    def _norm(
        self, name: str, source: wgpu.GPUBuffer, target: wgpu.GPUBuffer, *, add: bool = False, pick: bool = False
    ) -> Draft:
        kernel = shaders.kernel("norm")
        constants: dict[str, shaders.Constant] = {
            "COLUMNS": self.spec.hidden_size,
            "QUADS": -(-self.spec.hidden_size // 4),
            "INPUT_STRIDE": self.sizes.hidden,
            "OUTPUT_STRIDE": self.sizes.hidden,
            "EPSILON": self.spec.norm_eps,
            "ADD": add,
            "PICK": pick,
            "WORKGROUP": self.tuning.row_workgroup,
        }
        bound = {"input": _whole(source), "picked": _whole(self._buffers.picked), "output": _whole(target)}
        uniform = ("norm", self.arena.uniform(self._weights_of(name) // 4))
        return Draft(kernel, constants, bound, Grid(1, tile=1), uniform, vectors=True)

    def _linear(
        self,
        stack: Stack,
        norm: str | None,
        bias: int | None,
        first_row: int,
        rows: int,
        paired: bool,
        gated: bool,
    ) -> tuple[int, ...]:
        """`linear.wgsl`'s parameters, as far as all kernels use them."""
        of_stack = 0 if bias is None else bias + stack.column + first_row
        column = first_row if gated or stack.names[0].endswith("ffn_up.weight") else stack.column + first_row
        first = 0 if norm is None else self._weights_of(norm) // 4
        return rows, first, of_stack, of_stack + rows if paired else 0, column

    def _constants(
        self, target: wgpu.GPUBuffer, bias: int | None, softcap: float, **flags: bool
    ) -> dict[str, shaders.Constant]:
        return {
            "OUTPUT_STRIDE": self._stride(target),
            "BIAS": bias is not None,
            "SOFTCAP": softcap,
            "GELU": self._gelu,
            "ADD": flags["add"],
            "GATED": flags["gated"],
            "PAIRED": flags["paired"],
        }

    def _matvec(
        self,
        stack: Stack,
        matrices: Mapping[Stack, GpuMatrix],
        source: wgpu.GPUBuffer,
        target: wgpu.GPUBuffer,
        *,
        norm: str | None = None,
        bias: int | None = None,
        softcap: float = 0.0,
        add: bool = False,
        gated: bool = False,
        paired: bool = False,
    ) -> list[Draft]:
        matrix, tuning = matrices[stack], self.tuning
        row = padded(matrix.columns)
        uniform = tuning.uniform_input and 4 * row <= self.device.limits.uniform_binding_bytes
        kernel = weight_kernel("matvec", matrix, reduce=tuning.reduce, input="uniform" if uniform else "storage")
        inputs: dict[str, object] = {"input": {"buffer": source, "offset": 0, "size": 4 * row}}
        norm_row = None
        if uniform and norm is None:
            inputs["norm_row"] = inputs["input"]
        elif uniform and norm is not None:
            norm_row = self._weights_of(norm), row
        drafts = []
        for part in matrix.parts:
            outputs = part.rows // 2 if paired else part.rows
            each = tuning.rows_for(outputs, paired)
            constants = (
                weight_constants(kernel, matrix)
                | self._constants(target, bias, softcap, add=add, gated=gated, paired=paired)
                | {
                    "ROWS": each,
                    "LANES": tuning.lanes,
                    "WORKGROUP": tuning.workgroup,
                    "NORM": norm is not None,
                    "EPSILON": self.spec.norm_eps,
                }
                | ({"INPUT_QUADS": row // 4} if uniform else {})
            )
            per_workgroup = tuning.workgroup // tuning.lanes * (each // 2 if paired else each)
            number = self.arena.uniform(*self._linear(stack, norm, bias, part.first_row, outputs, paired, gated))
            drafts.append(
                Draft(
                    kernel,
                    constants,
                    weight_resources(part) | inputs | {"output": _whole(target)},
                    Grid(-(-outputs // per_workgroup)),
                    ("linear", number),
                    weight_bytes=matrix.stored_bytes * part.rows // matrix.rows,
                    vectors=True,
                    norm_row=norm_row,
                )
            )
        return drafts

    def _gemm(
        self,
        stack: Stack,
        matrices: Mapping[Stack, GpuMatrix],
        source: wgpu.GPUBuffer,
        target: wgpu.GPUBuffer,
        *,
        bias: int | None = None,
        softcap: float = 0.0,
        add: bool = False,
        gated: bool = False,
        paired: bool = False,
        batch: wgpu.GPUBuffer | None = None,
    ) -> list[Draft]:
        matrix, tuning = matrices[stack], self.tuning
        if tuning.tiled_gemm:
            kernel = weight_kernel("gemm_tiled", matrix)
        else:
            kernel = weight_kernel("gemm", matrix, share="subgroup" if tuning.subgroups_of_8 else "none")
        drafts = []
        for part in matrix.parts:
            outputs = part.rows // 2 if paired else part.rows
            constants = weight_constants(kernel, matrix)
            per_workgroup, tile, team_rows = TILE_SIDE, TILE_SIDE, 0
            if not tuning.tiled_gemm:
                constants |= {"ROWS": tuning.gemm_rows, "WORKGROUP": tuning.gemm_workgroup}
                team_rows = tuning.gemm_rows_for(outputs, -(-matrix.columns // BLOCK), paired)
                per_workgroup, tile = tuning.gemm_workgroup * team_rows, GEMM_TOKENS
            if paired:
                per_workgroup //= 2
            bound = weight_resources(part) | {
                "input": _whole(source),
                "output": _whole(target),
                "batch": _whole(batch or self._buffers.batch),
            }
            flags = 1 * (bias is not None) + 2 * add + 4 * gated + 8 * self._gelu + 16 * paired
            number = self.arena.uniform(
                *self._linear(stack, None, bias, part.first_row, outputs, paired, gated),
                flags,
                int(np.float32(softcap).view(np.uint32)),
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

    def _heads(
        self, layer: int, segment: tuple[int, int] = (0, 0)
    ) -> tuple[dict[str, shaders.Constant], dict[str, object], tuple[str, int]]:
        """Constants, resources and parameters of `heads.wgsl`."""
        spec, b = self.spec, self._buffers
        rotary = spec.rotary_of(layer)
        constants: dict[str, shaders.Constant] = {
            "HEADS": spec.heads,
            "KV_HEADS": spec.kv_heads,
            "HEAD_DIM": spec.head_dim,
            "QUADS": head_quads(spec),
            "CAPACITY": self._context,
            "QKV_STRIDE": self.sizes.qkv,
            "QK_NORM": spec.qk_norm,
            "EPSILON": spec.norm_eps,
            "ROTARY_DIMS": rotary.dims,
            "INTERLEAVED": rotary.kind == "interleaved",
        }
        bound: dict[str, object] = {
            "qkv": _whole(b.qkv),
            "angles": _whole(self._angles(rotary)),
            "rows": _whole(b.rows),
            "keys": _whole(self._cache.keys[layer]),
            "values": _whole(self._cache.values[layer]),
        }
        norms = [0, 0]
        if spec.qk_norm:
            norms = [self._weights_of(f"blk.{layer}.attn_{part}_norm.weight") for part in ("q", "k")]
        return constants, bound, ("heads", self.arena.uniform(*norms, *segment))

    def _append(self, layer: int) -> Draft:
        constants, bound, uniform = self._heads(layer)
        constants["WORKGROUP"] = self.tuning.head_workgroup
        return Draft(
            shaders.kernel("append", halves=self._halves),
            constants,
            bound,
            Grid(self.spec.kv_heads, tile=1),
            uniform,
            vectors=True,
        )

    def _attention(self, layer: int) -> Draft:
        constants, bound, uniform = self._attending(layer)
        constants["TILE"] = self._attention_tile()
        bound["partials"] = _whole(self._buffers.partials)
        grid = Grid(self.spec.kv_heads, splits=True)
        return Draft(shaders.kernel("attention", halves=self._halves), constants, bound, grid, uniform, vectors=True)

    def _attention_tile(self) -> int:
        """Positions at a time: what the tuning says, or as many as workgroup memory has room for beside the queries."""
        group, quads = self.spec.heads // self.spec.kv_heads, head_quads(self.spec)
        fixed = 16 * (group + 2) * quads + 4 * group * self.tuning.attention_workgroup
        tile = self.tuning.attention_tile
        while tile > 8 and fixed + 4 * group * tile > self.device.limits.workgroup_bytes:
            tile //= 2
        return tile

    def _attention_rows(self, layer: int) -> list[Draft]:
        """Of several tokens, segment by segment of the positions."""
        drafts = []
        lanes = attends_in_lanes(self.spec, self.tuning)
        for first in range(0, self._context, self.sizes.segment):
            constants, bound, uniform = self._attending(layer, (first, first + self.sizes.segment))
            constants["RUNNING"] = self.sizes.running
            if lanes:
                del constants["WORKGROUP"]
            else:
                constants |= {"TILE": ROWS_TILE, "BLOCK_TOKENS": self.sizes.block_tokens}
            bound["blocks"] = _whole(self._buffers.blocks)
            kernel = shaders.kernel("attention_lanes" if lanes else "attention_rows", halves=self._halves)
            drafts.append(Draft(kernel, constants, bound, Grid(self.spec.kv_heads, splits=True), uniform, vectors=True))
        return drafts

    def _attending(
        self, layer: int, segment: tuple[int, int] = (0, 0)
    ) -> tuple[dict[str, shaders.Constant], dict[str, object], tuple[str, int]]:
        """Constants, resources and parameters that both attention kernels have."""
        spec = self.spec
        constants, bound, uniform = self._heads(layer, segment)
        constants |= {
            "GROUP": spec.heads // spec.kv_heads,
            "SCALE": spec.attention_scale,
            "SOFTCAP": spec.attention_softcap,
            "WINDOW": spec.sliding_window if spec.is_sliding(layer) else 0,
            "MIXED_STRIDE": self.sizes.mixed,
            "WORKGROUP": self.tuning.attention_workgroup,
        }
        return constants, bound | {"mixed": _whole(self._buffers.mixed)}, uniform

    def _combine(self, layer: int) -> Draft:
        spec, b = self.spec, self._buffers
        constants: dict[str, shaders.Constant] = {
            "HEADS": spec.heads,
            "HEAD_DIM": spec.head_dim,
            "QUADS": head_quads(spec),
            "WINDOW": spec.sliding_window if spec.is_sliding(layer) else 0,
            "MIXED_STRIDE": self.sizes.mixed,
            "WORKGROUP": self.tuning.head_workgroup,
        }
        bound = {"partials": _whole(b.partials), "rows": _whole(b.rows), "mixed": _whole(b.mixed)}
        return Draft(shaders.kernel("combine"), constants, bound, Grid(spec.heads, tile=1), only_split=True)

    def _choose(self) -> list[Draft]:
        b, vocabulary = self._buffers, self.spec.vocab_size
        chunk, chunks = chunks_of(vocabulary)
        scan: dict[str, shaders.Constant] = {
            "VOCABULARY": vocabulary,
            "CHUNK": chunk,
            "CHUNKS": chunks,
            "WORKGROUP": self.tuning.head_workgroup,
        }
        choose: dict[str, shaders.Constant] = {
            "VOCABULARY": vocabulary,
            "CHUNKS": chunks,
            "MOST": MOST_AHEAD,
            "HIGHEST_BIT": 1 << (vocabulary.bit_length() - 1),
            "WORKGROUP": self.tuning.choose_workgroup,
        }
        common = {
            "logits": _whole(b.logits),
            "chunks": _whole(b.chunks),
            "choice": _whole(b.choice),
            "seen": _whole(b.seen),
        }
        rest = {
            "candidates": _whole(b.candidates),
            "state": _whole(b.state),
            "ids": _whole(b.ids),
            "rows": _whole(b.rows),
        }
        return [
            Draft(shaders.kernel("scan_logits"), scan, common, Grid(-(-chunks // self.tuning.head_workgroup))),
            Draft(shaders.kernel("choose_token"), choose, common | rest, Grid(1)),
        ]

    def _angles(self, rotary: Rotary) -> wgpu.GPUBuffer:
        import wgpu

        if rotary not in self.angles:
            factors = None
            if rotary.scaling == "factors":
                factors = self._model.tensors["rope_freqs.weight"].rows().reshape(-1)
            table = angle_table(rotary, self._context, factors)
            with self.device.guard("uploading rotary angles"):
                self.angles[rotary] = self.device.device.create_buffer_with_data(
                    data=table, usage=wgpu.BufferUsage.STORAGE
                )
        return self.angles[rotary]

    def _stride(self, buffer: wgpu.GPUBuffer) -> int:
        b, s = self._buffers, self.sizes
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


def _whole(buffer: wgpu.GPUBuffer) -> dict[str, wgpu.GPUBuffer]:
    return {"buffer": buffer}
