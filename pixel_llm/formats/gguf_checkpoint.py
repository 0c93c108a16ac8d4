"""GGUFCheckpoint: a GGUF file as a checkpoint, read in ranges of rows so that memory does not grow with the model."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError, NotFoundError, StorageError, UnsupportedError
from pixel_llm.formats.checkpoint import Progress
from pixel_llm.formats.encodings import F32, Encoding, Planes
from pixel_llm.formats.ggml_blocks import dequantise, overflows, to_planes
from pixel_llm.formats.gguf_reader import GGUFHeader, TensorInfo, pread, read_header_from

_CHUNK: Final = 1 << 22  # bytes of blocks looked at a time
MAX_GAP_BYTES: Final = 1 << 28  # bytes between tensors in all, zero or not
_MAX_KEPT_GAPS: Final = 1 << 20


class GGUFTensor:
    """A tensor of a GGUF file; implements `checkpoint.SourceTensor`.

    `planes` and `rows` always give matrices: a vector is one row. Where it is not `lossless`, they differ by the
    rounding of the scales alone.
    """

    def __init__(self, checkpoint: GGUFCheckpoint, info: TensorInfo) -> None:
        self._checkpoint, self._info = checkpoint, info
        self._lock = threading.Lock()
        self._native: Encoding | None = None

    @property
    def name(self) -> str:
        """The name in the file."""
        return self._info.name

    @property
    def shape(self) -> tuple[int, ...]:
        """NumPy order: (out, in), or (n,)."""
        return self._info.shape

    @property
    def dtype(self) -> str:
        """GGML's name of the type: "F32", "Q4_K", ..."""
        return self._info.type.name

    @property
    def lossless(self) -> bool:
        """Whether `native` holds the blocks bit for bit."""
        self._readable()
        return self._info.type.lossless

    @property
    def native(self) -> Encoding:
        """The encoding that holds it best.

        For a K-quant the first call reads the tensor once: where one of its scales is beyond float16, it is stored as
        the float32 values that ggml gives it.
        """
        self._readable()
        with self._lock:
            if self._native is None:
                self._native = self._choose()
            return self._native

    def planes(self, start: int, stop: int) -> Planes:
        """Rows start:stop in the native encoding."""
        native = self.native
        raw = self._raw(start, stop)
        if native is F32 and self.dtype != "F32":
            return (dequantise(self._info.type, raw),)
        return to_planes(self._info.type, raw)

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Rows start:stop as the float32 values that ggml gives them."""
        self._readable()
        return dequantise(self._info.type, self._raw(start, stop))

    def _choose(self) -> Encoding:
        kind = self._info.type
        assert kind.encoding is not None
        if kind.k_quant is None:
            return kind.encoding
        height = self._height
        step = max(1, _CHUNK // self._row_bytes)
        steps = ((start, min(start + step, height)) for start in range(0, height, step))
        return F32 if any(overflows(kind, self._raw(*part)) for part in steps) else kind.encoding

    @property
    def _height(self) -> int:
        return 1 if len(self.shape) == 1 else self.shape[0]

    @property
    def _row_bytes(self) -> int:
        return self._info.type.row_bytes(self.shape[-1])

    def _raw(self, start: int, stop: int) -> NDArray[np.uint8]:
        if not 0 <= start <= stop <= self._height:
            raise InvalidArgumentError(f"rows {start}:{stop} are not within 0:{self._height}", part=self.name)
        size = self._row_bytes
        data = self._checkpoint._read(self._info.offset + start * size, (stop - start) * size)
        return np.frombuffer(data, np.uint8).reshape(stop - start, size)

    def _readable(self) -> None:
        part = f"tensor {self.name!r}"
        if self._info.type.encoding is None:
            raise UnsupportedError(
                f"has type {self.dtype}, which Pixel-LLM does not read",
                file=self._checkpoint.path,
                part=part,
                remedy="take a file quantised as Q4_0 to Q8_0 or Q2_K to Q6_K",
            )
        if len(self.shape) > 2:
            raise UnsupportedError(f"has {len(self.shape)} axes", file=self._checkpoint.path, part=part)


class GGUFCheckpoint:
    """A GGUF file (version 2 or 3); implements `checkpoint.Checkpoint`.

    Opening parses the header alone. Rows are read with `pread`, so any number of threads may read at once.
    """

    kind: Literal["gguf"] = "gguf"

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Raises `GGUFFormatError`, `UnsupportedError` (a part of a split model), `NotFoundError`, `StorageError`."""
        self.path = Path(path)
        try:
            # O_NONBLOCK: a FIFO must not hang the program; its size is 0, which is no header.
            self._fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_BINARY", 0))
        except FileNotFoundError as e:
            raise NotFoundError("no such file", file=path) from e
        except OSError as e:
            raise StorageError(f"cannot be read: {e.strerror}", file=path) from e
        try:
            self.header: GGUFHeader = read_header_from(self._fd, self.path)
            if "split.count" in self.header.keys and self.header.keys["split.count"].value not in (0, 1):
                raise UnsupportedError(
                    "is one part of a split model", file=path, remedy="join the parts with `llama-gguf-split --merge`"
                )
        except BaseException:
            self.close()
            raise
        self.tensors: Mapping[str, GGUFTensor] = MappingProxyType(
            {name: GGUFTensor(self, info) for name, info in self.header.tensors.items()}
        )

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """Key -> Python value; arrays are lists."""
        return self.header.metadata

    def resources(self) -> dict[str, bytes]:
        """What `export_gguf` needs to write this very file again.

        "source/gguf_header": the bytes from 0 to the end of the tensor infos. "source/gguf_layout": a JSON object of
        the file's `size` and its `gaps`, [offset, base64] for each run of bytes that belongs to no tensor and is not
        zero; `gaps` is null where those are more than 1 MiB, and then the file cannot be written again byte for byte.
        """
        layout = {"size": self.header.file_size, "gaps": self._gaps()}
        return {"source/gguf_header": self.header.raw, "source/gguf_layout": json.dumps(layout).encode()}

    def _gaps(self) -> list[tuple[int, str]] | None:
        kept: list[tuple[int, str]] = []
        total, end = 0, len(self.header.raw)
        if self.header.file_size - end - sum(t.nbytes for t in self.header.tensors.values()) > MAX_GAP_BYTES:
            return None
        ranges = sorted((t.offset, t.offset + t.nbytes) for t in self.header.tensors.values())
        for start, stop in [*ranges, (self.header.file_size, 0)]:
            for at in range(end, start, _CHUNK):
                data = self._read(at, min(_CHUNK, start - at))
                if data.count(0) == len(data):
                    continue
                total += len(data)
                if total > _MAX_KEPT_GAPS:
                    return None
                kept.append((at, base64.b64encode(data).decode()))
            end = stop
        return kept

    def licence(self) -> str | None:
        """`general.license`, else its name or link, where the file states one; of a whole text, its first line."""
        for key in ("general.license", "general.license.name", "general.license.link"):
            value = self.metadata.get(key)
            if isinstance(value, str) and value.strip():
                return value.strip().splitlines()[0][:200]
        return None

    def sha256(self, progress: Progress | None = None) -> str:
        """SHA-256 of the file, hexadecimal."""
        digest = hashlib.sha256()
        total = self.header.file_size
        for at in range(0, total, _CHUNK):
            digest.update(self._read(at, min(_CHUNK, total - at)))
            if progress is not None:
                progress(min(at + _CHUNK, total), total)
        return digest.hexdigest()

    def _read(self, offset: int, length: int) -> bytes:
        if self._fd < 0:
            raise InvalidArgumentError("the checkpoint is closed", file=self.path)
        return pread(self._fd, offset, length, self.path)

    def close(self) -> None:
        """Close the file. Twice is fine."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
