"""Import: a checkpoint becomes a model file, streamed in ranges of rows, quantised where asked."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError, NotFoundError, PixelLLMError
from pixel_llm.formats import sheet_drawing
from pixel_llm.formats.block_statistics import BlockStatistics
from pixel_llm.formats.checkpoint import Checkpoint, Progress, SourceTensor
from pixel_llm.formats.contact_sheet import parameters, plan
from pixel_llm.formats.encodings import Q4_AFFINE, Q8_FIXED, Encoding, decode_rows, quantise_rows
from pixel_llm.formats.model_writer import ModelWriter, TensorWriter
from pixel_llm.formats.safetensors_reader import INDEX_FILE, SIDE_FILES

Quant = Literal["q4", "q8", "none"]

CHUNK: Final = 1 << 20
"""Weights that one task reads: 4 MiB as float32. Memory is a handful of these a thread, whatever the model's size."""

# Read at every token from a table, or deciding it: 4 bits cost more there than they save.
_EIGHT_BIT: Final = frozenset({"token_embd.weight", "output.weight"})
_MAX_THREADS: Final = 8
_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class EncodingReport:
    """What an import did in one encoding: tensors, stored bytes, largest absolute error against the source."""

    tensors: int
    bytes: int
    max_error: float


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`encodings`: name -> what was stored so; `bytes`: size of the finished file; `sha256`: of the source."""

    path: Path
    encodings: dict[str, EncodingReport]
    bytes: int
    sha256: str
    seconds: float


@dataclass(slots=True)
class _Job:
    """One tensor on its way."""

    source: SourceTensor
    encoding: Encoding
    writer: TensorWriter
    statistics: BlockStatistics | None


@dataclass(slots=True)
class _Part:
    """Rows of one tensor, converted: planes to write, the sampled values, the largest error."""

    job: _Job
    planes: tuple[NDArray[Any], ...]
    sampled: NDArray[np.int64]
    values: NDArray[np.float32]
    error: float


def target_encoding(name: str, source: SourceTensor, quant: Quant) -> Encoding:
    """The encoding that the tensor with the canonical `name` gets.

    `none` keeps the native one. `q8` makes matrices Q8_FIXED; `q4` makes them Q4_AFFINE, but the embedding and the
    output Q8_FIXED. Vectors stay, and so does what already has as few bits or rows that are not whole groups.
    """
    native = source.native
    if quant == "none" or len(source.shape) != 2:
        return native
    wanted = Q8_FIXED if quant == "q8" or name in _EIGHT_BIT else Q4_AFFINE
    return wanted if native.bits > wanted.bits and wanted.fits(source.shape) else native


def import_checkpoint(
    ckpt: Checkpoint,
    out: str | os.PathLike[str],
    *,
    spec: dict[str, Any],
    names: Mapping[str, str],
    tokenizer: dict[str, Any],
    resources: Mapping[str, bytes],
    quant: Quant = "none",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Write `ckpt` to the model file `out`; an error or Ctrl-C leaves nothing of it.

    `spec` and `tokenizer` go into the index; `names` maps the source's tensor names to canonical ones and says which
    tensors are taken; `resources` are kept beside the checkpoint's own. `progress(done, total)` counts stored bytes of
    weights. Raises `NotFoundError` (a name that the checkpoint lacks), `InvalidArgumentError`, `UnsupportedError`,
    `AlreadyExistsError`, `StorageError`, and what the checkpoint's reader raises.
    """
    began = time.perf_counter()
    if quant not in ("q4", "q8", "none"):
        raise InvalidArgumentError(f"{quant!r} is not q4, q8 or none", part="quant")
    _refuse_source(ckpt, Path(out))
    chosen = _chosen(ckpt, names)
    targets = {name: target_encoding(name, source, quant) for name, source in chosen.items()}
    with ExitStack() as stack:
        writer = stack.enter_context(ModelWriter(out, overwrite=overwrite))
        threads = min(_MAX_THREADS, os.cpu_count() or 1)
        hashing = stack.enter_context(_BackgroundHash(ckpt))
        pool = ThreadPoolExecutor(threads, "import")
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        writers = {
            name: writer.begin_tensor(
                name,
                source.shape,
                targets[name],
                source_name=source.name,
                source_dtype=source.dtype,
                lossless=targets[name] == source.native and source.lossless,
            )
            for name, source in chosen.items()
        }
        total = sum(w.nbytes for w in writers.values())
        shapes = {name: source.shape for name, source in chosen.items()}
        title = model_name(ckpt)
        used = ", ".join(dict.fromkeys(e.name for e in targets.values()))
        layers = spec.get("layers")
        sheet = plan(
            shapes,
            title=title,
            subtitle=" · ".join(filter(None, (parameters(shapes), f"{layers} layers" if layers else "", used))),
            head_dim=spec["head_dim"] if isinstance(spec.get("head_dim"), int) else 0,
            nbytes=total,
        )
        done = 0
        jobs = (
            _Job(chosen[n], targets[n], writers[n], sheet.cells[n].statistics if n in sheet.cells else None)
            for n in chosen
        )
        for part in _in_order(pool, _convert, _pieces(jobs), threads + 1):
            job = part.job
            job.writer.write(part.planes)
            job.writer.max_error = max(job.writer.max_error, part.error)
            if job.statistics is not None:
                job.statistics.add(part.sampled, part.values)
            done += sum(p.nbytes for p in part.planes)
            if progress is not None:
                progress(done, total)
        writer.set_contact_sheet(sheet_drawing.draw(sheet))
        for name, data in {**ckpt.resources(), **resources}.items():
            writer.add_resource(name, data)
        digest = hashing.result()
        writer.header["spec"] = spec
        writer.header["tokenizer"] = tokenizer
        writer.header["source"] = {
            "name": title,
            "kind": ckpt.kind,
            "file": ckpt.path.name,
            "sha256": digest,
            "quant": quant,
        }
        writer.header["licence"] = ckpt.licence()
        writer.finish()
    path = Path(out)
    return ImportReport(path, _report(writers.values()), path.stat().st_size, digest, time.perf_counter() - began)


