"""What a writer is told, what is learnt from an attempt, which attempt is the best, what static checks see."""

from __future__ import annotations

import pytest

from pixel_llm.coach.loop.checks import check_files
from pixel_llm.coach.loop.lessons import MAX_LESSON, MAX_LESSONS, learn, without_repeats
from pixel_llm.coach.loop.prompt import WHOLE_FILE_LIMIT, build_prompt, fenced, tail
from pixel_llm.coach.loop.ranking import best
from pixel_llm.coach.types import AttemptRecord, Check, Completion, Defect, Review, TaskFile, TaskSpec, TestReport

TASK = TaskSpec(
    id="t",
    title="Add",
    description="Write add.",
    target_files=("add.py",),
    context_files=("short.py", "long.py"),
    visible_tests=(TaskFile(path="tests/test_add.py", content="def test_add():\n    assert add(1, 2) == 3\n"),),
    hidden_tests=(TaskFile(path="tests/test_secret.py", content="SECRET"),),
)
FILES = {"add.py": None, "short.py": "short = 1\n", "long.py": "".join(f"line_{n} = {n}\n" for n in range(3000))}


def report(kind: str = "visible", passed: int = 0, expected: int = 1, **more: object) -> TestReport:
    return TestReport(**{"kind": kind, "expected": expected, "passed": passed, "failed": expected - passed, **more})


def attempt(number: int = 1, code: str = "x\n", **more: object) -> AttemptRecord:
    return AttemptRecord(**{"number": number, "files": (TaskFile(path="add.py", content=code),), **more})


def user(history: tuple[AttemptRecord, ...] = (), **more: object) -> str:
    return build_prompt(TASK, FILES, history, **more)[1].content


def test_a_first_prompt_has_all_that_is_known_and_nothing_that_is_hidden() -> None:
    system, asked = build_prompt(TASK, FILES)
    assert "```python add.py\n<the whole file>\n```" in system.content
    for part in (
        "Write add.",
        "add.py does not exist yet.",
        "assert add(1, 2) == 3",
        "short = 1",
        "line_2999",
        "Write add.py now.",
    ):
        assert part in asked.content
    assert "SECRET" not in system.content + asked.content
    assert "test_secret" not in system.content + asked.content


def test_context_is_cut_to_the_limit_the_longest_most_and_says_so() -> None:
    system, asked = build_prompt(TASK, FILES, limit=3000)
    assert len(system.content) + len(asked.content) <= 3000
    assert "short = 1" in asked.content
    assert "more lines are not shown]" in asked.content
    assert "line_2999" not in asked.content
    assert "assert add(1, 2) == 3" in build_prompt(TASK, FILES, limit=1000)[1].content


def test_a_long_target_may_be_answered_with_edits() -> None:
    files = {**FILES, "add.py": "#\n" * WHOLE_FILE_LIMIT}
    assert "<<<<<<< SEARCH" in build_prompt(TASK, files)[0].content
    assert "<<<<<<< SEARCH" not in build_prompt(TASK, FILES)[0].content


def test_a_repair_starts_from_the_best_attempt_and_shows_the_newest_failure() -> None:
    good = attempt(1, "best\n", reports=(report(passed=2, expected=3, output="old failure"),), lessons=("one",))
    worse = attempt(2, "worse\n", reports=(report(passed=0, expected=3, output="new failure"),), lessons=("two", "one"))
    asked = user((good, worse), lessons=("from a person",))
    assert "Your last version of add.py:\n\n```python add.py\nbest\n```" in asked
    assert "new failure" in asked
    assert "old failure" not in asked
    assert asked.index("- from a person") < asked.index("- two") < asked.index("- one")
    assert asked.count("- one") == 1


def test_a_fresh_draft_has_lessons_and_no_old_code() -> None:
    history = tuple(attempt(n, f"old {n}\n", reports=(report(output="boom"),), lessons=(f"l{n}",)) for n in (1, 2, 3))
    asked = user(history)
    assert "old" not in asked
    assert "boom" not in asked
    assert "- l1\n- l2\n- l3" in asked


