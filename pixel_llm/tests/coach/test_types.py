"""The values that the coach's parts hand each other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pixel_llm.coach.types import (
    AttemptRecord,
    Completion,
    Review,
    TaskFile,
    TaskSpec,
    TestReport,
    Usage,
    relative_path,
)


@pytest.mark.parametrize(
    ("path", "plain"), [("a/b.py", "a/b.py"), ("./a//b.py", "a/b.py"), ("a b/ü.py", "a b/ü.py"), (".x/y", ".x/y")]
)
def test_paths_are_made_plain(path: str, plain: str) -> None:
    assert relative_path(path) == plain


@pytest.mark.parametrize(
    "path", ["", ".", "/etc/passwd", "../a", "a/../../b", "a/..", "C:/x", "c:x", "a\\b", "a\nb", "a\0"]
)
def test_paths_that_leave_the_project_are_refused(path: str) -> None:
    with pytest.raises(ValueError):
        relative_path(path)


@given(st.text(max_size=60))
def test_what_is_let_through_stays_below_the_root(path: str) -> None:
    try:
        plain = relative_path(path)
    except ValueError:
        return
    parts = plain.split("/")
    assert parts and not {"", ".", ".."} & set(parts) and relative_path(plain) == plain


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "-a"},
        {"id": "a/b"},
        {"id": "a" * 101},
        {"id": "a."},
        {"title": ""},
        {"priority": 0},
        {"priority": 11},
        {"depends_on": ["a"]},
        {"depends_on": ["b", "b"]},
        {"target_files": ["../a"]},
        {"target_files": ["a.py", "a.py"]},
        {"target_files": ["a.py"], "hidden_tests": [{"path": "a.py", "content": ""}]},
        {"visible_tests": [{"path": "t.py", "content": ""}], "hidden_tests": [{"path": "t.py", "content": ""}]},
        {"regression_tests": ["../t.py::test_a"]},
        {"test_command": "a 'b"},
        {"agent": "robot"},
        {"estimates": {"cost_usd": -1}},
        {"owner": "me"},
    ],
)
def test_tasks_that_cannot_be_are_refused(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        TaskSpec.model_validate({"id": "a", "title": "A", **wrong})


def test_a_command_line_is_split_into_words_without_a_shell() -> None:
    spec = TaskSpec(
        id="a", title="A", test_command="make 'test all' $HOME; rm", regression_tests=("./t.py::test_a[b/..]",)
    )
    assert spec.test_command == ("make", "test all", "$HOME;", "rm")
    assert spec.regression_tests == ("t.py::test_a[b/..]",)
    assert TaskSpec.model_validate_json(spec.model_dump_json()) == spec


def test_sums_of_usage_know_what_they_do_not_know() -> None:
    free = Usage(input_tokens=1, output_tokens=2, cost_usd=Decimal(0), priced_by="local")
    paid = Usage(input_tokens=10, cost_usd=Decimal("0.1"), priced_by="a list")
    unknown = Usage(output_tokens=5)
    assert unknown + unknown == Usage(output_tokens=10)
    total = free + paid + unknown
    assert total == Usage(input_tokens=11, output_tokens=7, cost_usd=Decimal("0.1"), priced_by="a list, local")
    assert total + paid == paid + total


def report(**values: object) -> TestReport:
    return TestReport.model_validate({"kind": "hidden", "expected": 3, "passed": 3, **values})


@pytest.mark.parametrize(
    "wrong",
    [
        {"trustworthy": False},
        {"timed_out": True},
        {"passed": 2},
        {"passed": 4},
        {"passed": 2, "skipped": 1},
        {"failed": 1},
        {"errors": 1},
        {"skipped": 1},
        {"expected": 0, "passed": 0},
    ],
)
def test_only_a_whole_report_passes(wrong: dict) -> None:
    assert report().ok
    assert not report(**wrong).ok


def test_half_a_surrogate_pair_can_be_stored() -> None:
    made = AttemptRecord(
        number=1,
        completion=Completion(text="a\ud800b", model="m"),
        files=(TaskFile(path="a.py", content="x = '\udfff'"),),
        error="\ud800",
    )
    assert AttemptRecord.model_validate_json(made.model_dump_json()) == made
    assert made.completion is not None and made.completion.text == "a?b"


@pytest.mark.parametrize("score", [0, 11, "high", None])
def test_a_review_has_a_score_from_1_to_10(score: object) -> None:
    with pytest.raises(ValidationError):
        Review.model_validate({"score": score, "verdict": "accept"})
