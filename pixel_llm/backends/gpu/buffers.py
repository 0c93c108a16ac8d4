"""Buffers that passes write: activations, logits, and what choosing a token needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pixel_llm.backends.gpu.arena import padded
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.kv_cache import head_quads
from pixel_llm.backends.gpu.tuning import Tuning
from pixel_llm.errors import GpuError
from pixel_llm.models.spec import DecoderSpec

if TYPE_CHECKING:
    import wgpu

MOST_AHEAD: Final = 16
"""Tokens that one submission can make."""
_CHUNKS: Final = 256  # parts of the vocabulary that are looked through side by side


def chunks_of(vocabulary: int) -> tuple[int, int]:
    """Ids a chunk, and chunks, that the vocabulary is looked through in."""
    chunk = -(-vocabulary // _CHUNKS)
    return chunk, -(-vocabulary // chunk)


ROWS_TILE: Final = 64
"""Positions of the cache that `attention_rows.wgsl` takes at a time."""
_WORKGROUP_BYTES: Final = 16384  # WebGPU's default limit


_LANES_QUERIES: Final = 16  # queries of a block of `attention_lanes.wgsl`


def attends_in_lanes(spec: DecoderSpec, tuning: Tuning) -> bool:
    """Whether several rows attend by `attention_lanes.wgsl`, else by `attention_rows.wgsl`."""
    return tuning.subgroups_of_8 and spec.heads // spec.kv_heads <= _LANES_QUERIES


def _block_tokens(spec: DecoderSpec, tuning: Tuning) -> int:
    """Tokens that share a reading of the cache: in `attention_rows.wgsl` what workgroup memory holds, at most 4."""
    if attends_in_lanes(spec, tuning):
        return _LANES_QUERIES // (spec.heads // spec.kv_heads)
    token = spec.heads // spec.kv_heads * (16 * head_quads(spec) + 4 * (ROWS_TILE + tuning.attention_workgroup))
    return max(1, min(4, _WORKGROUP_BYTES // token))


def _segment(spec: DecoderSpec, tuning: Tuning) -> int:
    """Positions that attention over several rows takes at a time, by the rounds of loops that an invocation may have:
    all that the context can have where that has no bound."""
    if not tuning.loop_rounds:
        return spec.context_length
    quads = head_quads(spec)
    if attends_in_lanes(spec, tuning):
        tile, rounds, others = 16, 2 * quads + 4, 8 * quads + 2 * spec.head_dim
    else:
        # As if no loop were unrolled.
        queries = spec.heads // spec.kv_heads * _block_tokens(spec, tuning)
        own = -(-quads // tuning.attention_workgroup) + 2
        steps = -(-ROWS_TILE // (4 * tuning.attention_workgroup)) + 1
        scores = steps * (quads * (queries + 3) + 7 * queries)
        softmax = queries * (own + tuning.attention_workgroup + ROWS_TILE // tuning.attention_workgroup + 3)
        tile, rounds = ROWS_TILE, scores + softmax + ROWS_TILE * (own + queries * own)
        others = queries * (6 * own + 2 * spec.head_dim) + quads * queries
    return max(1, (tuning.loop_rounds - others) // rounds) * tile


@dataclass(frozen=True)
class Sizes:
    """Rows that the buffers of activations have, and elements of a row of each."""

    rows: int
    logit_rows: int
    hidden: int
    qkv: int
    mixed: int
    feed: int
    vocabulary: int
    partials: int
    chunks: int
    candidates: int
    seen: int
    block_tokens: int
    running: int
    """Where in a row of mixed heads their maxima and totals begin."""
    segment: int
    """Positions that a dispatch of attention over several rows takes."""

    @classmethod
    def of(cls, spec: DecoderSpec, tuning: Tuning, *, rows: int, logit_rows: int) -> Sizes:
        """For passes of at most `rows` rows of activations and `logit_rows` of logits."""
        heads = spec.heads + 2 * spec.kv_heads
        running = padded(spec.heads * spec.head_dim)
        return cls(
            rows,
            logit_rows,
            padded(spec.hidden_size),
            padded(heads * spec.head_dim),
            running + padded(2 * spec.heads),
            padded(spec.intermediate_size),
            padded(spec.vocab_size),
            spec.heads * tuning.max_splits * (head_quads(spec) + 1) * 4,
            chunks_of(spec.vocab_size)[1],
            -(-spec.vocab_size // tuning.choose_workgroup) * tuning.choose_workgroup,
            -(-spec.vocab_size // 32),
            _block_tokens(spec, tuning),
            running,
            _segment(spec, tuning),
        )

    def nbytes(self) -> int:
        """Bytes of all of them, and of what logits are read back through."""
        row = 3 * self.hidden + self.qkv + self.mixed + self.feed
        return 4 * (
            self.rows * row
            + 2 * self.hidden
            + self.logit_rows * (2 * self.vocabulary + self.hidden)
            + self.partials
            + 4 * self.chunks
            + 2 * self.candidates
            + self.seen
        )


@dataclass(frozen=True)
class Buffers:
    """Activations: float32 rows, zero beyond what kernels write."""

    x: wgpu.GPUBuffer
    normed: wgpu.GPUBuffer
    qkv: wgpu.GPUBuffer
    mixed: wgpu.GPUBuffer
    feed: wgpu.GPUBuffer
    raw: wgpu.GPUBuffer
    other_x: wgpu.GPUBuffer
    squares: wgpu.GPUBuffer
    picked_rows: wgpu.GPUBuffer
    logits: wgpu.GPUBuffer
    partials: wgpu.GPUBuffer
    ids: wgpu.GPUBuffer
    rows: wgpu.GPUBuffer
    picked: wgpu.GPUBuffer
    batch: wgpu.GPUBuffer
    logits_batch: wgpu.GPUBuffer
    choice: wgpu.GPUBuffer
    chunks: wgpu.GPUBuffer
    candidates: wgpu.GPUBuffer
    seen: wgpu.GPUBuffer
    state: wgpu.GPUBuffer
    blocks: wgpu.GPUBuffer

    @classmethod
    def make(cls, device: GpuDevice, sizes: Sizes) -> Buffers:
        """All of them."""
        import wgpu

        kinds = wgpu.BufferUsage
        usage = kinds.STORAGE | kinds.UNIFORM | kinds.COPY_SRC | kinds.COPY_DST
        most = min(device.limits.storage_binding_bytes, device.limits.buffer_bytes)
        made: list[wgpu.GPUBuffer] = []

        def floats(count: int) -> wgpu.GPUBuffer:
            if 4 * count > most:
                raise GpuError(f"activations of {4 * count:,} bytes exceed the adapter's {most:,} a binding")
            made.append(device.device.create_buffer(size=4 * count, usage=usage))
            return made[-1]

        def uniform() -> wgpu.GPUBuffer:
            made.append(device.device.create_buffer(size=32, usage=kinds.UNIFORM | kinds.COPY_DST))
            return made[-1]

        try:
            with device.guard("making room for activations"):
                return cls(
                    floats(sizes.rows * sizes.hidden),
                    floats(sizes.rows * sizes.hidden),
                    floats(sizes.rows * sizes.qkv),
                    floats(sizes.rows * sizes.mixed),
                    floats(sizes.rows * sizes.feed),
                    floats(sizes.rows * sizes.hidden),
                    floats(sizes.hidden),
                    floats(sizes.hidden),
                    floats(sizes.logit_rows * sizes.hidden),
                    floats(sizes.logit_rows * sizes.vocabulary),
                    floats(sizes.partials),
                    floats(sizes.rows),
                    floats(sizes.rows * 4),
                    floats(sizes.logit_rows),
                    uniform(),
                    uniform(),
                    uniform(),
                    floats(4 * sizes.chunks),
                    floats(2 * sizes.candidates),
                    floats(sizes.seen),
                    floats(1 + 2 * MOST_AHEAD),
                    floats(2 * sizes.rows),
                )
        except BaseException:
            for buffer in made:
                buffer.destroy()
            raise

    def destroy(self) -> None:
        """Give the memory back."""
        for buffer in vars(self).values():
            buffer.destroy()
