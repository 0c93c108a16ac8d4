"""GGML's block types against the `gguf` package, bit for bit."""

from __future__ import annotations

import gguf
import numpy as np
import pytest

from pixel_llm.formats.encodings import decode_rows, encode_rows
from pixel_llm.formats.ggml_blocks import (
    BY_NAME,
    BY_NUMBER,
    BlockType,
    codes_fit,
    dequantise,
    from_planes,
    overflows,
    to_planes,
)

READ = [t for t in BY_NAME.values() if t.encoding is not None]
LOSSLESS = [t for t in READ if t.lossless]
K_QUANTS = [t for t in READ if not t.lossless]
SUPER_SCALES = {"Q2_K": (80, 84), "Q3_K": (108, 110), "Q4_K": (0, 4), "Q5_K": (0, 4), "Q6_K": (208, 210)}


def name(kind: BlockType) -> str:
    return kind.name


def random_blocks(kind: BlockType, rng: np.random.Generator, rows: int = 16, width: int = 1024) -> np.ndarray:
    """Random bytes: every code, and scales of every size, NaN and infinity among them."""
    return rng.integers(0, 256, (rows, kind.row_bytes(width)), np.uint8)


def tame_blocks(kind: BlockType, rng: np.random.Generator, scale: float = 1e-4) -> np.ndarray:
    """Random codes under super-scales as real models have them."""
    raw = random_blocks(kind, rng)
    start, stop = SUPER_SCALES[kind.name]
    blocks = raw.reshape(raw.shape[0], -1, kind.nbytes)
    size = (*blocks.shape[:2], (stop - start) // 2)
    blocks[..., start:stop] = (scale * rng.uniform(0.5, 2, size)).astype("<f2").view(np.uint8)
    return raw


def reference(kind: BlockType, raw: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return gguf.quants.dequantize(raw, gguf.GGMLQuantizationType[kind.name])


def test_sizes_are_ggmls() -> None:
    for kind in BY_NUMBER.values():
        number = gguf.GGMLQuantizationType[kind.name]
        assert (kind.number, kind.weights, kind.nbytes) == (number, *gguf.GGML_QUANT_SIZES[number])


@pytest.mark.parametrize("kind", READ, ids=name)
@pytest.mark.parametrize("seed", range(3))
def test_dequantised_values_are_ggmls(kind: BlockType, seed: int) -> None:
    raw = random_blocks(kind, np.random.default_rng(seed))
    np.testing.assert_array_equal(dequantise(kind, raw), reference(kind, raw))


@pytest.mark.parametrize("kind", LOSSLESS, ids=name)
def test_lossless_types_come_back_bit_for_bit(kind: BlockType) -> None:
    """NaN scales with payloads included: no float is computed on the way."""
    raw = random_blocks(kind, np.random.default_rng(9), rows=64)
    planes = to_planes(kind, raw)
    np.testing.assert_array_equal(from_planes(kind, planes), raw)
    if kind.name not in ("F32", "F16", "BF16"):
        np.testing.assert_array_equal(decode_rows(kind.encoding, planes), reference(kind, raw))


@pytest.mark.parametrize("peer", ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"])
def test_blocks_that_gguf_quantised(peer: str) -> None:
    rows = np.random.default_rng(10).standard_normal((8, 256)).astype(np.float32)
    raw = gguf.quants.quantize(rows, gguf.GGMLQuantizationType[peer])
    planes = to_planes(BY_NAME[peer], raw)
    assert np.abs(decode_rows(BY_NAME[peer].encoding, planes) - rows).max() < 0.5
    np.testing.assert_array_equal(from_planes(BY_NAME[peer], planes), raw)
    assert codes_fit(BY_NAME[peer], planes[0])


@pytest.mark.parametrize("peer", ["Q4_0", "Q4_1", "Q8_0"])
def test_our_quantisation_is_valid_ggml(peer: str) -> None:
    """What encode_rows makes means the same to GGML."""
    kind = BY_NAME[peer]
    rows = np.random.default_rng(11).standard_normal((4, 128)).astype(np.float32)
    planes = encode_rows(kind.encoding, rows)
    np.testing.assert_array_equal(reference(kind, from_planes(kind, planes)), decode_rows(kind.encoding, planes))


@pytest.mark.parametrize("kind", K_QUANTS, ids=name)
@pytest.mark.parametrize("scale", [1e-7, 1e-6, 1e-4, 1.0])
def test_k_quants_lose_only_the_rounding_of_scales(kind: BlockType, scale: float) -> None:
    raw = tame_blocks(kind, np.random.default_rng(12), scale)
    exact = reference(kind, raw).astype(np.float64)
    codes, scales = to_planes(kind, raw)
    stored = decode_rows(kind.encoding, (codes, scales)).astype(np.float64)
    pairs = scales.astype(np.float64).reshape(scales.shape[0], -1, 2 if kind.encoding.has_offset else 1)
    highest = np.abs(pairs[..., 0]) * (15 if kind.encoding.bits == 4 else 32)
    bound = 1.01 * 2.0**-11 * (highest + (np.abs(pairs[..., 1]) if kind.encoding.has_offset else 0))
    error = np.abs(stored - exact).reshape(*bound.shape, -1).max(-1)
    assert (error <= bound).all()
    assert scale < 1e-5 or error.max() > 0  # products of subnormal super-scales are exact float16
    assert not overflows(kind, raw)


@pytest.mark.parametrize("kind", K_QUANTS, ids=name)
def test_k_quants_whose_scales_are_float16_are_exact(kind: BlockType) -> None:
    raw = tame_blocks(kind, np.random.default_rng(13))
    start, stop = SUPER_SCALES[kind.name]
    blocks = raw.reshape(raw.shape[0], -1, kind.nbytes)
    blocks[..., start:stop] = np.full((*blocks.shape[:2], (stop - start) // 2), 2.0**-6, "<f2").view(np.uint8)
    np.testing.assert_array_equal(decode_rows(kind.encoding, to_planes(kind, raw)), reference(kind, raw))


@pytest.mark.parametrize("kind", K_QUANTS, ids=name)
def test_overflow_and_non_finite_scales(kind: BlockType) -> None:
    start, stop = SUPER_SCALES[kind.name]
    raw = tame_blocks(kind, np.random.default_rng(14))
    blocks = raw.reshape(raw.shape[0], -1, kind.nbytes)

    def overflows_with(value: float) -> bool:
        blocks[0, 0, start:stop] = np.full((stop - start) // 2, value, "<f2").view(np.uint8)
        return overflows(kind, raw)

    assert overflows_with(60_000.0)
    assert not overflows_with(np.inf)  # it was infinite before
    assert not overflows_with(np.nan)
    np.testing.assert_array_equal(np.isnan(decode_rows(kind.encoding, to_planes(kind, raw))[0, :256]), True)


def test_codes_that_do_not_fit_are_told() -> None:
    assert not codes_fit(BY_NAME["Q5_0"], np.array([[16]], np.int8))
    assert not codes_fit(BY_NAME["Q5_1"], np.array([[32]], np.uint8))
    assert codes_fit(BY_NAME["Q5_1"], np.empty((0, 32), np.uint8))
