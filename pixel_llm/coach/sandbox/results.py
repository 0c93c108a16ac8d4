"""From what came over the results' pipe to a report that can be believed, or that says why it cannot.

The other end of the pipe is `inside/run_tests.py`, which shares a process with the candidate's code. Here, outside, it
is known beforehand which tests must run, which of them must fail, and with which key each line is authenticated.
"""

from __future__ import annotations

import binascii
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from pixel_llm.coach.sandbox.collecting import Canary, StaticTest
from pixel_llm.coach.sandbox.job import Outcome

MAX_OUTPUT = 8_000
"""Characters of a report's output."""
_SHOWN, _NAMED = 8, 30  # tests that did not pass: with what pytest says, and by name at least
_WORST: tuple[Outcome, ...] = ("passed", "skipped", "failed", "error")


@dataclass
class Heard:
    """What the pipe carried."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    """What pytest says about each test that did not pass, or module that could not be imported."""
    skipped_by_tests: set[str] = field(default_factory=set)
    """Skipped by code that is not the candidate's."""
    doubts: list[str] = field(default_factory=list)
    """Why the results are not to be believed."""
    finished: bool = False
    """pytest said its last word, and nothing came after it."""


def listen(data: bytes, key: bytes) -> Heard:
    """What the lines in `data` say, up to the first that is not authentic."""
    heard = Heard()
    lines = data.split(b"\n")
    if lines.pop():
        heard.doubts.append("the results break off in the middle of a line")
    for number, line in enumerate(lines):
        tag, _, body = line.partition(b" ")
        expected = blake2b(b"%d " % number + body, key=key, digest_size=32).hexdigest().encode()
        if not hmac.compare_digest(tag, expected):
            heard.doubts.append("something other than pytest wrote to the results")
            heard.finished = False
            return heard
        kind, *fields = (_text(f) for f in body.split(b" "))
        _take(heard, kind, fields)
    return heard


def _take(heard: Heard, kind: str, fields: Sequence[str]) -> None:
    if heard.finished:
        heard.doubts.append("results came after pytest's end")
    if kind == "finished":
        heard.finished = True
    elif kind == "tampering":
        if fields[0] not in heard.doubts:
            heard.doubts.append(fields[0])
    elif kind in _WORST:
        test = fields[0]
        before = heard.outcomes.get(test)
        if kind == "passed" and before == "passed":
            heard.doubts.append(f"{test} passed twice")
        heard.outcomes[test] = max(kind, before or kind, key=_WORST.index)
        if kind == "skipped" and fields[2:] == ["tests"]:
            heard.skipped_by_tests.add(test)
        if len(fields) > 1 and fields[1]:
            heard.messages[test] = f"{heard.messages.get(test, '')}{fields[1]}\n"


def _text(field: bytes) -> str:
    return "" if field == b"-" else binascii.unhexlify(field).decode("utf-8", "replace")


@dataclass(frozen=True)
class Counts:
    """The numbers of a report, and what did not pass, for people and for the next prompt."""

    expected: int
    passed: int
    failed: int
    errors: int
    skipped: int
    output: str


