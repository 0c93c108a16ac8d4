"""The task queue in a database; see `queue.py`."""

from __future__ import annotations

from pixel_llm.coach.queue.claims import LEASE
from pixel_llm.coach.queue.queue import Added, TaskQueue
from pixel_llm.coach.queue.statistics import Counted, Stats

__all__ = ["LEASE", "Added", "Counted", "Stats", "TaskQueue"]
