import pytest

from tinypixel.schedule import Sequence, next_pass


def test_decode_first_then_prefill():
    sequences = [Sequence("p", 1000, 0, 0), Sequence("d", 5, 5, 1), Sequence("e", 5, 9, 0)]
    assert next_pass(sequences, 300) == [("e", 1), ("d", 1), ("p", 256)]


def test_budget():
    with pytest.raises(ValueError):
        next_pass([], 0)
