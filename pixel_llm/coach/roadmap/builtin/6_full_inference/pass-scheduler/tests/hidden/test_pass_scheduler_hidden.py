import pytest

from tinypixel.schedule import Sequence, next_pass


def decoding(n):
    return [Sequence(f"d{i:02}", 1, 1, i) for i in range(n)]


def test_prefill_does_not_starve():
    out = next_pass([*decoding(50), Sequence("p", 500, 0, 99)], 40)
    assert out == [(f"d{i:02}", 1) for i in range(30)] + [("p", 10)]


def test_reserve_is_not_wasted():
    out = next_pass([*decoding(50), Sequence("p", 10, 7, 99)], 40)
    assert out == [(f"d{i:02}", 1) for i in range(37)] + [("p", 3)]


def test_small_budgets():
    both = [*decoding(5), Sequence("p", 10, 0, 0)]
    assert next_pass(both, 1) == [("d00", 1)]
    assert next_pass(both, 2) == [("d00", 1), ("p", 1)]
    assert next_pass(both, 3) == [("d00", 1), ("d01", 1), ("p", 1)]
    assert next_pass([Sequence("p", 10, 0, 0)], 1) == [("p", 1)]


def test_chunks_and_what_is_left():
    sequences = [Sequence("b", 300, 299, 1), Sequence("a", 300, 0, 1), Sequence("c", 300, 0, 0)]
    assert next_pass(sequences, 100, chunk=60) == [("c", 60), ("a", 40)]
    assert next_pass(sequences, 1000, chunk=60) == [("c", 60), ("a", 60), ("b", 1)]
    assert next_pass([], 5) == []


def test_everything_is_done_in_the_end():
    state = {f"s{i}": Sequence(f"s{i}", 30 + i, 0, i) for i in range(6)}
    for _ in range(400):
        given = next_pass(list(state.values()), 16, chunk=8)
        assert 0 < sum(n for _, n in given) <= 16 and len({name for name, _ in given}) == len(given)
        for name, n in given:
            state[name] = state[name]._replace(done=state[name].done + n)
    assert all(s.done > s.prompt + 50 for s in state.values())


@pytest.mark.parametrize(("sequences", "budget", "chunk"), [
    ([Sequence("x", 0, 0, 0)], 4, 4), ([Sequence("x", 1, -1, 0)], 4, 4), ([Sequence("x", 1, 0, 0)] * 2, 4, 4), ([], -1, 4), ([], 4, 0),
])  # fmt: skip
def test_refused(sequences, budget, chunk):
    with pytest.raises(ValueError, match="x" if sequences else ""):
        next_pass(sequences, budget, chunk)
