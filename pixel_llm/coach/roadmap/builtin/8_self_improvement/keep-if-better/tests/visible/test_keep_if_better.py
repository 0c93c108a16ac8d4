import pytest

from tinypixel.decide import decide


def test_clear_cases():
    assert decide([2.0] * 6, [1.0] * 6, True)[:4] == (True, 2.0, 2.0, 2.0)
    assert not decide([1.0] * 6, [2.0] * 6, True).keep


def test_lengths():
    with pytest.raises(ValueError):
        decide([1.0], [], True)
