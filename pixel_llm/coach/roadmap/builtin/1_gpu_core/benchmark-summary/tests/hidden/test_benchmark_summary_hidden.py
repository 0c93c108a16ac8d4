import pytest

from tinypixel.measure import alternate, ratio, roofline


def test_order_and_clock():
    seen, now = [], [0.0]

    def work(name, cost):
        def function():
            seen.append(name)
            now[0] += cost

        return function

    def clock():
        seen.append("t")
        return now[0]

    times = alternate(work("a", 1.0), work("b", 3.0), 3, clock)
    assert times == ([1.0] * 3, [3.0] * 3)
    assert "".join(seen) == "ab" + "tattbt" + "tbttat" + "tattbt"


def test_rounds():
    with pytest.raises(ValueError):
        alternate(lambda: None, lambda: None, 0, lambda: 0.0)


def test_ratio_is_of_pairs():
    found = ratio([1.0, 10.0, 2.0], [4.0, 10.0, 6.0])
    assert found == {"median_first": 2.0, "median_second": 6.0, "ratio": 3.0, "low": 1.0, "high": 4.0}
    assert ratio([1.0, 2.0, 9.0, 4.0], [3.0, 2.0, 9.0, 20.0])["ratio"] == 2.0


@pytest.mark.parametrize(("a", "b"), [([], []), ([1.0], [1.0, 2.0]), ([0.0], [1.0]), ([1.0], [-1.0]), ([float("nan")], [1.0])])
def test_ratio_refuses(a, b):
    with pytest.raises(ValueError):
        ratio(a, b)


def test_roofline():
    assert roofline(10, 1000, 20.0, 10.0, 100.0) == ("compute", 0.5)
    assert roofline(10, 100, 4.0, 10.0, 100.0) == ("memory", 0.25)
    assert roofline(0, 0, 1.0, 1.0, 1.0) == ("memory", 0.0)
    for bad in [(1, 1, 0.0, 1.0, 1.0), (1, 1, 1.0, 0.0, 1.0), (1, 1, 1.0, 1.0, -1.0), (-1, 1, 1.0, 1.0, 1.0), (1, -1, 1.0, 1.0, 1.0)]:
        with pytest.raises(ValueError):
            roofline(*bad)
