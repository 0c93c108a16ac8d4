"""The ways of working that are compared, at the same budget of tokens for each problem.

single shot       one answer, nobody looks at it
best of 3         three answers that know nothing of each other; the first that passes the visible tests
tests only        the loop, with the visible tests as its gate
review only       the loop, with the reviewer as its gate and no tests
tests and review  the loop as it is meant
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from pixel_llm.coach.agents.base import Agent, AgentCallError, Reviewer, Writer
from pixel_llm.coach.evaluate.problems import FILE, Problem
from pixel_llm.coach.loop.loop import work_on
from pixel_llm.coach.loop.project import WrittenBack
from pixel_llm.coach.loop.ranking import rank
from pixel_llm.coach.loop.tools import Answer, Gate, Observer, Policy, Role, Run, Silent, Tools
from pixel_llm.coach.loop.workspace import workspace
from pixel_llm.coach.sandbox import Job, Limits, SandboxResult
from pixel_llm.coach.types import AttemptRecord, TaskFile, TaskState, Usage, Value

_DRAFTS = 3
_WARM = 0.8  # the temperature of independent drafts, which should differ


class Arm(StrEnum):
    """A way of working."""

    single_shot = "single shot"
    best_of_3 = "best of 3"
    tests_only = "tests only"
    review_only = "review only"
    tests_and_review = "tests and review"


class Result(Value):
    """What one arm made of one problem. `accepted` is what the arm says, `correct` what the benchmark says."""

    problem: str
    arm: Arm
    accepted: bool
    correct: bool
    visible_tests: int
    attempts: int = 0
    calls: int = 0
    out_of_tokens: bool = False
    usage: Usage = Usage()
    seconds: float = 0.0


@dataclass(frozen=True)
class Bench:
    """What problems are worked on with. `tokens` is the budget of a problem, questions and answers together."""

    writer: Writer
    reviewer: Reviewer | None
    sandbox: Callable[[Job], SandboxResult]
    records: Path
    tokens: int = 8192
    max_tokens: int = 1024
    temperature: float = 0.2
    limits: Limits = field(default_factory=Limits)
    observer: Observer = field(default_factory=Silent)


def attempt(arm: Arm, problem: Problem, bench: Bench) -> Result:
    """Let `arm` work on `problem` and judge what it gives. Raises AgentUnavailableError and SandboxError."""
    started = time.monotonic()
    purse = _Purse(bench.tokens)
    run = _run(arm, problem, bench, purse)
    if arm is Arm.best_of_3:
        endings = []
        for n in range(_DRAFTS):
            warm = run.policy.model_copy(update={"seed": run.policy.seed + n, "temperature": _WARM})
            endings.append(work_on(replace(run, id=f"{run.id}-{n}", policy=warm)))
            if endings[-1].state is TaskState.accepted:
                break
    else:
        endings = [work_on(run)]
    attempts = [a for ending in endings for a in ending.attempts]
    final = max((a for a in attempts if a.files), key=rank, default=None)
    accepted = any(ending.state is TaskState.accepted for ending in endings)
    return Result(
        problem=problem.id,
        arm=arm,
        accepted=final is not None if arm is Arm.single_shot else accepted,
        correct=final is not None and _is_right(problem, final, run),
        visible_tests=len(problem.examples),
        attempts=len(attempts),
        calls=purse.calls,
        out_of_tokens=purse.refused,
        usage=purse.usage,
        seconds=time.monotonic() - started,
    )


def _run(arm: Arm, problem: Problem, bench: Bench, purse: _Purse) -> Run:
    tools = Tools(
        project=_Stub(problem.prompt),
        sandbox=bench.sandbox,
        records=bench.records,
        writer=bench.writer,
        reviewer=bench.reviewer if arm in (Arm.review_only, Arm.tests_and_review) else None,
        calls=purse,
        observer=bench.observer,
        limits=bench.limits,
    )
    task = problem.task()
    if arm in (Arm.single_shot, Arm.review_only):
        task = task.model_copy(update={"visible_tests": ()})
    gates: dict[Arm, Gate] = {Arm.review_only: "review", Arm.tests_and_review: "tests and review"}
    policy = Policy(
        max_attempts=1 if arm in (Arm.single_shot, Arm.best_of_3) else _DRAFTS,
        decide_by=gates.get(arm, "tests"),
        max_tokens=bench.max_tokens,
        temperature=bench.temperature,
    )
    return Run(task, arm.replace(" ", "-"), tools, policy)


def _is_right(problem: Problem, final: AttemptRecord, run: Run) -> bool:
    """What the benchmark's own tests say, which no arm ever sees."""
    with workspace(run.tools.project, "", final.files) as made:
        job = Job(
            workspace=made.folder,
            baseline=made.baseline,
            tests=(problem.hidden_test,),
            hidden=True,
            limits=run.tools.limits,
            python=run.tools.python,
        )
        return run.tools.sandbox(job).report.ok


class _Purse:
    """`Calls` with a budget of tokens. A call that might not fit is refused, as a service might."""

    def __init__(self, tokens: int) -> None:
        self._left = tokens
        self._lock = threading.Lock()
        self.calls = 0
        self.usage = Usage()
        self.refused = False

    def __call__(
        self,
        role: Role,
        key: str,
        agent: Agent,
        kind: type[Answer],
        tokens: tuple[int, int],
        call: Callable[[], Answer],
    ) -> Answer:
        """What `call` gives, if the budget holds it."""
        if sum(tokens) > self._left:
            self.refused = True
            raise AgentCallError("the budget of tokens is used up")
        try:
            answer = call()
        except AgentCallError as error:
            self._pay(error.usage)
            raise
        self._pay(getattr(getattr(answer, "review", answer), "usage", None) or Usage())
        return answer

    def _pay(self, usage: Usage) -> None:
        with self._lock:
            self.calls += 1
            self.usage = self.usage + usage
            self._left -= usage.input_tokens + usage.output_tokens


class _Stub:
    """A project of one file that holds a function's head."""

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt

    def base(self) -> str:
        """Its only state."""
        return "stub"

    def read(self, base: str, path: str) -> str | None:
        """The head."""
        return self._prompt if path == FILE else None

    def check_out(self, base: str, destination: Path) -> None:
        """A folder with the file."""
        destination.mkdir(parents=True)
        (destination / FILE).write_text(self._prompt, encoding="utf-8")

    def holding(self, base: str, lines: Sequence[str]) -> tuple[str, ...]:
        """None."""
        return ()

    def unsaved(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def write_back(
        self, base: str, files: Iterable[TaskFile], *, message: str, run: str, still_good: Callable[[str], bool]
    ) -> WrittenBack:
        """Nowhere: the answer is in the record."""
        return WrittenBack(status="unchanged")
