"""Quantising: the compiled kernels against NumPy's formulas, bit for bit, and what they must refuse."""

from __future__ import annotations

import platform
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pixel_llm.errors import InvalidArgumentError
from pixel_llm.formats.encodings import (
    ENCODINGS,
    Q4_AFFINE,
    Q8_FIXED,
    Encoding,
    decode_rows,
    encode_rows,
    quantise_rows,
)
from pixel_llm.formats.quantise_kernels import BLOCK, RESULT_WORDS, kernel
from pixel_llm.tests.formats import numpy_quantise

GROUPED = [e for e in ENCODINGS.values() if e.group]
each_encoding = pytest.mark.parametrize("enc", GROUPED, ids=[e.name for e in GROUPED])


def check(enc: Encoding, rows: np.ndarray) -> None:
    """Planes and stated error are the reference's, to the last bit."""
    (codes, scales), error = quantise_rows(enc, rows)
    want_codes, want_scales = numpy_quantise.quantise(enc, rows)
    np.testing.assert_array_equal(codes, want_codes)
    np.testing.assert_array_equal(scales.view(np.uint16), want_scales.view(np.uint16))
    assert codes.dtype == want_codes.dtype
    assert error == np.abs(decode_rows(enc, (codes, scales)) - rows).max(initial=0)


@each_encoding
@pytest.mark.parametrize("shape", [(1, 32), (1, 96), (3, 160), (16, 32), (17, 32), (5, 544), (130, 256)])
def test_every_shape_equals_the_reference(enc: Encoding, shape: tuple[int, int]) -> None:
    check(enc, np.random.default_rng(1).standard_normal(shape).astype(np.float32))


@each_encoding
def test_no_rows(enc: Encoding) -> None:
    planes, error = quantise_rows(enc, np.empty((0, 64), np.float32))
    assert decode_rows(enc, planes).shape == (0, 64)
    assert error == 0


def distributions() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    shape = (64, 128)
    normal = rng.standard_normal(shape)
    outliers = normal.copy()
    outliers[::3, ::40] *= 500
    signed_zeros = np.where(rng.random(shape) < 0.5, 0.0, -0.0)
    some = np.where(rng.random(shape) < 0.9, signed_zeros, normal)
    return {
        "normal": normal * 0.02,
        "laplace": rng.laplace(size=shape),
        "positive": rng.random(shape) + 0.01,
        "negative": -rng.random(shape) - 3,
        "outliers": outliers,
        "zeros": np.zeros(shape),
        "signed zeros": signed_zeros,
        "mostly zeros": some,
        "negative zeros": np.full(shape, -0.0),
        "constant": np.full(shape, 0.3),
        "constant rows": np.repeat(normal[:, :1], shape[1], 1),
        "nearly constant": 1 + normal * 1e-7,
        "on the grid": rng.integers(-8, 8, shape) * 0.25,
        "ties": (rng.integers(-16, 16, shape) + 0.5) * 2.0**-10,
        "float32 subnormals": normal * 1e-40,
        "every magnitude": normal * 2.0 ** rng.integers(-50, 10, (shape[0], 1)),
        "float16's subnormals": normal * 2.0**-20,
        "large": normal * 10_000,
        "to float16's end": np.clip(normal * 30_000, -65_504, 65_504),
    }


@each_encoding
@pytest.mark.parametrize("kind", distributions())
def test_every_distribution_equals_the_reference(enc: Encoding, kind: str) -> None:
    check(enc, distributions()[kind].astype(np.float32))


@settings(max_examples=80, deadline=None)
@given(
    rows=hnp.arrays(np.float32, (3, 32), elements=st.floats(-60_000, 60_000, width=32)),
    exponent=st.integers(-149, 0),
    enc=st.sampled_from(GROUPED),
)
def test_any_weights_equal_the_reference(rows: np.ndarray, exponent: int, enc: Encoding) -> None:
    check(enc, np.ldexp(rows, exponent).astype(np.float32))


@each_encoding
def test_strided_rows(enc: Encoding) -> None:
    rows = np.random.default_rng(3).standard_normal((9, 128)).astype(np.float32)
    check(enc, rows[::2, :64])
    check(enc, np.asfortranarray(rows))


@each_encoding
def test_a_plain_cpu_gives_the_same_bits(enc: Encoding) -> None:
    """Without AVX the same IR becomes other instructions; none of them fuses or reorders."""
    x = np.random.default_rng(4).standard_normal((4 * BLOCK, enc.group)).astype(np.float32)
    codes = np.empty((len(x), enc.group * enc.bits // 8), np.uint8)
    scales = np.empty((len(x), 2 if enc.has_offset else 1), np.float16)
    result = np.zeros(RESULT_WORDS, np.uint32)
    run = kernel(enc, "x86-64" if platform.machine() in ("x86_64", "AMD64") else "generic")
    run(x.ctypes.data, len(x) // BLOCK, codes.ctypes.data, scales.ctypes.data, result.ctypes.data)
    want_codes, want_scales = encode_rows(enc, x)
    np.testing.assert_array_equal(codes, want_codes.view(np.uint8))
    np.testing.assert_array_equal(scales.reshape(want_scales.shape), want_scales)


def test_several_threads_at_once() -> None:
    rows = np.random.default_rng(5).standard_normal((257, 256)).astype(np.float32)
    want = {e: encode_rows(e, rows) for e in (Q4_AFFINE, Q8_FIXED)}
    with ThreadPoolExecutor(4) as pool:
        for enc, got in pool.map(lambda e: (e, encode_rows(e, rows)), [Q4_AFFINE, Q8_FIXED] * 20):
            for a, b in zip(got, want[enc], strict=True):
                np.testing.assert_array_equal(a, b)


@each_encoding
@pytest.mark.parametrize("bad", [np.nan, -np.nan, np.inf, -np.inf])
def test_a_weight_that_is_not_finite_is_found_wherever_it_is(enc: Encoding, bad: float) -> None:
    rows = np.random.default_rng(6).standard_normal((7, 96)).astype(np.float32)
    for at in (0, 31, 32, 300, rows.size - 1):  # in whole blocks and in the rest
        spoilt = rows.copy()
        spoilt.flat[at] = bad
        with pytest.raises(InvalidArgumentError, match=r"blk\.9\.ffn_up: has NaN or infinite"):
            encode_rows(enc, spoilt, name="blk.9.ffn_up")


@each_encoding
@pytest.mark.parametrize("value", [3.4e38, -3.4e38])
@pytest.mark.parametrize("row", [0, 6])
def test_a_scale_beyond_float16_is_found_wherever_it_is(enc: Encoding, value: float, row: int) -> None:
    rows = np.ones((7, 96), np.float32)
    rows[row, 50] = value
    with pytest.raises(InvalidArgumentError, match="w: has weights whose scale is beyond float16"):
        encode_rows(enc, rows, name="w")


def test_the_first_offset_beyond_float16() -> None:
    """float16 rounds -65,519 to -65,504; the offset rounds down, so it may not."""
    rows = np.full((1, 32), -65_504, np.float32)
    assert decode_rows(Q4_AFFINE, encode_rows(Q4_AFFINE, rows))[0, 0] == -65_504
    with pytest.raises(InvalidArgumentError, match="beyond float16"):
        encode_rows(Q4_AFFINE, np.full((1, 32), -65_505, np.float32))
