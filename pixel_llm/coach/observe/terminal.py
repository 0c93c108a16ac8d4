"""Progress for people: a line for what has happened, and on a terminal one that moves for what is happening."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pixel_llm.coach.loop.tools import Observer
from pixel_llm.coach.observe.redaction import Redactor

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

_MARKS = {"accepted": ("✓", "green"), "needs_human": ("?", "yellow"), "failed": ("✗", "red")}


class Several:
    """An observer that tells several others."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        self._observers = tuple(observers)

    def event(self, name: str, **facts: Any) -> None:
        """Tell everybody."""
        for observer in self._observers:
            observer.event(name, **facts)

    def text(self, task_id: str, piece: str) -> None:
        """Tell everybody."""
        for observer in self._observers:
            observer.text(task_id, piece)


class Terminal:
    """Lines on a rich console, safe among threads; a spinner with what is under way where the console is a terminal.

    `clean` takes control characters out: task titles and test output are not trusted to steer the terminal.
    """

    def __init__(self, console: Console, clean: Callable[[str], str], *, redactor: Redactor | None = None) -> None:
        self._console = console
        self._clean = clean
        self._redact = redactor or Redactor()
        self._lock = threading.RLock()
        self._doing: dict[str, str] = {}
        self._written: dict[str, int] = {}
        self._status: Status | None = console.status("") if console.is_terminal else None
        self._shown = False

    def event(self, name: str, **facts: Any) -> None:
        """Show it, if it is of interest. Never raises."""
        with self._lock, suppress(OSError, ValueError):
            line, style = _line(name, facts)
            if line:
                self._console.print(self._clean(self._redact.text(line)), style=style, soft_wrap=True)
            task = str(facts.get("task", ""))
            if name in ("writing", "reviewing", "tests started"):
                self._written.pop(task, None)
                self._doing[task] = _doing(name, facts)
            elif name == "task finished":
                self._doing.pop(task, None)
                self._written.pop(task, None)
            self._refresh()

    def text(self, task_id: str, piece: str) -> None:
        """Count what arrives."""
        with self._lock, suppress(OSError, ValueError):
            self._written[task_id] = self._written.get(task_id, 0) + len(piece)
            self._refresh()

    def close(self) -> None:
        """Take the moving line away."""
        with self._lock:
            self._doing.clear()
            self._refresh()

    def _refresh(self) -> None:
        if self._status is None:
            return
        if not self._doing:
            if self._shown:
                self._status.stop()
                self._shown = False
            return
        parts = [
            f"{task}: {doing}" + (f", {self._written[task]:,} characters" if task in self._written else "")
            for task, doing in self._doing.items()
        ]
        from rich.text import Text

        self._status.update(Text(self._clean(" · ".join(parts))))
        if not self._shown:
            self._status.start()
            self._shown = True


def _doing(name: str, facts: dict[str, Any]) -> str:
    if name == "writing":
        return f"attempt {facts.get('attempt')}, {facts.get('model')} writes"
    if name == "reviewing":
        return f"{facts.get('model')} reviews"
    return f"{facts.get('tests')} tests"


def _line(name: str, facts: dict[str, Any]) -> tuple[str, str | None]:
    """The line for an event and its style; empty for what is only worth a log line."""
    match name:
        case "task started":
            return f"● {facts.get('task')}  {facts.get('title', '')}", "bold"
        case "writing":
            return f"  attempt {facts.get('attempt')}: {facts.get('agent')} {facts.get('model')}", "dim"
        case "tests finished":
            mark, style = ("✓", None) if facts.get("ok") else ("✗", "yellow")
            why = f": {facts['reason']}" if facts.get("reason") else ""
            return f"  {mark} {facts.get('tests')} tests {facts.get('passed')}/{facts.get('expected')}{why}", style
        case "attempt finished":
            state = "accepted" if facts.get("accepted") else "not accepted"
            why = facts.get("error") or facts.get("decided_by") or ""
            return f"  {state}{f': {why}' if why else ''}", "green" if facts.get("accepted") else "yellow"
        case "task finished":
            state = str(facts.get("state", ""))
            mark, style = _MARKS.get(state, ("·", "yellow"))
            return (
                f"{mark} {facts.get('task')}  {state} {facts.get('reason') or facts.get('problem') or ''}".rstrip(),
                style,
            )
        case "error" | "claim lost" | "heartbeat failed" | "worker found dead":
            what = facts.get("problem") or facts.get("worker") or ""
            return f"! {facts.get('task', '')} {name}: {what}".replace("!  ", "! "), "red"
    return "", None
