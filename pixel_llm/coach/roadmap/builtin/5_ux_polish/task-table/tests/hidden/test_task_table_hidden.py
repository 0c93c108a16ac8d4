import pytest

from tinypixel.table import phases, table


def test_narrow():
    text = table(["id", "title"], [["task-1", "x" * 50], ["t2", "short"]], width=30)
    assert text.splitlines() == ["id      title", "------  ----------------------", "task-1  xxxxxxxxxxxxxxxxxxxxx…", "t2      short"]


def test_the_widest_shrinks_first_and_four_is_the_least():
    lines = table(["a", "b"], [["a" * 20, "b" * 10]], width=20).splitlines()
    assert lines[2] == "aaaaaaaa…  bbbbbbbb…"
    lines = table(["a", "b", "c"], [["a" * 9, "b" * 9, "cc"]], width=3).splitlines()
    assert lines[2] == "aaa…  bbb…  cc"
    assert all(len(line) <= 40 for line in table(["a", "b"], [["x" * 90, "y" * 70]], width=40).splitlines())


def test_first_of_equal_ones():
    assert table(["a", "b"], [["a" * 10, "b" * 10]], width=21).splitlines()[2] == "aaaaaaaa…  bbbbbbbbbb"


def test_control_characters():
    assert table(["a"], [["x\ny\t\x1b[31mz"]]).splitlines()[2] == "x y  [31mz"


def test_no_white_space_at_the_end():
    text = table(["name", "note"], [["a", ""], ["bbbbbb", "c"]])
    assert all(line == line.rstrip() for line in text.splitlines())


def test_empty():
    assert table(["a", "b"], []) == "a  b\n-  -"
    assert phases([]).splitlines()[0].split() == ["phase", "accepted", "total", "%"]


def test_phases():
    tasks = [{"phase": "z", "state": s} for s in ("accepted", "accepted", "failed", "cancelled")] + [{"phase": "a", "state": "accepted"}]
    rows = [line.split() for line in phases(tasks).splitlines()[2:]]
    assert rows == [["z", "2", "3", "66"], ["a", "1", "1", "100"]]


@pytest.mark.parametrize("row", [[], ["1"], ["1", "2", "3"]])
def test_rows(row):
    with pytest.raises(ValueError):
        table(["a", "b"], [row])
