"""What the coach's parts hand each other: immutable values, checked where they are built, JSON both ways."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MAX_TEXT = 1_000_000  # characters of a description or a file that a task carries
_ID = r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_])?$"


class Value(BaseModel):
    """Base of them all: frozen, and a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class TaskState(StrEnum):
    """Where a task stands. A task is `ready` once all its dependencies are accepted."""

    pending = "pending"
    """Waits for dependencies."""
    ready = "ready"
    """May be claimed."""
    running = "running"
    """A worker holds it, until its lease ends."""
    accepted = "accepted"
    """Done: tests passed, or a person said so."""
    needs_human = "needs_human"
    """The attempts are used up, or the task is one for a person."""
    blocked = "blocked"
    """A dependency has failed, was cancelled, or needs a human."""
    failed = "failed"
    """Could not be worked on at all: a broken test, an error of the machine."""
    cancelled = "cancelled"
    """A person does not want it any more."""

    @property
    def final(self) -> bool:
        """Nothing happens to the task by itself any more."""
        return self in (TaskState.accepted, TaskState.needs_human, TaskState.failed, TaskState.cancelled)


class AgentKind(StrEnum):
    """Who works on a task."""

    local = "local"
    """A model writes."""
    reviewer = "reviewer"
    """The target files are written already and are only tested and reviewed."""
    human = "human"
    """A person writes: the task goes to `needs_human` as soon as it would be ready."""


def relative_path(path: str) -> str:
    """`path` in its plain form: POSIX, below the project's root. ValueError for `..`, drives and control characters."""
    if not path or len(path) > 1000 or any(ord(c) < 32 or ord(c) == 127 for c in path):
        raise ValueError("a path is 1 to 1000 characters without control characters")
    if "\\" in path or re.match(r"^[A-Za-z]:", path):
        raise ValueError(f"{path!r}: write paths with / and relative to the project's root")
    plain = PurePosixPath(path)
    if plain.is_absolute() or ".." in plain.parts or not plain.parts:
        raise ValueError(f"{path!r} is not below the project's root")
    return str(plain)


def _pytest_target(target: str) -> str:
    path, separator, node = target.partition("::")
    return relative_path(path) + separator + node


