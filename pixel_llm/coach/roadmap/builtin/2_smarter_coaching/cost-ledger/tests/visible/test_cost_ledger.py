from decimal import Decimal

from tinypixel.ledger import Ledger


def test_record_and_stats():
    ledger = Ledger({"flash": ("0.30", "2.50")})
    assert ledger.record("t1", "reviewer", "flash", 1000, 400) == Decimal("0.0013")
    assert ledger.cost("t1") == Decimal("0.0013")
    assert ledger.stats()["reviewer"] == {"calls": 1, "tokens_in": 1000, "tokens_out": 400, "cost": Decimal("0.0013"), "unpriced": 0}
