import numpy as np

from tinypixel.validate import compare


def test_agreement_and_difference():
    expected = np.array([1.0, 2.0, 4.0], np.float32)
    assert compare(expected, expected, 1.0) == (True, 0.0, (0,), "")
    verdict = compare(np.array([1.0, 2.5, 4.0], np.float32), expected, expected)
    assert not verdict.ok and verdict.worst == 0.25 and verdict.at == (1,) and "2.5" in verdict.reason
