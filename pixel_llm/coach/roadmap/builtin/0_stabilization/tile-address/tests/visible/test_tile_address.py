import pytest

from tinypixel.tiles import address, tiles_of


def test_address():
    assert address(300, 5) == ((1, 0), (44, 5))


def test_region_across_a_border():
    assert tiles_of(250, 0, 10, 1) == [(0, 0), (1, 0)]


def test_size():
    with pytest.raises(ValueError):
        address(0, 0, 0)
