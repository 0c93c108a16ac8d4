"""The dashboard: phases, the queue, and the attempt that is being made, with scores and costs.

It looks at the queue and the logs and shares nothing else with the workers: it can be opened and closed at any time, on
any machine that reaches the database (the text of answers shows where the logs are).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable, Footer, Header, RichLog, Static

from pixel_llm.coach.queue import Counted, TaskQueue
from pixel_llm.coach.tui.live import Live
from pixel_llm.coach.types import AttemptRecord, PhaseProgress, Task, TaskState, Value
from pixel_llm.errors import PixelLLMError

EVERY = 1.0  # seconds between looks at the queue
_ROWS = 500  # tasks in the table
_STYLES = {
    TaskState.running: "bold cyan",
    TaskState.accepted: "green",
    TaskState.needs_human: "yellow",
    TaskState.failed: "red",
    TaskState.blocked: "dim",
    TaskState.cancelled: "dim strike",
}
# What a person wants to see first.
_FIRST = (TaskState.running, TaskState.needs_human, TaskState.failed, TaskState.ready)


class Seen(Value):
    """The queue at one moment."""

    phases: tuple[PhaseProgress, ...]
    tasks: tuple[Task, ...]
    total: Counted
    paused: bool
    attempts: tuple[AttemptRecord, ...] = ()


class Dashboard(App[None]):
    """`clean` takes control characters out of what models and files say."""

    TITLE = "pixel-llm coach"
    CSS = """
    #phases { width: 44; border-right: solid $panel; }
    #tasks { height: 1fr; }
    #detail { height: 45%; border-top: solid $panel; }
    #facts { width: 45%; padding: 0 1; overflow-y: auto; }
    #live { width: 1fr; border-left: solid $panel; padding: 0 1; }
    #totals { height: 1; padding: 0 1; background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause/resume"),
        Binding("r", "retry", "Retry"),
        Binding("h", "hand_over", "To a human"),
        Binding("a", "accept", "Accept"),
        Binding("c", "cancel", "Cancel"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, queue: TaskQueue, logs: Path, clean: Callable[[str], str]) -> None:
        super().__init__()
        self._queue = queue
        self._live = Live(logs)
        self._clean = clean
        self._chosen_phase: str | None = None
        self._chosen: str | None = None
        self._shown: tuple[str | None, int, str] = (None, 0, "")
        self._seen: Seen | None = None

    def compose(self) -> ComposeResult:
        """The screen."""
        yield Header()
        with Horizontal():
            yield DataTable[Text](id="phases", cursor_type="row")
            with Vertical():
                yield DataTable[Text](id="tasks", cursor_type="row")
                with Horizontal(id="detail"):
                    yield Static("", id="facts", markup=False)
                    yield RichLog(id="live", wrap=True, markup=False, highlight=False)
        yield Static("", id="totals", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Start looking."""
        self.sub_title = self._clean(self._queue.location)
        self.query_one("#phases", DataTable).add_columns("phase", "done", "open")
        self.query_one("#tasks", DataTable).add_columns("task", "state", "score", "attempts", "cost", "title")
        self.query_one("#tasks", DataTable).focus()
        self.set_interval(EVERY, self.look)
        self.look()

    @work(thread=True, exclusive=True, group="look")
    def look(self) -> None:
        """See the queue and the logs, away from the screen's thread."""
        task = self._chosen
        try:
            first = self._queue.list(phase=self._chosen_phase, states=_FIRST, limit=_ROWS)
            others = tuple(state for state in TaskState if state not in _FIRST)
            rest = (
                self._queue.list(phase=self._chosen_phase, states=others, limit=_ROWS - len(first))
                if len(first) < _ROWS
                else []
            )
            order = {state: number for number, state in enumerate((*_FIRST, *others))}
            seen = Seen(
                phases=self._queue.progress(),
                tasks=tuple(sorted((*first, *rest), key=lambda t: order[t.state])),
                total=self._queue.stats().total,
                paused=self._queue.paused,
                attempts=self._queue.attempts(task) if task else (),
            )
            self._live.look()
        except PixelLLMError as error:
            self.call_from_thread(self._complain, str(error))
            return
        self.call_from_thread(self._show, seen)

    def _show(self, seen: Seen) -> None:
        self._seen = seen
        self._fill(
            "#phases",
            [
                ("", [Text("all phases"), Text(""), Text("")]),
                *(
                    (p.phase, [self._text(p.name or p.phase), Text(f"{p.accepted}/{p.total}"), Text(_open(p))])
                    for p in seen.phases
                ),
            ],
        )
        self._fill("#tasks", [(t.id, self._row(t)) for t in seen.tasks])
        self._detail(seen)
        usage = seen.total.usage
        rate = seen.total.success_rate
        parts = [
            "PAUSED" if seen.paused else "",
            f"{seen.total.attempts} attempts at {seen.total.tasks} tasks",
            "" if rate is None else f"{rate:.0%} accepted",
            f"{usage.input_tokens + usage.output_tokens:,} tokens",
            _dollars(usage.cost_usd),
        ]
        self.query_one("#totals", Static).update("   ".join(filter(None, parts)))

    def _fill(self, name: str, rows: list[tuple[str, list[Text]]]) -> None:
        """Bring a table up to date without moving the cursor."""
        table = self.query_one(name, DataTable)
        wanted = [key for key, _ in rows]
        if [str(row.value) for row in table.rows] == wanted:
            columns = list(table.columns)
            for key, cells in rows:
                for column, cell in zip(columns, cells, strict=True):
                    if table.get_cell(key, column) != cell:
                        table.update_cell(key, column, cell)
            return
        at = self._key_at(table)
        table.clear()
        for key, cells in rows:
            table.add_row(*cells, key=key)
        if at in wanted:
            table.move_cursor(row=wanted.index(at))

    def _key_at(self, table: DataTable[Text]) -> str | None:
        if not table.row_count or not table.is_valid_row_index(table.cursor_row):
            return None
        return table.ordered_rows[table.cursor_row].key.value

    def _row(self, task: Task) -> list[Text]:
        style = _STYLES.get(task.state, "")
        return [
            self._text(task.id, style),
            Text(str(task.state).replace("_", " "), style),
            Text(str(task.score or "")),
            Text(str(task.attempts or "")),
            Text(_dollars(task.usage.cost_usd) if task.attempts else ""),
            self._text(task.spec.title),
        ]

    def _detail(self, seen: Seen) -> None:
        task = next((t for t in seen.tasks if t.id == self._chosen), None)
        if task is None:
            return
        lines = [f"{task.id}  {task.spec.title}", f"{task.state}{f': {task.reason}' if task.reason else ''}", ""]
        for attempt in seen.attempts:
            reports = ", ".join(f"{r.kind} {r.passed}/{r.expected}" for r in attempt.reports)
            score = f", {attempt.review.score}/10" if attempt.review else ""
            verdict = "accepted" if attempt.accepted else attempt.error or attempt.decided_by or "not accepted"
            lines.append(f"attempt {attempt.number}: {verdict}; {reports}{score}")
            lines += [f"  {d.place}: {d.reason}" for d in (attempt.review.defects if attempt.review else ())]
        lines += ["", *(f"lesson: {lesson}" for lesson in task.lessons), *self._live.lines(task.id)[-12:]]
        self.query_one("#facts", Static).update(self._clean("\n".join(lines)))
        text = self._live.text(task.id)
        which, shown, start = self._shown
        log = self.query_one("#live", RichLog)
        if which != task.id or len(text) < shown or text[:50] != start:
            log.clear()
            shown = 0
        # Whole lines: a log cannot add to the line that it has written.
        end = text.rfind("\n") + 1 if task.state is TaskState.running else len(text)
        if end > shown:
            log.write(Text(self._clean(text[shown:end].rstrip("\n"))))
            shown = end
        self._shown = (task.id, shown, text[:50])

    @on(DataTable.RowHighlighted, "#tasks")
    def _choose_task(self, event: DataTable.RowHighlighted) -> None:
        chosen = event.row_key.value
        if chosen != self._chosen:
            self._chosen = chosen
            self.look()

    @on(DataTable.RowHighlighted, "#phases")
    def _choose_phase(self, event: DataTable.RowHighlighted) -> None:
        chosen = event.row_key.value or None
        if chosen != self._chosen_phase:
            self._chosen_phase = chosen
            self.look()

    def action_pause(self) -> None:
        """Hand out no more tasks, or hand them out again."""
        paused = self._seen is not None and self._seen.paused
        self._do(lambda: self._queue.pause(not paused), "resumed" if paused else "paused: what runs goes on")

    def action_retry(self) -> None:
        """Put the chosen task back into the queue."""
        self._decide(self._queue.retry, "is back in the queue")

    def action_hand_over(self) -> None:
        """Take the chosen task from the models."""
        self._decide(self._queue.hand_to_human, "waits for a person")

    def action_accept(self) -> None:
        """Say that the chosen task is done."""
        self._decide(self._queue.accept, "is accepted")

    def action_cancel(self) -> None:
        """Take the chosen task out."""
        self._decide(self._queue.cancel, "is cancelled")

    def _decide(self, decision: Callable[[str], object], done: str) -> None:
        task = self._chosen
        if task is not None:
            self._do(lambda: decision(task), f"{task} {done}")

    @work(thread=True, group="decide")
    def _do(self, action: Callable[[], object], done: str) -> None:
        try:
            action()
        except PixelLLMError as error:
            self.call_from_thread(self._complain, str(error))
            return
        self.call_from_thread(self.notify, self._clean(done), markup=False)
        self.call_from_thread(self.look)

    def _complain(self, message: str) -> None:
        self.notify(self._clean(message), severity="error", markup=False)

    def _text(self, text: str, style: str = "") -> Text:
        return Text(self._clean(text).replace("\n", " "), style)


def _open(progress: PhaseProgress) -> str:
    counts = {state: progress.counts.get(state, 0) for state in (TaskState.running, TaskState.needs_human)}
    return " ".join(f"{n} {str(state).replace('_', ' ')}" for state, n in counts.items() if n)


def _dollars(amount: Decimal | None) -> str:
    return "?" if amount is None else f"${amount:.4f}".rstrip("0").rstrip(".")
