from tinypixel.attempts import Attempt, best, verdict


def test_best_and_verdict():
    first, second = Attempt(1, 2, 2, 0, 9, "a"), Attempt(2, 3, 1, 0, 4, "b")
    assert best([first, second]) == second
    assert verdict([first, second])[0] == "retry"
    assert verdict([Attempt(1, 4, 0, 0, 8, "c")])[0] == "accept"
