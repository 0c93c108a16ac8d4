"""The measurement measured: problems, examples, arms, verdicts, intervals, going on after an interruption."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixel_llm.coach import sandbox
from pixel_llm.coach.agents.base import AgentUnavailableError
from pixel_llm.coach.agents.scripted import ScriptedAgent
from pixel_llm.coach.evaluate.arms import Arm, Bench, Result, attempt
from pixel_llm.coach.evaluate.humaneval import evaluate, summarise, wilson
from pixel_llm.coach.evaluate.mixture import Mixture, broken
from pixel_llm.coach.evaluate.problems import FILE, Problem, load_problems
from pixel_llm.coach.sandbox import Job, SandboxResult
from pixel_llm.coach.types import Review, TestReport
from pixel_llm.errors import InvalidArgumentError, NotFoundError

PROBLEMS = load_problems()
FIRST = PROBLEMS[0]


def exec_sandbox(job: Job) -> SandboxResult:
    """Runs test functions in this process: for answers that the test itself has written."""
    passed = failed = 0
    for test in job.tests:
        solution: dict[str, Any] = {}
        text = test.content.replace("    import solution\n\n", "").replace("solution.", "")
        text = "\n".join(line for line in text.split("\n") if not line.startswith("from solution import"))
        namespace: dict[str, Any] = {}
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                exec((job.workspace / FILE).read_text(), solution)
                exec(text, namespace)
                namespace.update({k: v for k, v in solution.items() if k != "__builtins__"})
                tests = [value for name, value in namespace.items() if name.startswith("test_")]
            except Exception:  # noqa: BLE001
                tests, failed = [], failed + 1
            for function in tests:
                try:
                    function()
                    passed += 1
                except Exception:  # noqa: BLE001
                    failed += 1
    report = TestReport(kind=job.kind, expected=passed + failed, passed=passed, failed=failed)
    return SandboxResult(report, {}, "finished", 0, "none")


def bench(tmp_path: Path, agent: ScriptedAgent, **more: Any) -> Bench:
    return Bench(**{"writer": agent, "reviewer": agent, "sandbox": exec_sandbox, "records": tmp_path / "r", **more})


def answer(code: str) -> str:
    return f"````python {FILE}\n{code.rstrip()}\n````"


def right(problem: Problem = FIRST) -> str:
    return answer(problem.reference)


WRONG = answer(FIRST.prompt + "    return True\n")
WRONG_BUT_PASSES = answer(
    f"{FIRST.prompt}    return numbers != [1.0, 2.0, 3.0]\n",
)
GOOD, BAD = Review(score=9, verdict="accept"), Review(score=3, verdict="revise")


def test_all_problems_are_there_and_most_have_examples() -> None:
    assert len(PROBLEMS) == 164
    assert sum(bool(p.examples) for p in PROBLEMS) == 137
    assert sum(len(p.examples) for p in PROBLEMS) == 384
    assert PROBLEMS[0].examples[1].model_dump() == {
        "call": "has_close_elements([1.0, 2.8, 3.0, 4.0, 5.0, 2.0], 0.3)",
        "result": "True",
    }
    one = next(p for p in PROBLEMS if p.id == "HumanEval/47")
    assert [e.result for e in one.examples] == ["3"]  # its other example is wrong
    assert [p.id for p in load_problems(every=50, limit=3)] == ["HumanEval/0", "HumanEval/50", "HumanEval/100"]
    with pytest.raises(NotFoundError, match="no problem 'HumanEval/164'"):
        load_problems(["HumanEval/164"])


def test_the_benchmarks_own_solutions_pass_and_stubs_fail() -> None:
    def verdict(problem: Problem, code: str, folder: Path, *, hidden: bool) -> bool:
        (folder / FILE).write_text(code)
        tests = problem.hidden_test if hidden else problem.task().visible_tests[0]
        return exec_sandbox(Job(workspace=folder, tests=(tests,), hidden=hidden)).report.ok

    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for problem in PROBLEMS[::4]:
            assert verdict(problem, problem.reference, folder, hidden=True), problem.id
            assert not verdict(problem, f"{problem.prompt}    return None\n", folder, hidden=True), problem.id
            if problem.examples:
                assert verdict(problem, problem.reference, folder, hidden=False), problem.id


def test_in_the_real_sandbox(tmp_path: Path) -> None:
    helper = next(p for p in PROBLEMS if p.id == "HumanEval/38")  # its check uses a function of the prompt
    found = attempt(Arm.single_shot, helper, bench(tmp_path, ScriptedAgent([right(helper)]), sandbox=sandbox.run))
    assert (found.correct, found.visible_tests) == (True, 0)


def test_a_single_shot_is_taken_as_it_is(tmp_path: Path) -> None:
    found = attempt(Arm.single_shot, FIRST, bench(tmp_path, ScriptedAgent([WRONG, right()])))
    assert (found.accepted, found.correct, found.calls) == (True, False, 1)
    nothing = attempt(Arm.single_shot, FIRST, bench(tmp_path, ScriptedAgent(["no file"])))
    assert (nothing.accepted, nothing.correct) == (False, False)


def test_best_of_3_takes_the_first_that_passes_and_tells_none_of_the_others(tmp_path: Path) -> None:
    agent = ScriptedAgent([WRONG, right(), WRONG])
    found = attempt(Arm.best_of_3, FIRST, bench(tmp_path, agent))
    assert (found.accepted, found.correct, found.calls) == (True, True, 2)
    assert agent.calls[0] == agent.calls[1]


def test_tests_only_repairs_and_can_be_fooled_by_weak_tests(tmp_path: Path) -> None:
    agent = ScriptedAgent([WRONG, right()])
    found = attempt(Arm.tests_only, FIRST, bench(tmp_path, agent))
    assert (found.accepted, found.correct, found.attempts) == (True, True, 2)
    fooled = attempt(Arm.tests_only, FIRST, bench(tmp_path, ScriptedAgent([WRONG_BUT_PASSES])))
    assert (fooled.accepted, fooled.correct) == (True, False)


def test_review_only_sees_no_tests(tmp_path: Path) -> None:
    agent = ScriptedAgent([WRONG, right()], [BAD, GOOD])
    found = attempt(Arm.review_only, FIRST, bench(tmp_path, agent))
    assert (found.accepted, found.correct, found.calls) == (True, True, 4)
    assert "A test that must pass" not in agent.calls[0][1].content  # type: ignore[index]
    wrong = attempt(Arm.review_only, FIRST, bench(tmp_path, ScriptedAgent([WRONG], [GOOD])))
    assert (wrong.accepted, wrong.correct) == (True, False)


def test_tests_and_review_need_both(tmp_path: Path) -> None:
    agent = ScriptedAgent([WRONG, WRONG_BUT_PASSES, right()], [BAD, GOOD])
    found = attempt(Arm.tests_and_review, FIRST, bench(tmp_path, agent))
    assert (found.accepted, found.correct, found.attempts) == (True, True, 3)
    # A right answer that the reviewer turns down three times is a false reject.
    codes = [answer(f"{FIRST.reference}\n# {n}\n") for n in range(3)]
    rejected = attempt(Arm.tests_and_review, FIRST, bench(tmp_path, ScriptedAgent(codes, [BAD] * 3)))
    assert (rejected.accepted, rejected.correct) == (False, True)


@pytest.mark.parametrize("arm", Arm)
def test_every_arm_keeps_to_the_same_budget_of_tokens(tmp_path: Path, arm: Arm) -> None:
    codes = [answer(f"{FIRST.prompt}    return {n}\n") for n in range(3)]
    found = attempt(arm, FIRST, bench(tmp_path, ScriptedAgent(codes, [BAD] * 3), tokens=1000, max_tokens=400))
    assert found.usage.input_tokens + found.usage.output_tokens <= 1000
    assert found.out_of_tokens == (arm is not Arm.single_shot)


def result(accepted: bool, correct: bool) -> Result:
    return Result(problem="p", arm=Arm.tests_only, accepted=accepted, correct=correct, visible_tests=1)


def test_a_summary_counts_right_and_wrong_verdicts() -> None:
    rows = [result(True, True)] * 5 + [result(True, False)] * 2 + [result(False, True)] + [result(False, False)] * 2
    found = summarise(Arm.tests_only, rows)
    assert (found.problems, found.correct, found.accepted) == (10, 6, 7)
    assert (found.false_accepts, found.false_rejects) == (2, 1)
    assert found.pass_at_1 == 0.6
    assert found.cost_per_problem is None


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_wilsons(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_mixture_shows_what_it_was_made_to_be(tmp_path: Path) -> None:
    mixture = Mixture(draft=0.5, repair=0.5, passes_right=1.0, passes_wrong=0.0)
    problems = [p for p in PROBLEMS if p.examples][:20]
    make: Callable[[Problem], Bench] = lambda p: bench(tmp_path, mixture.agent(p))  # noqa: E731
    report = evaluate(problems, list(Arm), make, tmp_path / "results.jsonl", note=mixture.note)
    by_arm = {arm.arm: arm for arm in report.arms}
    single, both = by_arm[Arm.single_shot], by_arm[Arm.tests_and_review]
    low, high = single.interval
    assert low < 0.5 + 0.1
    assert high > 0.5
    assert single.correct < by_arm[Arm.best_of_3].correct
    assert single.correct < by_arm[Arm.tests_only].correct
    assert both.false_accepts == by_arm[Arm.review_only].false_accepts == 0  # its reviewer is never wrong
    assert single.false_accepts == 20 - single.correct
    assert report.note.startswith("scripted mixture, no model")
    assert report.without_visible_tests == 0


def test_a_measurement_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    asked: list[str] = []

    def make(problem: Problem) -> Bench:
        asked.append(problem.id)
        if len(asked) == 4:
            raise AgentUnavailableError("gone")
        return bench(tmp_path, ScriptedAgent([right(problem)]))

    with pytest.raises(AgentUnavailableError):
        evaluate(PROBLEMS[:4], [Arm.single_shot], make, file, note="n")
    with file.open("a") as opened:
        opened.write('{"problem": "HumanEval/2", "ar')  # a line that a crash cut off
    report = evaluate(PROBLEMS[:4], [Arm.single_shot], make, file, note="n")
    assert report.arms[0].correct == 4
    assert asked.count("HumanEval/0") == 3  # for its budget, twice; worked on once
    assert len(file.read_text().splitlines()) == 5
    with pytest.raises(InvalidArgumentError, match="other agents"):
        evaluate(PROBLEMS[:4], [Arm.single_shot], make, file, note="other")
    file.write_text("not json\n")
    with pytest.raises(InvalidArgumentError, match="is not a file of results"):
        evaluate(PROBLEMS[:4], [Arm.single_shot], make, file, note="n")


def test_broken_code_still_compiles_and_differs() -> None:
    for problem in PROBLEMS:
        for variant in (1, 2):
            code = broken(problem.reference, variant)
            compile(code, problem.id, "exec")
            assert code.strip() != problem.reference.strip()
    assert json.dumps(broken(FIRST.reference, 1)) == json.dumps(broken(FIRST.reference, 1))
