"""Planes on the device: every encoding comes back bit for bit, whatever the shape, the form and the limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixel_llm.backends.gpu import download, textures, upload
from pixel_llm.backends.gpu.adapter import Limits
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.textures import ROW_BLOCK, plane_layouts
from pixel_llm.errors import GpuError, IntegrityError, InvalidArgumentError
from pixel_llm.formats.encodings import ENCODINGS, F16, F32, Q4_AFFINE, Q4_FIXED, Q8_FIXED, Encoding, plane_specs
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.testing.memory_model import MemoryTensor

FORMS: tuple[textures.Form, ...] = ("texture", "buffer")


def tensor(encoding: Encoding, rows: int, columns: int, seed: int = 0) -> MemoryTensor:
    """Random bytes in every plane: the device must not interpret them."""
    rng = np.random.default_rng(seed)
    planes = []
    for spec in plane_specs(encoding, (rows, columns)):
        count = int(np.prod(spec.shape)) * spec.sample.dtype.itemsize
        planes.append(rng.integers(0, 256, count, np.uint8).view(spec.sample.dtype).reshape(spec.shape))
    return MemoryTensor("t", (rows, columns), encoding, tuple(planes))


def as_bytes(plane: NDArray[Any]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(plane).reshape(len(plane), -1).view(np.uint8)


@contextmanager
def limited(device: GpuDevice, **limits: int) -> Iterator[GpuDevice]:
    """The device, its textures and bindings smaller than they are."""
    before = device.limits
    device.limits = replace(before, **limits)
    try:
        yield device
    finally:
        device.limits = before


def check(device: GpuDevice, tensors: list[MemoryTensor], form: textures.Form) -> textures.GpuMatrix:
    matrix = upload(device, tensors, form=form)
    stored = [np.concatenate([as_bytes(t.stored[i]) for t in tensors]) for i in range(len(tensors[0].stored))]
    for found, wanted in zip(download(device, matrix), stored, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert matrix.stored_bytes == sum(t.nbytes for t in tensors)
    assert matrix.rows == sum(part.rows for part in matrix.parts)
    matrix.destroy()
    return matrix


@settings(max_examples=60)
@given(data=st.data())
def test_every_shape_comes_back(plain_gpu_device: GpuDevice, data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(sorted(ENCODINGS.values(), key=lambda e: e.name)))
    unit = encoding.group or 1
    columns = unit * data.draw(st.integers(1, 300 // unit))
    heights = data.draw(st.lists(st.integers(1, 300), min_size=1, max_size=3))
    side = data.draw(st.sampled_from([320, 128, 64]))  # layers of 64 rows at the smallest
    form = data.draw(st.sampled_from(FORMS))
    tensors = [tensor(encoding, rows, columns, seed) for seed, rows in enumerate(heights)]
    with limited(plain_gpu_device, texture_2d=side, storage_binding_bytes=1 << 17) as device:
        try:
            matrix = check(device, tensors, form)
        except GpuError:
            assert form == "texture" and columns * encoding.bits > side * 16  # narrow textures refuse wide rows
            return
    assert matrix.starts == tuple(int(n) for n in np.cumsum([0, *heights[:-1]]))
    if form == "texture" and sum(heights) > side:
        assert matrix.layers == -(-sum(heights) // side)
        assert matrix.layer_rows % ROW_BLOCK == 0 and matrix.layer_rows <= side
    for part in matrix.parts[1:]:
        assert part.first_row % ROW_BLOCK == 0


@pytest.mark.parametrize("form", FORMS)
def test_more_rows_than_the_height_limit(any_gpu_device: GpuDevice, form: textures.Form) -> None:
    """At real limits: 16,500 rows are three layers of 8192² textures, two of 16384²."""
    matrix = check(any_gpu_device, [tensor(Q4_AFFINE, 16_000, 64), tensor(Q4_AFFINE, 500, 64)], form)
    if form == "texture":
        side = any_gpu_device.limits.texture_2d
        assert matrix.layers == -(-16_500 // side)
        assert matrix.nbytes < 1.02 * matrix.stored_bytes  # layers are of equal height, not full and a short one


def test_a_plane_larger_than_a_binding(plain_gpu_device: GpuDevice) -> None:
    """At real limits: 144 MB of codes are two buffers where 128 MiB may be bound, and one texture."""
    codes = np.zeros((4_500, 32_000), np.int8)
    codes[:, 7] = np.arange(4_500) % 251 - 125
    large = MemoryTensor("t", codes.shape, Q8_FIXED, (codes, np.ones((4_500, 1_000), np.float16)))
    matrix = check(plain_gpu_device, [large], "buffer")
    assert [part.first_row for part in matrix.parts] == [0, 4_160]
    assert matrix.memory[0].size <= 1 << 27


def test_what_exceeds_the_limits_is_refused(plain_gpu_device: GpuDevice) -> None:
    limits = plain_gpu_device.limits
    with pytest.raises(GpuError, match=r"8193 texels exceed the adapter's textures of 8192 .*buffer"):
        upload(plain_gpu_device, np.zeros((2, 4 * 8193), np.float32))
    matrix = upload(plain_gpu_device, np.zeros((2, 4 * 8193), np.float32), form="buffer")
    matrix.destroy()
    with pytest.raises(GpuError, match="256 layers"):
        plane_layouts(Q4_FIXED, 256 * 8192 + 1, 32, "texture", limits)
    assert plane_layouts(Q4_FIXED, 256 * 8192, 32, "texture", limits)[0].layers == 256
    with pytest.raises(GpuError, match="exceed a buffer binding"):
        plane_layouts(F32, 1, 1 << 26, "buffer", limits)


@pytest.mark.parametrize("rows", [8192, 8193, 9000, 152_064, 262_144])
def test_layers_waste_little(rows: int, plain_gpu_device: GpuDevice) -> None:
    for layout in plane_layouts(Q4_AFFINE, rows, 896, "texture", plain_gpu_device.limits):
        assert layout.layer_rows * layout.layers >= rows
        assert layout.nbytes("texture") <= 1.02 * rows * layout.row_bytes


def test_arrays(any_gpu_device: GpuDevice) -> None:
    rng = np.random.default_rng(1)
    for dtype, encoding in ((np.float32, F32), (np.float16, F16)):
        values = rng.standard_normal((7, 13)).astype(dtype)
        for array in (values, values[:, ::2], values.T, values[0]):
            for form in FORMS:
                matrix = upload(any_gpu_device, array, form=form)
                assert (matrix.encoding, matrix.columns) == (encoding, array.shape[-1])
                (found,) = download(any_gpu_device, matrix)
                np.testing.assert_array_equal(found.view(dtype).reshape(array.shape), array)
                matrix.destroy()


@pytest.mark.parametrize(
    "source",
    [
        np.zeros((2, 3)),
        np.zeros((2, 3), np.int32),
        np.zeros((2, 3, 4), np.float32),
        np.zeros((0, 3), np.float32),
        [],
        [tensor(Q4_AFFINE, 2, 32), tensor(Q4_AFFINE, 2, 64)],
        [tensor(Q4_AFFINE, 2, 32), tensor(Q4_FIXED, 2, 32)],
    ],
)
def test_what_is_no_matrix(gpu_device: GpuDevice, source: Any) -> None:
    with pytest.raises(InvalidArgumentError):
        upload(gpu_device, source)


def test_progress_and_bounded_staging(gpu_device: GpuDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textures, "_CHUNK", 1 << 14)
    monkeypatch.setattr("pixel_llm.backends.gpu.device.STAGED_BYTES", 1 << 16)
    flushes = []
    flush = gpu_device.flush
    monkeypatch.setattr(gpu_device, "flush", lambda: (flushes.append(1), flush()))
    seen: list[tuple[int, int]] = []
    one = tensor(Q4_AFFINE, 1000, 576)
    matrix = upload(gpu_device, [one, one], progress=lambda done, total: seen.append((done, total)))
    for found, plane in zip(download(gpu_device, matrix), one.stored, strict=True):
        np.testing.assert_array_equal(found[1000:], as_bytes(plane))
    assert seen[-1] == (2 * one.nbytes, 2 * one.nbytes)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen}) and len(seen) > 20
    assert len(flushes) >= 2 * one.nbytes // (1 << 16)
    matrix.destroy()


@pytest.fixture
def damaged(smollm2_pxi: Path, tmp_path: Path) -> Iterator[ModelFile]:
    """A model with one bit of the embedding's last band flipped."""
    copy = tmp_path / "damaged.pxi"
    data = bytearray(smollm2_pxi.read_bytes())
    with ModelFile.open(smollm2_pxi) as model:
        page = model.pxi.pages[model.tensors["token_embd.weight"].pages[0]]
    data[page.offset + page.nbytes - 1] ^= 16
    copy.write_bytes(data)
    with ModelFile.open(copy) as model:
        yield model


def test_a_file_is_checked_on_the_way(gpu_device: GpuDevice, damaged: ModelFile) -> None:
    good = damaged.tensors["blk.0.attn_q.weight"]
    matrix = upload(gpu_device, good)
    for found, plane in zip(download(gpu_device, matrix), good.planes(), strict=True):
        np.testing.assert_array_equal(found, as_bytes(plane))
    matrix.destroy()
    made: list[Any] = []
    create = gpu_device.device.create_texture
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpu_device.device, "create_texture", lambda **k: made.append(create(**k)) or made[-1])
        with pytest.raises(IntegrityError, match="token_embd"):
            upload(gpu_device, damaged.tensors["token_embd.weight"])
    assert len(made) == 2
    with pytest.raises(GpuError, match="destroyed"), gpu_device.guard("using what was given back"):
        gpu_device.queue.write_texture({"texture": made[0]}, bytes(16), {"bytes_per_row": 16}, (1, 1, 1))


def test_limits_are_read_by_name(gpu_device: GpuDevice) -> None:
    assert Limits.read(gpu_device.device.limits) == gpu_device.limits
