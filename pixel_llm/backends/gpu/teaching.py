"""The two kernels to learn from, `dot_product.wgsl` and `matmul.wgsl`: called from NumPy, and compared with NumPy.

They show in a page each what the decoder's kernels do with more machinery: reductions in workgroup memory, tiles,
packed numbers, and bounds that fit no power of two. `validate` is how every kernel here is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.errors import GpuError, InvalidArgumentError

Numbers = NDArray[np.float32] | NDArray[np.float16]

TOLERANCE: Final = 1e-5
"""The largest relative error that is accepted; see `Comparison`."""

_WORKGROUPS: Final = 256  # of a dot product: enough invocations to fill a large GPU, few partial sums
_POISON: Final = np.uint32(0x7FC0DEAD)  # a NaN: what a kernel fails to write cannot pass for a result


@dataclass(frozen=True)
class Comparison:
    """A kernel's result beside the reference's. `error` is the largest difference of an element, relative to what was
    summed up for it, Σ|aᵢ·bᵢ|: the measure in which floating-point sums have bounds (Higham, Accuracy and Stability of
    Numerical Algorithms, §3.1). Where nothing cancels it is the plain relative error. NaN counts as infinite."""

    kernel: str
    shape: tuple[int, ...]
    error: float

    @property
    def passed(self) -> bool:
        """Whether the error is within TOLERANCE."""
        return self.error <= TOLERANCE


def dot_product(device: GpuDevice, a: Numbers, b: Numbers) -> float:
    """Σ aᵢ·bᵢ on the device, summed in float32; `a` and `b` (n,) are both float32 or both float16 (sent packed).

    Raises `InvalidArgumentError` for other arrays, `GpuError` where they exceed the device's limits.
    """
    _check(a, b, 1)
    if a.shape != b.shape:
        raise InvalidArgumentError(f"vectors of {a.size} and {b.size} numbers have no dot product")
    size = min(256, device.limits.workgroup_invocations)
    groups = min(_WORKGROUPS, -(-a.size // size))
    partial = _run(device, "dot_product", a, b, {"WORKGROUP": size}, [a.size, groups * size], (groups, 1), groups)
    if groups > 1:
        ones = np.ones(groups, np.float32)
        partial = _run(device, "dot_product", partial, ones, {"WORKGROUP": size}, [groups, size], (1, 1), 1)
    return float(partial[0])


def matmul(device: GpuDevice, a: Numbers, b: Numbers) -> NDArray[np.float32]:
    """The product of `a` (rows, inner) and `b` (inner, columns) on the device, float32 (rows, columns), summed in
    float32; both are float32 or both float16 (sent packed). Errors as `dot_product`."""
    _check(a, b, 2)
    (rows, inner), columns = a.shape, b.shape[1]
    if b.shape[0] != inner:
        raise InvalidArgumentError(f"matrices of {a.shape} and {b.shape} have no product")
    tile = 16
    groups = (-(-columns // tile), -(-rows // tile))
    out = _run(device, "matmul", a, b, {"TILE": tile}, [rows, inner, columns], groups, rows * columns)
    return out.reshape(rows, columns)


def _check(a: Numbers, b: Numbers, axes: int) -> None:
    for array in (a, b):
        if array.ndim != axes or array.size == 0:
            raise InvalidArgumentError(f"an array of shape {array.shape} is not a filled one of {axes} axes")
    if a.dtype != b.dtype or a.dtype not in (np.dtype(np.float32), np.dtype(np.float16)):
        raise InvalidArgumentError(f"arrays are {a.dtype} and {b.dtype}, not both float32 or both float16")


def _run(
    device: GpuDevice,
    name: str,
    a: Numbers,
    b: Numbers,
    constants: Mapping[str, int],
    problem: list[int],
    groups: tuple[int, int],
    outputs: int,
) -> NDArray[np.float32]:
    import wgpu

    largest = max(a.nbytes, b.nbytes, 4 * outputs)
    if largest > device.limits.storage_binding_bytes or max(groups) > device.limits.workgroups:
        raise GpuError(
            f"{name} of {largest:,} bytes exceeds the adapter's {device.limits.storage_binding_bytes:,} a binding"
        )
    which = shaders.kernel(name, numbers="f16" if a.dtype == np.float16 else "f32")
    usage = wgpu.BufferUsage
    with device.guard(f"running {name}"):
        inputs = [device.device.create_buffer_with_data(data=_words(x), usage=usage.STORAGE) for x in (a, b)]
        poison = np.full(outputs, _POISON)
        out = device.device.create_buffer_with_data(data=poison, usage=usage.STORAGE | usage.COPY_SRC)
        sizes = device.device.create_buffer_with_data(data=np.array(problem, np.uint32), usage=usage.UNIFORM)
        pipeline = shaders.pipeline(device, which, constants)
        names = ("a", "b", which.bindings[2]["name"], "problem")
        buffers = dict(zip(names, ({"buffer": x} for x in (*inputs, out, sizes)), strict=True))
        group = shaders.bind_group(device, which, buffers)
        encoder = device.device.create_command_encoder()
        run = encoder.begin_compute_pass()
        run.set_pipeline(pipeline)
        run.set_bind_group(0, group)
        run.dispatch_workgroups(*groups)
        run.end()
        device.submit(encoder)
        result = device.download(out).view(np.float32)
        for buffer in (*inputs, out, sizes):
            buffer.destroy()
    return result


def _words(array: Numbers) -> NDArray[Any]:
    """The array's bytes in whole words of four."""
    raw = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return np.pad(raw, (0, -raw.size % 4)) if raw.size % 4 else raw


def validate(device: GpuDevice, seed: int, *, count: int = 8, largest: int = 300) -> list[Comparison]:
    """Compare both kernels, both number types, with float64 NumPy, over `count` random shapes each, no side above
    `largest` (dot products: its square) and most of them multiples of nothing."""
    rng = np.random.default_rng(seed)
    found = []
    for dtype in (np.float32, np.float16):
        for _ in range(count):
            n = int(rng.integers(1, largest**2 + 1))
            found.append(_compare(device, "dot_product", dot_product, *_random(rng, dtype, (n,), (n,))))
            rows, inner, columns = (int(side) for side in rng.integers(1, largest + 1, 3))
            found.append(_compare(device, "matmul", matmul, *_random(rng, dtype, (rows, inner), (inner, columns))))
    return found


def _random(rng: np.random.Generator, dtype: type[np.generic], *shapes: tuple[int, ...]) -> list[Numbers]:
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def _compare(device: GpuDevice, name: str, kernel: Callable[..., Any], a: Numbers, b: Numbers) -> Comparison:
    x, y = a.astype(np.float64), b.astype(np.float64)
    difference = np.abs(np.asarray(kernel(device, a, b), np.float64) - x @ y)
    error = float(np.max(difference / np.maximum(np.abs(x) @ np.abs(y), np.finfo(np.float32).tiny)))
    return Comparison(f"{name} {a.dtype}", (*a.shape, b.shape[-1]), float("inf") if np.isnan(error) else error)
