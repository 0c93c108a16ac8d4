import pytest

from tinypixel.attempts import Attempt, best, verdict

GOOD = Attempt(1, 4, 0, 0, 9, "a")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (Attempt(2, 1, 0, 0, None, ""), Attempt(1, 9, 1, 0, 10, "")),
        (Attempt(2, 3, 1, 0, 1, ""), Attempt(1, 3, 1, 1, 10, "")),
        (Attempt(2, 3, 1, 1, 5, ""), Attempt(1, 3, 1, 4, 4, "")),
        (Attempt(2, 3, 1, 0, 1, ""), Attempt(1, 3, 1, 0, None, "")),
        (Attempt(1, 3, 1, 0, 5, ""), Attempt(2, 3, 1, 0, 5, "")),
        (Attempt(2, 1, 9, 0, None, ""), Attempt(1, 0, 0, 0, 10, "")),
        (Attempt(3, 2, 4, 0, 7, ""), Attempt(1, 1, 2, 0, 6, "")),
    ],
)  # fmt: skip
def test_order(better, worse):
    assert best([better, worse]) == best([worse, better]) == better


def test_nothing():
    assert best([]) is None and verdict([]) == ("retry", "no attempt yet")


def test_accept():
    assert verdict([GOOD])[0] == "accept"
    assert verdict([GOOD._replace(score=None)])[0] == "accept"
    assert verdict([GOOD._replace(score=8)])[0] == "accept"
    assert verdict([GOOD._replace(score=7)], accept=7)[0] == "accept"
    assert verdict([GOOD._replace(failed=1), GOOD])[0] == "accept"  # identical, but right
    bad = GOOD._replace(failed=1)
    assert verdict([bad, bad._replace(answer="b"), GOOD._replace(answer="c")])[0] == "accept"


@pytest.mark.parametrize(
    ("attempt", "word"),
    [(GOOD._replace(failed=1, regressions=2, score=1), "test"), (GOOD._replace(passed=0), "test"),
     (GOOD._replace(regressions=1, score=1), "regression"), (GOOD._replace(score=7), "score")],
)  # fmt: skip
def test_retry(attempt, word):
    found, why = verdict([attempt])
    assert found == "retry" and word in why


def test_identical():
    bad = GOOD._replace(failed=2)
    found, why = verdict([bad, bad._replace(number=2, answer=" a\n")], most=9)
    assert found == "needs_human" and "identical" in why


def test_used_up():
    bad = [GOOD._replace(number=1, failed=2, answer="a"), GOOD._replace(number=2, failed=1, answer="b"), GOOD._replace(number=3, failed=3, answer="c")]
    found, why = verdict(bad)
    assert found == "needs_human" and "2" in why
    assert verdict(bad, most=4)[0] == "retry"
    assert verdict(bad[:1], most=1)[0] == "needs_human"
