"""ModelFile: a model in a .pxi file, opened in a time that does not depend on its size."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pixel_llm.core.pxi import PxiFile
from pixel_llm.errors import InvalidArgumentError, NotFoundError, PxiFormatError
from pixel_llm.formats.encodings import Encoding, decode_rows
from pixel_llm.formats.model_index import IndexParser, ModelIndex, ResourceEntry, TensorEntry


@dataclass(frozen=True, slots=True, repr=False)
class Tensor:
    """One weight of an open `ModelFile`; reading it checks the bands it touches, as the container does.

    `shape` is (out, in) or (n,). `source_name` and `source_dtype` are what the checkpoint called it. `max_error` is the
    largest absolute difference between what the source meant and what is stored; 0 where `lossless`.
    """

    _pxi: PxiFile
    _entry: TensorEntry

    @property
    def name(self) -> str:
        """The canonical name."""
        return self._entry.name

    @property
    def shape(self) -> tuple[int, ...]:
        """NumPy order."""
        return self._entry.shape

    @property
    def encoding(self) -> Encoding:
        """How the planes mean values."""
        return self._entry.encoding

    @property
    def source_name(self) -> str:
        """The checkpoint's name for it."""
        return self._entry.source_name

    @property
    def source_dtype(self) -> str:
        """The checkpoint's type of it."""
        return self._entry.source_dtype

    @property
    def lossless(self) -> bool:
        """Whether it holds exactly what the source held."""
        return self._entry.lossless

    @property
    def max_error(self) -> float:
        """Largest absolute error of the import."""
        return self._entry.max_error

    @property
    def pages(self) -> tuple[str, ...]:
        """The container's pages that hold the planes."""
        return self._entry.pages

    @property
    def n_rows(self) -> int:
        """Rows of the planes: 1 for a 1-D tensor."""
        return self.shape[0] if len(self.shape) == 2 else 1

    @property
    def nbytes(self) -> int:
        """Stored bytes of all planes."""
        return sum(self._pxi.pages[page].nbytes for page in self.pages)

    def planes(self) -> tuple[NDArray[Any], ...]:
        """Zero-copy, read-only views of the planes: (rows, width), or (rows, width, 2) for scales with offsets."""
        return tuple(self._pxi.array(page) for page in self.pages)

    def plane_rows(self, start: int, stop: int) -> tuple[NDArray[Any], ...]:
        """Rows start:stop of the planes; only the bands that they touch are checked."""
        if not 0 <= start <= stop <= self.n_rows:
            raise InvalidArgumentError(f"rows {start}:{stop} of {self.n_rows}", file=self._pxi.path, part=self.name)
        return tuple(self._pxi.rows(page, start, stop) for page in self.pages)

    def rows(self, start: int = 0, stop: int | None = None) -> NDArray[np.float32]:
        """Rows start:stop as float32 (rows, columns); a 1-D tensor is one row."""
        return decode_rows(self.encoding, self.plane_rows(start, self.n_rows if stop is None else stop))

    def __repr__(self) -> str:
        return f"Tensor({self.name!r}, shape={self.shape}, encoding={self.encoding.name!r})"


class ModelFile:
    """A model stored in a .pxi container (`specs/pxi_llm_format.md`). Read-only, thread-safe, a context manager.

    Attributes: `pxi`, the container; `spec_json`, what `DecoderSpec.from_json` reads; `tokenizer_json`, the tokenizer's
    settings; `tensors`, canonical name -> `Tensor` in file order; `source`, where it came from (kind, file, sha256,
    bytes, quant); `licence`; `resources`, name -> length.
    """

    def __init__(self, pxi: PxiFile, index: ModelIndex) -> None:
        self.pxi = pxi
        self.spec_json = index.spec
        self.tokenizer_json = index.tokenizer
        self.source = index.source
        self.licence = index.licence
        self.tensors: Mapping[str, Tensor] = MappingProxyType(
            {name: Tensor(pxi, entry) for name, entry in index.tensors.items()}
        )
        self._resources = index.resources

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, verify: bool = True, generation: int | None = None) -> Self:
        """Open a model; the index is checked whole, weights only when they are read (`verify=False`: never).

        `generation` opens a snapshot. Raises `NotFoundError`, `PxiFormatError` (container or model index malformed, or
        no model in it), `UnsupportedError` (a newer format), `IntegrityError` (a damaged index).
        """
        pxi = PxiFile(path, verify=verify, generation=generation)
        try:
            if "model" not in pxi.attributes:
                raise PxiFormatError("holds no model", file=path, remedy="make one with `pixel-llm import`")
            return cls(pxi, IndexParser(path, pxi.pages).parse(pxi.attributes["model"]))
        except BaseException:
            pxi.close()
            raise

    @property
    def path(self) -> Path:
        """The file."""
        return self.pxi.path

    @property
    def resources(self) -> Mapping[str, int]:
        """Resource name -> length in bytes."""
        return {name: entry.length for name, entry in self._resources.items()}

    def resource(self, name: str) -> bytes:
        """The bytes kept under `name`, such as "tokenizer.json".

        Raises `NotFoundError`, `IntegrityError`, and `PxiFormatError` where they do not inflate to what the index says.
        """
        entry = self._resources.get(name)
        if entry is None:
            known = ", ".join(self._resources) or "none"
            raise NotFoundError("no such resource", file=self.path, part=name, remedy=f"it has: {known}")
        data = self.pxi.read_bytes(entry.page)
        return self._inflate(entry, data) if entry.compression == "deflate" else data

    def _inflate(self, entry: ResourceEntry, data: bytes) -> bytes:
        stream = zlib.decompressobj()
        try:
            # One byte more than stated is enough to notice a bomb.
            out = stream.decompress(data, entry.length + 1)
        except zlib.error as error:
            raise PxiFormatError(f"is not a zlib stream ({error})", file=self.path, part=entry.page) from None
        if len(out) != entry.length or not stream.eof or stream.unused_data:
            raise PxiFormatError(f"does not inflate to {entry.length} bytes", file=self.path, part=entry.page)
        return out

    def refuse_target(self, target: Path) -> None:
        """`InvalidArgumentError` where `target` is this very file or the folder that holds it."""
        own = os.path.realpath(self.path)
        if os.path.realpath(target) in (own, os.path.dirname(own)) or (  # noqa: PTH120
            os.path.isfile(target) and os.path.samefile(target, own)  # noqa: PTH113, PTH121 - Path's raise for odd names
        ):
            raise InvalidArgumentError("would replace the model itself", file=target, remedy="choose another name")

    def close(self) -> None:
        """Close the container; views that were handed out stay valid as the container defines."""
        self.pxi.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"ModelFile({str(self.path)!r}, {len(self.tensors)} tensors)"
