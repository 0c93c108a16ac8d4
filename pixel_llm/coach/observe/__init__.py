"""Seeing what the coach does: one JSONL file a run, lines on the terminal, and reading the files again.

redaction.py   keys and secrets never reach a log
log.py         the log of a run
terminal.py    progress for people
reading.py     logs read again, while they grow too
"""

from __future__ import annotations

from pixel_llm.coach.observe.log import RunLog
from pixel_llm.coach.observe.terminal import Several, Terminal

__all__ = ["RunLog", "Several", "Terminal"]
