"""Sums of blocks: the kernel against NumPy in float64, over odd shapes and odd numbers."""

from __future__ import annotations

import platform
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from pixel_llm.atlas.block_kernel import PLANES, columns, encoded, is_summed, unit
from pixel_llm.atlas.blocks import block_sums, values_of
from pixel_llm.atlas.layout import Layout
from pixel_llm.atlas.model_layout import layout_of
from pixel_llm.atlas.statistics import STATISTICS, Sums, block_starts, encoded_sums, reference_sums, sums_of
from pixel_llm.atlas.weights import ModelWeights
from pixel_llm.atlas.window import read_window
from pixel_llm.errors import InvalidArgumentError
from pixel_llm.formats.encodings import ENCODINGS, F16, F32, Q4_AFFINE_16, Encoding, decode_rows, encode_rows
from pixel_llm.formats.model_file import ModelFile


def brute_force(values: NDArray[np.float32], y: int, x: int, size: int) -> Sums:
    """Block by block, in float64, from the definition."""
    rows, cols = values.shape
    r0, c0 = y // size, x // size
    out = Sums.empty((y + rows - 1) // size - r0 + 1, (x + cols - 1) // size - c0 + 1)
    for i in range(out.count.shape[0]):
        for j in range(out.count.shape[1]):
            top, left = max(0, (r0 + i) * size - y), max(0, (c0 + j) * size - x)
            block = values[top : max(0, (r0 + i + 1) * size - y), left : max(0, (c0 + j + 1) * size - x)]
            finite = block[np.isfinite(block)].astype(np.float64)
            out.count[i, j], out.odd[i, j] = block.size, block.size - finite.size
            out.zeros[i, j] = (finite == 0).sum()
            out.total[i, j], out.squares[i, j] = finite.sum(), (finite * finite).sum()
            if finite.size:
                out.low[i, j], out.high[i, j] = finite.min(), finite.max()
    return out


def assert_close(found: Sums, expected: Sums, magnitude: float) -> None:
    for name in ("count", "zeros", "odd", "low", "high"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    number = np.maximum(expected.count, 1)
    assert (np.abs(found.total - expected.total) <= 1e-6 * magnitude * number).all()
    np.testing.assert_allclose(found.squares, expected.squares, rtol=1e-5, atol=0)


floats = st.floats(width=32, allow_nan=True, allow_infinity=True, allow_subnormal=True)
arrays = hnp.arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 40)), elements=floats)


@given(arrays, st.integers(-9, 9), st.integers(-9, 9), st.sampled_from([1, 2, 4, 16]))
def test_sums_of_anything(values: NDArray[np.float32], y: int, x: int, size: int) -> None:
    finite = np.abs(values[np.isfinite(values)])
    with np.errstate(all="ignore"):
        found = sums_of(values, y, x, size)
    assert_close(found, brute_force(values, y, x, size), float(finite.max(initial=0)))


