"""Reads safetensors: one file, or a Hugging Face folder of shards, in ranges of rows through `pread`.

Nothing is mapped, so resident memory is what the caller asks for and no more, whatever the size of the checkpoint.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import (
    InvalidArgumentError,
    NotFoundError,
    SafetensorsFormatError,
    StorageError,
    UnsupportedError,
)
from pixel_llm.formats.checkpoint import Progress
from pixel_llm.formats.encodings import BF16, F16, F32, Encoding, decode_rows
from pixel_llm.formats.safetensors_header import HeaderEntry, load_json, pread_into, read_header

INDEX_FILE: Final = "model.safetensors.index.json"
MAX_SHARDS: Final = 4096
MAX_SIDE_FILE: Final = 128 << 20

SIDE_FILES: Final = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "tokenizer.model",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
    "chat_template.json",
    "LICENSE",
    "LICENSE.txt",
    "NOTICE",
    "README.md",
)
"""Files of a Hugging Face folder that are kept verbatim and restored by the exporter."""

_NATIVE: Final = {"F32": F32, "F16": F16, "BF16": BF16}
_HASH_BYTES: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class _Shard:
    path: Path
    fd: int
    size: int


@dataclass(frozen=True, slots=True)
class SafetensorsTensor:
    """A `SourceTensor`. F32, F16, BF16 of one or two axes can be read; others raise `UnsupportedError` when read."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    _entry: HeaderEntry
    _shard: _Shard

    @property
    def native(self) -> Encoding:
        """The plain float of the same type."""
        native = _NATIVE.get(self.dtype)
        if native is None:
            raise UnsupportedError(
                f"{self.dtype} tensors cannot be imported", file=self._shard.path, part=self.name, remedy=_DTYPE_REMEDY
            )
        if len(self.shape) not in (1, 2) or 0 in self.shape:
            raise UnsupportedError(
                f"shape {self.shape} is not one or two positive sizes", file=self._shard.path, part=self.name
            )
        return native

    @property
    def lossless(self) -> bool:
        """True: plain floats are kept as they are."""
        return self.native.group == 0

    def planes(self, start: int, stop: int) -> tuple[NDArray[Any], ...]:
        """Rows start:stop as (rows, columns) of float32, float16, or uint16 for BF16."""
        native = self.native
        rows, cols = self.shape if len(self.shape) == 2 else (1, self.shape[0])
        if not 0 <= start <= stop <= rows:
            raise InvalidArgumentError(f"rows {start}:{stop} of {rows}", file=self._shard.path, part=self.name)
        dtype = np.dtype({"F32": "<f4", "F16": "<f2", "BF16": "<u2"}[self.dtype])
        out = np.empty((stop - start, cols), dtype)
        if out.size:
            stride = cols * (native.bits // 8)
            raw = memoryview(out.view(np.uint8).reshape(-1).data)
            pread_into(self._shard.path, self._shard.fd, raw, self._entry.offset + start * stride)
        return (out,)

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Rows start:stop as float32 (rows, columns), exactly."""
        return decode_rows(self.native, self.planes(start, stop))


def _front_matter(text: str) -> list[str]:
    """The lines between a first line `---` and the next one."""
    lines = [line.rstrip() for line in text.split("\n")]
    return lines[1 : lines.index("---", 1)] if lines[0] == "---" and "---" in lines[1:] else []


_DTYPE_REMEDY: Final = "convert the checkpoint to F32, F16 or BF16"


class SafetensorsCheckpoint:
    """A `Checkpoint` of safetensors: a folder with config.json and one or more shards, or a single file.

    `metadata` holds "config" (from config.json, {} beside a lone file without one) and, where present,
    "generation_config" and "tokenizer_config". Raises `NotFoundError` (no weights, a shard of the index missing),
    `SafetensorsFormatError`, `UnsupportedError`, `StorageError`.
    """

    kind: Literal["gguf", "safetensors"] = "safetensors"

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.folder = self.path if self.path.is_dir() else self.path.parent
        self._files = ExitStack()
        try:
            names, weight_map = self._shard_names()
            tensors: dict[str, SafetensorsTensor] = {}
            self._shards = [self._open(self.folder / name) for name in names]
            for shard in self._shards:
                entries, _ = read_header(shard.path, shard.fd)
                for e in entries.values():
                    if e.name in tensors:
                        self._fail(shard.path, e.name, f"is also in {tensors[e.name]._shard.path.name}")
                    tensors[e.name] = SafetensorsTensor(e.name, e.shape, e.dtype, e, shard)
            self._check_map(weight_map, tensors)
            self.tensors: Mapping[str, SafetensorsTensor] = MappingProxyType(tensors)
            self.metadata: Mapping[str, Any] = MappingProxyType(self._load_metadata())
        except BaseException:
            self._files.close()
            raise

    def _shard_names(self) -> tuple[list[str], dict[str, str] | None]:
        """The shards' file names in order and the index's weight map, where there is an index."""
        if not self.path.is_dir():
            if re.search(r"-\d{5}-of-\d{5}\.safetensors\Z", self.path.name):
                self._fail(self.path, "file", "is one shard of several", "give the folder that holds them all")
            return [self.path.name], None
        index = self.folder / INDEX_FILE
        if index.is_file():
            weight_map = self._weight_map(index)
            names = list(dict.fromkeys(sorted(weight_map.values())))
            missing = [n for n in names if not (self.folder / n).is_file()]
            if missing:
                more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
                raise NotFoundError(f"shard {missing[0]}{more} is missing", file=self.path, remedy="download it too")
            return names, weight_map
        found = sorted(p.name for p in self.folder.glob("*.safetensors") if p.is_file())
        if "model.safetensors" in found:
            found = ["model.safetensors"]
        if not found:
            raise NotFoundError("has no .safetensors file", file=self.path, remedy="give a folder with weights")
        if len(found) > 1:
            self._fail(self.path, INDEX_FILE, f"is missing, and there are {len(found)} .safetensors files")
        return found, None

    def _weight_map(self, index: Path) -> dict[str, str]:
        value = load_json(self._side_file(index), index, "index")
        weight_map = value.get("weight_map") if isinstance(value, dict) else None
        if not isinstance(weight_map, dict) or not weight_map:
            self._fail(index, "weight_map", "is not an object of file names")
        for name, shard in weight_map.items():
            ok = isinstance(shard, str) and re.match(r"[\w.\-]+\.safetensors\Z", shard) and not shard.startswith(".")
            if not ok:
                self._fail(index, name, f"{shard!r:.80} is not the name of a .safetensors file in this folder")
        if len(set(weight_map.values())) > MAX_SHARDS:
            self._fail(index, "weight_map", f"names more than {MAX_SHARDS} files")
        return weight_map

    def _check_map(self, weight_map: dict[str, str] | None, tensors: Mapping[str, SafetensorsTensor]) -> None:
        if weight_map is None:
            return
        index = self.folder / INDEX_FILE
        for name, shard in weight_map.items():
            if name not in tensors or tensors[name]._shard.path.name != shard:
                self._fail(index, name, f"is not in {shard}, where weight_map says it is")
        for name, tensor in tensors.items():
            if name not in weight_map:
                self._fail(index, name, f"is in {tensor._shard.path.name}, but not in weight_map")

    def _open(self, path: Path) -> _Shard:
        try:
            # O_NONBLOCK: a FIFO must not hang the program; its size is 0, which is no header.
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            raise NotFoundError("does not exist", file=path) from None
        except OSError as error:
            raise StorageError(f"cannot be read: {error.strerror}", file=path) from error
        self._files.callback(os.close, fd)
        return _Shard(path, fd, os.fstat(fd).st_size)

    def _load_metadata(self) -> dict[str, Any]:
        out: dict[str, Any] = {} if (self.folder / "config.json").is_file() else {"config": {}}
        for key in ("config", "generation_config", "tokenizer_config"):
            path = self.folder / f"{key}.json"
            if path.is_file():
                value = load_json(self._side_file(path), path, key)
                if not isinstance(value, dict):
                    self._fail(path, key, "is not a JSON object")
                out[key] = value
        return out

    def _side_file(self, path: Path) -> bytes:
        try:
            if path.stat().st_size > MAX_SIDE_FILE:
                self._fail(path, "file", f"is larger than {MAX_SIDE_FILE >> 20} MiB")
            return path.read_bytes()
        except OSError as error:
            raise StorageError(f"cannot be read: {error.strerror}", file=path) from error

    def resources(self) -> dict[str, bytes]:
        """Each of `SIDE_FILES` that the folder holds, as "source/NAME"."""
        paths = (self.folder / name for name in SIDE_FILES)
        return {f"source/{path.name}": self._side_file(path) for path in paths if path.is_file()}

    def licence(self) -> str | None:
        """What README.md's front matter says after `license:`, else the first line of LICENSE, else None."""
        readme = self.folder / "README.md"
        if readme.is_file():
            text = self._side_file(readme).decode("utf-8", "replace")
            for line in _front_matter(text):
                if found := re.fullmatch(r"license:[ \t]*([^\s#][^#]{0,199})(#.*)?", line):
                    return found.group(1).strip().strip("\"'")
        for name in ("LICENSE", "LICENSE.txt"):
            if (self.folder / name).is_file():
                text = self._side_file(self.folder / name)[:4096].decode("utf-8", "replace")
                return next((line.strip()[:200] for line in text.splitlines() if line.strip()), None)
        return None

    def sha256(self, progress: Progress | None = None) -> str:
        """The file's SHA-256; of several shards, the SHA-256 of the text that `sha256sum *.safetensors` prints."""
        total, done = sum(s.size for s in self._shards), [0] * len(self._shards)

        def digest(i: int) -> str:
            shard, state, buffer = self._shards[i], hashlib.sha256(), memoryview(bytearray(_HASH_BYTES))
            for offset in range(0, shard.size, _HASH_BYTES):
                part = buffer[: min(_HASH_BYTES, shard.size - offset)]
                pread_into(shard.path, shard.fd, part, offset)
                state.update(part)
                done[i] = offset + len(part)
                if progress is not None:
                    progress(sum(done), total)
            return state.hexdigest()

        if len(self._shards) == 1:
            return digest(0)
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            digests = list(pool.map(digest, range(len(self._shards))))
        lines = (f"{d}  {s.path.name}\n" for d, s in zip(digests, self._shards, strict=True))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def nbytes(self) -> int:
        """Bytes of all weight files."""
        return sum(s.size for s in self._shards)

    def close(self) -> None:
        """Close the files."""
        self._files.close()

    @staticmethod
    def _fail(path: Path, part: str, message: str, remedy: str | None = None) -> NoReturn:
        raise SafetensorsFormatError(message, file=path, part=part, remedy=remedy)
