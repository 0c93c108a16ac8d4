"""A model file back to GGUF.

A model that came from a GGUF file and lost nothing becomes that file again, byte for byte (checked by its SHA-256).
Where tensors were transcoded, the source's metadata is kept and the tensors' types change. A model from elsewhere
gets the metadata that the caller passes; what a family's GGUF files do to weights (order of rows, norms plus one) is
passed in too, because it is knowledge about architectures, which this layer has not.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError, PxiFormatError
from pixel_llm.formats.checkpoint import Progress
from pixel_llm.formats.encodings import F16, F32, decode_rows, encode_rows
from pixel_llm.formats.ggml_blocks import BY_NAME, BlockType, codes_fit, from_planes
from pixel_llm.formats.gguf_checkpoint import MAX_GAP_BYTES
from pixel_llm.formats.gguf_reader import parse_header
from pixel_llm.formats.gguf_writer import ALIGNMENT, VERSION, Piece, pack_header, pack_key_value, write_pieces
from pixel_llm.formats.model_file import ModelFile, Tensor

_CHUNK: Final = 1 << 20  # weights written at a time
_LAYOUT_PART: Final = "resource 'source/gguf_layout'"
# GGUF's general.file_type: what most of the weights are.
_FILE_TYPES: Final = {"F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 7, "Q5_0": 8, "Q5_1": 9, "BF16": 32}
_TYPES: Final = {"f32": "F32", "f16": "F16", "bf16": "BF16", "q4": "Q4_0", "q4a": "Q4_1", "q8": "Q8_0"}


@dataclass(frozen=True, slots=True)
class GGUFExportReport:
    """`identical`: the source file again, byte for byte. `types`: GGML type -> tensors. `decoded`: the tensors whose
    encoding GGUF lacks, so that they were written as F16 (or F32)."""

    path: Path
    nbytes: int
    identical: bool
    types: dict[str, int]
    decoded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """One tensor of the file to be: where its weights come from and what is done to them."""

    name: str
    shape: tuple[int, ...]
    kind: BlockType
    tensor: Tensor | NDArray[np.float32]
    order: NDArray[np.intp] | None = None
    added: float = 0.0


def export_gguf(
    model: ModelFile,
    out: str | os.PathLike[str],
    *,
    metadata: Mapping[str, Any] | None = None,
    row_order: Mapping[str, NDArray[np.intp]] | None = None,
    added: Mapping[str, float] | None = None,
    extra: Mapping[str, NDArray[np.float32]] | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> GGUFExportReport:
    """Write `model` as the GGUF file `out`, through a temporary file that takes its place when it is complete.

    For a model that came from GGUF leave the mappings out. For another, `metadata` holds the file's keys and values
    without `general.file_type` and `general.quantization_version`, which are added (types: see `pack_key_value`);
    `row_order` by tensor name: row i of the file is row `order[i]` of the model (elements of a vector); `added`: a
    number added to each weight of a tensor; `extra`: float32 tensors that the model does not have.

    Raises `InvalidArgumentError` for missing metadata or mappings that name no tensor, `AlreadyExistsError`,
    `IntegrityError` (stored weights are damaged), `StorageError`.
    """
    raw = model.resource("source/gguf_header") if "source/gguf_header" in model.resources else None
    if raw is not None:
        if metadata is not None or row_order or added or extra:
            raise InvalidArgumentError("a model from a GGUF file has its own metadata and layout", file=model.path)
        return _export_again(model, Path(out), raw, overwrite, progress)
    if metadata is None:
        raise InvalidArgumentError("did not come from a GGUF file: its GGUF metadata must be given", file=model.path)
    row_order, added, extra = row_order or {}, added or {}, extra or {}
    if unknown := sorted((row_order.keys() | added.keys()) - model.tensors.keys()):
        raise InvalidArgumentError("no such tensor to reorder or add to", file=model.path, part=unknown[0])
    sources: list[_Source] = []
    for name, tensor in model.tensors.items():
        # llama.cpp multiplies and adds vectors as float32 only.
        kind = BY_NAME["F32"] if len(tensor.shape) == 1 or name in added else _type_of(tensor)
        sources.append(_Source(name, tensor.shape, kind, tensor, row_order.get(name), added.get(name, 0.0)))
    sources.extend(_Source(name, array.shape, BY_NAME["F32"], array) for name, array in extra.items())
    keys = {key: pack_key_value(key, value) for key, value in metadata.items()}
    alignment = metadata.get("general.alignment", ALIGNMENT)
    return _write(sources, keys, VERSION, alignment, Path(out), overwrite, progress)


def _export_again(
    model: ModelFile, out: Path, raw: bytes, overwrite: bool, progress: Progress | None
) -> GGUFExportReport:
    size, gaps = _layout(model)
    header = parse_header(raw, size, model.path)
    by_source = {tensor.source_name: tensor for tensor in model.tensors.values()}
    if unknown := sorted(by_source.keys() - header.tensors.keys()):
        raise PxiFormatError("is not in the kept GGUF header", file=model.path, part=f"source tensor {unknown[0]!r}")
    unowned = size - len(raw) - sum(t.nbytes for t in header.tensors.values())
    if unowned > MAX_GAP_BYTES:
        gaps = None
    infos = sorted((t for t in header.tensors.values() if t.name in by_source), key=lambda t: t.offset)
    sources = []
    for info in infos:
        tensor = by_source[info.name]
        kept = tensor.lossless and tensor.source_dtype == info.type.name and tensor.encoding == info.type.encoding
        if tensor.shape != info.shape:
            raise PxiFormatError(f"has shape {tensor.shape}, in the kept GGUF header {info.shape}", part=tensor.name)
        sources.append(_Source(info.name, info.shape, info.type if kept else _type_of(tensor), tensor))
    same = len(infos) == len(header.tensors) and all(s.kind is i.type for s, i in zip(sources, infos, strict=True))
    if not same or gaps is None:
        keys = {key: raw[kv.start : kv.stop] for key, kv in header.keys.items()}
        # Tensor infos keep the source's order, data follows it: readers may expect both to agree.
        order = {name: i for i, name in enumerate(header.tensors)}
        sources.sort(key=lambda s: order[s.name])
        return _write(sources, keys, header.version, header.alignment, out, overwrite, progress)
    spans = [(0, len(raw)), *((at, at + len(data)) for at, data in gaps), (size, size)]
    spans = sorted(spans + [(i.offset, i.offset + i.nbytes) for i in infos])
    if any(start < stop for (_, stop), (start, _) in pairwise(spans)):
        raise PxiFormatError("has bytes where a tensor is", file=model.path, part=_LAYOUT_PART)
    pieces: list[Piece] = [(0, lambda: iter((raw,)))]
    pieces += [(at, partial(iter, (data,))) for at, data in gaps]
    pieces += [(i.offset, partial(_blocks, s)) for s, i in zip(sources, infos, strict=True)]
    pieces.sort(key=lambda piece: piece[0])
    digest = model.source.get("sha256")
    write_pieces(
        out,
        pieces,
        size,
        sha256=digest if isinstance(digest, str) else None,
        overwrite=overwrite,
        progress=progress,
    )
    return _report(out, size, True, sources)


def _layout(model: ModelFile) -> tuple[int, list[tuple[int, bytes]] | None]:
    """The source file's size and the bytes between its tensors that are not zero."""
    try:
        value = json.loads(model.resource("source/gguf_layout"))
        size, stored = value["size"], value["gaps"]
        gaps = None if stored is None else [(int(at), base64.b64decode(data, validate=True)) for at, data in stored]
        if type(size) is not int or size < 0:
            raise ValueError("the size is not a count of bytes")
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, binascii.Error) as e:
        raise PxiFormatError(f"is malformed ({e})", file=model.path, part=_LAYOUT_PART) from e
    return size, gaps


