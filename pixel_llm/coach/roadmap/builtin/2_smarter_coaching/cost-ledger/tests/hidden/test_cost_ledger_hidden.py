from decimal import Decimal

import pytest

from tinypixel.ledger import Ledger


def test_exact():
    ledger = Ledger({"m": ("0.1", "0.2")})
    for _ in range(1000):
        ledger.record("t", "a", "m", 1, 1)
    assert ledger.cost("t") == Decimal("0.0003")


def test_unknown_prices():
    ledger = Ledger({"m": ("1", "1")})
    assert ledger.record("t", "a", "other", 5, 6) is None
    ledger.record("t", "a", "m", 1_000_000, 0)
    ledger.record("u", "a", "m", 0, 1_000_000)
    assert ledger.cost("t") is None and ledger.cost("u") == 1 and ledger.cost("nothing") == 0
    assert ledger.stats() == {"a": {"calls": 3, "tokens_in": 1_000_005, "tokens_out": 1_000_006, "cost": Decimal(2), "unpriced": 1}}


def test_agents_are_sorted_and_apart():
    ledger = Ledger({"free": ("0", "0")})
    for agent in ("writer", "reviewer", "writer"):
        assert ledger.record("t", agent, "free", 10, 1) == 0
    stats = ledger.stats()
    assert list(stats) == ["reviewer", "writer"] and stats["writer"]["calls"] == 2
    assert Ledger({}).stats() == {}


def test_budget():
    ledger = Ledger({"m": ("1", "10")})
    ledger.record("t", "a", "m", 500_000, 0)
    assert ledger.within(Decimal("1.5"), 0, 100_000, "m")
    assert not ledger.within(Decimal("1.499999"), 0, 100_000, "m")
    assert not ledger.within(Decimal(10**9), 0, 0, "other")
    ledger.record("t", "a", "other", 10**9, 10**9)
    assert ledger.within(Decimal("1.5"), 0, 100_000, "m")


@pytest.mark.parametrize("price", ["-1", "NaN", "Infinity", "free", ""])
def test_bad_prices(price):
    with pytest.raises(ValueError, match="dear"):
        Ledger({"dear": ("1", price)})


@pytest.mark.parametrize("tokens", [(-1, 0), (0, -1)])
def test_bad_tokens(tokens):
    ledger = Ledger({"m": ("1", "1")})
    with pytest.raises(ValueError, match="task-7"):
        ledger.record("task-7", "a", "m", *tokens)
    assert ledger.stats() == {}
