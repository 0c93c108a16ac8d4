"""The exception tree. Every error that Pixel-LLM raises on purpose is one of these.

PixelLLMError
├── FormatError (ValueError)             bytes break a format's rules
│   ├── PxiFormatError                   a .pxi container or the model index in it
│   ├── GGUFFormatError                  a GGUF file
│   ├── MapFormatError                   an InfiniteMap's database
│   ├── AtlasFormatError                 the atlas of a model
│   ├── SafetensorsFormatError           a safetensors file or a Hugging Face folder
│   ├── TokenizerFormatError             a vocabulary, tokenizer.json or chat template
│   └── TaskFormatError                  a roadmap, a task list or a configuration file of the coach
├── IntegrityError (ValueError)          bytes do not match their SHA-256
├── UnsupportedError (ValueError)        well formed, and beyond what Pixel-LLM does
├── NotFoundError (LookupError)          no such file, tensor, page, snapshot or model name
├── AlreadyExistsError (ValueError)      the target exists and must not be overwritten
├── InvalidArgumentError (ValueError)    a value that a caller or a user gave
│   ├── ContextLengthError               more tokens than the context holds
│   └── TaskStateError                   a task's state does not allow what was asked
├── BusyError (OSError)                  another process is writing the file
├── StorageError (OSError)               the operating system refused to read or write
├── DownloadError (OSError)              the network or the remote side failed
├── BackendError (RuntimeError)          a backend is not available or failed
│   └── GpuError                         the graphics API refused or failed
│       ├── GpuMemoryError (MemoryError) the adapter's memory is too small or exhausted
│       └── GpuLostError                 the device is gone: driver reset, watchdog, unplugged
├── AgentError (RuntimeError)            a writer or reviewer of the coach is not available or failed
└── SandboxError (RuntimeError)          generated code cannot be run safely here

Each message names the file, the part and the remedy where they are known; the three are attributes too.
"""

from __future__ import annotations

import os
from typing import ClassVar


class PixelLLMError(Exception):
    """Base of the tree.

    Attributes: `message` (what is wrong), `file` (path or None), `part` (tensor, page, field, offset or None),
    `remedy` (what to do, or None). `exit_code` is what the command line ends with.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        file: str | os.PathLike[str] | None = None,
        part: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.message = message
        self.file = None if file is None else os.fspath(file)
        self.part = part
        self.remedy = remedy
        super().__init__(message)

    def __str__(self) -> str:
        where = ": ".join(p for p in (self.file, self.part) if p)
        text = f"{where}: {self.message}" if where else self.message
        return f"{text} ({self.remedy})" if self.remedy else text


class FormatError(PixelLLMError, ValueError):
    """Bytes break a format's rules."""

    exit_code = 3


class PxiFormatError(FormatError):
    """A .pxi container, or the model index in it, breaks `specs/pxi_format.md` or `specs/pxi_llm_format.md`."""


class GGUFFormatError(FormatError):
    """A GGUF file breaks the GGUF specification or a cap of ours."""


class MapFormatError(FormatError):
    """A file is not an InfiniteMap's database, or is damaged outside its tiles."""


class AtlasFormatError(FormatError):
    """A file is not the atlas of a model, or breaks the rules of `docs/atlas.md`."""


class SafetensorsFormatError(FormatError):
    """A safetensors file or a Hugging Face folder is malformed."""


class TokenizerFormatError(FormatError):
    """A vocabulary, tokenizer.json or chat template is malformed."""


class TaskFormatError(FormatError):
    """A roadmap, a list of tasks or a configuration file of the coach is malformed."""


class IntegrityError(PixelLLMError, ValueError):
    """Stored bytes do not match their SHA-256."""

    exit_code = 1


class UnsupportedError(PixelLLMError, ValueError):
    """The input is well formed and beyond what Pixel-LLM does: an architecture, a metadata key, an encoding."""

    exit_code = 3


class NotFoundError(PixelLLMError, LookupError):
    """No such file, tensor, page, snapshot or model name."""

    exit_code = 4


class AlreadyExistsError(PixelLLMError, ValueError):
    """The target exists and must not be overwritten."""

    exit_code = 2


class InvalidArgumentError(PixelLLMError, ValueError):
    """A value that a caller or a user gave is out of range or contradicts another."""

    exit_code = 2


class ContextLengthError(InvalidArgumentError):
    """More tokens than the context holds."""


class TaskStateError(InvalidArgumentError):
    """The state of a task in the coach's queue does not allow what was asked of it."""


class BusyError(PixelLLMError, OSError):
    """Another process is writing the file."""

    exit_code = 5


class StorageError(PixelLLMError, OSError):
    """The operating system refused to read or write."""

    exit_code = 5


class DownloadError(PixelLLMError, OSError):
    """The network or the remote side failed, or sent something else than was asked for."""

    exit_code = 5


class BackendError(PixelLLMError, RuntimeError):
    """A backend is not available here or failed while running."""

    exit_code = 5


class GpuError(BackendError):
    """The graphics API refused a call or failed."""


class GpuMemoryError(GpuError, MemoryError):
    """The adapter's memory is too small for what was asked, or exhausted."""


class GpuLostError(GpuError):
    """The device is gone: the driver was reset, a watchdog fired, the adapter was unplugged, or it was closed."""


class AgentError(PixelLLMError, RuntimeError):
    """A writer or reviewer of the coach is not available or failed."""

    exit_code = 5


class SandboxError(PixelLLMError, RuntimeError):
    """Generated code cannot be run safely here."""

    exit_code = 5
