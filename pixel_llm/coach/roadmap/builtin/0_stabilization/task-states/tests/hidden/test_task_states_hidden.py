import pytest

from tinypixel.states import move, settle

STATES = ["pending", "ready", "running", "accepted", "needs_human", "blocked", "failed", "cancelled"]
ALLOWED = {
    ("ready", "running"), ("running", "accepted"), ("running", "needs_human"), ("running", "failed"), ("running", "ready"),
    ("needs_human", "accepted"), ("needs_human", "ready"), ("needs_human", "cancelled"), ("failed", "ready"),
    ("failed", "cancelled"), ("pending", "cancelled"), ("ready", "cancelled"), ("blocked", "cancelled"),
}  # fmt: skip


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_moves(before, after):
    states = {"t": before, "u": "ready"}
    if (before, after) in ALLOWED:
        assert move(states, "t", after) == {"t": after, "u": "ready"}
    else:
        with pytest.raises(ValueError, match="t"):
            move(states, "t", after)
    assert states == {"t": before, "u": "ready"}


def test_unknown():
    with pytest.raises(KeyError):
        move({}, "t", "ready")
    with pytest.raises(ValueError):
        move({"t": "ready"}, "t", "sleeping")


def test_blocked_through_a_running_task():
    states = {"a": "failed", "b": "running", "c": "pending"}
    assert settle(states, {"b": ["a"], "c": ["b"]})["c"] == "blocked"


def test_blocked_through_a_chain_in_any_order():
    names = [f"t{i}" for i in range(50)]
    states = {name: "pending" for name in reversed(names)} | {"t0": "needs_human"}
    needs = {names[i]: [names[i - 1]] for i in range(1, 50)}
    out = settle(states, needs)
    assert all(out[name] == "blocked" for name in names[1:])


def test_comes_back_from_blocked():
    needs = {"b": ["a"], "c": ["b"]}
    assert settle({"a": "ready", "b": "blocked", "c": "blocked"}, needs) == {"a": "ready", "b": "pending", "c": "pending"}
    assert settle({"a": "accepted", "b": "blocked", "c": "blocked"}, needs) == {"a": "accepted", "b": "ready", "c": "pending"}


def test_others_stay_and_nothing_is_changed_in_place():
    states = {"a": "failed", "b": "accepted", "c": "cancelled", "d": "running", "e": "pending"}
    before = dict(states)
    needs = {name: ["a"] for name in "bcd"}
    assert settle(states, needs) == {**before, "e": "ready"}
    assert states == before
