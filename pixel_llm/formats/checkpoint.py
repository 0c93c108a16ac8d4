"""What an importer reads from: a checkpoint of named tensors, whatever file format holds it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import NotFoundError, StorageError, UnsupportedError
from pixel_llm.formats.encodings import Encoding

Progress = Callable[[int, int], None]
"""Called as progress(done_bytes, total_bytes)."""


@runtime_checkable
class SourceTensor(Protocol):
    """A weight of a checkpoint, read in ranges of rows. A 1-D tensor is one row.

    Reading one that the format allows and Pixel-LLM cannot hold raises `UnsupportedError`; so do `native` and
    `lossless`. Methods may be called from several threads at once.
    """

    @property
    def name(self) -> str:
        """The source's name for it."""
        ...

    @property
    def shape(self) -> tuple[int, ...]:
        """NumPy order: (out, in), or (n,)."""
        ...

    @property
    def dtype(self) -> str:
        """The source's name for its type: "F32", "BF16", "Q4_0", ..."""
        ...

    @property
    def native(self) -> Encoding:
        """The encoding that it gets when nothing is quantised."""
        ...

    @property
    def lossless(self) -> bool:
        """Whether `native` holds it exactly."""
        ...

    def planes(self, start: int, stop: int) -> tuple[NDArray[Any], ...]:
        """Rows start:stop in the native encoding, in the order of `plane_specs(native, shape)`."""
        ...

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Rows start:stop as float32 (rows, columns), dequantised exactly as the source format defines."""
        ...


@runtime_checkable
class Checkpoint(Protocol):
    """A model as somebody published it. `close` it when done."""

    @property
    def kind(self) -> Literal["gguf", "safetensors"]:
        """The file format."""
        ...

    @property
    def path(self) -> Path:
        """The file or folder."""
        ...

    @property
    def tensors(self) -> Mapping[str, SourceTensor]:
        """Every tensor, in the source's order."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]:
        """GGUF: key -> Python value. safetensors: "config"; where present, "generation_config", "tokenizer_config"."""
        ...

    def resources(self) -> dict[str, bytes]:
        """Verbatim bytes, named "source/...", from which an exporter restores what is not a tensor."""
        ...

    def licence(self) -> str | None:
        """The licence that the checkpoint states (an SPDX identifier where it uses one), or None."""
        ...

    def sha256(self, progress: Progress | None = None) -> str:
        """SHA-256 of the source in hexadecimal."""
        ...

    def close(self) -> None:
        """Release files and maps."""
        ...


def open_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Open a GGUF file, a safetensors file or a Hugging Face folder; which one it is, the content says.

    Raises `NotFoundError`, `StorageError`, `UnsupportedError` (something else), and the reader's `FormatError`.
    """
    path = Path(path)
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
        return _open_folder(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnsupportedError("is not a regular file", file=path)  # reading a FIFO would wait for ever
        with path.open("rb") as file:
            head = file.read(16)
    except FileNotFoundError:
        raise NotFoundError("does not exist", file=path) from None
    except OSError as error:
        raise StorageError(f"cannot be read: {error.strerror}", file=path) from error
    if head[:4] == b"GGUF":
        from pixel_llm.formats.gguf_checkpoint import GGUFCheckpoint

        return GGUFCheckpoint(path)
    if head[8:9] == b"{":
        from pixel_llm.formats.safetensors_reader import SafetensorsCheckpoint

        return SafetensorsCheckpoint(path)
    if head[:4] == b"II\x2b\x00":
        raise UnsupportedError("is a TIFF or .pxi file, not a checkpoint", file=path, remedy="a .pxi needs no import")
    if head[:2] in (b"PK", b"\x80\x02"):
        raise UnsupportedError(
            "looks like a PyTorch pickle, which can run code when it is read",
            file=path,
            remedy="convert it to safetensors first",
        )
    raise UnsupportedError("is neither GGUF nor safetensors", file=path)


def _open_folder(path: Path) -> Checkpoint:
    from pixel_llm.formats.safetensors_reader import SafetensorsCheckpoint

    if not (path / "config.json").is_file():
        found = sorted(path.glob("*.gguf"))
        remedy = f"give the file itself, for example {found[0].name}" if found else "give a Hugging Face model folder"
        raise NotFoundError("has no config.json", file=path, remedy=remedy)
    return SafetensorsCheckpoint(path)
