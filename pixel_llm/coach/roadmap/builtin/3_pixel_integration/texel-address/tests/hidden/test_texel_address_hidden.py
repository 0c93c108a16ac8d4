import numpy as np
import pytest

from tinypixel.q4 import dequantise, quantise
from tinypixel.texels import layers, locate


def test_every_weight_of_a_real_matrix():
    weights = np.random.default_rng(0).standard_normal((11, 96)).astype(np.float32)
    codes, scales = quantise(weights)
    width, height, count = layers(11, 96, 4)
    assert (width, height, count) == (3, 4, 3)
    texture = np.zeros((count, height, width, 4), "<u4")
    texture.reshape(-1)[: codes.size // 4] = codes.reshape(-1).view("<u4")
    decoded = dequantise(codes, scales)
    for row in range(11):
        for column in range(96):
            at = locate(row, column, 11, 96, 4)
            code = int(texture[at.layer, at.y, at.x, at.channel]) >> at.shift & 15
            scale, offset = scales[row, at.x].astype(np.float32)
            assert np.float32(scale * np.float32(code) + offset) == decoded[row, column]


def test_one_layer_is_as_high_as_its_rows():
    assert layers(8192, 32) == (1, 8192, 1) and layers(8193, 32) == (1, 8192, 2) and layers(5, 32) == (1, 5, 1)
    assert locate(8192, 31, 8193, 32) == (1, 0, 0, 3, 28)


@pytest.mark.parametrize(("rows", "columns", "limit"), [(0, 32, 8), (1, 0, 8), (1, 33, 8), (1, 32 * 9, 8), (-1, 32, 8)])
def test_refused(rows, columns, limit):
    with pytest.raises(ValueError):
        layers(rows, columns, limit)
    with pytest.raises(ValueError):
        locate(0, 0, rows, columns, limit)


@pytest.mark.parametrize(("row", "column"), [(-1, 0), (0, -1), (3, 0), (0, 32)])
def test_outside(row, column):
    with pytest.raises(IndexError):
        locate(row, column, 3, 32)
