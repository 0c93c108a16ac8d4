"""What the loop is given: the rules of a run, the agents and places that it works with, what makes it durable."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import Field

from pixel_llm.coach.agents.base import Agent, Reviewer, Writer
from pixel_llm.coach.loop.project import Project
from pixel_llm.coach.sandbox import Job, Limits, SandboxResult
from pixel_llm.coach.types import AttemptRecord, TaskSpec, TaskState, Usage, Value

Answer = TypeVar("Answer", bound=Value)
Gate = Literal["tests and review", "tests", "review"]
Role = Literal["writer", "reviewer"]


class Policy(Value):
    """The rules of a run. They are kept with it, so that a run that goes on after a crash goes on by the same ones."""

    max_attempts: Annotated[int, Field(ge=1, le=20)] = 3
    accept_score: Annotated[int, Field(ge=1, le=10)] = 8
    decide_by: Gate = "tests and review"
    """`review` alone is there to be measured; tests are the gate everywhere else."""
    max_tokens: Annotated[int, Field(ge=1)] = 4096
    """Of one answer."""
    review_tokens: Annotated[int, Field(ge=1)] = 2048
    """Of one review, for budgets; the reviewer itself keeps to its own limit."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.2
    """Of the first draft and its repairs; a fresh draft is `FRESH_WARMER` warmer."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Attempt n is asked for with seed + n - 1."""
    prompt_limit: Annotated[int, Field(ge=1000)] = 60_000
    """Characters of a prompt."""
    output_allowed: Annotated[int, Field(ge=1000)] = 20_000
    """Characters of the tests' output that a record keeps."""


class Ending(Value):
    """How a run of one task ended."""

    task_id: str
    run_id: str
    state: TaskState
    reason: str
    attempts: tuple[AttemptRecord, ...] = ()
    best: int | None = None
    """The number of the best attempt."""
    branch: str | None = None
    commit: str | None = None

    @property
    def usage(self) -> Usage:
        """Tokens and dollars of all attempts."""
        total = Usage()
        for attempt in self.attempts:
            total = total + attempt.usage
        return total

    @property
    def best_attempt(self) -> AttemptRecord | None:
        """The attempt of that number."""
        return next((a for a in self.attempts if a.number == self.best), None)


class Step(Protocol):
    """Runs one step of a run once: a step that was finished before a crash is not done again, its result is given."""

    def __call__(self, name: str, kind: type[Answer], work: Callable[[], Answer]) -> Answer:
        """The value of `work`, or the one recorded under this place in the run."""


class Calls(Protocol):
    """Makes model calls, each bought once, as far as budget and limits allow."""

    def __call__(
        self,
        role: Role,
        key: str,
        agent: Agent,
        kind: type[Answer],
        tokens: tuple[int, int],
        call: Callable[[], Answer],
    ) -> Answer:
        """What `call` gives, or gave when the same `key` was asked before. `tokens` is how many the question has and
        how many the answer may have, for the budget."""


class Observer(Protocol):
    """Is told what happens, for the log and the screen. Must not raise."""

    def event(self, name: str, **facts: Any) -> None:
        """Something happened."""

    def text(self, task_id: str, piece: str) -> None:
        """A piece of an answer arrived."""


class Silent:
    """An observer that looks away."""

    def event(self, name: str, **facts: Any) -> None:
        """Nothing."""

    def text(self, task_id: str, piece: str) -> None:
        """Nothing."""


def at_once(name: str, kind: type[Answer], work: Callable[[], Answer]) -> Answer:
    """A `Step` that simply does the work: for runs that nothing has to survive."""
    return work()


def ask_directly(
    role: Role, key: str, agent: Agent, kind: type[Answer], tokens: tuple[int, int], call: Callable[[], Answer]
) -> Answer:
    """`Calls` without a ledger."""
    return call()


@dataclass(frozen=True)
class Tools:
    """What a run works with. A reviewer of None means that none is available: tests alone decide."""

    project: Project
    sandbox: Callable[[Job], SandboxResult]
    records: Path
    """The folder in which every run leaves its best attempt, its diff and its record."""
    writer: Writer | None = None
    reviewer: Reviewer | None = None
    calls: Calls = ask_directly
    observer: Observer = field(default_factory=Silent)
    limits: Limits = field(default_factory=Limits)
    python: Path = field(default_factory=lambda: Path(sys.executable))
    """The interpreter that runs the tests: with pytest and what the project needs."""
    protected: tuple[str, ...] = ()
    """Protected paths of the whole project, beside each task's."""


class Baseline(Value):
    """Regression tests that passed before anything was changed; None where the task has none."""

    passed: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Run:
    """One run of one task."""

    task: TaskSpec
    id: str
    tools: Tools
    policy: Policy
    lessons: tuple[str, ...] = ()
    """What people said about earlier runs."""
    base: str = ""
    """The state of the project that it starts from."""
    before: Baseline = field(default_factory=Baseline)

    reviewed: bool | None = None
    """Whether it began with a reviewer, which a run that goes on in another process must know; None: as `tools` say."""

    @property
    def has_reviewer(self) -> bool:
        """Whether work of this run is reviewed."""
        return self.tools.reviewer is not None if self.reviewed is None else self.reviewed

    @property
    def key(self) -> str:
        """Names the run among all runs of all tasks."""
        return f"{self.task.id}:{self.id}"

    def read(self, path: str) -> str | None:
        """A file as it was before, or None."""
        return self.tools.project.read(self.base, path)
