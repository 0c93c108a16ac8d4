"""What went wrong so far, as a short list without repeats that every further prompt carries."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pixel_llm.coach.types import AttemptRecord

MAX_LESSONS = 12
MAX_LESSON = 300  # characters

_VARYING = re.compile(r"0x[0-9a-f]+|\d+(?:\.\d+)?s\b|line \d+|/tmp/\S*|\s+", re.IGNORECASE)


def without_repeats(lessons: Iterable[str]) -> tuple[str, ...]:
    """One of each, oldest first, whatever its line numbers, addresses, durations and spaces are. Of the same the newest
    wording stays, of many the newest `MAX_LESSONS`."""
    kept: dict[str, str] = {}
    for lesson in lessons:
        text = " ".join(lesson.split())
        if not text:
            continue
        if len(text) > MAX_LESSON:
            text = text[: MAX_LESSON - 1] + "…"
        key = _VARYING.sub(" ", text).casefold()
        kept.pop(key, None)  # said again: it moves to the end
        kept[key] = text
    return tuple(kept.values())[-MAX_LESSONS:]


def learn(attempt: AttemptRecord) -> tuple[str, ...]:
    """What checks, tests and review taught. Of hidden tests, no more than how many failed: they stay hidden."""
    found = [check.message for check in attempt.checks if not check.ok]
    for report in attempt.reports:
        if report.ok:
            continue
        if not report.trustworthy:
            found.append(f"The {report.kind} tests gave no result that can be trusted: {report.reason}")
        elif report.timed_out:
            found.append(f"The {report.kind} tests ran into the time limit: something loops or waits for ever.")
        elif report.kind == "hidden":
            wrong = report.expected - report.passed
            found.append(
                f"{wrong} of {report.expected} acceptance tests that you cannot see failed: "
                "read the description again for cases that the visible tests leave out."
            )
        else:
            found += _failures(report.output) or [f"The {report.kind} tests do not pass yet."]
    if attempt.review is not None:
        found += [f"{defect.place}: {defect.reason}" for defect in attempt.review.defects]
    return without_repeats(found)


def _failures(output: str) -> list[str]:
    """What failed and why, for each of the first failed tests, from the report of pytest's `--tb=short`."""
    found = []
    blocks = re.split(r"^(?:FAILED|ERROR) (\S+).*$", output, flags=re.MULTILINE)
    for node, text in zip(blocks[1::2], blocks[2::2], strict=True):
        lines = [match.strip(" +") for match in re.findall(r"^E\s+(\S.*)$", text, re.MULTILINE)]
        name = node.rpartition("::")[2]
        found.append(f"{name} failed: {', '.join(lines[:3])}" if lines else f"{name} failed")
    return found[:6]
