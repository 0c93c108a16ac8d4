import math

import pytest

from tinypixel.search import halving


def test_rounds_and_order():
    best, log = halving([4, 2, 6, 1, 3], lambda c, e: c, first=3)
    assert best == 1
    assert [(e, c) for e, c, _ in log] == [(3, 4), (3, 2), (3, 6), (3, 1), (3, 3), (6, 2), (6, 1), (6, 3), (12, 2), (12, 1), (24, 1)]


def test_effort_changes_the_verdict():
    values = {"a": {1: 1, 2: 9}, "b": {1: 2, 2: 2, 4: 2}, "c": {1: 3}}
    assert halving(list("abc"), lambda c, e: values[c][e])[0] == "b"


def test_one_candidate_and_ties():
    assert halving(["x"], lambda c, e: 7) == ("x", [(1, "x", 7.0)])
    assert halving(["a", "b", "c", "d"], lambda c, e: 1)[0] == "a"
    assert [c for e, c, _ in halving(["a", "b", "c", "d"], lambda c, e: 1)[1] if e == 2] == ["a", "b"]


def test_keep_always_drops_one():
    _, log = halving([1, 2, 3], lambda c, e: c, keep=0.99)
    assert [e for e, _, _ in log] == [1, 1, 1, 2, 2, 4]
    _, log = halving(list(range(10)), lambda c, e: c, keep=0.01)
    assert len(log) == 11


def test_not_hashable_not_comparable():
    best, _ = halving([{"tile": 8}, {"tile": 4}, {"tile": 16}], lambda c, e: abs(c["tile"] - 4))
    assert best == {"tile": 4}


def test_bad_measurements():
    def measure(c, e):
        if c == "raises":
            raise ValueError("does not compile")
        return math.nan if c == "nan" else 5.0

    best, log = halving(["raises", "nan", "fine"], measure)
    assert best == "fine" and [v for _, _, v in log[:3]] == [math.inf, math.inf, 5.0]
    with pytest.raises(ValueError):
        halving(["raises", "nan"], measure)


def test_other_exceptions_go_through():
    def broken(c, e):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        halving([1, 2], broken)


@pytest.mark.parametrize(("first", "keep"), [(0, 0.5), (-1, 0.5), (1, 0.0), (1, 1.0), (1, float("nan"))])
def test_settings(first, keep):
    with pytest.raises(ValueError):
        halving([1], lambda c, e: 1, first, keep)
