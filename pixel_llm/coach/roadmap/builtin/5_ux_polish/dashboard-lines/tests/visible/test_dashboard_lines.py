from tinypixel.progress import bar, duration, eta, line


def test_parts():
    assert duration(187) == "3m07s" and bar(1, 4, 8) == "##......" and eta([2.0, 4.0, 3.0], 3, 2) == 6.0


def test_line():
    assert line("phase", 1, 2, [10.0], "0.01") == "phase  [##########..........] 1/2  eta 10s  $0.01"