def _write(
    sources: list[_Source],
    keys: dict[str, bytes],
    version: int,
    alignment: int,
    out: Path,
    overwrite: bool,
    progress: Progress | None,
) -> GGUFExportReport:
    weights: Counter[str] = Counter()
    for source in sources:
        weights[source.kind.name] += int(np.prod(source.shape))
    most = weights.most_common(1)[0][0]
    keys = dict(keys)
    if most in _FILE_TYPES:
        keys["general.file_type"] = pack_key_value("general.file_type", _FILE_TYPES[most])
    if any(source.kind.weights > 1 for source in sources):
        keys["general.quantization_version"] = pack_key_value("general.quantization_version", 2)
    header, infos, size = pack_header(
        list(keys.values()), [(s.name, s.shape, s.kind) for s in sources], version=version, alignment=alignment
    )
    pieces: list[Piece] = [(0, lambda: iter((header,)))]
    pieces += [(i.offset, partial(_blocks, s)) for s, i in zip(sources, infos, strict=True)]
    write_pieces(out, pieces, size, overwrite=overwrite, progress=progress)
    return _report(out, size, False, sources)


def _report(out: Path, size: int, identical: bool, sources: list[_Source]) -> GGUFExportReport:
    decoded = tuple(
        s.name for s in sources if isinstance(s.tensor, Tensor) and s.tensor.encoding.group and s.kind.weights == 1
    )
    return GGUFExportReport(out, size, identical, dict(Counter(s.kind.name for s in sources)), decoded)


