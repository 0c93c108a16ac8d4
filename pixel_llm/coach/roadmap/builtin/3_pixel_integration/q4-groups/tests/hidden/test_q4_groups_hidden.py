import numpy as np
import pytest

from tinypixel.q4 import dequantise, quantise


def test_layout():
    weights = np.zeros((1, 32), np.float32)
    weights[0, :16], weights[0, 16:] = np.arange(16), 15 - np.arange(16)
    codes, scales = quantise(weights)
    assert scales.tolist() == [[[1, 0]]]
    assert codes[0].tolist() == [i | (15 - i) << 4 for i in range(16)]


def test_against_plain_arithmetic():
    random = np.random.default_rng(2)
    weights = (random.standard_normal((5, 96)) * random.uniform(0.01, 100, (5, 1))).astype(np.float32)
    codes, scales = quantise(weights)
    assert codes.dtype == np.uint8 and scales.dtype == np.float16
    for r in range(5):
        for g in range(3):
            part = weights[r, 32 * g : 32 * g + 32]
            offset = np.float16(part.min())
            scale = np.float16((part.max() - np.float32(offset)) / np.float32(15))
            assert scales[r, g, 0] == scale and scales[r, g, 1] == offset
            for i, w in enumerate(part):
                code = int(np.clip(np.rint((w - np.float32(offset)) / np.float32(scale)), 0, 15))
                byte = int(codes[r, 16 * g + i % 16])
                assert (byte >> 4 if i >= 16 else byte & 15) == code
    decoded = dequantise(codes, scales)
    assert decoded.dtype == np.float32 and decoded.shape == weights.shape
    assert (np.abs(decoded - weights).reshape(5, 3, 32) <= 0.51 * scales[:, :, :1].astype(np.float32) + 0.01 * np.abs(weights).reshape(5, 3, 32)).all()


def test_constant_groups():
    codes, scales = quantise(np.full((2, 32), 1.5, np.float32))
    assert not codes.any() and scales.tolist() == [[[0, 1.5]]] * 2
    assert (dequantise(codes, scales) == 1.5).all()


@pytest.mark.parametrize("bad", [np.zeros((1, 32)), np.zeros(32, np.float32), np.full((1, 32), np.nan, np.float32), np.full((1, 32), -1e6, np.float32)])
def test_refused(bad):
    with pytest.raises(ValueError):
        quantise(bad)


def test_a_range_beyond_float16():
    weights = np.zeros((1, 32), np.float32)
    weights[0, 0] = 3e6
    with pytest.raises(ValueError):
        quantise(weights)


def test_planes_that_do_not_fit():
    codes, scales = quantise(np.zeros((2, 64), np.float32))
    for bad in ((codes[:1], scales), (codes, scales[:, :1]), (codes.astype(np.int8), scales), (codes, scales.astype(np.float32)), (codes[:, :20], scales)):
        with pytest.raises(ValueError):
            dequantise(*bad)
