"""How fast a model runs here: what `pixel-llm bench` measures."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pixel_llm import api
from pixel_llm.backends.base import Chunk
from pixel_llm.backends.cpu.cores import usable_threads
from pixel_llm.cli.machine import peak_memory, read_bandwidth
from pixel_llm.cli.measuring_gpu import (
    GpuReport,
    compare_forms,
    generated,
    memory_speed,
    report,
    sampled_decode,
)
from pixel_llm.cli.running import make_ready
from pixel_llm.errors import ContextLengthError
from pixel_llm.generate.session import PREFILL_CHUNK, Session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixel_llm.api import Model
    from pixel_llm.backends.base import Decoder

BANDWIDTH_RUNS = 10


@dataclass(frozen=True)
class Plan:
    """What to measure: `prefill` and `decode` are tokens a run, `context` positions are filled when decoding begins,
    `batch` sequences decode together, `kv_bits` are an element of the KV cache, `adapter` is for the gpu backend.
    """

    backend: str = "auto"
    threads: int | None = None
    prefill: int = 256
    decode: int = 64
    runs: int = 5
    context: int = 256
    batch: int = 1
    kv_bits: int = 16
    adapter: str | None = None

    @property
    def positions(self) -> int:
        """Positions that the KV cache needs for each sequence."""
        return max(self.prefill, self.context) + self.decode


@dataclass(frozen=True)
class Speed:
    """Tokens per second of each run."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.runs)

    def to_json(self, name: str) -> dict[str, float]:
        """`name` (the median), and the slowest and the fastest run."""
        values = {name: self.median, f"{name}_min": min(self.runs), f"{name}_max": max(self.runs)}
        return {key: round(value, 2) for key, value in values.items()}


@dataclass(frozen=True)
class Measured:
    """`weight_bytes` are read for each decoded token. `read_gb_s` is the memory's read bandwidth in GB/s, measured
    with the backend's number of threads, or on the GPU; None where memory was too scarce for that. `first_token` is in
    seconds. `gpu` has what only the gpu backend has, and that has no `threads`. `peak_memory` is None where more was
    loaded meanwhile than what is measured.
    """

    backend: str
    threads: int | None
    prefill: Speed
    decode: Speed
    batch: Speed | None
    first_token: float
    weight_bytes: int
    read_gb_s: float | None
    peak_memory: int | None
    gpu: GpuReport | None = None

    @property
    def decode_gb_s(self) -> float:
        """GB/s of weights that decoding reads."""
        return self.decode.median * self.weight_bytes / 1e9

    @property
    def share(self) -> float | None:
        """The part of the memory's read bandwidth that decoding reaches."""
        return None if self.read_gb_s is None else self.decode_gb_s / self.read_gb_s

    def to_json(self) -> dict[str, Any]:
        """The keys that `pixel-llm bench --json` documents."""
        batch = Speed((0.0,)) if self.batch is None else self.batch
        batched = batch.to_json("batch_tok_s")
        return {
            "backend": self.backend,
            "threads": self.threads,
            **self.prefill.to_json("prefill_tok_s"),
            **self.decode.to_json("decode_tok_s"),
            **(batched if self.batch is not None else dict.fromkeys(batched)),
            "time_to_first_token_s": round(self.first_token, 4),
            "weight_bytes_per_token": self.weight_bytes,
            "decode_gb_s": round(self.decode_gb_s, 3),
            "read_gb_s": None if self.read_gb_s is None else round(self.read_gb_s, 2),
            "bandwidth_share": None if self.share is None else round(self.share, 4),
            "peak_memory_bytes": self.peak_memory,
            "gpu": None if self.gpu is None else self.gpu.to_json(),
        }


