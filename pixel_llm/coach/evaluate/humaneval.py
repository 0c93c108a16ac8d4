"""The loop measured on HumanEval: arms over problems, results kept as they come, intervals, false verdicts, dollars."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from pydantic import ValidationError

from pixel_llm.coach.evaluate.arms import Arm, Bench, Result, attempt
from pixel_llm.coach.evaluate.problems import Problem
from pixel_llm.coach.types import Usage, Value
from pixel_llm.errors import InvalidArgumentError, StorageError

_Z = 1.959964  # of a normal distribution, for 95 %


class ArmReport(Value):
    """One arm over all problems.

    A false accept is an accepted answer that is wrong, a false reject a right one that was not accepted. Costs are of
    the recorded tokens; None where no price is known.
    """

    arm: Arm
    problems: int
    correct: int
    accepted: int
    false_accepts: int
    false_rejects: int
    calls: int
    out_of_tokens: int
    usage: Usage
    seconds: float

    @property
    def pass_at_1(self) -> float:
        """Correct of all problems, 0 to 1."""
        return self.correct / self.problems

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of `pass_at_1`, after E. B. Wilson, JASA 22 (1927)."""
        return wilson(self.correct, self.problems)

    @property
    def cost_per_problem(self) -> Decimal | None:
        """Dollars."""
        return None if self.usage.cost_usd is None else self.usage.cost_usd / self.problems


class Report(Value):
    """What was measured. `note` says what the agents are; figures of scripted ones say nothing about any model."""

    note: str
    tokens: int
    arms: tuple[ArmReport, ...]
    without_visible_tests: int


def evaluate(
    problems: Sequence[Problem],
    arms: Sequence[Arm],
    bench_for: Callable[[Problem], Bench],
    results_file: Path,
    *,
    note: str,
    told: Callable[[Result], None] = lambda result: None,
) -> Report:
    """Let every arm work on every problem.

    `bench_for` gives each arm agents of its own. `results_file` gets a line for each result as it comes; what is in it
    already is not done again, so that an interrupted measurement goes on. Raises InvalidArgumentError where the file
    belongs to another measurement, StorageError, AgentUnavailableError, SandboxError.
    """
    if not problems:
        raise InvalidArgumentError("there are no problems to work on")
    tokens = bench_for(problems[0]).tokens
    head = {"note": note, "tokens": tokens}
    known = _open(results_file, head)
    for problem in problems:
        for arm in arms:
            if (problem.id, arm) not in known:
                result = attempt(arm, problem, bench_for(problem))
                _append(results_file, result.model_dump_json())
                known[problem.id, arm] = result
            told(known[problem.id, arm])
    rows = [known[problem.id, arm] for problem in problems for arm in arms]
    return Report(
        note=note,
        tokens=tokens,
        arms=tuple(summarise(arm, [row for row in rows if row.arm is arm]) for arm in arms),
        without_visible_tests=sum(not problem.examples for problem in problems),
    )


def summarise(arm: Arm, results: Sequence[Result]) -> ArmReport:
    """Sums over one arm's results."""
    usage = Usage()
    for result in results:
        usage = usage + result.usage
    return ArmReport(
        arm=arm,
        problems=len(results),
        correct=sum(r.correct for r in results),
        accepted=sum(r.accepted for r in results),
        false_accepts=sum(r.accepted and not r.correct for r in results),
        false_rejects=sum(r.correct and not r.accepted for r in results),
        calls=sum(r.calls for r in results),
        out_of_tokens=sum(r.out_of_tokens for r in results),
        usage=usage,
        seconds=sum(r.seconds for r in results),
    )


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a proportion, 0 to 1."""
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    middle = share + _Z**2 / (2 * trials)
    spread = _Z * math.sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2))
    low, high = ((middle + sign * spread) / (1 + _Z**2 / trials) for sign in (-1, 1))
    return max(low, 0.0), min(high, 1.0)


def _open(path: Path, head: dict[str, object]) -> dict[tuple[str, Arm], Result]:
    """The results in the file; a line that a crash cut off is dropped."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _append(path, json.dumps(head))
        return {}
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"cannot be read: {error}", file=path) from None
    whole, _, half = text.rpartition("\n")
    lines = whole.split("\n")
    if half:
        path.write_text(f"{whole}\n", encoding="utf-8")
    try:
        if json.loads(lines[0]) != head:
            raise InvalidArgumentError(
                "holds the results of a measurement with other agents or another budget",
                file=path,
                remedy="take another file",
            )
        results = [Result.model_validate_json(line) for line in lines[1:]]
    except (ValueError, ValidationError) as error:
        if isinstance(error, InvalidArgumentError):
            raise
        raise InvalidArgumentError("is not a file of results", file=path, remedy="take another file") from None
    return {(result.problem, result.arm): result for result in results}


def _append(path: Path, line: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    except OSError as error:
        raise StorageError(f"cannot be written: {error.strerror or error}", file=path) from None
