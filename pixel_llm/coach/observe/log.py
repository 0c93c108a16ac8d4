"""The log of a run: one JSON object a line, for programs to read and people to search.

Every line has `timestamp` (UTC, ISO 8601), `level`, `event` and `run`; the other fields belong to the event. Pieces of
an answer are gathered into lines with the event `text`.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import structlog

from pixel_llm.coach.observe.redaction import Redactor
from pixel_llm.errors import StorageError

SUFFIX = ".jsonl"
TEXT = "text"
_GATHER = 0.5  # seconds of an answer in one line
_LEVELS = {"error": "error", "claim lost": "warning", "heartbeat failed": "warning", "worker found dead": "warning"}


class RunLog:
    """A run's log in `folder`/`name`.jsonl: an `Observer`, safe among threads. A line is written whole and at once.

    What the disk refuses is kept in `failed` and does not end the run. Raises StorageError where the file
    cannot be made.
    """

    def __init__(self, folder: Path, name: str | None = None, *, redactor: Redactor | None = None) -> None:
        self.name = name or f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
        self.path = folder / f"{self.name}{SUFFIX}"
        self.failed: OSError | None = None
        self._pieces: dict[str, list[str]] = {}
        self._since: dict[str, float] = {}
        self._lock = threading.RLock()
        self._redact = redactor or Redactor()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._file: TextIO = os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise StorageError(f"the log cannot be written: {error.strerror or error}", file=self.path) from None
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(self._file),
            processors=[
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                self._hide,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
            wrapper_class=structlog.BoundLogger,
            run=self.name,
        )

    def event(self, name: str, **facts: Any) -> None:
        """One line. Never raises."""
        with self._lock:
            task = facts.get("task")
            if isinstance(task, str):
                self._flush(task)
            self._line(name, facts)

    def text(self, task_id: str, piece: str) -> None:
        """A piece of an answer: gathered into lines."""
        with self._lock:
            now = time.monotonic()
            self._pieces.setdefault(task_id, []).append(piece)
            if now - self._since.setdefault(task_id, now) >= _GATHER:
                self._flush(task_id)

    def close(self) -> None:
        """Write what is left."""
        with self._lock:
            for task in list(self._pieces):
                self._flush(task)
            try:
                self._file.close()
            except OSError as error:
                self.failed = self.failed or error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _flush(self, task: str) -> None:
        pieces = self._pieces.pop(task, None)
        self._since.pop(task, None)
        if pieces:
            self._line(TEXT, {"task": task, "text": "".join(pieces)})

    def _line(self, name: str, facts: dict[str, Any]) -> None:
        if self._file.closed:
            return
        facts = {f"{key}_" if key in ("event", "run", "level", "timestamp") else key: v for key, v in facts.items()}
        try:
            self._log.msg(name, level=_LEVELS.get(name, "info"), **facts)
        except OSError as error:
            self.failed = self.failed or error

    def _hide(self, _: Any, __: str, line: Any) -> Any:
        return self._redact.value(line)