def measure(path: Path, plan: Plan, *, progress: Callable[[int, int], None] | None = None) -> Measured:
    """Measure a model file. No speculation: each decoded token takes a pass of its own, the next is the most likely.

    On the gpu backend both forms of weights and the CPU backend decode first; the faster form is remembered, and
    measured on.

    The model is opened twice: once to compile what must be compiled and to bring the file into memory, then again for
    what counts. `progress(done, total)` counts runs. Raises what opening and loading raise, and `ContextLengthError`
    where `plan` needs more positions than the model has.
    """
    with api.open(path) as model:
        _check(model, plan)
        prompt = _prompt(plan.prefill, model.spec.vocab_size)
        decoder = make_ready(
            model,
            backend=plan.backend,
            context_length=plan.positions,
            threads=plan.threads,
            slots=plan.batch,
            kv_bits=plan.kv_bits,
            adapter=plan.adapter,
        )
        _decode(decoder, [_fill(decoder, 0, prompt)], 2)
        name = decoder.backend
        loaded = getattr(decoder, "form", None)
        peak: int | None = peak_memory()  # before the candidates of the gpu backend are loaded side by side
    total = plan.runs * ((3 if plan.batch > 1 else 2) + (3 if name == "gpu" else 0))
    done = 0

    def ran(value: float) -> float:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)
        return value

    held = _prompt(plan.context, model.spec.vocab_size)
    speeds = compare_forms(path, plan, held, ran) if name == "gpu" else None

    start = time.perf_counter()
    with api.open(path) as model:
        tokenizer = model.tokenizer
        decoder = model.decoder(
            backend=name,
            context_length=plan.positions,
            threads=plan.threads,
            slots=plan.batch,
            kv_bits=plan.kv_bits,
            adapter=plan.adapter,
        )
        tokenizer.token_bytes(next(generated(Session(decoder), prompt, 1)))
        first_token = time.perf_counter() - start

        prefill = [ran(_timed_prefill(decoder, prompt)) for _ in range(plan.runs)]
        heads = [_fill(decoder, slot, held) for slot in range(plan.batch)]
        if speeds is None:
            decode = [ran(_timed_decode(decoder, heads[:1], plan)) for _ in range(plan.runs)]
        else:
            session = Session(decoder)
            sampled_decode(session, held, 2)
            decode = [ran(sampled_decode(session, held, plan.decode)) for _ in range(plan.runs)]
            decoder.truncate(0, plan.context)
        batch = [ran(_timed_decode(decoder, heads, plan)) for _ in range(plan.runs)] if plan.batch > 1 else None
        threads = getattr(decoder, "threads", None) or usable_threads()
        weight_bytes = weight_bytes_per_token(model)
        gpu = None if speeds is None else report(decoder, speeds, held, plan.decode)
    if gpu is None:
        peak = peak_memory()  # before the buffer that the bandwidth is measured with
    elif gpu.form != loaded:
        peak = None
    return Measured(
        backend=name,
        threads=threads if gpu is None else None,
        prefill=Speed(tuple(prefill)),
        decode=Speed(tuple(decode)),
        batch=None if batch is None else Speed(tuple(batch)),
        first_token=first_token,
        weight_bytes=weight_bytes,
        read_gb_s=(memory_speed(plan) if name == "gpu" else None) or read_bandwidth(threads, BANDWIDTH_RUNS),
        peak_memory=peak,
        gpu=gpu,
    )


def weight_bytes_per_token(model: Model) -> int:
    """Stored bytes that a pass of one token reads: every tensor, but of an embedding that is not the output head as
    well one row.
    """
    tensors = model.file.tensors
    embedding = tensors["token_embd.weight"]
    unread = 0 if model.spec.tied_output else embedding.nbytes - embedding.nbytes // embedding.n_rows
    return sum(tensor.nbytes for tensor in tensors.values()) - unread


def _check(model: Model, plan: Plan) -> None:
    if plan.positions > model.spec.context_length:
        raise ContextLengthError(
            f"{max(plan.prefill, plan.context)} tokens and {plan.decode} to decode need {plan.positions} positions, "
            f"and the model has {model.spec.context_length}",
            file=model.file.path,
            remedy="lower --prefill, --context or --decode",
        )


def _prompt(count: int, vocab_size: int) -> NDArray[np.int64]:
    """Ids spread over the vocabulary; the same on every machine."""
    return np.arange(1, count + 1, dtype=np.int64) * 7919 % vocab_size


def _fill(decoder: Decoder, slot: int, ids: NDArray[np.int64]) -> int:
    """Make `slot` hold `ids`, in passes as generation runs them; the most likely next token."""
    decoder.truncate(slot, 0)
    last = (len(ids) - 1) // PREFILL_CHUNK * PREFILL_CHUNK
    for start in range(0, last, PREFILL_CHUNK):
        decoder.forward([Chunk(slot, ids[start : start + PREFILL_CHUNK], "none")])
    (logits,) = decoder.forward([Chunk(slot, ids[last:], "last")])
    return int(np.argmax(logits[-1]))


def _decode(decoder: Decoder, heads: Sequence[int], count: int) -> None:
    """Append `count` tokens to each of the slots 0, 1, …, beginning with `heads`, all slots in one pass."""
    tokens = list(heads)
    for _ in range(count):
        chunks = [Chunk(slot, np.array([token], np.int64), "last") for slot, token in enumerate(tokens)]
        tokens = [int(np.argmax(logits[-1])) for logits in decoder.forward(chunks)]


def _timed_prefill(decoder: Decoder, prompt: NDArray[np.int64]) -> float:
    start = time.perf_counter()
    _fill(decoder, 0, prompt)
    return len(prompt) / (time.perf_counter() - start)


def _timed_decode(decoder: Decoder, heads: Sequence[int], plan: Plan) -> float:
    for slot in range(len(heads)):
        decoder.truncate(slot, plan.context)
    start = time.perf_counter()
    _decode(decoder, heads, plan.decode)
    return len(heads) * plan.decode / (time.perf_counter() - start)
