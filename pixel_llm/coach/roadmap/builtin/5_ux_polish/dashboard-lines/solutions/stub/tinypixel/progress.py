"""The lines of a dashboard."""
import math
import statistics

def duration(seconds: float) -> str:
    """Seconds for people, rounded down."""
    raise NotImplementedError('to be written')

def bar(done: int, total: int, width: int=20) -> str:
    """A bar of # and dots."""
    raise NotImplementedError('to be written')

def eta(finished: list[float], left: int, parallel: int=1) -> float | None:
    """Seconds until `left` more tasks are done."""
    raise NotImplementedError('to be written')

def line(title: str, done: int, total: int, finished: list[float], cost: str, width: int=80, parallel: int=1) -> str:
    """Title, bar, counts, time left and cost in one line."""
    raise NotImplementedError('to be written')
