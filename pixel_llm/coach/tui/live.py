"""What workers are doing right now, from their logs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from pixel_llm.coach.observe.log import TEXT
from pixel_llm.coach.observe.reading import Tail, logs

_LOGS = 8  # workers that are followed at the same time
_RECENT = 3600.0  # seconds after which a silent log is not followed any more
_TEXT = 20_000  # characters of an answer that are kept


class Live:
    """The latest happenings of each task. `look` reads what the logs in `folder` have that was not read before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tails: dict[Path, Tail] = {}
        self._text: dict[str, str] = {}
        self._lines: dict[str, list[str]] = {}

    def look(self) -> set[str]:
        """Read on; returns the ids of tasks of which there is news."""
        oldest = time.time() - _RECENT
        for path in logs(self._folder)[-_LOGS:]:
            if path not in self._tails and path.stat().st_mtime >= oldest:
                self._tails[path] = Tail(path)
        news = set()
        for tail in self._tails.values():
            for entry in tail.read():
                task = entry.get("task")
                if isinstance(task, str) and task:
                    self._see(task, entry)
                    news.add(task)
        return news

    def text(self, task: str) -> str:
        """The answer that is arriving, or the last one."""
        return self._text.get(task, "")

    def lines(self, task: str) -> list[str]:
        """What happened to the task, a line each."""
        return self._lines.get(task, [])

    def _see(self, task: str, entry: dict[str, Any]) -> None:
        name = str(entry.get("event", ""))
        if name == TEXT:
            self._text[task] = (self._text.get(task, "") + str(entry.get("text", "")))[-_TEXT:]
            return
        if name == "task started":
            self._lines.pop(task, None)
        if name == "writing":
            self._text.pop(task, None)
        left_out = ("timestamp", "level", "event", "run", "run_", "task", "title", "phase", "traceback")
        facts = " ".join(f"{k}={v}" for k, v in entry.items() if k not in left_out and v not in ("", None))
        line = f"{str(entry.get('timestamp', ''))[11:19]} {name} {facts}".rstrip()
        self._lines.setdefault(task, []).append(line)
