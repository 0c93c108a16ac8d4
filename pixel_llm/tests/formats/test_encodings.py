"""Encodings: geometry of planes, decoding against the definition, quality and safety of quantising."""

from __future__ import annotations

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pixel_llm.errors import InvalidArgumentError
from pixel_llm.formats.encodings import (
    BF16,
    ENCODINGS,
    F16,
    F32,
    Q4_AFFINE,
    Q4_FIXED,
    Q8_AFFINE,
    Q8_FIXED,
    Encoding,
    decode_rows,
    encode_rows,
    plane_specs,
)

GROUPED = [e for e in ENCODINGS.values() if e.group]
ids = [e.name for e in GROUPED]


def random_planes(enc: Encoding, shape: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    codes, scales = plane_specs(enc, shape)
    return (
        rng.integers(0, 256, codes.shape, np.uint8).view(codes.sample.dtype),
        rng.standard_normal(scales.shape).astype(np.float16),
    )


def by_definition(enc: Encoding, planes: tuple[np.ndarray, ...], row: int, col: int) -> np.float32:
    """One value, from the formula and the nibble order of the format's description."""
    codes, scales = planes
    group, at = divmod(col, enc.group)
    if enc.bits == 4:
        half = enc.group // 2
        byte = int(codes[row, group * half + at % half])
        code = byte >> 4 if at >= half else byte & 15
    else:
        code = int(codes[row, col])
    if enc.has_offset:
        scale, offset = scales[row, group].astype(np.float32)
        return scale * np.float32(code) + offset
    return np.float32(scales[row, group]) * np.float32(code - enc.zero_point)


@pytest.mark.parametrize("enc", GROUPED, ids=ids)
def test_decoding_follows_the_definition(enc: Encoding) -> None:
    rng = np.random.default_rng(1)
    planes = random_planes(enc, (5, 96), rng)
    got = decode_rows(enc, planes)
    want = np.array([[by_definition(enc, planes, r, c) for c in range(96)] for r in range(5)])
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("enc", GROUPED, ids=ids)
def test_decoding_into_strided_memory_and_in_slices(enc: Encoding) -> None:
    planes = random_planes(enc, (700, 512), np.random.default_rng(2))  # more than one block of rows
    whole = decode_rows(enc, planes)
    strided = np.zeros((700, 1024), np.float32)[:, ::2]
    decode_rows(enc, planes, out=strided)
    np.testing.assert_array_equal(strided, whole)
    part = decode_rows(enc, tuple(p[100:103] for p in planes))
    np.testing.assert_array_equal(part, whole[100:103])
    assert decode_rows(enc, tuple(p[:0] for p in planes)).shape == (0, 512)


def test_plain_floats() -> None:
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((3, 7)).astype(np.float32)
    np.testing.assert_array_equal(decode_rows(F32, encode_rows(F32, rows)), rows)
    np.testing.assert_array_equal(decode_rows(F16, encode_rows(F16, rows)), rows.astype(np.float16).astype(np.float32))
    bits = np.arange(1 << 16, dtype=np.uint16)[None]
    decoded = decode_rows(BF16, (bits,))
    np.testing.assert_array_equal(decoded.view(np.uint32) >> 16, bits)
    back = encode_rows(BF16, decoded)[0]
    nan = np.isnan(decoded)
    np.testing.assert_array_equal(back[~nan], bits[~nan])
    assert np.isnan(decode_rows(BF16, (back,))[nan].astype(np.float64)).all()


def test_bf16_rounds_to_nearest_even_as_ml_dtypes_does() -> None:
    import ml_dtypes

    rng = np.random.default_rng(4)
    bits = rng.integers(0, 1 << 32, (1, 50_000), np.uint64).astype(np.uint32)
    bits[0, :4] = (0x3F808000, 0x3F818000, 0x7F7FFFFF, 0x00008000)
    rows = bits.view(np.float32)
    rows = rows[~np.isnan(rows)][None]
    with np.errstate(over="ignore"):
        want = rows.astype(ml_dtypes.bfloat16).view(np.uint16)
    np.testing.assert_array_equal(encode_rows(BF16, rows)[0], want)


def test_float16_keeps_infinities_and_refuses_overflow() -> None:
    rows = np.array([[np.inf, -np.inf, np.nan, 65504.0]], np.float32)
    np.testing.assert_array_equal(decode_rows(F16, encode_rows(F16, rows)), rows)
    with pytest.raises(InvalidArgumentError, match=r"blk\.0: has weights beyond"):
        encode_rows(F16, np.array([[70_000.0]], np.float32), name="blk.0")


def test_geometry() -> None:
    assert [(s.suffix, s.shape) for s in plane_specs(Q4_AFFINE, (3, 64))] == [("codes", (3, 32)), ("scales", (3, 2, 2))]
    assert [(s.suffix, s.shape) for s in plane_specs(Q8_FIXED, (64,))] == [("codes", (1, 64)), ("scales", (1, 2))]
    assert [(s.suffix, s.shape) for s in plane_specs(BF16, (5, 3))] == [("", (5, 3))]
    assert not Q4_AFFINE.fits((3, 48))
    assert F16.fits((3, 7))


@pytest.mark.parametrize("shape", [(), (2, 3, 4), (0, 32), (3, 48)])
def test_impossible_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidArgumentError):
        plane_specs(Q4_FIXED, shape)


