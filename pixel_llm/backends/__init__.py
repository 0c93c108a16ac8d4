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
Form = Literal["texture", "buffer"]


def available_backends() -> tuple[str, ...]:
    """Names that `load_decoder` accepts here. Whether there is an adapter for "gpu" shows when it is opened."""
    return tuple(name for name in BACKENDS if name not in _NEEDS or importlib.util.find_spec(_NEEDS[name]) is not None)


def choose_backend(
    backend: str = "auto",
    model: ModelFile | None = None,
    *,
    adapter: str | int | None = None,
    form: Form | None = None,
    threads: int | None = None,
    kv_bits: int = 16,
) -> str:
    """The backend that a name means for `model`; the options are `load_decoder`'s.

    "auto" is the backend that alone heeds the options which are given: "gpu" for an `adapter` or a `form`, "cpu" for
    `threads` or 8 `kv_bits`. Else it is "gpu" where `pixel-llm bench --backend gpu` has measured, with a model of about
    this size, that the GPU which would be taken is faster than the CPU; else "cpu", and "reference" without llvmlite. A
    software adapter, which runs on the processor, is never taken unless it is named.
    """
    if backend != "auto":
        return backend
    if adapter is not None or form is not None:
        return "gpu"
    if model is not None and _cpu_alone(threads, kv_bits) is None and _gpu_measured_best(model):
        return "gpu"
    return _without_gpu()


def _cpu_alone(threads: int | None, kv_bits: int) -> str | None:
    """What is asked for and the cpu backend alone has; None where any backend will do."""
    if kv_bits != 16:
        return f"it alone has a KV cache of {kv_bits} bits"
    return None if threads is None else "it alone takes a number of threads"


def _without_gpu() -> str:
    return "cpu" if "cpu" in available_backends() else "reference"


def _gpu_measured_best(model: ModelFile) -> bool:
    """Whether that is so of the adapter that would be taken. Looking for adapters takes a second, so nobody does where
    no measurement could speak for one."""
    if not _some_gpu_measured_best(model):
        return False
    from pixel_llm.backends.gpu.adapter import choose_adapter
    from pixel_llm.backends.gpu.preferences import prefers_gpu

    try:
        return prefers_gpu(choose_adapter(), weight_bytes(model))
    except BackendError:
        return False


def _some_gpu_measured_best(model: ModelFile) -> bool:
    from pixel_llm.backends.gpu.preferences import may_prefer_gpu

    return "gpu" in available_backends() and may_prefer_gpu(weight_bytes(model))


def weight_bytes(model: ModelFile) -> int:
    """Bytes of all planes of a model as they are stored: the size by which "auto" compares models."""
    return sum(tensor.nbytes for tensor in model.tensors.values())


def load_decoder(
    model: ModelFile,
    *,
    backend: str = "auto",
    context_length: int | None = None,
    slots: int = 1,
    threads: int | None = None,
    kv_bits: int = 16,
    adapter: str | int | None = None,
    form: Form | None = None,
    progress: Progress | None = None,
    notify: Callable[[str], None] | None = None,
) -> Decoder:
    """Make `model` ready to run.

    `backend` is "cpu", "gpu", "reference" or "auto" (see `choose_backend`). Where "auto" would take the GPU for its
    speed, and that cannot be opened or does not hold the model, the CPU runs it; a backend that is asked for by its
    name or its options never becomes another one. `notify` is told in a sentence why a GPU that was measured to be
    faster is not taken. `context_length` is in tokens, at most (and
    by default) the model's own; `slots` is how many sequences have a KV cache; `threads` is for backends that take it
    (None: they choose). `kv_bits` 8 halves the cpu backend's KV cache and costs some accuracy; others take no 8.

    For the gpu backend: `adapter` is an adapter's index or a part of its name (None: see
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
    asked = backend
    backend = choose_backend(asked, model, adapter=adapter, form=form, threads=threads, kv_bits=kv_bits)

    def not_the_gpu(reason: str) -> None:
        if notify is not None:
            notify(f"the {backend} backend runs the model, though a GPU was measured to be faster: {reason}")

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
        what = f"form of weights ({form!r})" if adapter is None else f"adapter ({adapter!r})"
        raise InvalidArgumentError(f"the {backend} backend takes no {what}", remedy="the gpu backend does")
    if backend == "gpu":
        try:
            return _load_gpu(model, spec, context_length, slots, adapter, form, progress)
        except BackendError as error:
            if asked != "auto" or adapter is not None or form is not None:
                raise
            backend = _without_gpu()
            not_the_gpu(error.message)
    elif asked == "auto" and (reason := _cpu_alone(threads, kv_bits)) is not None and _some_gpu_measured_best(model):
        not_the_gpu(reason)
    if backend == "reference":
        from pixel_llm.backends.reference.decoder import ReferenceDecoder

        return ReferenceDecoder(model, spec, context_length=context_length, slots=slots)
    from pixel_llm.backends.cpu.decoder import CpuDecoder

    return CpuDecoder(model, spec, context_length=context_length, slots=slots, threads=threads, kv_bits=kv_bits)


def _load_gpu(
    model: ModelFile,
    spec: DecoderSpec,
    context_length: int,
    slots: int,
    adapter: str | int | None,
    form: Form | None,
    progress: Progress | None,
) -> Decoder:
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
        form=form or preferred_form(device.info, weight_bytes(model)),
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
