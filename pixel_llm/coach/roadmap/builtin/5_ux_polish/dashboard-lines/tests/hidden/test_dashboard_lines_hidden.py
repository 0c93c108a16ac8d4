import pytest

from tinypixel.progress import bar, duration, eta, line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0s"), (0.99, "0.9s"), (0.3, "0.3s"), (9.99, "9.9s"), (10, "10s"), (59.9, "59s"), (60, "1m00s"), (3599.9, "59m59s"), (3600, "1h00m"), (7500, "2h05m"),
     (86399, "23h59m"), (86400, "1d00h"), (273600, "3d04h"), (-1, "?"), (float("nan"), "?"), (float("inf"), "?")],
)  # fmt: skip
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("done", "total", "width", "text"),
    [(0, 0, 3, "..."), (5, 0, 3, "..."), (0, 9, 3, "..."), (1, 1000, 4, "#..."), (999, 1000, 4, "###."), (1000, 1000, 4, "####"), (7, 5, 2, "##"), (-3, 5, 2, ".."), (1, 2, 1, "#")],
)  # fmt: skip
def test_bar(done, total, width, text):
    assert bar(done, total, width) == text


def test_eta():
    assert eta([], 3) is None and eta([], 0) == 0.0 and eta([1.0], -1) == 0.0
    assert eta([100.0] * 5 + [2.0] * 10, 4) == 8.0
    assert eta([1.0, 3.0], 1) == 2.0 and eta([1.0], 7, 3) == 3.0


def test_line_fits():
    text = line("a very long title of a phase", 3, 4, [], "1.2", width=60)
    assert len(text) == 60 and "…  [" in text and text.startswith("a ") and "eta ?" in text
    assert line("abcdef", 0, 1, [5.0], "0", width=10).startswith("a…  [")
    assert line("ab", 0, 1, [5.0], "0", width=10).startswith("ab  [")
