import warnings

import numpy as np
import pytest

from tinypixel.f16 import pack, unpack


def test_every_half():
    halves = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
    words = pack(halves)
    assert words.dtype == np.uint32 and words.shape == (32768,)
    assert np.array_equal(unpack(words, 65536), halves, equal_nan=True)


def test_rounds_to_nearest_even():
    one = np.float32(1)
    values = np.array([one + 2**-11, one + 3 * 2**-11, 2**-25, 1.5 * 2**-24], np.float32)
    assert unpack(pack(values), 4).tolist() == [1.0, 1.0 + 2 * 2**-10, 0.0, 2 * 2**-24]


def test_out_of_range_is_infinite_and_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = unpack(pack(np.array([1e6, -1e6, np.inf, 65504], np.float32)), 4)
    assert found.tolist() == [np.inf, -np.inf, np.inf, 65504]


def test_shapes():
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert np.array_equal(unpack(pack(values.T), 6), values.T.reshape(-1))
    assert pack(np.zeros(0, np.float32)).shape == (0,)
    assert pack(np.ones(3, np.float32)).tolist() == [0x3C003C00, 0x00003C00]


@pytest.mark.parametrize("count", [-1, 5])
def test_count(count):
    with pytest.raises(ValueError):
        unpack(np.zeros(2, np.uint32), count)


def test_types():
    with pytest.raises(ValueError):
        unpack(np.zeros(2, np.int32), 1)
    with pytest.raises(ValueError):
        pack(np.zeros(2, np.float16))
