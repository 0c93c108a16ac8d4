"""Backends: each runs any `DecoderSpec`. Nothing heavy is imported before a backend is asked for."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

from pixel_llm.errors import BackendError, InvalidArgumentError, PxiFormatError
from pixel_llm.models.spec import DecoderSpec

if TYPE_CHECKING:
    from pixel_llm.backends.base import Decoder
    from pixel_llm.formats.model_file import ModelFile

BACKENDS: Final = ("cpu", "gpu", "reference")
_NEEDS: Final = {"cpu": "llvmlite", "gpu": "wgpu"}

Progress = Callable[[int, int], None]


def available_backends() -> tuple[str, ...]:
    """Names that `load_decoder` accepts here. Whether there is an adapter for "gpu" shows when it is opened."""
    return tuple(name for name in BACKENDS if name not in _NEEDS or importlib.util.find_spec(_NEEDS[name]) is not None)


def choose_backend(backend: str = "auto", adapter: str | int | None = None) -> str:
    """The backend that a name means.

    "auto" is "gpu" where an `adapter` is named, or where `pixel-llm bench --backend gpu` has measured that the GPU
    which would be taken is faster than the CPU; else "cpu", and "reference" without llvmlite. A software adapter,
    which runs on the processor, is never taken unless it is named.
    """
    if backend != "auto":
        return backend
    available = available_backends()
    if adapter is not None or ("gpu" in available and _gpu_measured_best()):
        return "gpu"
    return "cpu" if "cpu" in available else "reference"


def _gpu_measured_best() -> bool:
    from pixel_llm.backends.gpu.preferences import anything_measured, prefers_gpu

    if not anything_measured():
        return False
    from pixel_llm.backends.gpu.adapter import choose_adapter

    try:
        return prefers_gpu(choose_adapter())
    except BackendError:
        return False


def load_decoder(
    model: ModelFile,
    *,
    backend: str = "auto",
    context_length: int | None = None,
    slots: int = 1,
    threads: int | None = None,
    kv_bits: int = 16,
    adapter: str | int | None = None,
    form: Literal["texture", "buffer"] | None = None,
    progress: Progress | None = None,
) -> Decoder:
    """Make `model` ready to run.

    `backend` is "cpu", "gpu", "reference" or "auto" (see `choose_backend`). `context_length` is in tokens, at most (and
    by default) the model's own; `slots` is how many sequences have a KV cache; `threads` is for backends that take it
    (None: they choose). `kv_bits` 8 halves the cpu backend's KV cache and costs some accuracy; others take no 8.

    For the gpu backend alone: `adapter` is an adapter's index or a part of its name (None: see
    `backends.gpu.choose_adapter`), `form` says whether weights lie in textures or storage buffers (None: what was
    measured to be faster on this adapter, else textures), and `progress` is called with bytes loaded and bytes in all.

    Raises `BackendError` for a backend or adapter that is not there, `GpuMemoryError` where the model does not fit the
    adapter, `InvalidArgumentError` for numbers out of range, `PxiFormatError` where the tensors do not fit the spec.
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
    backend = choose_backend(backend, adapter)
    if backend not in BACKENDS:
        raise BackendError(f"there is no backend {backend!r}", remedy=f"use one of: auto, {', '.join(BACKENDS)}")
    needed = _NEEDS.get(backend)
    if needed is not None and backend not in available_backends():
        raise BackendError(
            f"the {backend} backend needs {needed}, which is not installed",
            remedy=f"`pip install {needed}`, or another backend: {', '.join(available_backends())}",
        )
    if backend != "cpu" and kv_bits != 16:
        raise InvalidArgumentError(
            f"the {backend} backend has no KV cache of {kv_bits} bits", remedy="the cpu backend, or 16 bits"
        )
    if backend != "gpu" and (adapter is not None or form is not None):
        raise InvalidArgumentError(
            f"the {backend} backend takes neither an adapter ({adapter!r}) nor a form ({form!r})",
            remedy="the gpu backend does",
        )
    if backend == "reference":
        from pixel_llm.backends.reference.decoder import ReferenceDecoder

        return ReferenceDecoder(model, spec, context_length=context_length, slots=slots)
    if backend == "cpu":
        from pixel_llm.backends.cpu.decoder import CpuDecoder

        return CpuDecoder(model, spec, context_length=context_length, slots=slots, threads=threads, kv_bits=kv_bits)
    from pixel_llm.backends.gpu.decoder import GpuDecoder
    from pixel_llm.backends.gpu.device import GpuDevice
    from pixel_llm.backends.gpu.preferences import preferred_form

    device = GpuDevice.open(adapter)
    return GpuDecoder(
        model,
        spec,
        context_length=context_length,
        slots=slots,
        device=device,
        owns_device=True,
        form=form or preferred_form(device.info),
        progress=progress,
    )


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
