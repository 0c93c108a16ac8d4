import pytest

from tinypixel.config import ConfigError, load

DEFAULTS = {"attempts": 3, "accept_score": 8, "budget_usd": None, "review": True, "model": ""}


def test_defaults():
    assert load("", {}, {}) == DEFAULTS
    assert load("", {}, dict.fromkeys(DEFAULTS)) == DEFAULTS


@pytest.mark.parametrize(
    ("variable", "value", "key", "expected"),
    [
        ("COACH_REVIEW", "FALSE", "review", False), ("COACH_REVIEW", "0", "review", False), ("COACH_REVIEW", "True", "review", True),
        ("COACH_BUDGET_USD", "0.5", "budget_usd", 0.5), ("COACH_BUDGET_USD", "", "budget_usd", None),
        ("COACH_MODEL", "7", "model", "7"), ("COACH_ACCEPT_SCORE", "10", "accept_score", 10),
    ],
)  # fmt: skip
def test_environment(variable, value, key, expected):
    assert load("", {variable: value}, {}) == {**DEFAULTS, key: expected}


def test_flags_win():
    assert load("review = true", {"COACH_REVIEW": "true"}, {"review": False})["review"] is False
    assert load("budget_usd = 3", {}, {"budget_usd": 0})["budget_usd"] == 0


@pytest.mark.parametrize(
    "text",
    ["attempts = 0", "attempts = 11", "attempts = true", "attempts = 2.0", "attempts = '3'", "review = 1", "model = 3",
     "budget_usd = -0.1", "budget_usd = inf", "budget_usd = nan", "budget_usd = false", "budget_usd = 'x'"],
)  # fmt: skip
def test_bad_values_name_the_key(text):
    with pytest.raises(ConfigError, match=text.split(" ")[0]):
        load(text, {}, {})


@pytest.mark.parametrize("variable", ["COACH_ATTEMPTS", "COACH_REVIEW", "COACH_BUDGET_USD"])
def test_bad_environment(variable):
    with pytest.raises(ConfigError, match="(?s)" + variable[6:].lower() + ".*maybe"):
        load("", {variable: "maybe"}, {})


def test_a_bad_value_that_is_overridden_is_still_wrong():
    with pytest.raises(ConfigError):
        load("attempts = 99", {}, {"attempts": 2})


def test_unknown_keys():
    with pytest.raises(ConfigError, match="COACH_|review"):
        load("", {"COACH_REVEIW": "1"}, {})
    with pytest.raises(ConfigError, match="zzz") as caught:
        load("zzz = 1", {}, {})
    assert "did you mean" not in str(caught.value)
    with pytest.raises(ConfigError, match="did you mean model"):
        load("", {}, {"modle": "x"})


def test_broken_toml():
    with pytest.raises(ConfigError, match="TOML"):
        load("attempts = = 2", {}, {})
