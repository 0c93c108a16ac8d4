import pytest

from tinypixel.order import CycleError, in_order


def test_dependencies_then_priority():
    tasks = {"c": (1, []), "a": (5, ["c"]), "b": (9, []), "d": (5, ["c"])}
    assert in_order(tasks) == ["b", "c", "a", "d"]


def test_cycle():
    with pytest.raises(CycleError, match="a -> b -> a"):
        in_order({"b": (1, ["a"]), "a": (1, ["b"]), "x": (1, [])})
