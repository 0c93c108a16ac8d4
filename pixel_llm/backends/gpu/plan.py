"""The plan: what is dispatched for a pass over the weights, from a `DecoderSpec`.

There are two plans. `token` is for one new token of one sequence: norms are fused into the products, keys and values
are appended by attention itself. `rows` is for several rows of activations, whether a prompt or several sequences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.buffers import MOST_AHEAD, ROWS_TILE, Buffers, Sizes, attends_in_lanes, chunks_of
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.kernels import Draft, Grid, Step, weight_constants, weight_kernel, weight_resources, whole
from pixel_llm.backends.gpu.kv_cache import KvCache, head_quads
from pixel_llm.backends.gpu.products import Options, Products, Update
from pixel_llm.backends.gpu.rotary import angle_table
from pixel_llm.backends.gpu.textures import GpuMatrix
from pixel_llm.backends.gpu.tuning import Tuning
from pixel_llm.backends.gpu.vectors import Vectors
from pixel_llm.backends.gpu.weights import LayerStacks, ModelStacks, Stack
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec, Rotary

if TYPE_CHECKING:
    import wgpu


@dataclass(frozen=True)
class Plan:
    """Steps of a pass: `token` for one token and `token_head` for its logits, `rows` for several, whose logits are
    `rows_head`'s, and `choose` from the first row of logits to the next token."""

    token: tuple[Step, ...]
    token_head: tuple[Step, ...]
    rows: tuple[Step, ...]
    rows_head: tuple[Step, ...]
    choose: tuple[Step, ...]


