"""How runs go and end, under scripted writers and reviewers. `test_cheats.py` has the dishonest ones."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError
from pixel_llm.coach.sandbox import Job, SandboxResult
from pixel_llm.coach.types import Completion, TaskState, TestReport, Usage
from pixel_llm.errors import SandboxError
from pixel_llm.tests.coach.loop.desk import BAD, GOOD, RIGHT, WRONG, Desk, answer, task
from pixel_llm.tests.coach.loop.repository import commit, git, shown

SLOW = "def add(a, b):\n    while b:\n        a, b = a + 1, b - 1\n    return a\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk.at(tmp_path)


def judged_by(*verdicts: str) -> dict[str, object]:
    """A sandbox that gives verdicts in turn, `visible hidden` counts as `1 0`: for what needs no real one."""
    left = list(verdicts)

    def run(job: Job) -> SandboxResult:
        good = left.pop(0) == "pass" if left else True
        report = TestReport(
            kind=job.kind, expected=1, passed=int(good), failed=int(not good), output="" if good else "boom"
        )
        return SandboxResult(report, {}, "finished", 0, "none")

    return {"sandbox": run}


def test_right_at_once(desk: Desk) -> None:
    ending = desk.work([answer(RIGHT)], [GOOD])
    assert (ending.state, ending.reason) == (TaskState.accepted, "tests and review: 9 of 10, 8 wanted")
    assert shown(desk.repository, "add.py") == RIGHT
    assert git(desk.repository, "status", "--porcelain") == ""
    [attempt] = ending.attempts
    assert [(r.kind, r.ok) for r in attempt.reports] == [("visible", True), ("hidden", True)]
    assert desk.record().ending is not None


def test_right_at_the_second_try_with_what_the_first_taught(desk: Desk) -> None:
    ending = desk.work([answer(WRONG), answer(RIGHT)], [GOOD])
    assert ending.state is TaskState.accepted
    assert [a.accepted for a in ending.attempts] == [False, True]
    assert ending.attempts[0].review is None  # nobody pays for a review of what the tests refuse
    second = desk.prompts[1]
    assert WRONG.strip() in second
    assert "test_small failed: assert -1 == 3" in second
    assert "What the tests printed" in second


def test_never_right_keeps_the_best(desk: Desk) -> None:
    third = "def add(a, b):\n    return 3\n"
    answers = [answer(WRONG), answer(third), answer("def add(a, b):\n    return 4\n")]
    ending = desk.work(answers, tools=judged_by("fail", "pass", "fail", "fail"))
    assert ending.state is TaskState.needs_human
    assert ending.reason == "not accepted in 3 attempts; see the best one"
    assert ending.best == 2  # it passes the visible test
    saved = desk.repository.parent / "records/add/run"
    assert (saved / "best/add.py").read_text() == third
    git(desk.repository, "apply", "--check", str(saved / "best.diff"))
    assert "coach" not in git(desk.repository, "branch", "--all")


def test_the_hidden_tests_stay_hidden(desk: Desk) -> None:
    cheap = "def add(a, b):\n    return 3\n"
    ending = desk.work([answer(cheap), answer(RIGHT)], [GOOD])
    assert ending.state is TaskState.accepted
    seen = "".join(desk.prompts) + desk.agent.calls[-1].model_dump_json()  # type: ignore[union-attr]
    for secret in ("test_large", "123456", "777777", "test_hidden"):
        assert secret not in seen
    assert "1 of 1 acceptance tests that you cannot see failed" in desk.prompts[1]


def test_a_low_score_asks_again_and_its_defects_are_lessons(desk: Desk) -> None:
    better = f"{RIGHT}\n\n# 1\n"
    ending = desk.work([answer(RIGHT), answer(better)], [BAD, GOOD], tools=judged_by())
    assert ending.state is TaskState.accepted
    assert "add.py:1: no docstring" in desk.prompts[1]
    assert [a.review.score for a in ending.attempts if a.review] == [5, 9]


def test_the_score_that_is_wanted_can_be_set(desk: Desk) -> None:
    assert desk.work([answer(RIGHT)], [BAD], tools=judged_by(), accept_score=5).state is TaskState.accepted


def test_a_good_review_does_not_open_the_gate_that_tests_keep_shut(desk: Desk) -> None:
    ending = desk.work([answer(WRONG)], [GOOD] * 3, max_attempts=1)
    assert ending.state is TaskState.needs_human
    assert not [c for c in desk.agent.calls if not isinstance(c, tuple)]


def test_without_a_reviewer_tests_decide_and_the_record_says_so(desk: Desk) -> None:
    ending = desk.work([answer(RIGHT)], tools=judged_by())
    assert (ending.state, ending.reason) == (TaskState.accepted, "tests alone: no reviewer is available")
    assert desk.record().attempts[0].decided_by == ending.reason


def test_reviews_can_be_switched_off(desk: Desk) -> None:
    ending = desk.work([answer(RIGHT)], [BAD], tools=judged_by(), decide_by="tests")
    assert (ending.state, ending.reason) == (TaskState.accepted, "tests alone: reviews are switched off")


@pytest.mark.parametrize("review", [None, AgentCallError("broken", bought=True)])
def test_no_usable_review_is_not_a_pass_and_no_reason_to_write_again(desk: Desk, review: Exception | None) -> None:
    ending = desk.work([answer(RIGHT)], [review], tools=judged_by())
    assert ending.state is TaskState.needs_human
    assert ending.reason == "the tests pass, but there is no usable review, and that is not a pass"
    assert ending.best == 1
    assert len(desk.prompts) == 1


def test_an_identical_answer_ends_the_run(desk: Desk) -> None:
    ending = desk.work([answer(WRONG)] * 3, tools=judged_by("fail", "fail", "fail"))
    assert len(ending.attempts) == 2
    assert ending.reason == "attempt 2 is identical to attempt 1: the writer has no other idea"


def test_the_same_useless_answer_twice_ends_the_run(desk: Desk) -> None:
    ending = desk.work(["I am sorry."] * 3)
    assert (ending.state, len(ending.attempts)) == (TaskState.needs_human, 2)
    assert "put add.py in a fence" in desk.prompts[1]


def test_what_cannot_be_used_is_not_run(desk: Desk) -> None:
    def never(job: Job) -> SandboxResult:
        raise AssertionError("ran")

    answers = [
        answer("def add(a, b)\n"),
        answer(f"{RIGHT}# ... rest of the code unchanged ...\n"),
        "```python add.py\ndef",
    ]
    ending = desk.work(answers, [GOOD], tools={"sandbox": never})
    assert ending.state is TaskState.needs_human
    assert [a.decided_by for a in ending.attempts] == ["the answer cannot be used"] * 3
    assert "not Python: line 1: expected ':'" in desk.prompts[1]
    assert "stands for code that was left out" in desk.prompts[2]


def test_an_answer_that_was_cut_off_says_so_to_the_writer(desk: Desk) -> None:
    cut = Completion(text=f"```python add.py\n{RIGHT}", model="m", finish_reason="length")
    ending = desk.work([cut, answer(RIGHT)], tools=judged_by())
    assert ending.state is TaskState.accepted
    assert "at the token limit" in desk.prompts[1]


def test_a_fresh_draft_follows_two_repairs(desk: Desk) -> None:
    codes = [f"def add(a, b):\n    return {n}\n" for n in range(5)]
    ending = desk.work(map(answer, codes), tools=judged_by(*["fail"] * 5), max_attempts=5)
    assert [("Your last version" in p) for p in desk.prompts] == [False, True, True, False, True]
    assert "Mistakes so far" in desk.prompts[3]
    assert len(ending.attempts) == 5


def test_regressions_are_seen_and_only_what_passed_before_can_regress(desk: Desk) -> None:
    tests = "from old import old\n\n\ndef test_old():\n    assert old() == 1\n"
    commit(desk.repository, {"tests/test_old.py": f"{tests}\n\ndef test_broken():\n    assert old() == 2\n"})
    of = task(target_files=("add.py", "old.py"), regression_tests=("tests/test_old.py",))
    bad = answer(RIGHT) + answer("def old():\n    return 3\n", "old.py")
    ending = desk.work([bad], of=of, max_attempts=1)
    assert ending.state is TaskState.needs_human
    first = ending.attempts[0].report("regression")
    assert first is not None
    assert (first.expected, first.passed) == (1, 0)
    assert ending.attempts[0].report("hidden") is None
    assert ending.attempts[0].lessons[0].startswith("test_old failed: assert 3 == 1")
    assert len(ending.attempts[0].lessons) == 1


def test_a_command_of_the_project_decides_too(desk: Desk) -> None:
    of = task(
        visible_tests=(), hidden_tests=(), test_command=("python3", "-c", "import add; assert add.add(1, 2) == 3")
    )
    ending = desk.work([answer(WRONG), answer(RIGHT)], of=of)
    assert [a.accepted for a in ending.attempts] == [False, True]
    assert "This command must succeed: python3 -c" in desk.prompts[0]


def test_without_tests_nothing_is_accepted_by_itself(desk: Desk) -> None:
    of = task(visible_tests=(), hidden_tests=())
    ending = desk.work([answer(RIGHT)], [GOOD], of=of)
    assert ending.state is TaskState.needs_human
    assert "the task has no tests" in ending.reason
    assert ending.attempts[0].review == GOOD


def test_a_task_for_the_reviewer_writes_nothing(desk: Desk) -> None:
    commit(desk.repository, {"add.py": RIGHT})
    ending = desk.work([], [GOOD], of=task(agent="reviewer"), tools=judged_by())
    assert (ending.state, ending.branch) == (TaskState.accepted, None)
    assert desk.prompts == []
    assert desk.work([], [BAD], of=task(agent="reviewer"), tools=judged_by()).state is TaskState.needs_human
    missing = task(agent="reviewer", target_files=("none.py",))
    assert desk.work([], [GOOD], of=missing).state is TaskState.needs_human


def test_a_writer_that_gives_no_answer_is_a_failure_not_a_bad_answer(desk: Desk) -> None:
    ending = desk.work([AgentCallError("HTTP 500")] * 3)
    assert (ending.state, ending.reason) == (TaskState.failed, "the writer gave no answer: HTTP 500")
    assert desk.work([AgentCallError("HTTP 500"), answer(RIGHT)], tools=judged_by()).state is TaskState.accepted


def test_what_was_paid_for_nothing_is_counted(desk: Desk) -> None:
    spent = Usage(input_tokens=100, output_tokens=20, cost_usd=Decimal("0.002"))
    malformed = AgentCallError("two malformed reviews", bought=True, usage=spent)
    ending = desk.work([answer(RIGHT)], [malformed], tools=judged_by())
    assert ending.attempts[0].wasted == spent
    assert ending.usage.cost_usd == Decimal("0.002")
    ending = desk.work([AgentCallError("cut off", bought=True, usage=spent)] * 2, max_attempts=2)
    assert ending.usage.input_tokens == 200


@pytest.mark.parametrize("error", [AgentUnavailableError("no model"), KeyboardInterrupt()])
def test_the_record_is_saved_also_when_the_run_is_interrupted(desk: Desk, error: BaseException) -> None:
    def say(messages: object) -> str:
        if len(desk.agent.calls) == 1:
            return answer(WRONG)
        raise error

    with pytest.raises(type(error)):
        desk.work(say, tools=judged_by("fail"))
    record = desk.record()
    assert record.ending is None
    assert [a.files[0].content for a in record.attempts] == [WRONG]
    assert (desk.repository.parent / "records/add/run/best/add.py").read_text() == WRONG


def test_no_sandbox_no_run(desk: Desk) -> None:
    def refuse(job: Job) -> SandboxResult:
        raise SandboxError("cannot confine")

    with pytest.raises(SandboxError):
        desk.work([answer(RIGHT)], tools={"sandbox": refuse})


def test_targets_that_nobody_may_write_are_refused_before_anything_is_paid(desk: Desk) -> None:
    for of in (task(target_files=("conftest.py",)), task(protected_paths=("add.py",))):
        ending = desk.work([answer(RIGHT)], of=of)
        assert ending.state is TaskState.needs_human
        assert "may not be written" in ending.reason
        assert desk.agent.calls == []


def test_files_that_the_user_is_working_on_wait_for_the_user(desk: Desk) -> None:
    (desk.repository / "add.py").write_text("the user's\n")
    ending = desk.work([answer(RIGHT)])
    assert ending.state is TaskState.needs_human
    assert ending.reason.startswith("add.py: commit your changes first")
    assert (desk.repository / "add.py").read_text() == "the user's\n"


def test_a_file_that_changed_on_the_branch_meanwhile_is_a_persons_to_decide(desk: Desk) -> None:
    def slowly(job: Job) -> SandboxResult:
        git(desk.repository, "switch", "--quiet", "-c", "coach/accepted")
        commit(desk.repository, {"add.py": SLOW})
        git(desk.repository, "switch", "--quiet", "main")
        return SandboxResult(TestReport(kind=job.kind, expected=1, passed=1), {}, "finished", 0, "none")

    ending = desk.work([answer(RIGHT)], of=task(hidden_tests=()), tools={"sandbox": slowly})
    assert ending.state is TaskState.needs_human
    assert ending.reason == "accepted, but not committed: add.py changed on coach/accepted while this was written"
    assert shown(desk.repository, "add.py") == SLOW
    assert ending.best_attempt is not None
    assert ending.best_attempt.accepted


def test_the_writers_settings_reach_it(desk: Desk) -> None:
    asked = []

    class Writer(type(desk.agent)):  # type: ignore[misc]
        def complete(self, messages: object, **settings: object) -> Completion:
            asked.append((settings["seed"], settings["temperature"], settings["max_tokens"]))
            return Completion(text=answer(f"def add(a, b):\n    return {len(asked)}\n"), model="m")

    tools = {**judged_by(*["fail"] * 4), "writer": Writer()}
    desk.work([], tools=tools, max_attempts=4, seed=7, temperature=0.1, max_tokens=99)
    assert asked == [(7, 0.1, 99), (8, 0.1, 99), (9, 0.1, 99), (10, 0.5, 99)]


def test_lessons_of_people_are_told_from_the_start(desk: Desk) -> None:
    desk.work([answer(RIGHT)], tools=judged_by(), lessons=("think of zero",))
    assert "- think of zero" in desk.prompts[0]