@pytest.mark.parametrize("shape", [(1, 1), (1, 576), (7, 33), (64, 64), (65, 129), (32, 2048), (100, 17)])
@pytest.mark.parametrize("size", [2, 8, 16, 32, 64])
def test_kernel_agrees_with_the_reference(shape: tuple[int, int], size: int) -> None:
    rng = np.random.default_rng(shape[0] * size)
    values = (rng.standard_normal(shape) * 0.02).astype(np.float32)
    values[rng.random(shape) < 0.05] = 0
    values[rng.random(shape) < 0.02] = np.nan
    assert_close(sums_of(values, 3, 5, size), brute_force(values, 3, 5, size), 0.1)
    lefts = block_starts(0, shape[1], size)
    rows = values[: max(1, shape[0] // size * size)]
    height = min(size, len(rows))
    assert_close(sums_of(rows, 0, 0, size), reference_sums(rows, height, lefts), 0.1)


@pytest.mark.parametrize("cpu", ["x86-64", "x86-64-v3"])
def test_other_processors_give_the_same_bits(cpu: str) -> None:
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("x86 models")
    values = np.random.default_rng(1).standard_normal((32, 64)).astype(np.float32)
    results = [np.empty((2, PLANES, 64), np.float32) for _ in range(2)]
    for result, run in zip(results, (columns(), columns(cpu)), strict=True):
        run(values.ctypes.data, 2, 16, 64 * 4, 4, result.ctypes.data)
    np.testing.assert_array_equal(*results)


ODD = np.array([0, -0.0, np.nan, np.inf, -np.inf, 1e-30, 3e38, -3e38], np.float32)


def planes_of(enc: Encoding, rows: int, cols: int, seed: int, *, odd: bool) -> list[NDArray[Any]]:
    """Random planes, with zeros; of floats and scales also what is not finite."""
    rng = np.random.default_rng(seed)
    values = (rng.standard_normal((rows, cols)) * 0.02).astype(np.float32)
    values[rng.random((rows, cols)) < 0.05] = 0
    if odd and not enc.group:
        values.flat[rng.integers(0, values.size, 8)] = ODD if enc is not F16 else np.clip(ODD, -60000, 60000)
    planes = list(encode_rows(enc, values))
    if odd and enc.group:
        planes[1] = planes[1].copy()
        planes[1].flat[rng.integers(0, planes[1].size, 3)] = [np.nan, np.inf, 0]
    return planes


@pytest.mark.parametrize("enc", [e for e in ENCODINGS.values() if is_summed(e)], ids=lambda e: e.name)
@pytest.mark.parametrize("odd", [False, True])
def test_encoded_planes_are_summed_as_they_decode(enc: Encoding, odd: bool) -> None:
    for rows, groups, y, x, size in ((64, 5, 0, 0, 16), (37, 3, 5, 32, 32), (1, 18, 7, -16, 16), (70, 4, -3, 48, 64)):
        cols = groups * unit(enc)
        planes = planes_of(enc, rows, cols, rows, odd=odd)
        with np.errstate(invalid="ignore"):
            values = decode_rows(enc, planes)
        found = encoded_sums(enc, planes, cols, y, x, size)
        assert found is not None
        finite = np.abs(values[np.isfinite(values)])
        assert_close(found, brute_force(values, y, x, size), float(finite.max(initial=0)))


@pytest.mark.parametrize("cpu", ["x86-64", "x86-64-v3"])
@pytest.mark.parametrize("enc", [e for e in ENCODINGS.values() if is_summed(e)], ids=lambda e: e.name)
def test_encoded_planes_give_the_same_bits_elsewhere(enc: Encoding, cpu: str) -> None:
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("x86 models")
    planes = planes_of(enc, 32, 4 * unit(enc), 0, odd=True)
    scales = planes[1].astype(np.float32) if enc.group else np.zeros((32, 1), np.float32)
    results = []
    for run in (encoded(enc), encoded(enc, cpu)):
        result = np.empty((2, PLANES, 4 * unit(enc) // 16), np.float32)
        places = (planes[0].ctypes.data, planes[0].strides[0], scales.ctypes.data, scales.strides[0])
        run(*places, 2, 16, 4, result.ctypes.data)
        results.append(result)
    np.testing.assert_array_equal(*results)


def test_what_the_planes_cannot_be_summed_at() -> None:
    planes = planes_of(F32, 4, 64, 0, odd=False)
    assert encoded_sums(F32, planes, 64, 0, 0, 8) is None
    assert encoded_sums(F32, planes, 64, 0, 8, 16) is None
    assert encoded_sums(F32, planes, 60, 0, 0, 16) is None
    assert encoded_sums(Q4_AFFINE_16, planes_of(Q4_AFFINE_16, 4, 64, 0, odd=False), 64, 0, 0, 16) is None


@given(st.integers(0, 3), st.integers(0, 2**32))
def test_merging_quarters_is_summing_the_whole(level: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((32, 32)).astype(np.float32)
    values[rng.random((32, 32)) < 0.1] = rng.choice([0, np.nan, np.inf])
    halved, whole = sums_of(values, 0, 0, 1 << level).halved(), sums_of(values, 0, 0, 2 << level)
    assert_close(halved, whole, 5)


def test_statistics_of_known_blocks() -> None:
    values = np.array([[1, -3, 0, 0, np.nan, np.inf], [3, -1, 0, 0, np.nan, 2]], np.float32)
    found = sums_of(values, 0, 0, 2).statistics()
    assert tuple(found) == STATISTICS
    np.testing.assert_array_equal(found["mean"], [[0, 0, 2]])
    np.testing.assert_allclose(found["rms"], [[np.sqrt(5), 0, 2]])
    np.testing.assert_array_equal(found["min"], [[-3, 0, 2]])
    np.testing.assert_array_equal(found["max"], [[3, 0, 2]])
    np.testing.assert_array_equal(found["zeros"], [[0, 1, 0]])
    np.testing.assert_array_equal(found["nonfinite"], [[0, 0, 0.75]])
    nothing = Sums.empty(1, 1).statistics()
    assert all(np.isnan(nothing[name]).all() for name in STATISTICS)


@pytest.fixture(scope="module")
def plane(mixed_pxi: object) -> tuple[ModelFile, Layout, NDArray[np.float32]]:
    model = ModelFile.open(mixed_pxi)  # type: ignore[arg-type]
    layout = layout_of(model)
    b = layout.bounds
    return model, layout, values_of(ModelWeights(model), layout, b.x, b.y, b.width, b.height)


def test_values_lie_where_the_layout_says(plane: tuple[ModelFile, Layout, NDArray[np.float32]]) -> None:
    model, layout, values = plane
    covered = np.zeros(values.shape, bool)
    for r in layout.regions:
        expected = model.tensors[r.tensor].rows()[r.row : r.row + r.height, r.col : r.col + r.width]
        x, y = r.x - layout.bounds.x, r.y - layout.bounds.y
        place = slice(y, y + r.height), slice(x, x + r.width)
        np.testing.assert_array_equal(values[place], expected)
        covered[place] = True
    assert np.isnan(values[~covered]).all()


@pytest.mark.parametrize("level", [3, 4, 5, 7])
def test_blocks_of_a_model(plane: tuple[ModelFile, Layout, NDArray[np.float32]], level: int) -> None:
    model, layout, values = plane
    size, b = 1 << level, layout.bounds
    left, top = b.x // size, b.y // size
    height, width = (b.y + b.height - 1) // size - top + 1, (b.x + b.width - 1) // size - left + 1
    totals: dict[tuple[str, int | None], Sums] = {}
    found = block_sums(ModelWeights(model), layout, level, left - 1, top - 1, width + 2, height + 2, totals)
    np.testing.assert_array_equal(found.count, layout.count(level, left - 1, top - 1, width + 2, height + 2))
    whole = brute_force(values, b.y, b.x, size)
    inner = found[1:-1, 1:-1]
    # NaN stands for "no weight" in `values`, so counts and non-finite weights are compared apart.
    np.testing.assert_array_equal(inner.odd + whole.count - inner.count, whole.odd)
    for name in ("zeros", "low", "high"):
        np.testing.assert_array_equal(getattr(inner, name), getattr(whole, name), err_msg=name)
    np.testing.assert_allclose(inner.squares, whole.squares, rtol=1e-5)
    assert sum(int(s.count.sum()) for s in totals.values()) == sum(r * c for r, c in layout.shapes.values())
    assert {name for name, _ in totals} == set(layout.shapes)


def test_windows_of_every_encoding(mixed: ModelFile) -> None:
    rng = np.random.default_rng(0)
    assert len({t.encoding.name for t in mixed.tensors.values()}) == 9
    for tensor in mixed.tensors.values():
        whole, cols = tensor.rows(), tensor.shape[-1]
        for _ in range(6):
            r0, r1 = sorted(rng.integers(0, tensor.n_rows + 1, 2))
            c0, c1 = sorted(rng.integers(0, cols + 1, 2))
            part = read_window(tensor, int(r0), int(c0), int(r1 - r0), int(c1 - c0))
            np.testing.assert_array_equal(part, whole[r0:r1, c0:c1])
    for box in ((-1, 0, 1, 1), (0, 0, 10**6, 1), (0, 5, 1, 10**6), (0, 0, -1, 1)):
        with pytest.raises(InvalidArgumentError, match="outside"):
            read_window(mixed.tensors["token_embd.weight"], *box)


def test_parts_of_a_grid_are_views() -> None:
    sums = Sums.empty(4, 4)
    sums[1:2, 1:2].merge(sums_of(np.ones((2, 2), np.float32), 0, 0, 2))
    assert sums.count[1, 1] == 4 and sums.count.sum() == 4 and sums.high[1, 1] == 1
    assert {f.name for f in fields(Sums)} == {"count", "total", "squares", "low", "high", "zeros", "odd"}
