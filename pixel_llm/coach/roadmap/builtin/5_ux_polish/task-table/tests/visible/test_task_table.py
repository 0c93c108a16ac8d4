import pytest

from tinypixel.table import phases, table


def test_table():
    assert table(["a", "n"], [["long", "1"], ["b", "22"]], right={1}) == "a      n\n----  --\nlong   1\nb     22"


def test_phases():
    tasks = [{"phase": "p", "state": "accepted"}, {"phase": "p", "state": "ready"}, {"phase": "q", "state": "cancelled"}]
    assert phases(tasks).splitlines()[2:] == ["p             1      2  50", "q             0      0   -"]


def test_cells():
    with pytest.raises(ValueError):
        table(["a"], [["1", "2"]])
