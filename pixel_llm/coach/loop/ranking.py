"""Which attempt is the best: tests passed, then no regressions, then the reviewer's score, then the earlier one."""

from __future__ import annotations

from collections.abc import Sequence

from pixel_llm.coach.types import AttemptRecord

Rank = tuple[bool, float, bool, int, bool]


def rank(attempt: AttemptRecord) -> Rank:
    """Compares attempts at one task; larger is better.

    The order of what counts: accepted; the share of the task's own tests (visible, command, hidden) that passed, where
    a group that was not run counts as none passed; every regression test passed; the score (0 without a review); there
    are files at all.
    """
    own = [report for report in attempt.reports if report.kind != "regression"]
    share = sum(r.passed / r.expected if r.trustworthy and r.expected else 0.0 for r in own)
    regression = attempt.report("regression")
    unharmed = bool(own) and (regression is None or regression.ok)
    score = attempt.review.score if attempt.review else 0
    return attempt.accepted, share, unharmed, score, bool(attempt.files)


def best(history: Sequence[AttemptRecord]) -> AttemptRecord | None:
    """The best attempt that has files, or None. Among equals the earlier one."""
    with_files = [attempt for attempt in history if attempt.files]
    return max(with_files, key=rank, default=None)
