"""Planes of pixels as textures, or as storage buffers of the same bytes.

A matrix (rows, columns) is one or two planes on the device:

    codes     16 bytes a texel of `rgba32uint`: 32 codes of 4 bits, 16 of 8 bits, 8 float16 or bfloat16, or 4 float32.
              A row whose bytes are no multiple of 16 is padded with zeros to whole texels.
    scales    one texel a group: `rg16float` (scale, offset) or `r16float`. Plain encodings have none.

As a texture a plane is a 2d-array: row r lies in layer r // layer_rows at height r % layer_rows. `layer_rows` is a
multiple of ROW_BLOCK where there are several layers, so that an aligned block of that many rows never crosses layers.
As buffers the codes are `array<vec4u>`, the scales `array<u32>` (rows padded to whole words); a plane that is larger
than a binding may be is cut by rows into parts, whose borders are multiples of ROW_BLOCK too.

Several tensors of one encoding and width can be stacked by rows into one matrix.
"""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.gpu.adapter import Limits
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.errors import GpuError, InvalidArgumentError
from pixel_llm.formats.encodings import F16, F32, Encoding, plane_specs

if TYPE_CHECKING:
    import wgpu

Form = Literal["texture", "buffer"]
Progress = Callable[[int, int], None]

ROW_BLOCK: Final = 64
"""Rows: borders of layers and parts are multiples of it."""

_TEXEL: Final = 16
_CHUNK: Final = 8 << 20  # bytes read, checked and queued at a time
_COPY_ALIGNMENT: Final = 256  # of a row, in copies between textures and buffers


