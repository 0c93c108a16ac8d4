import pytest

from tinypixel.blocked import why


def test_shortest_way_and_first_in_order():
    states = {"t": "pending", "x": "pending", "b": "pending", "a": "pending", "r": "ready"}
    needs = {"t": ["x", "b", "a"], "x": ["b"], "b": ["r"], "a": ["r"]}
    assert why("t", states, needs) == ["waits for r (ready) via a"]
    assert why("t", states, {**needs, "t": ["x"]}) == ["waits for r (ready) via x, b"]


def test_direct_beats_indirect():
    states = {"t": "blocked", "m": "blocked", "r": "needs_human"}
    assert why("t", states, {"t": ["m", "r"], "m": ["r"]}) == ["waits for r (needs_human)"]


def test_not_through_running_tasks():
    states = {"t": "blocked", "m": "running", "r": "failed"}
    assert why("t", states, {"t": ["m"], "m": ["r"]}) == ["waits for m (running)"]


def test_inconsistent_states():
    states = {"t": "pending", "m": "blocked", "d": "accepted"}
    assert why("t", states, {"t": ["m"], "m": ["d"]}) == ["waits for m (blocked)"]
    assert why("t", states, {"t": ["d"]}) == ["t could start: nothing it needs is missing"]
    assert why("m", states, {}) == ["m could start: nothing it needs is missing"]


def test_cycles_end():
    states = {"a": "pending", "b": "pending", "c": "failed"}
    assert why("a", states, {"a": ["b"], "b": ["a", "c"]}) == ["waits for c (failed) via b"]
    assert why("a", states, {"a": ["b"], "b": ["a"]}) == ["a could start: nothing it needs is missing"]


def test_long_chain():
    n = 3000
    states = {f"t{i:04}": "blocked" for i in range(n)} | {"t0000": "cancelled"}
    needs = {f"t{i:04}": [f"t{i - 1:04}"] for i in range(1, n)}
    (line,) = why("t2999", states, needs)
    assert line.startswith("waits for t0000 (cancelled) via t2998, ") and line.endswith(", t0001")


@pytest.mark.parametrize("state", ["accepted", "running", "ready", "needs_human", "failed", "cancelled"])
def test_other_states(state):
    assert why("t", {"t": state, "a": "failed"}, {"t": ["a"]}) == [f"t is {state}"]


def test_unknown():
    with pytest.raises(KeyError):
        why("t", {}, {})
    with pytest.raises(KeyError):
        why("t", {"t": "pending"}, {"t": ["ghost"]})