def model_name(ckpt: Checkpoint) -> str:
    """What the checkpoint calls itself, or its file's or folder's name."""
    stated = ckpt.metadata.get("general.name")
    if not stated and isinstance(config := ckpt.metadata.get("config"), Mapping):
        stated = str(config.get("_name_or_path") or "").rstrip("/").rpartition("/")[2]
    name = stated if isinstance(stated, str) and stated.strip() else ckpt.path.resolve().name
    for ending in (".gguf", ".safetensors"):
        name = name.removesuffix(ending)
    return "".join(c if c.isprintable() else " " for c in name).strip()[:80]


def _refuse_source(ckpt: Checkpoint, out: Path) -> None:
    """Overwriting a file of the checkpoint with its import would lose it."""
    sources = [ckpt.path]
    if ckpt.kind == "safetensors":
        folder = ckpt.path if ckpt.path.is_dir() else ckpt.path.parent
        sources += [*folder.glob("*.safetensors"), *(folder / name for name in (*SIDE_FILES, INDEX_FILE))]
    # os.path, because Path.exists raises for a name that is too long.
    if os.path.exists(out) and any(source.exists() and out.samefile(source) for source in sources):  # noqa: PTH110
        raise InvalidArgumentError("is a part of the checkpoint itself", file=out, remedy="choose another name")


def _chosen(ckpt: Checkpoint, names: Mapping[str, str]) -> dict[str, SourceTensor]:
    """Canonical name -> tensor, in the checkpoint's order, so that its file is read from front to back."""
    for source_name in names:
        if source_name not in ckpt.tensors:
            raise NotFoundError("no such tensor", file=ckpt.path, part=source_name)
    chosen: dict[str, SourceTensor] = {}
    for source_name, source in ckpt.tensors.items():
        if source_name not in names:
            continue
        if names[source_name] in chosen:
            raise InvalidArgumentError("two tensors of the source have this name", part=names[source_name])
        chosen[names[source_name]] = source
    if not chosen:
        raise InvalidArgumentError("no tensor is to be imported", file=ckpt.path, part="names")
    return chosen


def _pieces(jobs: Iterable[_Job]) -> Iterator[tuple[_Job, int, int]]:
    for job in jobs:
        rows = job.writer.n_rows
        step = max(1, CHUNK // job.source.shape[-1])
        for start in range(0, rows, step):
            yield job, start, min(rows, start + step)


def _convert(piece: tuple[_Job, int, int]) -> _Part:
    """Read rows, quantise them when asked, and take the samples for the contact sheet. Runs in the pool."""
    job, start, stop = piece
    source, enc = job.source, job.encoding
    rows: NDArray[np.float32] | None = None
    error = 0.0
    if enc != source.native:
        rows = source.rows(start, stop)
        planes, error = quantise_rows(enc, rows, name=source.name)
    else:
        planes = source.planes(start, stop)
        if not source.lossless:
            rows = source.rows(start, stop)
            error = _largest_difference(decode_rows(enc, planes), rows)
            if not np.isfinite(error):
                raise InvalidArgumentError(
                    f"has finite weights that {enc.name} cannot hold", part=source.name, remedy="use another --quant"
                )
    if job.statistics is None:
        return _Part(job, planes, np.empty(0, np.int64), np.empty((0, 0), np.float32), error)
    sampled = job.statistics.wanted(start, stop)
    local = sampled - start
    values = rows[local] if rows is not None else decode_rows(enc, tuple(p[local] for p in planes))
    return _Part(job, planes, sampled, values, error)


def _largest_difference(stored: NDArray[np.float32], meant: NDArray[np.float32]) -> float:
    """Largest |stored - meant| where `meant` is finite; NaN or infinite where `stored` is not. Overwrites `stored`."""
    with np.errstate(invalid="ignore", over="ignore"):
        np.subtract(stored, meant, out=stored)
    np.abs(stored, out=stored)
    worst = float(stored.max(initial=0.0))
    if np.isfinite(worst):
        return worst
    odd = ~np.isfinite(meant)
    stored[odd] = 0.0
    return float(stored.max(initial=0.0))


def _in_order(pool: ThreadPoolExecutor, work: Callable[[_T], _R], items: Iterable[_T], depth: int) -> Iterator[_R]:
    """`map` over the pool with at most `depth` results waiting, so that memory stays bounded."""
    waiting: deque[Future[_R]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) >= depth:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


class _BackgroundHash:
    """The source's SHA-256, computed beside the import. Leaving the block stops it."""

    def __init__(self, ckpt: Checkpoint) -> None:
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(1, "sha256")
        self._future = self._pool.submit(ckpt.sha256, self._tick)

    def _tick(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise PixelLLMError("stopped")

    def result(self) -> str:
        """The digest, waiting for it."""
        return self._future.result()

    def __enter__(self) -> _BackgroundHash:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True)


def _report(writers: Iterable[TensorWriter]) -> dict[str, EncodingReport]:
    out: dict[str, EncodingReport] = {}
    for w in writers:
        old = out.get(w.encoding.name, EncodingReport(0, 0, 0.0))
        out[w.encoding.name] = EncodingReport(old.tensors + 1, old.bytes + w.nbytes, max(old.max_error, w.max_error))
    return out
