"""A model file back to safetensors: a Hugging Face folder, in one file or in shards.

A model that came from safetensors and lost nothing gets the same tensors again: names, types, shapes and bytes,
beside the verbatim config.json, tokenizer.json and so on. Grouped codes are written as the floats that they mean.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from pixel_llm.core import durable
from pixel_llm.core.durable import DurableFile
from pixel_llm.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError, StorageError
from pixel_llm.formats.checkpoint import Progress
from pixel_llm.formats.encodings import BF16, F16, F32, Encoding, decode_rows, encode_rows
from pixel_llm.formats.model_file import ModelFile, Tensor
from pixel_llm.formats.safetensors_reader import INDEX_FILE, SIDE_FILES

FloatType = Literal["F32", "F16", "BF16"]
SHARD_BYTES: Final = 5_000_000_000  # what huggingface_hub and transformers cut at
_ENCODINGS: Final[dict[str, Encoding]] = {"F32": F32, "F16": F16, "BF16": BF16}
_DTYPES: Final = {encoding.name: dtype for dtype, encoding in _ENCODINGS.items()}
_CHUNK: Final = 1 << 21  # weights written at a time
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_][\w.\-]{0,199}\Z")


@dataclass(frozen=True, slots=True)
class SafetensorsExportReport:
    """`files`: written, weights first. `types`: dtype -> tensors. `decoded`: tensors that were grouped codes."""

    path: Path
    files: tuple[str, ...]
    nbytes: int
    types: dict[str, int]
    decoded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Output:
    """One tensor of the folder to be."""

    name: str
    dtype: str
    tensor: Tensor
    order: NDArray[np.intp] | None
    added: float

    @property
    def nbytes(self) -> int:
        return int(np.prod(self.tensor.shape)) * _ENCODINGS[self.dtype].bits // 8


def export_safetensors(
    model: ModelFile,
    out: str | os.PathLike[str],
    *,
    names: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    row_order: Mapping[str, NDArray[np.intp]] | None = None,
    added: Mapping[str, float] | None = None,
    dtype: FloatType = "F16",
    shard_bytes: int = SHARD_BYTES,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> SafetensorsExportReport:
    """Write `model` as the folder `out`, through a temporary one that takes its place when it is complete.

    For a model that came from safetensors leave the mappings out. For another, `names` maps canonical names to the
    tensors' names in the folder (a tensor that it lacks is left out) and `files` holds config.json and its like by
    name; `row_order`: row i is the model's row `order[i]` (elements of a vector); `added`: a number added to each
    weight of a tensor. `dtype` is for grouped codes; plain floats keep their type. More than `shard_bytes` of weights
    are cut.

    Raises `InvalidArgumentError`, `AlreadyExistsError` (`overwrite` replaces only what an export could have written),
    `IntegrityError`, `StorageError`.
    """
    target = Path(os.path.abspath(out))  # noqa: PTH100 - resolve() would follow a link that is to be replaced
    if dtype not in _ENCODINGS:
        raise InvalidArgumentError(f"{dtype!r} is not F32, F16 or BF16", part="dtype")
    if shard_bytes < 1:
        raise InvalidArgumentError(f"{shard_bytes} is not a positive size", part="shard_bytes")
    if names is None:
        if model.source.get("kind") != "safetensors":
            raise InvalidArgumentError(
                "did not come from safetensors: tensor names and config.json must be given", file=model.path
            )
        names = {name: tensor.source_name for name, tensor in model.tensors.items()}
    if files is None:
        kept = (name for name in SIDE_FILES if f"source/{name}" in model.resources)
        files = {name: model.resource(f"source/{name}") for name in kept}
    row_order, added = row_order or {}, added or {}
    outputs = _outputs(model, names, row_order, added, dtype)
    for name in files:
        if not _FILE_NAME.match(name) or name.endswith((".safetensors", INDEX_FILE)):
            raise InvalidArgumentError("cannot name a file beside the weights", part=name)
    _check_target(target, overwrite)
    shards = _shards(outputs, shard_bytes)
    total = sum(o.nbytes for o in outputs)
    temporary = target.parent / f".{target.name}-{os.getpid()}-{secrets.token_hex(6)}.tmp"
    try:
        temporary.mkdir()
    except FileNotFoundError:
        raise NotFoundError("the folder does not exist", file=target.parent, remedy="create it first") from None
    except OSError as error:
        raise StorageError(f"cannot be created: {error.strerror}", file=temporary) from error
    try:
        done = 0
        for file_name, members in shards.items():
            done = _write_shard(temporary / file_name, members, done, total, progress)
        if len(shards) > 1:
            weight_map = {o.name: file_name for file_name, members in shards.items() for o in members}
            index = {"metadata": {"total_size": total}, "weight_map": weight_map}
            files = {INDEX_FILE: json.dumps(index, indent=2).encode(), **files}
        for file_name, data in files.items():
            _write_file(temporary / file_name, data)
        durable.sync_directory(temporary)
        _publish(temporary, target, overwrite)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return SafetensorsExportReport(
        target,
        (*shards, *files),
        total,
        dict(Counter(o.dtype for o in outputs)),
        tuple(o.name for o in outputs if o.tensor.encoding.group),
    )


def _outputs(
    model: ModelFile,
    names: Mapping[str, str],
    row_order: Mapping[str, NDArray[np.intp]],
    added: Mapping[str, float],
    dtype: str,
) -> list[_Output]:
    for what, mapping in (("names", names), ("row_order", row_order), ("added", added)):
        if unknown := sorted(mapping.keys() - model.tensors.keys()):
            raise InvalidArgumentError("no such tensor in the model", file=model.path, part=f"{what}: {unknown[0]}")
    if twice := [name for name, n in Counter(names.values()).items() if n > 1]:
        raise InvalidArgumentError("two tensors would have this name", file=model.path, part=twice[0])
    outputs = []
    for name, tensor in model.tensors.items():
        order = row_order.get(name)
        length = tensor.shape[0]
        if order is not None and not np.array_equal(np.sort(order), np.arange(length)):
            raise InvalidArgumentError(f"is not an order of {length} rows", part=f"row_order: {name}")
        if name in names:
            kept = _DTYPES.get(tensor.encoding.name, dtype)
            outputs.append(_Output(names[name], kept, tensor, order, added.get(name, 0.0)))
    if not outputs:
        raise InvalidArgumentError("no tensor is to be exported", file=model.path, part="names")
    return outputs


def _check_target(target: Path, overwrite: bool) -> None:
    if not os.path.lexists(target):
        return
    if target.is_symlink() or not target.is_dir():
        raise AlreadyExistsError("exists and is not a folder", file=target, remedy="choose another name")
    present = [p.name for p in target.iterdir()]
    if present and not overwrite:
        raise AlreadyExistsError("the folder exists already", file=target, remedy="choose another name or overwrite")
    # Replacing removes what is there, so it must be nothing but an earlier export.
    for name in present:
        if name not in SIDE_FILES and name != INDEX_FILE and not name.endswith(".safetensors"):
            raise AlreadyExistsError(
                f"holds {name}, which no export wrote", file=target, remedy="choose another name or remove it"
            )


def _shards(outputs: Sequence[_Output], most: int) -> dict[str, list[_Output]]:
    """File name -> its tensors, in order; a shard exceeds `most` only where one tensor does."""
    groups: list[list[_Output]] = [[]]
    filled = 0
    for output in outputs:
        if groups[-1] and filled + output.nbytes > most:
            groups.append([])
            filled = 0
        groups[-1].append(output)
        filled += output.nbytes
    if len(groups) == 1:
        return {"model.safetensors": groups[0]}
    return {f"model-{i:05}-of-{len(groups):05}.safetensors": group for i, group in enumerate(groups, 1)}


def _write_shard(path: Path, outputs: Sequence[_Output], done: int, total: int, progress: Progress | None) -> int:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for output in outputs:
        end = offset + output.nbytes
        header[output.name] = {
            "dtype": output.dtype,
            "shape": list(output.tensor.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    raw = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    raw += b" " * (-len(raw) % 8)  # the data begin on a multiple of 8, as the reference implementation has it
    file = DurableFile.create(path)
    try:
        file.write(len(raw).to_bytes(8, "little") + raw, 0)
        offset = 8 + len(raw)
        for output in outputs:
            for data in _values(output):
                file.write(data, offset)
                offset += len(data)
                done += len(data)
                if progress is not None:
                    progress(done, total)
        file.sync()
    finally:
        file.close()
    return done


def _values(output: _Output) -> Iterator[memoryview]:
    """The tensor's bytes in the file."""
    tensor, order, encoding = output.tensor, output.order, _ENCODINGS[output.dtype]
    step = max(1, _CHUNK // tensor.shape[-1])
    for start in range(0, tensor.n_rows, step):
        stop = min(start + step, tensor.n_rows)
        if order is None:
            planes = tensor.plane_rows(start, stop)
        elif len(tensor.shape) == 1:
            planes = (tensor.planes()[0][:, order],)
        else:
            planes = tuple(plane[order[start:stop]] for plane in tensor.planes())
        if encoding != tensor.encoding or output.added:
            rows = decode_rows(tensor.encoding, planes)
            if output.added:
                rows += np.float32(output.added)
            planes = encode_rows(encoding, rows, name=tensor.name)
        yield np.ascontiguousarray(planes[0]).reshape(-1).view(np.uint8).data


def _write_file(path: Path, data: bytes) -> None:
    file = DurableFile.create(path)
    try:
        file.write(data, 0)
        file.sync()
    finally:
        file.close()


def _publish(temporary: Path, target: Path, overwrite: bool) -> None:
    """Put the finished folder in its place. A folder cannot replace a full one, so an old export steps aside first: a
    kill at this moment leaves it complete beside the target, as `.NAME-PID-RANDOM.old`."""
    _check_target(target, overwrite)  # again: an export takes minutes, and somebody may have put something there
    old = None
    if target.exists() and any(target.iterdir()):
        old = temporary.with_suffix(".old")
        durable.rename(target, old)
    try:
        durable.rename(temporary, target)
    except BaseException:
        if old is not None:
            durable.rename(old, target)
        raise
    durable.sync_directory(target.parent)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)
