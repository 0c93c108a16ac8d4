"""GpuDecoder: the forward pass on a GPU."""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Choice, Chunk, check_chunks, check_slot, check_truncate
from pixel_llm.backends.gpu.adapter import AdapterInfo
from pixel_llm.backends.gpu.ahead import SUBMISSIONS, Stream
from pixel_llm.backends.gpu.blocks import attention_blocks, wanted_rows
from pixel_llm.backends.gpu.buffers import MOST_AHEAD, Buffers, Sizes
from pixel_llm.backends.gpu.choices import choice_numbers, seen_bits
from pixel_llm.backends.gpu.counters import Counters
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.kv_cache import KvCache, cache_bytes, check_cache
from pixel_llm.backends.gpu.memory import MemoryNeed, check_memory, return_free_memory, weight_bytes
from pixel_llm.backends.gpu.native import Recorder, portions
from pixel_llm.backends.gpu.plan import Plan, PlanBuilder
from pixel_llm.backends.gpu.textures import Form, Progress
from pixel_llm.backends.gpu.tuning import Tuning, tuning_for
from pixel_llm.backends.gpu.weights import ModelStacks, load_stacks, plan_stacks
from pixel_llm.errors import BackendError, InvalidArgumentError
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec

if TYPE_CHECKING:
    import wgpu

F32 = NDArray[np.float32]

MAX_ROWS: Final = 256
"""Rows of activations in one pass; longer chunks go in several."""
_LOGIT_BYTES: Final = 16 << 20
_PORTION_BYTES: Final = 2 << 20
_SUBMISSION_BYTES: Final = 4 << 30
"""Bytes of planes times rows of activations in one submission, about: a driver's watchdog counts from a submission, and
this is some 10¹⁰ products of 4-bit weights."""


