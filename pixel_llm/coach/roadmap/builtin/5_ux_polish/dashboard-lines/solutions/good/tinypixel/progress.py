"""The lines of a dashboard."""

import math
import statistics


def duration(seconds: float) -> str:
    """Seconds for people, rounded down."""
    if not (math.isfinite(seconds) and seconds >= 0):
        return "?"
    if seconds < 10:
        return f"{math.floor(round(seconds * 10, 9)) / 10:.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"


def bar(done: int, total: int, width: int = 20) -> str:
    """A bar of # and dots."""
    done = max(0, min(done, total))
    full = done * width // total if total > 0 else 0
    if done > 0:
        full = max(full, 1)
    return "#" * full + "." * (width - full)


def eta(finished: list[float], left: int, parallel: int = 1) -> float | None:
    """Seconds until `left` more tasks are done."""
    if left <= 0:
        return 0.0
    if not finished:
        return None
    return statistics.median(finished[-10:]) * math.ceil(left / parallel)


def line(title: str, done: int, total: int, finished: list[float], cost: str, width: int = 80, parallel: int = 1) -> str:
    """Title, bar, counts, time left and cost in one line."""
    left = eta(finished, total - done, parallel)
    rest = f"  [{bar(done, total)}] {done}/{total}  eta {'?' if left is None else duration(left)}  ${cost}"
    room = max(width - len(rest), 2)
    if len(title) > room:
        title = title[: room - 1] + "…"
    return title + rest