def count(
    heard: Heard, expected: Iterable[StaticTest], canaries: Sequence[Canary], *, may_skip: bool = False
) -> Counts:
    """Weigh what was heard against the tests that were found in the files beforehand.

    `may_skip` lets every test be skipped by the project's own code, e.g. by a fixture, and not only those whose source
    says so: for whole suites, of which nobody wrote down beforehand what is skipped here.
    """
    canary_ids = {c.id for c in canaries}
    outcomes = {t: o for t, o in heard.outcomes.items() if t not in canary_ids}
    by_function: dict[str, list[str]] = {}
    for test in outcomes:
        by_function.setdefault(without_parameters(test), []).append(test)
    wanted, missing, excused = 0, [], set()
    for static in expected:
        found = by_function.pop(static.id, [])
        skipped = {t for t in found if outcomes[t] == "skipped"}
        allowed = skipped if static.may_skip else skipped & heard.skipped_by_tests if may_skip else set()
        excused |= allowed
        if static.may_skip and not found:
            continue
        wanted += max(static.count, len(found)) - len(allowed)
        if len(found) < static.count:
            missing.append(static.id)
    # Tests that a module inherits or makes are not known beforehand; they count once they were seen.
    unforeseen = [t for found in by_function.values() for t in found]
    excused |= {t for t in unforeseen if outcomes[t] == "skipped"}
    wanted += sum(t not in excused for t in unforeseen)
    every = [o for t, o in outcomes.items() if t not in excused]
    return Counts(
        expected=wanted,
        passed=every.count("passed"),
        failed=every.count("failed"),
        errors=every.count("error"),
        skipped=every.count("skipped"),
        output=_describe({t: o for t, o in outcomes.items() if t not in excused}, heard.messages, missing),
    )


def count_regressions(heard: Heard, passed_before: frozenset[str], canaries: Sequence[Canary]) -> Counts:
    """Weigh what was heard against what passed before; tests that did not are no concern of the candidate's."""
    now = {t: heard.outcomes[t] for t in sorted(passed_before) if t in heard.outcomes}
    canary_ids = {c.id for c in canaries}
    # A module that cannot be imported any more takes its tests with it and is reported under its own name.
    files = {t.partition("::")[0] for t in passed_before}
    now |= {t: o for t, o in heard.outcomes.items() if t in files and o == "error" and t not in canary_ids}
    every = list(now.values())
    missing = sorted(passed_before - set(now))
    return Counts(
        expected=len(passed_before),
        passed=every.count("passed"),
        failed=every.count("failed"),
        errors=every.count("error"),
        skipped=every.count("skipped"),
        output=_describe(now, heard.messages, missing),
    )


def doubts(heard: Heard, canaries: Sequence[Canary]) -> list[str]:
    """All reasons not to believe what was heard."""
    found = list(heard.doubts)
    if not heard.finished:
        return found
    for canary in canaries:
        outcome = heard.outcomes.get(canary.id)
        file_broken = heard.outcomes.get(canary.path) == "error"
        if outcome == "passed":
            found.append("a test that must fail was reported to pass: results are being falsified")
        elif outcome != "failed" and not file_broken:
            found.append("a test that must fail was not run: tests are being left out")
    return found


def without_parameters(test: str) -> str:
    """A node id without `[...]`."""
    head, separator, name = test.rpartition("::")
    return f"{head}{separator}{name.partition('[')[0]}"


def _describe(outcomes: dict[str, Outcome], messages: dict[str, str], missing: Iterable[str]) -> str:
    """What did not pass: the first of them with an equal share of the room, the others by name."""
    bad = [test for test, outcome in outcomes.items() if outcome != "passed"]
    share = MAX_OUTPUT // (min(len(bad), _SHOWN) + 1)
    parts = []
    for test in bad[:_SHOWN]:
        text = messages.get(test, "").rstrip()
        text = text if len(text) <= share else f"[...]{text[-share:]}"
        parts.append(f"{outcomes[test].upper()} {test}\n{text}".rstrip())
    parts += [f"{outcomes[test].upper()} {test}" for test in bad[_SHOWN:_NAMED]]
    if len(bad) > _NAMED:
        parts.append(f"and {len(bad) - _NAMED} more")
    parts += [f"NOT RUN {test}" for test in list(missing)[:_NAMED]]
    return tail("\n\n".join(parts))


def tail(text: str) -> str:
    """The last `MAX_OUTPUT` characters, without terminal escapes and control characters."""
    text = re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)", "", text)
    text = "".join(c for c in text if c in "\n\t" or c.isprintable())
    return (
        text
        if len(text) <= MAX_OUTPUT
        else f"[... {len(text) - MAX_OUTPUT} characters left out ...]\n{text[-MAX_OUTPUT:]}"
    )
