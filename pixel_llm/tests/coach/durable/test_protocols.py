"""Runs with real clients over real protocols: Ollama writes, Gemini reviews, and both count their calls."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from decimal import Decimal
from multiprocessing import Process
from pathlib import Path
from typing import Any

import pytest

from pixel_llm.coach.durable.ledger import BudgetError, Ledger
from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.types import TaskState
from pixel_llm.tests.coach.durable.support import RIGHT, WRONG, killed_at, office, spec
from pixel_llm.tests.coach.loop.repository import shown
from pixel_llm.tests.coach.servers.base import Cut, Fault, Reply
from pixel_llm.tests.coach.servers.gemini import GeminiServer
from pixel_llm.tests.coach.servers.ollama import OllamaServer

GOOD = json.dumps({"score": 9, "verdict": "accept", "defects": []})
IN, OUT = 1500, 100
# gemini-2.5-flash: $0.30 a million tokens in, $2.50 out; the server's 5 tokens of thought are charged as output
COST = (Decimal("0.30") * IN + Decimal("2.50") * (OUT + 5)) / 1_000_000


def write(body: dict[str, Any]) -> Reply:
    """Wrong at first, right where there is a version to repair."""
    repair = "Your last version" in body["messages"][-1]["content"]
    return Reply(f"```python one.py\n{RIGHT if repair else WRONG}```")


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    with OllamaServer(write) as made:
        yield made


@pytest.fixture
def gemini(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    monkeypatch.setenv("TEST_GEMINI_KEY", "secret-key")
    with GeminiServer([Reply(GOOD, prompt_tokens=IN, output_tokens=OUT)]) as made:
        yield made


def test_the_budget_is_checked_before_a_call_and_the_price_is_the_listed_one(
    tmp_path: Path, repository: Path, ollama: OllamaServer, gemini: GeminiServer
) -> None:
    database = str(tmp_path / "queue.sqlite")
    with TaskQueue(database) as queue:
        queue.add_many([spec("one")])
        small = office(database, repository, ollama.url, gemini=gemini.url, budget=Decimal("0.0001"))
        with small as worker, pytest.raises(BudgetError, match=r"gemini-2\.5-flash may cost"):
            worker.work()
        assert (len(ollama.calls), len(gemini.calls)) == (2, 0)
        enough = office(database, repository, ollama.url, gemini=gemini.url, budget=Decimal("0.05"), session="two")
        with enough as worker:
            worker.work()
        assert (len(ollama.calls), len(gemini.calls)) == (2, 1)
        task = queue.get("one")
        assert task.state is TaskState.accepted
        assert task.usage.cost_usd == COST == Decimal("0.0007125")
        assert task.usage.priced_by is not None
        assert "genai-prices" in task.usage.priced_by
        assert "local" in task.usage.priced_by
    with Ledger(database, session="two", price=lambda *_: None) as ledger:
        assert ledger.spent() == COST


def test_killed_after_the_review_was_paid_for(
    tmp_path: Path,
    repository: Path,
    ollama: OllamaServer,
    gemini: GeminiServer,
    process: Callable[..., Process],
) -> None:
    database = str(tmp_path / "queue.sqlite")
    with TaskQueue(database) as queue:
        queue.add_many([spec("one")])
        for point, status in (("after write 1", -signal.SIGKILL), ("after review 2", -signal.SIGKILL), ("", 0)):
            work = process(_with_key, point, database, repository, ollama.url, gemini.url)
            work.join(60)
            assert work.exitcode == status
        assert (len(ollama.calls), len(gemini.calls)) == (2, 1)
        assert queue.get("one").usage.cost_usd == COST
    assert shown(repository, "one.py") == RIGHT


def _with_key(point: str, database: str, repository: Path, url: str, gemini: str) -> None:
    os.environ["TEST_GEMINI_KEY"] = "secret-key"
    killed_at(point, database, repository, url, gemini=gemini)


def test_troubles_of_services_pass_or_end_as_they_should(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_GEMINI_KEY", "secret-key")
    database = str(tmp_path / "queue.sqlite")
    right = Reply(f"```python one.py\n{RIGHT}```")
    with (
        TaskQueue(database) as queue,
        OllamaServer([Fault(503, "loading"), Cut(right), right]) as ollama,
        GeminiServer([Fault(429, "slow down", code="0.1s"), Reply("Fine!"), Reply("10/10")]) as gemini,
    ):
        queue.add_many([spec("one")])
        with office(database, repository, ollama.url, gemini=gemini.url) as worker:
            worker.work()
        task = queue.get("one")
        assert task.state is TaskState.needs_human
        assert "no usable review" in task.reason
        [attempt] = queue.attempts("one")
        assert len(gemini.calls) == 3  # a rate limit, and two answers that are no reviews
        assert attempt.wasted.cost_usd
        assert task.usage.cost_usd == attempt.wasted.cost_usd