def _type_of(tensor: Tensor) -> BlockType:
    """The GGML type that holds a stored tensor exactly, else F16 (F32 where a weight is beyond its range)."""
    name = tensor.encoding.name
    if name == "q8" and tensor.source_dtype == "Q5_0" and _fits(tensor, BY_NAME["Q5_0"]):
        return BY_NAME["Q5_0"]
    if name == "q8a" and _fits(tensor, BY_NAME["Q5_1"]):
        return BY_NAME["Q5_1"]
    if name in _TYPES:
        return BY_NAME[_TYPES[name]]
    return BY_NAME["F16" if _below_half_range(tensor) else "F32"]


def _steps(tensor: Tensor) -> Iterator[tuple[int, int]]:
    step = max(1, _CHUNK // tensor.shape[-1])
    for start in range(0, tensor.n_rows, step):
        yield start, min(start + step, tensor.n_rows)


def _fits(tensor: Tensor, kind: BlockType) -> bool:
    return all(codes_fit(kind, tensor.plane_rows(*part)[0]) for part in _steps(tensor))


def _below_half_range(tensor: Tensor) -> bool:
    with np.errstate(invalid="ignore"):
        return not any((np.abs(tensor.rows(*part)) >= 65_520).any() for part in _steps(tensor))


def _blocks(source: _Source) -> Iterator[memoryview]:
    """The bytes of a tensor in the file."""
    tensor, kind, order = source.tensor, source.kind, source.order
    if not isinstance(tensor, Tensor):
        yield np.ascontiguousarray(tensor, np.float32).reshape(-1).view(np.uint8).data
        return
    whole = tensor.planes() if order is not None else ()
    for start, stop in _steps(tensor):
        if order is None:
            planes = tensor.plane_rows(start, stop)
        elif len(tensor.shape) == 1:
            planes = (whole[0][:, order],)
        else:
            planes = tuple(plane[order[start:stop]] for plane in whole)
        if kind.encoding == tensor.encoding and not source.added:
            if kind.name in ("Q5_0", "Q5_1") and not codes_fit(kind, planes[0]):
                raise PxiFormatError(f"has codes that {kind.name} cannot hold", part=f"tensor {tensor.name!r}")
            blocks = from_planes(kind, planes)
        else:
            rows = decode_rows(tensor.encoding, planes)
            if source.added:
                rows += np.float32(source.added)
            assert kind.encoding in (F16, F32)
            blocks = from_planes(kind, encode_rows(kind.encoding, rows, name=tensor.name))
        yield np.ascontiguousarray(blocks).reshape(-1).data
