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
    return max(attempts, key=_rank, default=None)


def verdict(attempts: list[Attempt], most: int = 3, accept: int = 8) -> tuple[str, str]:
    """accept, retry or needs_human, and why."""
    if not attempts:
        return "retry", "no attempt yet"
    last = attempts[-1]
    missing = _missing(last, accept)
    if not missing:
        return "accept", "all tests pass" + ("" if last.score is None else f", score {last.score}")
    if any(earlier.answer.strip() == last.answer.strip() for earlier in attempts[:-1]):
        return "needs_human", "the answer is identical to an earlier one"
    if len(attempts) >= most:
        kept = best(attempts)
        assert kept is not None
        return "needs_human", f"{most} attempts are used up; the best is number {kept.number}"
    return "retry", missing


def _missing(attempt: Attempt, accept: int) -> str:
    if attempt.failed:
        return f"{attempt.failed} of {attempt.passed + attempt.failed} tests fail"
    if attempt.regressions:
        return f"{attempt.regressions} regressions"
    if attempt.score is not None and attempt.score < accept:
        return f"a score of {attempt.score} is below {accept}"
    return ""


def _rank(attempt: Attempt) -> tuple[float, bool, int, int]:
    total = attempt.passed + attempt.failed
    share = float(attempt.passed)
    return share, attempt.regressions == 0, attempt.score or 0, -attempt.number
