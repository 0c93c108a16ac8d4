import pytest

from tinypixel.states import move, settle


def test_settle():
    states = {"a": "accepted", "b": "pending", "c": "pending", "d": "failed", "e": "ready"}
    needs = {"b": ["a"], "c": ["b"], "e": ["d"]}
    assert settle(states, needs) == {"a": "accepted", "b": "ready", "c": "pending", "d": "failed", "e": "blocked"}


def test_move():
    assert move({"a": "ready"}, "a", "running") == {"a": "running"}
    with pytest.raises(ValueError, match="a.*ready.*accepted"):
        move({"a": "ready"}, "a", "accepted")
