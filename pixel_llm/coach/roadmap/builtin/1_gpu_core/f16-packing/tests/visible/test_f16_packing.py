import numpy as np
import pytest

from tinypixel.f16 import pack, unpack


def test_first_in_the_low_half():
    assert pack(np.array([1.0, -2.0], np.float32)).tolist() == [0xC0003C00]


def test_round_trip_of_an_odd_count():
    values = np.array([0.5, 1.5, -3.0], np.float32)
    assert unpack(pack(values), 3).tolist() == [0.5, 1.5, -3.0]


def test_type():
    with pytest.raises(ValueError):
        pack(np.zeros(2))