def test_output_of_hidden_tests_is_never_shown() -> None:
    seen = attempt(reports=(report("visible", 1, output="fine"), report("hidden", output="SECRET")))
    assert "SECRET" not in user((seen,))


def test_fences_hold_fences() -> None:
    assert fenced("a.md", "```\nx\n```") == "````markdown a.md\n```\nx\n```\n````"
    assert tail("a\n" * 10, 7) == "[…]\na\na\na"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("line 4: wrong", "line 70:  wrong"),
        ("<x at 0x7f00>", "<x at 0xdead>"),
        ("took 1.2s here", "took 33s here"),
        ("Same", "same"),
    ],
)
def test_lessons_that_differ_in_nothing_that_matters_are_one(first: str, second: str) -> None:
    assert without_repeats([first, "other", second]) == ("other", " ".join(second.split()))


def test_lessons_are_few_and_short() -> None:
    found = without_repeats(["", "  ", *(f"lesson {'x' * n}" for n in range(400))])
    assert len(found) == MAX_LESSONS
    assert all(len(lesson) <= MAX_LESSON for lesson in found)
    assert without_repeats(found) == found


def test_what_is_learnt() -> None:
    found = learn(
        attempt(
            checks=(Check(name="c", ok=False, message="add.py: not Python"),),
            reports=(
                report(
                    output="FAILED tests/test_a.py::test_x\nt.py:1: in test_x\nE   assert 1 == 2\nE    +  where 1 = f()"
                ),
                report("command", output="no pytest here"),
                report("hidden", passed=1, expected=3, output="SECRET"),
                report("regression", timed_out=True),
            ),
            review=Review(score=4, verdict="revise", defects=(Defect(place="add.py:1", reason="slow"),)),
        )
    )
    assert found == (
        "add.py: not Python",
        "test_x failed: assert 1 == 2, where 1 = f()",
        "The command tests do not pass yet.",
        (
            "2 of 3 acceptance tests that you cannot see failed: read the description again for cases that the visible "
            "tests leave out."
        ),
        "The regression tests ran into the time limit: something loops or waits for ever.",
        "add.py:1: slow",
    )
    [cheat] = learn(attempt(reports=(report(trustworthy=False, reason="the process ended early"),)))
    assert cheat == "The visible tests gave no result that can be trusted: the process ended early"


def test_the_best_attempt() -> None:
    completion = Completion(text="", model="m")
    nothing = AttemptRecord(number=1, completion=completion)
    broken = attempt(2)
    some = attempt(3, reports=(report(passed=1, expected=2), report("regression", 1)))
    harmful = attempt(4, reports=(report(passed=2, expected=2), report("regression", 0)))
    untrusted = attempt(5, reports=(report(passed=2, expected=2, trustworthy=False),))
    good = attempt(6, reports=(report(passed=2, expected=2), report("regression", 1)))
    liked = good.model_copy(update={"number": 7, "review": Review(score=6, verdict="revise")})
    accepted = some.model_copy(update={"number": 8, "accepted": True})
    assert best([nothing]) is None
    order = [nothing, broken, some, harmful, good, liked, accepted]
    for n in range(2, len(order) + 1):
        assert best(order[:n]) is order[n - 1]
        assert best(order[:n][::-1]) is order[n - 1]
    assert best([untrusted, some]) is some
    assert best([good, good.model_copy(update={"number": 9})]) is good


@pytest.mark.parametrize(
    ("path", "text", "wrong"),
    [
        ("a.py", "def f(:\n", "not Python: line 1"),
        ("a.py", "x = 1\0", "NUL"),
        ("a.py", "x = '\\d'\n", ""),
        ("a.json", "{", "not JSON"),
        ("a.toml", "a = ", "not TOML"),
        ("a.yaml", "a: [", "not YAML"),
        ("a.yml", "a: !!python/object/apply:os.system [ls]\n", ""),
        ("a.txt", "def f(:", ""),
        ("a.json", "[" * 100_000, "not JSON"),
    ],
)
def test_checks_see_what_is_not_well_formed(path: str, text: str, wrong: str) -> None:
    [check] = check_files([TaskFile(path=path, content=text)])
    assert check.ok == (not wrong)
    assert wrong in check.message
