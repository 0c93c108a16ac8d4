"""Backends: each runs any `DecoderSpec`. Nothing heavy is imported before a backend is asked for."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Final

from pixel_llm.errors import BackendError, InvalidArgumentError, PxiFormatError
from pixel_llm.models.spec import DecoderSpec

if TYPE_CHECKING:
    from pixel_llm.backends.base import Decoder
    from pixel_llm.formats.model_file import ModelFile

BACKENDS: Final = ("cpu", "reference")


def available_backends() -> tuple[str, ...]:
    """Names that `load_decoder` accepts here, the one that "auto" means first."""
    return tuple(name for name in BACKENDS if name != "cpu" or importlib.util.find_spec("llvmlite") is not None)


def load_decoder(
    model: ModelFile,
    *,
    backend: str = "auto",
    context_length: int | None = None,
    slots: int = 1,
    threads: int | None = None,
    kv_bits: int = 16,
) -> Decoder:
    """Make `model` ready to run.

    `backend` is "cpu", "reference" or "auto" (the fastest available). `context_length` is in tokens, at most (and by
    default) the model's own; `slots` is how many sequences have a KV cache; `threads` is for backends that take it
    (None: they choose). `kv_bits` 8 halves the cpu backend's KV cache and costs some accuracy; the reference backend's
    is float32 always and takes no 8.

    Raises `BackendError` for a backend that is not there, `InvalidArgumentError` for numbers out of range,
    `PxiFormatError` where the tensors do not fit the spec.
    """
    spec = DecoderSpec.from_json(model.spec_json)
    check_tensors(model, spec)
    if context_length is None:
        context_length = spec.context_length
    if type(context_length) is not int or not 1 <= context_length <= spec.context_length:
        raise InvalidArgumentError(
            f"a context of {context_length!r} tokens is outside 1..{spec.context_length}, what the model was made for"
        )
    if type(slots) is not int or not 1 <= slots <= 4096:
        raise InvalidArgumentError(f"{slots!r} slots are outside 1..4096")
    if threads is not None and (type(threads) is not int or not 1 <= threads <= 4096):
        raise InvalidArgumentError(f"{threads!r} threads are outside 1..4096")
    if type(kv_bits) is not int or kv_bits not in (16, 8):
        raise InvalidArgumentError(f"a KV cache of {kv_bits!r} bits", remedy="16 or 8")
    if backend == "auto":
        backend = available_backends()[0]
    if backend == "reference":
        if kv_bits != 16:
            raise InvalidArgumentError(
                f"the reference backend has no KV cache of {kv_bits} bits", remedy="the cpu backend, or 16 bits"
            )
        from pixel_llm.backends.reference.decoder import ReferenceDecoder

        return ReferenceDecoder(model, spec, context_length=context_length, slots=slots)
    if backend == "cpu":
        from pixel_llm.backends.cpu.decoder import CpuDecoder

        return CpuDecoder(model, spec, context_length=context_length, slots=slots, threads=threads, kv_bits=kv_bits)
    if backend == "gpu":
        raise BackendError("the gpu backend is not in this version", remedy="use cpu or reference")
    raise BackendError(f"there is no backend {backend!r}", remedy=f"use one of: auto, {', '.join(BACKENDS)}")


def check_tensors(model: ModelFile, spec: DecoderSpec) -> None:
    """`model` has exactly the tensors that `spec` asks for, in their shapes; `PxiFormatError` names the first fault."""
    wanted = spec.tensor_shapes()
    for name, shape in wanted.items():
        tensor = model.tensors.get(name)
        if tensor is None:
            raise PxiFormatError("tensor is missing", file=model.path, part=name)
        if tuple(tensor.shape) != shape:
            raise PxiFormatError(
                f"has shape {tuple(tensor.shape)}, but the spec asks for {shape}", file=model.path, part=name
            )
    for name in model.tensors:
        if name not in wanted:
            raise PxiFormatError("tensor is not part of the spec", file=model.path, part=name)