class _Residual:
    """Where a token's residual stream is at a place of its plan: in `x` and, with post norms, in the `update` that the
    latest product has left. Who reads them writes their sum to the other one of two buffers, as `x` is still read."""

    def __init__(self, buffers: Buffers) -> None:
        self.x, self._other = buffers.x, buffers.other_x
        self.update: Update | None = None

    def leave(self, squares: int) -> None:
        """A product has left an update of so many squares."""
        self.update = Update(squares, self._other)

    def settle(self) -> None:
        """The update was added by all who read it."""
        if self.update is not None:
            self.x, self._other, self.update = self._other, self.x, None


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
        matrices: Mapping[Stack, GpuMatrix],
    ) -> None:
        self.device, self.spec, self.tuning, self.sizes = device, spec, tuning, sizes
        self.angles: dict[Rotary, wgpu.GPUBuffer] = {}
        self._vectors = Vectors(model, spec)
        self.arena = self._vectors.arena
        self._model, self._buffers, self._cache, self._context = model, buffers, cache, context_length
        self._halves = "native" if tuning.native_halves else "packed"
        self._matrices = matrices
        self._products = Products(device, spec, tuning, sizes, buffers, self._vectors, matrices)

    def draft(self, stacks: ModelStacks) -> tuple[list[Draft], ...]:
        """Drafts of a `Plan`'s fields, in their order."""
        b, spec, products = self._buffers, self.spec, self._products
        token: list[Draft] = []
        rows: list[Draft] = []
        for plan in (token, rows):
            plan += self._embed(self._matrices[stacks.embedding])
        residual = _Residual(b)
        for i, layer in enumerate(stacks.layers):
            p = f"blk.{i}."
            before, after = p + "attn_norm.weight", p + "ffn_norm.weight"
            # Attention.
            options = Options(self._biases(p, ("attn_q", "attn_k", "attn_v"), spec.qkv_bias))
            for stack in layer.qkv:
                token += products.matvec(stack, residual.x, b.qkv, options, norm=before, update=residual.update)
            residual.settle()
            token.append(self._attention(i))
            token.append(self._combine(i))
            rows.append(self._norm(before, b.x, b.normed))
            for stack in layer.qkv:
                rows += products.gemm(stack, b.normed, b.qkv, options)
            rows.append(self._append(i))
            rows += self._attention_rows(i)
            bias = self._biases(p, ("attn_output",), spec.output_bias)
            post_norm = p + "post_attention_norm.weight"
            self._project(token, rows, layer.output, b.mixed, bias, post_norm, residual)
            # Feed-forward.
            rows.append(self._norm(after, b.x, b.normed))
            bias = self._biases(p, ("ffn_gate", "ffn_up"), spec.mlp_bias)
            self._gate_up(token, rows, layer, bias, after, residual)
            bias = self._biases(p, ("ffn_down",), spec.mlp_bias)
            self._project(token, rows, layer.down, b.feed, bias, p + "post_ffw_norm.weight", residual)
        options = Options(softcap=spec.output_softcap)
        norm = "output_norm.weight"
        token_head = products.matvec(stacks.head, residual.x, b.logits, options, norm=norm, update=residual.update)
        head = [self._norm(norm, b.x, b.picked_rows, pick=True)]
        head += products.gemm(stacks.head, b.picked_rows, b.logits, options, batch=b.logits_batch)
        return token, token_head, rows, head, self._choose()

    def _project(
        self,
        token: list[Draft],
        rows: list[Draft],
        stack: Stack,
        source: wgpu.GPUBuffer,
        bias: int | None,
        post_norm: str,
        residual: _Residual,
    ) -> None:
        """A product that is added to the residual stream, with post norms through a norm of its own."""
        b, products = self._buffers, self._products
        if not self.spec.post_norms:
            options = Options(bias, add=True)
            token += products.matvec(stack, source, residual.x, options)
            rows += products.gemm(stack, source, b.x, options)
            return
        options = Options(bias)
        token += products.matvec(stack, source, b.raw, options, post_norm=post_norm)
        residual.leave(products.squares(stack))
        rows += products.gemm(stack, source, b.raw, options)
        rows.append(self._norm(post_norm, b.raw, b.x, add=True))

    def _gate_up(
        self,
        token: list[Draft],
        rows: list[Draft],
        layer: LayerStacks,
        bias: int | None,
        norm: str,
        residual: _Residual,
    ) -> None:
        b, products = self._buffers, self._products
        ways = [Options(bias, paired=True)] if layer.paired else [Options(bias), Options(bias, gated=True)]
        for stack, options in zip(layer.gate_up, ways, strict=True):
            token += products.matvec(stack, residual.x, b.feed, options, norm=norm, update=residual.update)
            rows += products.gemm(stack, b.normed, b.feed, options)
        residual.settle()

    def _biases(self, prefix: str, names: tuple[str, ...], has: bool) -> int | None:
        """Where the biases of stacked tensors begin, one behind the other."""
        return self._vectors.biases(prefix, names) if has else None

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
            bound = weight_resources(part) | {"ids": whole(b.ids), "output": whole(b.x)}
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
        bound = {"input": whole(source), "picked": whole(self._buffers.picked), "output": whole(target)}
        uniform = ("norm", self._vectors.arena.uniform(self._vectors.norm(name) // 4))
        return Draft(kernel, constants, bound, Grid(1, tile=1), uniform, vectors=True)

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
            "qkv": whole(b.qkv),
            "angles": whole(self._angles(rotary)),
            "rows": whole(b.rows),
            "keys": whole(self._cache.keys[layer]),
            "values": whole(self._cache.values[layer]),
        }
        norms = [0, 0]
        if spec.qk_norm:
            norms = [self._vectors.norm(f"blk.{layer}.attn_{part}_norm.weight") for part in ("q", "k")]
        return constants, bound, ("heads", self._vectors.arena.uniform(*norms, *segment))

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
        bound["partials"] = whole(self._buffers.partials)
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
            bound["blocks"] = whole(self._buffers.blocks)
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
        return constants, bound | {"mixed": whole(self._buffers.mixed)}, uniform

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
        bound = {"partials": whole(b.partials), "rows": whole(b.rows), "mixed": whole(b.mixed)}
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
            "logits": whole(b.logits),
            "chunks": whole(b.chunks),
            "choice": whole(b.choice),
            "seen": whole(b.seen),
        }
        rest = {
            "candidates": whole(b.candidates),
            "state": whole(b.state),
            "ids": whole(b.ids),
            "rows": whole(b.rows),
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
