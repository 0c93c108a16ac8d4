import pytest

from tinypixel.morton import decode, encode, parent, ranges


def test_round_trip():
    assert decode(encode(5, 9)) == (5, 9)
    assert parent(encode(4, 8)) == parent(encode(5, 9))


def test_ranges():
    assert ranges(0, 0, 1, 1, 4) == [(encode(0, 0, 4), encode(1, 1, 4))]
    with pytest.raises(ValueError):
        ranges(1, 0, 0, 0)
