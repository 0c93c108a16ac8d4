import numpy as np
import pytest

from tinypixel.blocks import q4_0_blocks, q4_0_planes, q8_0_blocks, q8_0_planes


def test_round_trips():
    random = np.random.default_rng(0)
    for size, planes, blocks in ((34, q8_0_planes, q8_0_blocks), (18, q4_0_planes, q4_0_blocks)):
        data = random.integers(0, 256, 6 * size, dtype=np.uint8).tobytes()
        assert blocks(*planes(data, 3, 64)) == data


def test_length():
    with pytest.raises(ValueError):
        q8_0_planes(bytes(33), 1, 32)