class PlaneSource(Protocol):
    """What `upload` reads of a tensor: `formats.model_file.Tensor` is one."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def encoding(self) -> Encoding: ...
    @property
    def n_rows(self) -> int: ...
    def plane_rows(self, start: int, stop: int) -> tuple[NDArray[Any], ...]: ...


@dataclass(frozen=True)
class PlaneLayout:
    """How one plane lies on the device. `row_bytes` are the stored ones, `width` counts texels (buffers: words of
    `texel` bytes) a row; `layer_rows` and `layers` are of the texture form, `part_rows` of the buffer form."""

    format: str
    texel: int
    rows: int
    row_bytes: int
    width: int
    layer_rows: int
    layers: int
    part_rows: int

    @property
    def padded(self) -> int:
        """Bytes of a row on the device."""
        return self.width * self.texel

    def nbytes(self, form: Form) -> int:
        """Bytes on the device, without what a driver adds for itself."""
        return self.padded * (self.layers * self.layer_rows if form == "texture" else self.rows)


def plane_layouts(encoding: Encoding, rows: int, columns: int, form: Form, limits: Limits) -> tuple[PlaneLayout, ...]:
    """The layouts of a matrix's planes. Raises `GpuError` where the limits cannot hold it in this form."""
    planes = plane_specs(encoding, (rows, columns))
    row_bytes = [plane.width * plane.channels * plane.sample.dtype.itemsize for plane in planes]
    scale_format, scale_texel = ("rg16float", 4) if encoding.has_offset else ("r16float", 2)
    kinds = [("rgba32uint", _TEXEL), (scale_format, scale_texel if form == "texture" else 4)][: len(planes)]
    widths = [-(-size // texel) for size, (_, texel) in zip(row_bytes, kinds, strict=True)]
    # All planes of a matrix have the same layers and parts, so that one pair of indices serves them.
    layer_rows, layers = _layers(rows, widths, limits) if form == "texture" else (rows, 1)
    part_rows = rows
    if form == "buffer":
        binding = min(limits.storage_binding_bytes, limits.buffer_bytes)
        fitting = min(binding // (width * texel) for width, (_, texel) in zip(widths, kinds, strict=True))
        if fitting < rows:
            part_rows = fitting // ROW_BLOCK * ROW_BLOCK
        if part_rows < 1:
            raise GpuError(f"rows of {columns} weights in {encoding.name} exceed a buffer binding of {binding:,} bytes")
    return tuple(
        PlaneLayout(fmt, texel, rows, size, width, layer_rows, layers, part_rows)
        for (fmt, texel), size, width in zip(kinds, row_bytes, widths, strict=True)
    )


def _layers(rows: int, widths: Sequence[int], limits: Limits) -> tuple[int, int]:
    side = limits.texture_2d
    if max(widths) > side:
        raise GpuError(f"rows of {max(widths)} texels exceed the adapter's textures of {side}", remedy="form buffer")
    if rows <= side:
        return rows, 1
    layers = -(-rows // (side // ROW_BLOCK * ROW_BLOCK))
    if layers > limits.texture_layers:
        raise GpuError(
            f"{rows:,} rows exceed the adapter's {limits.texture_layers} layers of {side}", remedy="form buffer"
        )
    # Layers of equal height waste less than full ones and a short last one.
    return -(-rows // (layers * ROW_BLOCK)) * ROW_BLOCK, layers


@dataclass(frozen=True)
class MatrixPart:
    """Rows first_row … first_row + rows - 1 of a matrix, and what a bind group takes: a texture's view (the whole
    matrix is one part then) or a buffer; `scales` is None for plain encodings."""

    first_row: int
    rows: int
    codes: Any
    scales: Any | None


@dataclass(frozen=True)
class GpuMatrix:
    """A matrix on the device; see the top of the file. `starts` has the first row of each stacked tensor."""

    encoding: Encoding
    rows: int
    columns: int
    form: Form
    planes: tuple[PlaneLayout, ...]
    parts: tuple[MatrixPart, ...]
    starts: tuple[int, ...]
    memory: tuple[wgpu.GPUTexture | wgpu.GPUBuffer, ...]

    @property
    def row_texels(self) -> int:
        """Texels of 16 bytes (buffers: vec4u) from one row of codes to the next."""
        return self.planes[0].width

    @property
    def row_scales(self) -> int:
        """Texels (buffers: u32) from one row of scales to the next; 0 for plain encodings."""
        return self.planes[1].width if len(self.planes) > 1 else 0

    @property
    def layer_rows(self) -> int:
        """Rows a texture layer."""
        return self.planes[0].layer_rows

    @property
    def layers(self) -> int:
        """Texture layers."""
        return self.planes[0].layers

    @property
    def nbytes(self) -> int:
        """Bytes on the device, without what a driver adds for itself."""
        return sum(plane.nbytes(self.form) for plane in self.planes)

    @property
    def stored_bytes(self) -> int:
        """Bytes of the planes in the file: what one pass over the matrix has to read."""
        return sum(plane.rows * plane.row_bytes for plane in self.planes)

    def destroy(self) -> None:
        """Give the device's memory back now."""
        for one in self.memory:
            one.destroy()


def upload(
    device: GpuDevice,
    source: PlaneSource | NDArray[Any] | Sequence[PlaneSource],
    *,
    form: Form = "texture",
    progress: Progress | None = None,
) -> GpuMatrix:
    """Put a tensor, an array (float32 or float16, one or two axes), or several tensors stacked by rows on the device.

    A tensor of a mapped file is read, and thereby checked against its SHA-256, and queued in chunks of some MiB; no
    more than 16 MiB wait in staging memory. `progress` is called with bytes done and bytes in all. On an error nothing
    stays allocated.

    Raises `InvalidArgumentError` for tensors that do not stack and arrays of other types, `GpuError` for what exceeds
    the limits, `GpuMemoryError`, `GpuLostError`, and `IntegrityError` where the file is damaged.
    """
    tensors = _sources(source)
    first = tensors[0]
    columns = first.shape[-1]
    for other in tensors[1:]:
        if other.encoding != first.encoding or other.shape[-1] != columns:
            raise InvalidArgumentError(
                f"{first.encoding.name} rows of {columns} and {other.encoding.name} rows of {other.shape[-1]} "
                "cannot be stacked"
            )
    starts = tuple(itertools.accumulate((t.n_rows for t in tensors), initial=0))
    layouts = plane_layouts(first.encoding, starts[-1], columns, form, device.limits)
    memory: list[Any] = []
    try:
        with device.guard(f"making room for {starts[-1]} × {columns} weights in {first.encoding.name}"):
            for layout in layouts:
                memory += _allocate(device, layout, form)
            matrix = GpuMatrix(
                first.encoding,
                starts[-1],
                columns,
                form,
                layouts,
                _parts(layouts, memory, form),
                starts[:-1],
                tuple(memory),
            )
        _fill(device, matrix, tensors, progress)
    except BaseException:
        for one in memory:
            one.destroy()
        raise
    return matrix


@dataclass(frozen=True)
class _Array:
    """An array as a `PlaneSource`."""

    values: NDArray[Any]
    encoding: Encoding

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    @property
    def n_rows(self) -> int:
        return len(self.values)

    def plane_rows(self, start: int, stop: int) -> tuple[NDArray[Any], ...]:
        return (self.values[start:stop],)


def _sources(source: PlaneSource | NDArray[Any] | Sequence[PlaneSource]) -> Sequence[PlaneSource]:
    if isinstance(source, np.ndarray):
        known = {np.dtype(np.float32): F32, np.dtype(np.float16): F16}
        if source.dtype not in known or source.ndim not in (1, 2) or source.size == 0:
            raise InvalidArgumentError(f"an array {source.dtype}{source.shape} is no matrix of float32 or float16")
        return [_Array(np.ascontiguousarray(np.atleast_2d(source)), known[source.dtype])]
    if isinstance(source, Sequence):
        if not source:
            raise InvalidArgumentError("no tensors to upload")
        return source
    return [source]


def _allocate(device: GpuDevice, layout: PlaneLayout, form: Form) -> list[Any]:
    import wgpu

    if form == "texture":
        usage = wgpu.TextureUsage.TEXTURE_BINDING | wgpu.TextureUsage.COPY_DST | wgpu.TextureUsage.COPY_SRC
        size = (layout.width, layout.layer_rows, layout.layers)
        return [device.device.create_texture(size=size, format=layout.format, usage=usage)]
    usage = wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_DST | wgpu.BufferUsage.COPY_SRC
    return [
        device.device.create_buffer(size=min(layout.part_rows, layout.rows - start) * layout.padded, usage=usage)
        for start in range(0, layout.rows, layout.part_rows)
    ]


def _parts(layouts: Sequence[PlaneLayout], memory: Sequence[Any], form: Form) -> tuple[MatrixPart, ...]:
    first = layouts[0]
    if form == "texture":
        views = [texture.create_view(dimension="2d-array") for texture in memory]
        return (MatrixPart(0, first.rows, views[0], views[1] if len(views) > 1 else None),)
    count = -(-first.rows // first.part_rows)
    return tuple(
        MatrixPart(
            first.part_rows * i,
            min(first.part_rows, first.rows - first.part_rows * i),
            memory[i],
            memory[count + i] if len(layouts) > 1 else None,
        )
        for i in range(count)
    )


def _fill(device: GpuDevice, matrix: GpuMatrix, tensors: Sequence[PlaneSource], progress: Progress | None) -> None:
    total, done = matrix.stored_bytes, 0
    for first_row, planes in _read_ahead(matrix, tensors):
        for number, plane in enumerate(planes):
            layout = matrix.planes[number]
            rows = _padded(plane, layout)
            with device.guard("uploading weights"):
                for start, stop in _cuts(first_row, len(rows), _border(matrix)):
                    _write(device, matrix, number, start, rows[start - first_row : stop - first_row])
            done += plane.nbytes
            device.stage(len(rows) * -(-layout.padded // _COPY_ALIGNMENT) * _COPY_ALIGNMENT)
        if progress is not None:
            progress(done, total)


def _read_ahead(matrix: GpuMatrix, tensors: Sequence[PlaneSource]) -> Iterator[tuple[int, tuple[NDArray[Any], ...]]]:
    """Chunks of rows of all planes with their first row in the matrix; threads check the next ones meanwhile."""
    row_bytes = sum(plane.row_bytes for plane in matrix.planes)
    step = max(1, _CHUNK // row_bytes)
    jobs = (
        (first + start, tensor, start, min(start + step, tensor.n_rows))
        for first, tensor in zip(matrix.starts, tensors, strict=True)
        for start in range(0, tensor.n_rows, step)
    )
    if matrix.stored_bytes <= _CHUNK:
        for row, tensor, start, stop in jobs:
            yield row, tensor.plane_rows(start, stop)
        return
    workers = min(4, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers, thread_name_prefix="pixel-llm-upload") as pool:
        waiting: deque[tuple[int, Future[tuple[NDArray[Any], ...]]]] = deque()
        try:
            for row, tensor, start, stop in jobs:
                waiting.append((row, pool.submit(tensor.plane_rows, start, stop)))
                if len(waiting) > workers:
                    row, future = waiting.popleft()
                    yield row, future.result()
            while waiting:
                row, future = waiting.popleft()
                yield row, future.result()
        finally:
            for _, future in waiting:
                future.cancel()


def _padded(plane: NDArray[Any], layout: PlaneLayout) -> NDArray[np.uint8]:
    """Rows as bytes of the device's width: the mapped memory itself where no padding is needed."""
    raw = np.ascontiguousarray(plane).reshape(len(plane), -1).view(np.uint8)
    if layout.row_bytes == layout.padded:
        return raw
    rows = np.zeros((len(raw), layout.padded), np.uint8)
    rows[:, : layout.row_bytes] = raw
    return rows


def _border(matrix: GpuMatrix) -> int:
    first = matrix.planes[0]
    return first.layer_rows if matrix.form == "texture" else first.part_rows


def _cuts(first: int, count: int, border: int) -> Iterator[tuple[int, int]]:
    """Rows first … first + count - 1, cut where layers or parts end."""
    start, end = first, first + count
    while start < end:
        stop = min(end, (start // border + 1) * border)
        yield start, stop
        start = stop


def _write(device: GpuDevice, matrix: GpuMatrix, number: int, row: int, rows: NDArray[np.uint8]) -> None:
    layout = matrix.planes[number]
    place, offset = divmod(row, _border(matrix))
    if matrix.form == "texture":
        device.queue.write_texture(
            {"texture": matrix.memory[number], "origin": (0, offset, place)},
            rows,
            {"bytes_per_row": layout.padded, "rows_per_image": len(rows)},
            (layout.width, len(rows), 1),
        )
    else:
        buffer = matrix.memory[number * len(matrix.parts) + place]
        device.queue.write_buffer(buffer, offset * layout.padded, rows)


def download(device: GpuDevice, matrix: GpuMatrix) -> tuple[NDArray[np.uint8], ...]:
    """The planes as they were uploaded, as bytes: uint8 (rows, bytes of a row)."""
    planes = []
    for number, layout in enumerate(matrix.planes):
        out = np.empty((layout.rows, layout.row_bytes), np.uint8)
        step = max(1, _CHUNK // (layout.padded + _COPY_ALIGNMENT))
        with device.guard("downloading weights"):
            for begin in range(0, layout.rows, step):
                for start, stop in _cuts(begin, min(step, layout.rows - begin), _border(matrix)):
                    out[start:stop] = _read(device, matrix, number, start, stop - start)[:, : layout.row_bytes]
        planes.append(out)
    return tuple(planes)


def _read(device: GpuDevice, matrix: GpuMatrix, number: int, row: int, count: int) -> NDArray[np.uint8]:
    import wgpu

    layout = matrix.planes[number]
    place, offset = divmod(row, _border(matrix))
    if matrix.form == "buffer":
        buffer = matrix.memory[number * len(matrix.parts) + place]
        data = device.download(buffer, offset * layout.padded, count * layout.padded)
        return data.reshape(count, layout.padded)
    stride = -(-layout.padded // _COPY_ALIGNMENT) * _COPY_ALIGNMENT
    usage = wgpu.BufferUsage.COPY_DST | wgpu.BufferUsage.COPY_SRC
    buffer = device.device.create_buffer(size=stride * count, usage=usage)
    encoder = device.device.create_command_encoder()
    encoder.copy_texture_to_buffer(
        {"texture": matrix.memory[number], "origin": (0, offset, place)},
        {"buffer": buffer, "bytes_per_row": stride, "rows_per_image": count},
        (layout.width, count, 1),
    )
    device.submit(encoder)
    rows = device.download(buffer).reshape(count, stride)
    buffer.destroy()
    return rows
