import re

import numpy as np
import pytest

from tinypixel.order import CycleError, in_order


def test_long_chain():
    n = 100_000
    tasks = {f"t{i:06}": (5, [f"t{i - 1:06}"] if i else []) for i in range(n)}
    assert in_order(tasks) == sorted(tasks)


def test_wide():
    n = 50_000
    tasks = {f"t{i:06}": (i % 10, []) for i in range(n)}
    order = in_order(tasks)
    assert order == sorted(tasks, key=lambda t: (-tasks[t][0], t))


def test_a_dependency_named_twice_counts_once():
    assert in_order({"a": (1, []), "b": (1, ["a", "a"])}) == ["a", "b"]


def test_random_graphs():
    random = np.random.default_rng(3)
    for _ in range(100):
        names = [f"n{i}" for i in random.permutation(30)]
        tasks = {}
        for i, name in enumerate(names):
            needed = [names[int(j)] for j in random.integers(0, i, random.integers(0, 4))] if i else []
            tasks[name] = (int(random.integers(1, 11)), needed)
        done, order = set(), in_order(tasks)
        assert sorted(order) == sorted(tasks)
        for name in order:
            possible = [t for t in tasks if t not in done and set(tasks[t][1]) <= done]
            assert name == min(possible, key=lambda t: (-tasks[t][0], t))
            done.add(name)


def test_unknown_dependency():
    with pytest.raises(ValueError, match="(?s)a.*ghost") as caught:
        in_order({"a": (1, ["ghost"])})
    assert not isinstance(caught.value, CycleError)


@pytest.mark.parametrize(
    ("tasks", "shown"),
    [
        ({"a": (1, ["a"])}, "a -> a"),
        ({"q": (1, ["p"]), "p": (1, ["r"]), "r": (1, ["q"]), "a": (1, ["q"])}, "p -> r -> q -> p"),
        ({"a": (1, []), "z": (9, ["y", "a"]), "y": (1, ["z"])}, "y -> z -> y"),
    ],
)
def test_cycles_are_shown(tasks, shown):
    with pytest.raises(CycleError, match=re.escape(shown) + r"(?! ->)"):
        in_order(tasks)


def test_nothing():
    assert in_order({}) == []
