"""Attempts at a task: the best of them, and what comes next."""
from typing import NamedTuple

class Attempt(NamedTuple):
    """One attempt and what tests and reviewer said of it."""
    number: int
    passed: int
    failed: int
    regressions: int
    score: int | None
    answer: str

def best(attempts: list[Attempt]) -> Attempt | None:
    """The attempt to keep."""
    raise NotImplementedError('to be written')

def verdict(attempts: list[Attempt], most: int=3, accept: int=8) -> tuple[str, str]:
    """accept, retry or needs_human, and why."""
    raise NotImplementedError('to be written')

def _missing(attempt: Attempt, accept: int) -> str:
    raise NotImplementedError('to be written')

def _rank(attempt: Attempt) -> tuple[float, bool, int, int]:
    raise NotImplementedError('to be written')
