"""Results of a test run, read from JUnit XML that an untrusted process may have influenced."""

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from typing import NamedTuple


class Results(NamedTuple):
    """What became of the tests; `reason` says why they do not count as passed."""

    ok: bool
    passed: int
    failed: int
    skipped: int
    reason: str


def read(xml: str, expected: list[str], exit_code: int) -> Results:
    """Check a report against the tests that must have run."""
    try:
        if re.search(r"<!\s*(DOCTYPE|ENTITY)", xml, re.IGNORECASE):
            raise ValueError("it declares entities")
        root = ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError) as error:
        return Results(False, 0, 0, 0, f"the report is not XML: {error}")
    cases = []
    for case in root.iter("testcase"):
        parts = {child.tag for child in case}
        state = "failed" if parts & {"failure", "error"} else "skipped" if "skipped" in parts else "passed"
        cases.append((f"{case.get('classname', '')}::{case.get('name', '')}", state))
    counts = Counter(state for _, state in cases)
    reason = _reason(cases, expected, exit_code)
    return Results(not reason, counts["passed"], counts["failed"], counts["skipped"], reason)


def _reason(cases: list[tuple[str, str]], expected: list[str], exit_code: int) -> str:
    if not expected:
        return "no tests were expected"
    seen = Counter(name for name, _ in cases)
    if len(cases) < len(expected):
        return f"missing: {expected[0]}"
    for name in expected:
        if seen[name] > 1:
            return f"reported twice: {name}"
    for name, state in cases:
        if state == "failed":
            return f"failed: {name}"
    skipped = {name for name, state in cases if state == "skipped"}
    for name in expected:
        if name in skipped:
            return f"skipped: {name}"
    return f"exit code {exit_code}" if exit_code else ""
