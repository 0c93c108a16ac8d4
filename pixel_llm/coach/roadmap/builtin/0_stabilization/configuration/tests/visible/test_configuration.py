import pytest

from tinypixel.config import ConfigError, load


def test_strength():
    found = load("attempts = 2\naccept_score = 7\n", {"COACH_ATTEMPTS": "4", "HOME": "/"}, {"model": "m", "review": None})
    assert found == {"attempts": 4, "accept_score": 7, "budget_usd": None, "review": True, "model": "m"}


def test_typing_error():
    with pytest.raises(ConfigError, match="did you mean attempts"):
        load("atempts = 2", {}, {})
