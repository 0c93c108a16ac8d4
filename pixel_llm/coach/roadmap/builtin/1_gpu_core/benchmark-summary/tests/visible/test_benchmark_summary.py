from tinypixel.measure import alternate, ratio, roofline


def test_ratio():
    assert ratio([1.0, 2.0], [2.0, 4.0])["ratio"] == 2.0


def test_roofline():
    assert roofline(100, 10, 2.0, 100.0, 100.0) == ("memory", 0.5)


def test_alternate_times_each():
    ticks = iter(range(100))
    assert alternate(lambda: None, lambda: None, 1, lambda: next(ticks)) == ([1], [1])