def _words(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return shlex.split(value)
        except ValueError as error:
            raise ValueError(f"not a command line: {error}") from None
    return value


def _encodable(value: Any) -> Any:
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode("utf-8")  # JSON can carry half a surrogate pair, UTF-8 cannot
    return value


Text = Annotated[str, BeforeValidator(_encodable)]
Identifier = Annotated[str, Field(pattern=_ID, description="Letters, digits, `.`, `_` and `-`; at most 100.")]
RelativePath = Annotated[str, AfterValidator(relative_path)]
PytestTarget = Annotated[str, AfterValidator(_pytest_target)]
Command = Annotated[tuple[str, ...], BeforeValidator(_words, json_schema_input_type=str | tuple[str, ...])]
Money = Annotated[Decimal, Field(ge=0, description="US dollars.")]


class TaskFile(Value):
    """A file of text at a place below the project's root."""

    path: RelativePath
    content: Annotated[Text, Field(max_length=MAX_TEXT)]


class Estimates(Value):
    """What somebody thinks that a task costs; nothing depends on it but sums."""

    minutes: Annotated[float, Field(ge=0)] | None = None
    tokens: Annotated[int, Field(ge=0)] | None = None
    cost_usd: Money | None = None


class TaskSpec(Value):
    """What is to be done and how it is judged. Complete by itself: a worker on another machine needs no more than
    this and the repository.

    Tests come in four kinds, run in this order; each but the hidden ones may be shown to the writer:
    `visible_tests` are pytest files that the prompt shows; `test_command` is a command of the project whose exit status
    says whether it passed, for projects that do not use pytest; `regression_tests` are pytest targets in the repository
    that passed before and still must; `hidden_tests` are pytest files that the writer never sees and that decide.
    """

    id: Identifier
    title: Annotated[Text, Field(min_length=1, max_length=200)]
    description: Annotated[Text, Field(max_length=MAX_TEXT)] = ""
    phase: Identifier = "tasks"
    priority: Annotated[int, Field(ge=1, le=10, description="10 is claimed first.")] = 5
    depends_on: tuple[Identifier, ...] = ()
    agent: AgentKind = AgentKind.local
    target_files: Annotated[
        tuple[RelativePath, ...], Field(description="The files that the writer writes; nothing else is written back.")
    ] = ()
    context_files: Annotated[
        tuple[RelativePath, ...], Field(description="Files of the project that the prompt shows.")
    ] = ()
    protected_paths: Annotated[
        tuple[RelativePath, ...], Field(description="Files and folders that this task must not change.")
    ] = ()
    visible_tests: tuple[TaskFile, ...] = ()
    hidden_tests: tuple[TaskFile, ...] = ()
    regression_tests: tuple[PytestTarget, ...] = ()
    test_command: Annotated[Command, Field(description="Without a shell; a string is split into words.")] = ()
    estimates: Estimates = Estimates()

    @model_validator(mode="after")
    def _consistent(self) -> TaskSpec:
        if self.id in self.depends_on:
            raise ValueError(f"{self.id} depends on itself")
        for name in ("depends_on", "target_files", "context_files"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise ValueError(f"{name}: {next(v for v in values if values.count(v) > 1)} is named twice")
        tests = [t.path for t in (*self.visible_tests, *self.hidden_tests)]
        if len(set(tests)) < len(tests):
            raise ValueError(f"tests: {next(t for t in tests if tests.count(t) > 1)} is named twice")
        if both := set(tests) & set(self.target_files):
            raise ValueError(f"target_files: {min(both)} is a test of the task; a writer must not write its own judge")
        return self


class Usage(Value):
    """Tokens as the provider counted them, and what they cost. `cost_usd` is None where no price is known."""

    input_tokens: Annotated[int, Field(ge=0)] = 0
    output_tokens: Annotated[int, Field(ge=0)] = 0
    cost_usd: Money | None = None
    priced_by: str | None = None
    """The price list and its version, e.g. `genai-prices 0.2.3`; `local` for a model of one's own, which costs 0."""

    def __add__(self, other: Usage) -> Usage:
        """Sums; a cost is unknown only if both are, so that a sum is a lower bound where one of them has no price."""
        costs = [u.cost_usd for u in (self, other) if u.cost_usd is not None]
        priced_by = {p for u in (self, other) if u.priced_by for p in u.priced_by.split(", ")}
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=sum(costs, Decimal(0)) if costs else None,
            priced_by=", ".join(sorted(priced_by)) or None,
        )


class Message(Value):
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: Text


class Completion(Value):
    """A model's answer. `finish_reason` is `length` where the answer was cut off, `unknown` where nobody said."""

    text: Text
    model: str
    finish_reason: Literal["stop", "length", "content_filter", "unknown"] = "stop"
    usage: Usage = Usage()
    seconds: Annotated[float, Field(ge=0)] = 0.0
    endpoint: str = ""
    """The URL without secrets, or the command, that gave it."""


class Defect(Value):
    """Something that a reviewer finds wrong."""

    place: Text
    """A file and a line, a function, or what else says where."""
    reason: Text


class ReviewRequest(Value):
    """What a reviewer sees: the task, the files as they are now, the difference to before, and the tests' results."""

    task: TaskSpec
    files: tuple[TaskFile, ...]
    diff: Text = ""
    reports: tuple[TestReport, ...] = ()


class Review(Value):
    """A reviewer's judgement. It advises; tests decide."""

    score: Annotated[int, Field(ge=1, le=10)]
    verdict: Literal["accept", "revise", "reject"]
    defects: tuple[Defect, ...] = ()
    model: str = ""
    endpoint: str = ""
    usage: Usage = Usage()
    seconds: Annotated[float, Field(ge=0)] = 0.0


class TestReport(Value):
    """What the sandbox saw of one group of tests. Only a trustworthy report can pass."""

    __test__: ClassVar[bool] = False  # not a class of tests, whatever pytest thinks of its name

    kind: Literal["visible", "command", "regression", "hidden"]
    expected: Annotated[int, Field(ge=0, description="Tests that were collected before the candidate's code ran.")]
    passed: Annotated[int, Field(ge=0)] = 0
    failed: Annotated[int, Field(ge=0)] = 0
    errors: Annotated[int, Field(ge=0)] = 0
    skipped: Annotated[int, Field(ge=0, description="Of the expected ones.")] = 0
    timed_out: bool = False
    output: Text = ""
    """The tail of what the tests printed."""
    seconds: Annotated[float, Field(ge=0)] = 0.0
    trustworthy: bool = True
    reason: Text = ""
    """Why it is not to be trusted, or why there are no results."""

    @property
    def ok(self) -> bool:
        """Every expected test ran and passed, and the results are the sandbox's own."""
        return (
            self.trustworthy
            and not self.timed_out
            and self.failed == self.errors == self.skipped == 0
            and self.passed == self.expected > 0
        )


class Check(Value):
    """One static check of an answer before anything of it is run."""

    name: str
    ok: bool
    message: Text = ""


class AttemptRecord(Value):
    """Everything about one attempt at a task, whatever its ending."""

    number: Annotated[int, Field(ge=1)]
    prompt_sha256: str = ""
    completion: Completion | None = None
    files: tuple[TaskFile, ...] = ()
    checks: tuple[Check, ...] = ()
    reports: tuple[TestReport, ...] = ()
    review: Review | None = None
    accepted: bool = False
    decided_by: str = ""
    """What the verdict rests on, e.g. `tests and review`, `tests alone: no reviewer is available`."""
    lessons: tuple[Text, ...] = ()
    diff: Text = ""
    error: Text = ""
    wasted: Usage = Usage()
    """Of calls that were charged for and gave nothing: malformed reviews, answers that broke off."""
    seconds: Annotated[float, Field(ge=0)] = 0.0

    def report(self, kind: Literal["visible", "command", "regression", "hidden"]) -> TestReport | None:
        """The report of one group of tests, or None where it was not run."""
        return next((r for r in self.reports if r.kind == kind), None)

    @property
    def usage(self) -> Usage:
        """Tokens and dollars of the answer, its review, and of calls that gave nothing."""
        parts = [part.usage for part in (self.completion, self.review) if part is not None]
        return sum((*parts, self.wasted), Usage())


class Task(Value):
    """A task as the queue holds it: what is to be done, and how far it has come. Times are UTC."""

    spec: TaskSpec
    state: TaskState
    reason: str = ""
    """Why it is in this state, for people: which dependency blocks it, what failed, who cancelled it."""
    lessons: tuple[Text, ...] = ()
    """What people said when they turned work down; the writer is told."""
    attempts: int = 0
    usage: Usage = Usage()
    worker: str | None = None
    lease_expires: datetime | None = None
    added: datetime
    started: datetime | None = None
    finished: datetime | None = None
    score: int | None = None
    branch: str | None = None
    """Where the accepted work is, e.g. `coach/1_gpu_core/dot-product`."""

    @property
    def id(self) -> str:
        """The task's id."""
        return self.spec.id


class Claim(Value):
    """A task that a worker has taken. `token` proves it; the claim is lost once the lease ends without a heartbeat."""

    task: Task
    token: str
    worker: str


class PhaseProgress(Value):
    """How many tasks of a phase are in which state."""

    phase: str
    name: str = ""
    measure: str = ""
    counts: Mapping[TaskState, int]

    @property
    def total(self) -> int:
        """All tasks of the phase but cancelled ones."""
        return sum(n for state, n in self.counts.items() if state is not TaskState.cancelled)

    @property
    def accepted(self) -> int:
        """Accepted tasks."""
        return self.counts.get(TaskState.accepted, 0)
