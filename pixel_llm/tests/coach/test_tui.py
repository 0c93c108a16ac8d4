"""The dashboard, driven by its keys on a screen in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, RichLog, Static

from pixel_llm.cli.output import clean
from pixel_llm.coach.observe import RunLog
from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.tui import Dashboard
from pixel_llm.coach.types import TaskState
from pixel_llm.tests.coach.queue.support import attempt, task

Act = Callable[[Dashboard, Pilot[None]], Coroutine[Any, Any, None]]


@pytest.fixture
def queue(tmp_path: Path) -> TaskQueue:
    queue = TaskQueue(tmp_path / "queue.sqlite")
    queue.set_phases([("one", "First [red]phase", "")])
    queue.add_many([task("a", phase="one", priority=9), task("b", "a", phase="one"), task("c", phase="two")])
    return queue


def drive(queue: TaskQueue, logs: Path, act: Act) -> None:
    async def run() -> None:
        app = Dashboard(queue, logs, clean)
        async with app.run_test(size=(140, 40)) as pilot:
            await act(app, pilot)

    asyncio.run(run())


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    """Wait for the screen to catch up."""
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "the screen does not show it"
        await pilot.pause(0.02)


def cells(app: Dashboard, name: str) -> list[list[str]]:
    table = app.query_one(name, DataTable)
    return [[str(cell) for cell in table.get_row(row.key)] for row in table.ordered_rows]


def words(app: Dashboard, name: str) -> str:
    return str(app.query_one(name, Static).content)


def test_it_shows_phases_tasks_and_costs(queue: TaskQueue, tmp_path: Path) -> None:
    claim = queue.claim("w")
    queue.record_attempt("a", "r", attempt(1))
    queue.record_attempt("a", "r", attempt(2, accepted=True))
    queue.finish(claim, TaskState.accepted, score=8)

    async def act(app: Dashboard, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.query_one("#tasks", DataTable).row_count == 3)
        assert cells(app, "#phases") == [["all phases", "", ""], ["First [red]phase", "1/2", ""], ["two", "0/1", ""]]
        assert ["a", "accepted", "8", "2", "$0", "Do a"] in [[*r[:4], r[4][:2], r[5]] for r in cells(app, "#tasks")]
        assert "2 attempts at 1 tasks" in words(app, "#totals") and "100% accepted" in words(app, "#totals")
        app.query_one("#tasks", DataTable).move_cursor(row=2)
        await until(pilot, lambda: "attempt 2: accepted" in words(app, "#facts"))
        app.query_one("#phases", DataTable).move_cursor(row=2)
        await until(pilot, lambda: [r[0] for r in cells(app, "#tasks")] == ["c"])

    drive(queue, tmp_path / "logs", act)


def test_keys_pause_retry_and_hand_over(queue: TaskQueue, tmp_path: Path) -> None:
    async def act(app: Dashboard, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.query_one("#tasks", DataTable).row_count == 3)
        await pilot.press("p")
        await until(pilot, lambda: words(app, "#totals").startswith("PAUSED"))
        assert queue.paused
        await pilot.press("p")
        await until(pilot, lambda: not queue.paused)
        await until(pilot, lambda: app._chosen is not None)
        name = str(app._chosen)
        for key, state in (
            ("h", TaskState.needs_human),
            ("r", TaskState.ready),
            ("c", TaskState.cancelled),
            ("r", TaskState.ready),
            ("a", TaskState.accepted),
        ):
            await pilot.press(key)
            await until(pilot, lambda state=state: queue.get(name).state is state)
            await until(
                pilot, lambda state=state: [name, str(state).replace("_", " ")] in [r[:2] for r in cells(app, "#tasks")]
            )
            assert app._chosen == name, "the cursor stays with its task"
        await pilot.press("r")  # an accepted task cannot be retried: it says so and goes on
        await until(pilot, lambda: any("reject it first" in str(n.message) for n in app._notifications))
        assert queue.get(name).state is TaskState.accepted

    drive(queue, tmp_path / "logs", act)


def test_an_answer_is_shown_while_it_arrives(queue: TaskQueue, tmp_path: Path) -> None:
    queue.claim("w")
    with RunLog(tmp_path / "logs") as log:
        log.event("task started", task="a", title="Do a")
        log.event("writing", task="a", attempt=1, model="m")
        log.text("a", "def f():\n    \x1b[31mreturn [bold]1\n")
        log.event("tests started", task="a", tests="visible")

        async def act(app: Dashboard, pilot: Pilot[None]) -> None:
            shown = app.query_one("#live", RichLog)
            await until(pilot, lambda: any("return [bold]1" in line.text for line in shown.lines))
            assert not any("\x1b" in line.text for line in shown.lines)
            assert "tests started" in words(app, "#facts")
            log.text("a", "more\n")
            log.event("writing", task="a", attempt=2, model="m")
            log.text("a", "second\n")
            log.event("tests started", task="a", tests="visible")
            await until(pilot, lambda: [line.text.strip() for line in shown.lines] == ["second"])

        drive(queue, tmp_path / "logs", act)


def test_a_database_that_goes_away_is_told(queue: TaskQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: Dashboard, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.query_one("#tasks", DataTable).row_count == 3)
        queue.close()
        while (tmp_path / "queue.sqlite-wal").exists():  # a look under way keeps the log of writes, which heals it
            await pilot.pause(0.02)
            queue.close()
        (tmp_path / "queue.sqlite").write_bytes(b"\x00" * 100_000)
        app.look()
        await until(pilot, lambda: bool(app._notifications))

    drive(queue, tmp_path / "logs", act)
