import pytest

from tinypixel.search import halving


def test_finds_the_least():
    best, log = halving([5, 3, 8, 1], lambda c, effort: c)
    assert best == 1 and [entry[0] for entry in log] == [1, 1, 1, 1, 2, 2, 4]


def test_nothing():
    with pytest.raises(ValueError):
        halving([], lambda c, effort: c)
