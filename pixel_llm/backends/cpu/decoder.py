"""CpuDecoder: any `DecoderSpec` on the CPU, straight from the mapped planes."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Chunk, check_chunks, check_slot, check_truncate
from pixel_llm.backends.cpu.cores import usable_cores
from pixel_llm.backends.cpu.kernels import addresses
from pixel_llm.backends.cpu.kernels_attention import TILE
from pixel_llm.backends.cpu.kernels_cache import CACHES
from pixel_llm.backends.cpu.memory import Inputs, KVCache, Region, padded_head
from pixel_llm.backends.cpu.plan import Planner
from pixel_llm.backends.cpu.rotary import RotaryTables
from pixel_llm.backends.cpu.target import choose_target
from pixel_llm.backends.cpu.team import MOST_THREADS, Team
from pixel_llm.backends.cpu.weights import Weights
from pixel_llm.errors import BackendError, InvalidArgumentError
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec

CAPACITY: Final = 256  # tokens of a pass: what the caches hold beside a panel of weights


@dataclass
class _Compiled:
    """A program ready to run: its table, the ops before the output head, and where the logits' address goes."""

    planner: Planner
    table: NDArray[np.int64]
    body: int
    logits: list[tuple[int, int]]


class CpuDecoder:
    """A `Decoder` (see `backends/base.py`) for the host's CPU.

    Weights are read where the file is mapped; no dequantised copy is made. Activations are quantised to 16 bits a
    group where weights are codes; the KV cache takes `cache_bytes`: float16, or half of that with `kv_bits=8`.
    `threads` defaults to the physical cores that the process may use; `path` forces the instructions (`target.py`).
    Methods may be called from several Python threads: a lock makes them take turns.
    """

    backend = "cpu"

    def __init__(
        self,
        model: ModelFile,
        spec: DecoderSpec,
        *,
        context_length: int,
        slots: int = 1,
        threads: int | None = None,
        path: str | None = None,
        kv_bits: int = 16,
    ) -> None:
        self.spec = spec
        self.context_length = context_length
        self.slots = slots
        if kv_bits not in CACHES:
            raise InvalidArgumentError(f"a KV cache of {kv_bits!r} bits", remedy="16 or 8")
        self.threads = threads or min(usable_cores(), MOST_THREADS)
        self.target = choose_target(path)
        self._lock = threading.Lock()
        self._lengths = [0] * slots
        self._weights = Weights(model)
        self._capacity = min(CAPACITY, max(context_length * slots, 2))
        self._cache = KVCache(
            bits=kv_bits,
            layers=spec.layers,
            slots=slots,
            positions=context_length,
            kv_heads=spec.kv_heads,
            padded=padded_head(spec, self.target),
        )
        self.cache_bytes = self._cache.nbytes
        self._make_inputs()
        self._rotary = RotaryTables(spec, context_length, self._weights.vector)
        self._one = self._compile(1)
        self._many: _Compiled | None = None
        self._team: Team | None = Team(addresses((), self.target), self.threads)
        self._end_team = weakref.finalize(self, self._team.close)

    @property
    def weight_bytes(self) -> int:
        """Bytes of weights that decoding one token reads."""
        embedding = self._weights.matrix("token_embd.weight").nbytes
        return self._weights.nbytes - (0 if self.spec.tied_output else embedding)

    def _make_inputs(self) -> None:
        n = self._capacity
        words = {"tokens": 1, "outputs": 1, "tile_count": 1, "ids": n, "positions": n, "places": n, "rows": n}
        words |= {"tiles": 2 * n, "counters": self.spec.layers}
        self._words = Region({name: 8 * count for name, count in words.items()})
        self._in: dict[str, Any] = {name: self._words.array(name, np.int64, count) for name, count in words.items()}

    def _compile(self, capacity: int) -> _Compiled:
        inputs = Inputs(**{name: self._words.at(name) for name in Inputs.__dataclass_fields__})
        planner = Planner(
            self.spec,
            self._weights,
            self._cache,
            inputs,
            self._rotary,
            self.target,
            capacity=capacity,
            threads=self.threads,
        )
        body = planner.build()
        table = planner.program.table(addresses(planner.program.kernels, self.target))
        return _Compiled(planner, table, body, planner.logits_words(body))

    def forward(self, chunks: Sequence[Chunk]) -> list[NDArray[np.float32]]:
        """See `Decoder.forward`."""
        with self._lock:
            self._open()
            check_chunks(chunks, self._lengths, self.context_length, self.spec.vocab_size)
            if len(chunks) == 1 and len(chunks[0].ids) == 1:
                return [self._one_token(chunks[0])]
            wanted = [{"none": 0, "last": 1, "all": len(c.ids)}[c.logits] for c in chunks]
            # One array: whatever a pass holds, its rows stand together in it, and the kernels write them there.
            whole = np.empty((sum(wanted), self.spec.vocab_size), np.float32)
            ends = list(accumulate(wanted))
            outs = [whole[end - rows : end] for end, rows in zip(ends, wanted, strict=True)]
            done = 0
            todo: list[tuple[int, int, int]] = []  # (chunk, first id, ids)
            room = self._capacity
            for i, chunk in enumerate(chunks):
                start = 0
                while start < len(chunk.ids):
                    count = min(room, len(chunk.ids) - start)
                    todo.append((i, start, count))
                    start, room = start + count, room - count
                    if room == 0:
                        done += self._pass(chunks, todo, wanted, whole[done:])
                        todo, room = [], self._capacity
            if todo:
                self._pass(chunks, todo, wanted, whole[done:])
            return outs

    def _one_token(self, chunk: Chunk) -> NDArray[np.float32]:
        """What `_pass` does, for decoding: after a token no cache holds the interpreter, so each step of it costs."""
        slot, given = chunk.slot, self._in
        position = self._lengths[slot]
        given["ids"][0] = chunk.ids[0]
        given["positions"][0] = position
        given["places"][0] = slot * self._cache.slot_bytes
        given["tokens"][0] = given["outputs"][0] = 1
        self._rotary.fill(position + 1)
        rows = 0 if chunk.logits == "none" else 1
        logits = np.empty((rows, self.spec.vocab_size), np.float32)
        compiled, address = self._one, logits.ctypes.data
        for row, column in compiled.logits:
            compiled.table[row, column] = address
        assert self._team is not None
        self._team.run(compiled.table, len(compiled.table) if rows else compiled.body)
        self._lengths[slot] = position + 1
        return logits

    def _pass(
        self,
        chunks: Sequence[Chunk],
        todo: Sequence[tuple[int, int, int]],
        wanted: Sequence[int],
        logits: NDArray[np.float32],
    ) -> int:
        """Run at most `capacity` tokens; `todo` names runs of ids of the chunks. Returns the rows of logits written."""
        n, tiles, given = 0, 0, self._in
        rows: list[int] = []  # tokens of this pass whose logits are wanted
        for i, start, count in todo:
            chunk = chunks[i]
            position = self._lengths[chunk.slot]
            given["ids"][n : n + count] = chunk.ids[start : start + count]
            given["positions"][n : n + count] = np.arange(position, position + count)
            given["places"][n : n + count] = chunk.slot * self._cache.slot_bytes
            for first in range(0, count, TILE):
                given["tiles"][2 * tiles : 2 * tiles + 2] = (n + first, min(TILE, count - first))
                tiles += 1
            skipped = max(len(chunk.ids) - wanted[i] - start, 0)
            rows += range(n + skipped, n + count)
            self._rotary.fill(position + count)
            n += count
        given["tokens"][0], given["outputs"][0], given["tile_count"][0] = n, len(rows), tiles
        given["rows"][: len(rows)] = rows
        given["counters"][:] = 0
        if n > 1 and self._many is None:
            self._many = self._compile(self._capacity)
        compiled = self._one if n == 1 or self._many is None else self._many
        for row, column in compiled.logits:
            compiled.table[row, column] = logits.ctypes.data
        assert self._team is not None
        self._team.run(compiled.table, len(compiled.table) if rows else compiled.body)
        for i, _, count in todo:
            self._lengths[chunks[i].slot] += count
        return len(rows)

    def length(self, slot: int) -> int:
        """See `Decoder.length`."""
        with self._lock:
            self._open()
            return self._lengths[check_slot(slot, self.slots)]

    def truncate(self, slot: int, length: int) -> None:
        """See `Decoder.truncate`."""
        with self._lock:
            self._open()
            slot = check_slot(slot, self.slots)
            self._lengths[slot] = check_truncate(length, self._lengths[slot])

    def close(self) -> None:
        """See `Decoder.close`."""
        with self._lock:
            if self._team is not None:
                self._end_team()
                self._team = None
                self._cache.close()

    def _open(self) -> None:
        if self._team is None:
            raise BackendError("the decoder is closed")