def test_wrong_planes_and_outputs() -> None:
    codes, scales = random_planes(Q4_FIXED, (2, 64), np.random.default_rng(5))
    with pytest.raises(InvalidArgumentError, match="scales plane"):
        decode_rows(Q4_FIXED, (codes, scales[:, :1]))
    with pytest.raises(InvalidArgumentError, match="codes plane"):
        decode_rows(Q4_FIXED, (codes.view(np.int8), scales))
    with pytest.raises(InvalidArgumentError, match="out is"):
        decode_rows(Q4_FIXED, (codes, scales), out=np.empty((2, 32), np.float32))
    with pytest.raises(InvalidArgumentError, match="not a float32 matrix"):
        encode_rows(Q4_FIXED, np.zeros((2, 64)))
    with pytest.raises(InvalidArgumentError, match="whole groups"):
        encode_rows(Q4_FIXED, np.zeros((2, 48), np.float32))


def rmse(enc: Encoding, rows: np.ndarray) -> float:
    return float(np.sqrt(np.mean((decode_rows(enc, encode_rows(enc, rows)) - rows) ** 2)))


@pytest.mark.parametrize(
    ("enc", "peer", "share"),
    [(Q4_FIXED, "Q4_0", 0.98), (Q4_AFFINE, "Q4_1", 0.96), (Q8_FIXED, "Q8_0", 1.001), (Q8_AFFINE, "Q8_0", 0.95)],
)
def test_error_is_at_most_ggmls(enc: Encoding, peer: str, share: float) -> None:
    rows = (np.random.default_rng(6).standard_normal((64, 1024)) * 0.02).astype(np.float32)
    kind = gguf.GGMLQuantizationType[peer]
    theirs = gguf.quants.dequantize(gguf.quants.quantize(rows, kind), kind)
    assert rmse(enc, rows) <= share * float(np.sqrt(np.mean((theirs - rows) ** 2)))


@pytest.mark.parametrize("enc", GROUPED, ids=ids)
def test_quantising_is_deterministic_and_knows_no_chunks(enc: Encoding) -> None:
    rows = np.random.default_rng(7).standard_normal((300, 512)).astype(np.float32)  # more groups than one batch
    whole = encode_rows(enc, rows)
    parts = [encode_rows(enc, rows[:7]), encode_rows(enc, rows[7:])]
    for i, plane in enumerate(whole):
        np.testing.assert_array_equal(plane, np.concatenate([p[i] for p in parts]))


@pytest.mark.parametrize("enc", GROUPED, ids=ids)
def test_what_the_encoding_holds_comes_back(enc: Encoding) -> None:
    """Values on the grid of exact scales are reproduced."""
    rng = np.random.default_rng(8)
    low, high = (-8, 8) if enc.bits == 4 else (-128 if enc.has_offset else -127, 128)
    codes = rng.integers(low, high, (4, 64))
    codes[:, ::16] = low
    codes[:, 1::16] = high - 1
    rows = (codes * 0.25).astype(np.float32)
    np.testing.assert_array_equal(decode_rows(enc, encode_rows(enc, rows)), rows)
    zero = np.zeros((2, 64), np.float32)
    np.testing.assert_array_equal(decode_rows(enc, encode_rows(enc, zero)), zero)


@pytest.mark.parametrize("enc", GROUPED, ids=ids)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_non_finite_weights_are_refused_by_name(enc: Encoding, bad: float) -> None:
    rows = np.zeros((3, 64), np.float32)
    rows[2, 40] = bad
    with pytest.raises(InvalidArgumentError, match=r"blk\.3\.ffn_up: has NaN or infinite"):
        encode_rows(enc, rows, name="blk.3.ffn_up")


@pytest.mark.parametrize("enc", GROUPED, ids=ids)
def test_weights_beyond_the_scales_are_refused(enc: Encoding) -> None:
    rows = np.zeros((1, 64), np.float32)
    rows[0, 3], rows[0, 4] = 3e38, -3e38
    with pytest.raises(InvalidArgumentError, match="beyond float16"):
        encode_rows(enc, rows)


@settings(max_examples=60, deadline=None)
@given(
    rows=hnp.arrays(np.float32, (2, 64), elements=st.floats(-30_000, 30_000, width=32)),
    exponent=st.integers(-40, 0),
    enc=st.sampled_from(GROUPED),
)
def test_error_is_bounded(rows: np.ndarray, exponent: int, enc: Encoding) -> None:
    """No weight is further off than a step of the codes: half of one, and as much for the scale's float16."""
    rows = np.ldexp(rows, exponent).astype(np.float32)
    got = decode_rows(enc, encode_rows(enc, rows)).astype(np.float64).reshape(-1, enc.group)
    x = rows.astype(np.float64).reshape(-1, enc.group)
    peak = np.abs(x).max(1)
    if enc.has_offset:
        # One step, one unit in the last place of the float16 offset, and the smallest float16.
        bound = (x.max(1) - x.min(1)) / (2**enc.bits - 1) + peak * 2.0**-10 + 2.0**-23
    elif enc.bits == 4:
        bound = peak / 8 + peak * 2.0**-9 + 2.0**-20
    else:
        bound = peak / 254 + peak * 2.0**-11 + 2.0**-17
    if enc.bits == 4:  # least squares may move a single weight further where the group as a whole gains
        bound = bound * 4
    assert (np.abs(got - x).max(1) <= bound).all()