class GpuDecoder:
    """A `SamplingDecoder` (see `backends/base.py`) on the adapter of `device`.

    `form` says whether weights lie in textures or storage buffers. The KV cache is float16. Several decoders may share
    a device; one that `owns_device` closes it. `need` is the memory predicted, `counters` what was asked of the device.
    Methods may be called from several Python threads: they take turns with the device, a stream of `decode_ahead` at
    each of its steps. In a process that was forked off this one they raise `GpuLostError`.
    """

    backend = "gpu"

    def __init__(
        self,
        model: ModelFile,
        spec: DecoderSpec,
        *,
        context_length: int,
        slots: int = 1,
        device: GpuDevice,
        owns_device: bool = False,
        form: Form = "texture",
        tuning: Tuning | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.spec = spec
        self.context_length = context_length
        self.slots = slots
        self.form: Form = form
        self.info: AdapterInfo = device.info
        self.counters = Counters()
        self._device: GpuDevice | None = device
        self._owns_device = owns_device
        self._lengths = [0] * slots
        self._changes = [0] * slots  # how often something was put into a slot, or taken out
        logit_rows = max(1, min(MAX_ROWS, context_length * slots, _LOGIT_BYTES // (4 * spec.vocab_size)))
        rows = min(MAX_ROWS, context_length * slots)
        try:
            self._tuning = tuning or tuning_for(device)
            self._sizes = Sizes.of(spec, self._tuning, rows=rows, logit_rows=logit_rows)
            self._load(model, device, progress)
        except BaseException:
            if owns_device:
                device.close()
            raise

    def _load(self, model: ModelFile, device: GpuDevice, progress: Progress | None) -> None:
        spec, sizes, context = self.spec, self._sizes, self.context_length
        stacks = plan_stacks(model, spec, self.form, device.limits)
        check_cache(device.limits, spec, context, self.slots)
        shapes = [(stack.encoding, stack.rows, stack.columns) for stack in stacks.all()]
        tables = {spec.rotary_of(layer) for layer in range(spec.layers)}
        work = sizes.nbytes() + sum(4 * context * rotary.dims for rotary in tables)
        need = MemoryNeed(weight_bytes(shapes, self.form, device.limits), cache_bytes(spec, context, self.slots), work)
        check_memory(device.info, need)
        self.need = need
        self._matrices = load_stacks(device, model, stacks, self.form, progress)
        with device.turn():
            self._make_steps(model, device, stacks)
        return_free_memory()

    def _make_steps(self, model: ModelFile, device: GpuDevice, stacks: ModelStacks) -> None:
        import wgpu

        spec, sizes = self.spec, self._sizes
        self._cache = KvCache.make(device, spec, self.context_length, self.slots)
        self._buffers = Buffers.make(device, sizes)
        builder = PlanBuilder(
            device, model, spec, self._tuning, sizes, self._buffers, self._cache, self.context_length, self._matrices
        )
        drafts = builder.draft(stacks)
        self._arena = builder.arena.upload(device)
        self._angles = builder.angles
        plan = Plan(*(tuple(draft.finish(device, self._arena) for draft in part) for part in drafts))
        self._plan = plan
        self._token = Recorder(plan.token)
        self._token_logits = Recorder(plan.token + plan.token_head)
        self._token_chosen = Recorder(plan.token + plan.token_head + plan.choose)
        self._rows = [Recorder(steps) for steps in portions(plan.rows, _PORTION_BYTES)]
        self._rows_head = Recorder(plan.rows_head)
        usage = wgpu.BufferUsage.COPY_DST | wgpu.BufferUsage.MAP_READ
        self._readback = device.device.create_buffer(size=4 * sizes.logit_rows * sizes.vocabulary, usage=usage)
        self._chosen = [device.device.create_buffer(size=4 * MOST_AHEAD, usage=usage) for _ in range(SUBMISSIONS)]
        self._submitted_ahead = 0
        self._stream: Stream | None = None

    def forward(self, chunks: Sequence[Chunk]) -> list[F32]:
        """See `Decoder.forward`."""
        with self._turn() as device:
            check_chunks(chunks, self._lengths, self.context_length, self.spec.vocab_size)
            if not chunks:
                return []
            self._settle()
            for chunk in chunks:
                self._changes[chunk.slot] += 1
            with device.guard("running the model"):
                if len(chunks) == 1 and len(chunks[0].ids) == 1:
                    out = [self._one_token(device, chunks[0])]
                else:
                    out = self._several(device, chunks)
            for chunk in chunks:
                self._lengths[chunk.slot] += len(chunk.ids)
            return out

    def length(self, slot: int) -> int:
        """See `Decoder.length`."""
        with self._turn():
            return self._lengths[check_slot(slot, self.slots)]

    def truncate(self, slot: int, length: int) -> None:
        """See `Decoder.truncate`."""
        with self._turn():
            slot = check_slot(slot, self.slots)
            length = check_truncate(length, self._lengths[slot])
            if length != self._lengths[slot]:
                self._lengths[slot] = length
                self._changes[slot] += 1

    def decode_ahead(self, slot: int, token: int, choice: Choice, limit: int) -> Generator[int, None, None]:
        """See `SamplingDecoder.decode_ahead`."""
        with self._turn():
            slot = check_slot(slot, self.slots)
            if not 0 <= token < self.spec.vocab_size:
                raise InvalidArgumentError(f"token id {token} is outside 0..{self.spec.vocab_size - 1}")
            if limit < 1:
                return
            stream = Stream(self, slot, token, choice, limit)
        try:
            for _ in range(limit):
                with self._turn():
                    chosen = stream.step()
                yield chosen
        finally:
            self._end(stream)

    def _end(self, stream: Stream) -> None:
        """Wait for what `stream` has under way, unless another thread has its turn: then whoever comes next does.

        Waiting for that thread is no good: a stream that was dropped may be finalized in any thread, in the midst of a
        call too that the other one waits for.
        """
        device = self._device
        if device is None or device.unreachable or not device.try_turn():
            return
        try:
            if self._stream is stream and self._device is not None:
                self._settle()
        finally:
            device.end_turn()

    # What a `Stream` asks of its decoder, within a turn.

    def state_of(self, slot: int) -> tuple[int, int]:
        """Positions of `slot` that are filled, and how often it was changed."""
        return self._lengths[slot], self._changes[slot]

    def holds_state(self, stream: Stream) -> bool:
        """Whether the device's buffers are as `stream` left them, or it has work under way."""
        return self._stream is stream

    def take_state(self, stream: Stream) -> None:
        """Give the device's buffers to `stream`; another one that has work under way is parked."""
        if self._stream is not stream:
            self._settle()
            self._stream = stream

    def advance(self, slot: int) -> None:
        """A token of `slot` was given out: the one before it counts as held."""
        self._lengths[slot] += 1
        self._changes[slot] += 1

    def submit_ahead(
        self,
        slot: int,
        position: int,
        token: int | None,
        choice: Choice,
        draws: NDArray[np.float64],
        seen: Collection[int],
    ) -> wgpu.GPUBuffer:
        """Submit passes for as many tokens as there are `draws`; the buffer that their ids will be in.

        `token` is None where the device has it from the submission before, and knows what was `seen`.
        """
        device, b = self._open(), self._buffers
        count = len(draws)
        splits, each = self._splits(position + count)
        queue = device.queue
        with device.guard("decoding"):
            if token is None:
                queue.write_buffer(b.rows, 8, np.array([each, splits], np.uint32))
            else:
                self._write_rows(device, [(slot, position)], np.array([token]), each, splits)
                queue.write_buffer(b.choice, 0, choice_numbers(choice, self.spec.vocab_size))
                if choice.repetition_penalty != 1:
                    queue.write_buffer(b.seen, 0, seen_bits(seen, self.spec.vocab_size))
            queue.write_buffer(b.state, 0, np.zeros(1, np.uint32))
            if choice.temperature > 0:
                queue.write_buffer(b.state, 4 * (1 + MOST_AHEAD), draws.astype(np.float32))
            encoder = device.device.create_command_encoder()
            pass_ = encoder.begin_compute_pass()
            for _ in range(count):
                dispatches, weight_bytes = self._token_chosen.record(pass_, 1, splits)
                self.counters.dispatches += dispatches
                self.counters.weight_bytes += weight_bytes
            pass_.end()
            readback = self._chosen[self._submitted_ahead % len(self._chosen)]
            encoder.copy_buffer_to_buffer(b.state, 4, readback, 0, 4 * count)
            self.counters.host_seconds += device.submit(encoder)
        self._submitted_ahead += 1
        self.counters.submissions += 1
        self.counters.tokens += count
        return readback

    def read_ahead(self, readback: wgpu.GPUBuffer, count: int) -> list[int]:
        """The ids of a submission, when they are there."""
        device = self._open()
        with device.guard("decoding"):
            ids: list[int] = device.read(readback, 4 * count).view(np.uint32).tolist()
        self.counters.read_bytes += 4 * count
        return ids

    def _settle(self) -> None:
        """Nothing is under way, and nobody counts on what the device's buffers hold."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.park()

    def close(self) -> None:
        """See `Decoder.close`."""
        device = self._device
        if device is None:
            return
        if not device.unreachable:
            with device.turn():
                self._release()
        if device.unreachable and self._device is not None:
            self._device = None
            device.abandon(vars(self).copy())

    def _release(self) -> None:
        device = self._device
        if device is None or device.hung:
            return
        self._device = None
        for owner in (*self._matrices.values(), self._cache, self._buffers, self._arena, *self._angles.values()):
            owner.destroy()
        for buffer in (self._readback, *self._chosen):
            buffer.destroy()
        if self._owns_device:
            device.close()

    def _open(self) -> GpuDevice:
        device = self._device
        if device is None:
            raise BackendError("the decoder is closed")
        return device

    @contextmanager
    def _turn(self) -> Iterator[GpuDevice]:
        """This thread's turn with the device."""
        with self._open().turn():
            yield self._open()  # another thread may have closed it meanwhile

    def _one_token(self, device: GpuDevice, chunk: Chunk) -> F32:
        began = time.thread_time()
        position = self._lengths[chunk.slot]
        splits, each = self._splits(position + 1)
        self._write_rows(device, [(chunk.slot, position)], chunk.ids, each, splits)
        wants = chunk.logits != "none"
        encoder = device.device.create_command_encoder()
        self._record(encoder, self._token_logits if wants else self._token, 1, splits)
        self.counters.tokens += 1
        self.counters.host_seconds += time.thread_time() - began
        return self._finish(device, encoder, 1 if wants else 0)

    def _several(self, device: GpuDevice, chunks: Sequence[Chunk]) -> list[F32]:
        found: list[list[F32]] = [[] for _ in chunks]
        for block in self._blocks(chunks):
            places = [
                (chunks[number].slot, self._lengths[chunks[number].slot] + at)
                for number, start, stop in block
                for at in range(start, stop)
            ]
            ids = np.concatenate([chunks[number].ids[start:stop] for number, start, stop in block])
            self._write_rows(device, places, ids, self.context_length, 1)
            blocks = attention_blocks(block, self._sizes.block_tokens, self._tuning.threads)
            device.queue.write_buffer(self._buffers.blocks, 0, blocks)
            device.queue.write_buffer(self._buffers.batch, 0, np.array([len(ids), 0, 0, 0], np.uint32))
            encoder = device.device.create_command_encoder()
            work = 0
            for portion in self._rows:
                work += self._record(encoder, portion, len(ids), len(blocks)) * len(ids)
                if work > _SUBMISSION_BYTES:
                    device.submit(encoder)
                    self.counters.submissions += 1
                    encoder, work = device.device.create_command_encoder(), 0
            picked, owners = wanted_rows(chunks, block)
            if not picked:
                self._finish(device, encoder, 0)
            for first in range(0, len(picked), self._sizes.logit_rows):
                some = picked[first : first + self._sizes.logit_rows]
                device.queue.write_buffer(self._buffers.picked, 0, np.array(some, np.uint32))
                device.queue.write_buffer(self._buffers.logits_batch, 0, np.array([len(some), 0, 0, 0], np.uint32))
                self._record(encoder, self._rows_head, len(some), 1)
                logits = self._finish(device, encoder, len(some))
                encoder = device.device.create_command_encoder()
                for row, owner in zip(logits, owners[first:], strict=False):
                    found[owner].append(row)
        empty = np.empty((0, self.spec.vocab_size), np.float32)
        return [np.stack(rows) if rows else empty for rows in found]

    def _blocks(self, chunks: Sequence[Chunk]) -> Iterator[list[tuple[int, int, int]]]:
        """Parts (number of a chunk, start, stop) of the chunks, together at most so many rows as the buffers have."""
        block: list[tuple[int, int, int]] = []
        room = self._sizes.rows
        for number, chunk in enumerate(chunks):
            start = 0
            while start < len(chunk.ids):
                stop = min(len(chunk.ids), start + room)
                block.append((number, start, stop))
                room -= stop - start
                start = stop
                if room == 0:
                    yield block
                    block, room = [], self._sizes.rows
        if block:
            yield block

    def _splits(self, length: int) -> tuple[int, int]:
        """Splits of attention to so many positions, and positions a split."""
        splits = min(self._tuning.max_splits, -(-length // self._tuning.split_positions))
        return splits, -(-length // splits)

    def _write_rows(
        self, device: GpuDevice, places: Sequence[tuple[int, int]], ids: NDArray[np.int64], each: int, splits: int
    ) -> None:
        table = np.empty((len(places), 4), np.uint32)
        table[:, :2] = places
        table[:, 2:] = each, splits
        device.queue.write_buffer(self._buffers.rows, 0, table)
        device.queue.write_buffer(self._buffers.ids, 0, ids.astype(np.uint32))

    def _record(self, encoder: wgpu.GPUCommandEncoder, steps: Recorder, tokens: int, splits: int) -> int:
        """Record a pass; bytes of planes that it reads."""
        pass_ = encoder.begin_compute_pass()
        dispatches, weight_bytes = steps.record(pass_, tokens, splits)
        pass_.end()
        self.counters.dispatches += dispatches
        self.counters.weight_bytes += weight_bytes
        return weight_bytes

    def _finish(self, device: GpuDevice, encoder: wgpu.GPUCommandEncoder, rows: int) -> F32:
        """Submit, and read so many rows of logits."""
        size = 4 * rows * self._sizes.vocabulary
        if rows:
            encoder.copy_buffer_to_buffer(self._buffers.logits, 0, self._readback, 0, size)
        device.submit(encoder)
        self.counters.submissions += 1
        self.counters.read_bytes += size
        if not rows:
            return np.empty((0, self.spec.vocab_size), np.float32)
        read = device.read(self._readback, size).view(np.float32)
        return read.reshape(rows, -1)[:, : self.spec.vocab_size].copy()
