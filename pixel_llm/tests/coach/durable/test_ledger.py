"""Model calls: bought once, within budget, concurrency and rate limits, by all workers together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError
from pixel_llm.coach.agents.scripted import ScriptedAgent
from pixel_llm.coach.durable import ledger as module
from pixel_llm.coach.durable.ledger import BudgetError, Ledger, Limits, StoppedError
from pixel_llm.coach.queue.engine import database_url
from pixel_llm.coach.types import Completion, Usage

AGENT = ScriptedAgent(model="m")
CENT = Decimal("0.01")


@pytest.fixture
def ledger(database: str) -> Iterator[Ledger]:
    with Ledger(database, session="s", price=lambda *_: CENT, budget=Decimal("0.05")) as made:
        yield made


def answer(words: str = "yes", cost: Decimal | None = CENT) -> Completion:
    return Completion(text=words, model="m", usage=Usage(cost_usd=cost))


def buy(ledger: Ledger, key: str, call: Callable[[], Completion] = answer) -> Completion:
    return ledger("writer", key, AGENT, Completion, (10, 10), call)


def never() -> Completion:
    raise AssertionError("bought twice")


def test_a_key_is_bought_once_and_gives_its_answer_ever_after(ledger: Ledger, database: str) -> None:
    assert buy(ledger, "a") == answer()
    assert buy(ledger, "a", never) == answer()
    with Ledger(database, session="other", price=lambda *_: None) as later:
        assert buy(later, "a", never) == answer()
        assert later.spent() == 0
    assert ledger.spent() == CENT


def test_text_that_databases_cannot_hold_comes_back_without_it(ledger: Ledger) -> None:
    assert buy(ledger, "a", lambda: answer("a\0b")).text == "a\0b"
    assert buy(ledger, "a", never).text in ("a\0b", "a\ufffdb")


def test_a_failure_is_kept_too_and_costs_what_the_service_may_have_charged(ledger: Ledger) -> None:
    def fail(bought: bool) -> Callable[[], Completion]:
        def call() -> Completion:
            raise AgentCallError("no", bought=bought)

        return call

    for key, bought in (("free", False), ("paid", True)):
        with pytest.raises(AgentCallError, match="no"):
            buy(ledger, key, fail(bought))
        with pytest.raises(AgentCallError, match="no"):
            buy(ledger, key, never)
    assert ledger.spent() == CENT


def test_what_was_never_sent_may_be_tried_again(ledger: Ledger) -> None:
    def unavailable() -> Completion:
        raise AgentUnavailableError("no key")

    with pytest.raises(AgentUnavailableError):
        buy(ledger, "a", unavailable)
    assert ledger.spent() == 0
    assert buy(ledger, "a") == answer()


def interrupt(ledger: Ledger, key: str) -> None:
    """What a crash in the middle of a call leaves."""

    def call() -> Completion:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        buy(ledger, key, call)


def test_a_paid_call_that_was_under_way_is_lost_and_a_free_one_is_made_again(ledger: Ledger, database: str) -> None:
    interrupt(ledger, "a")
    for _ in range(2):
        with pytest.raises(AgentCallError, match="may have been paid for"):
            buy(ledger, "a", never)
    assert ledger.spent() == CENT
    with Ledger(database, session="s2", price=lambda *_: Decimal(0)) as free:
        interrupt(free, "b")
        assert buy(free, "b") == answer()


def test_the_budget_is_kept_before_each_call_also_by_many_at_once(ledger: Ledger) -> None:
    bought: list[str] = []
    refused: list[BudgetError] = []

    def work(n: int) -> None:
        def call() -> Completion:
            bought.append(f"{n}")
            time.sleep(0.05)
            return answer()

        try:
            buy(ledger, f"call {n}", call)
        except BudgetError as error:
            refused.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(bought), len(refused)) == (5, 3)
    assert ledger.spent() == Decimal("0.05")
    assert "of $0.05 are left" in str(refused[0])


def test_a_cheaper_call_than_feared_gives_the_rest_back(ledger: Ledger) -> None:
    for n in range(20):
        buy(ledger, f"call {n}", lambda: answer(cost=Decimal("0.001")))
    assert ledger.spent() == Decimal("0.02")


def test_without_a_known_price_there_is_no_budget_to_keep(database: str) -> None:
    wanted = pytest.raises(BudgetError, match="nobody knows the price of m")
    with Ledger(database, session="s", price=lambda *_: None, budget=CENT) as ledger, wanted:
        buy(ledger, "a", never)
    with Ledger(database, session="s", price=lambda *_: None) as ledger:
        assert buy(ledger, "a", lambda: answer(cost=None)) == answer(cost=None)


def test_no_more_calls_at_once_than_allowed(database: str) -> None:
    now = most = 0
    lock = threading.Lock()

    def call() -> Completion:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            now -= 1
        return answer()

    def work(worker: int) -> None:
        limits = {"writer": Limits(parallel=2)}
        with Ledger(database, session=f"{worker}", price=lambda *_: Decimal(0), limits=limits) as ledger:
            for n in range(2):
                buy(ledger, f"{worker} {n}", call)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_a_call_that_is_not_heard_of_holds_up_nobody(database: str) -> None:
    limits = {"writer": Limits(parallel=1)}
    with Ledger(database, session="s", price=lambda *_: Decimal(0), limits=limits) as ledger:
        interrupt(ledger, "dead")
        stop = threading.Timer(0.3, lambda: _age(database))
        stop.start()
        started = time.monotonic()
        assert buy(ledger, "next") == answer()
        assert time.monotonic() - started >= 0.25
        stop.join()


def _age(database: str) -> None:
    engine = create_engine(database_url(database))
    with engine.begin() as connection:
        connection.execute(text("UPDATE coach_calls SET expires = expires - 31"))
    engine.dispose()


def test_a_long_call_is_heard_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HOLD", 1.2)
    limits = {"writer": Limits(parallel=1)}
    database = str(tmp_path / "queue.sqlite")
    with Ledger(database, session="s", price=lambda *_: Decimal(0), limits=limits) as ledger:
        spans: list[tuple[float, float]] = []

        def call() -> Completion:
            began = time.monotonic()
            time.sleep(2.0)
            spans.append((began, time.monotonic()))
            return answer()

        threads = [threading.Thread(target=buy, args=(ledger, f"{n}", call)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (_, first_end), (second_start, _) = sorted(spans)
        assert second_start >= first_end


def test_a_rate_limit_is_kept_and_waiting_ends_when_asked_to_stop(database: str) -> None:
    stop = threading.Event()
    limits = {"writer": Limits(per_minute=3)}
    with Ledger(database, session="s", price=lambda *_: Decimal(0), limits=limits, stop=stop) as ledger:
        for n in range(3):
            buy(ledger, f"{n}")
        threading.Timer(0.3, stop.set).start()
        with pytest.raises(StoppedError):
            buy(ledger, "3", never)


def test_a_review_is_budgeted_for_two_questions(database: str) -> None:
    seen: list[tuple[int, ...]] = []
    with Ledger(database, session="s", price=lambda _, *tokens: seen.append(tokens) or CENT) as ledger:
        ledger("writer", "a", AGENT, Completion, (100, 10), answer)
        ledger("reviewer", "b", AGENT, Completion, (100, 10), answer)
    assert seen == [(100, 10), (210, 20)]


def test_roles_have_limits_of_their_own(database: str) -> None:
    with Ledger(database, session="s", price=lambda *_: Decimal(0), limits={"writer": Limits(per_minute=1)}) as ledger:
        buy(ledger, "a")
        assert ledger("reviewer", "b", AGENT, Completion, (1, 1), answer) == answer()
