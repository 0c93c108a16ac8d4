"""The parts of one attempt: ask the writer, take the files out of the answer, ask the reviewer, decide."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError, Writer
from pixel_llm.coach.loop.extract import extract
from pixel_llm.coach.loop.judging import files_of, has_tests, tests_pass
from pixel_llm.coach.loop.lessons import learn, without_repeats
from pixel_llm.coach.loop.prompt import build_prompt, is_fresh_draft
from pixel_llm.coach.loop.tools import Run
from pixel_llm.coach.loop.workspace import difference
from pixel_llm.coach.types import (
    AgentKind,
    AttemptRecord,
    Completion,
    Message,
    Review,
    ReviewRequest,
    TaskFile,
    Usage,
    Value,
)
from pixel_llm.errors import ContextLengthError

FRESH_WARMER = 0.4  # how much warmer a later fresh draft is than the first: the first way did not work
CHARACTERS_A_TOKEN = 3  # pessimistic for code; only budgets depend on it


class MaybeReview(Value):
    """A reviewer's answer, of which there may be none."""

    review: Review | None = None


def write(run: Run, history: Sequence[AttemptRecord]) -> AttemptRecord:
    """A new attempt: the writer's answer and the files in it. What goes wrong with the answer is in the record."""
    number, started = len(history) + 1, time.monotonic()
    if run.task.agent is AgentKind.reviewer:
        files = files_of(run)
        return AttemptRecord(number=number, files=files, error="" if files else "none of the target files exists")
    if run.tools.writer is None:
        raise AgentUnavailableError("there is no writer", remedy="`pixel-llm coach agents` says how to set one up")
    texts = {path: run.read(path) for path in (*run.task.target_files, *run.task.context_files)}
    messages = build_prompt(run.task, texts, history, lessons=run.lessons, limit=run.policy.prompt_limit)
    prompt = "\0".join(f"{message.role}:{message.content}" for message in messages)
    attempt = AttemptRecord(number=number, prompt_sha256=hashlib.sha256(prompt.encode()).hexdigest())
    try:
        completion = _ask(run, run.tools.writer, messages, history)
    except (AgentCallError, ContextLengthError) as error:
        lost = {"error": str(error), "wasted": _wasted(error), "seconds": time.monotonic() - started}
        return attempt.model_copy(update=lost)
    read = extract(completion.text, run.task.target_files, run.read, cut_off=completion.finish_reason == "length")
    files = tuple(TaskFile(path=path, content=text) for path, text in read.files.items())
    return attempt.model_copy(
        update={
            "completion": completion,
            "files": files,
            "error": "; ".join(read.problems),
            "lessons": without_repeats(read.problems),
            "diff": difference(run.tools.project, run.base, files),
            "seconds": time.monotonic() - started,
        }
    )


def _ask(run: Run, writer: Writer, messages: tuple[Message, ...], history: Sequence[AttemptRecord]) -> Completion:
    number = len(history) + 1
    warmer = FRESH_WARMER if history and is_fresh_draft(history) else 0.0
    tokens = sum(len(message.content) for message in messages) // CHARACTERS_A_TOKEN
    run.tools.observer.event(
        "writing", task=run.task.id, attempt=number, agent=writer.name, model=writer.model, endpoint=writer.endpoint
    )
    return run.tools.calls(
        "writer",
        f"{run.key}/write {number}",
        writer,
        Completion,
        (tokens, run.policy.max_tokens),
        lambda: writer.complete(
            messages,
            max_tokens=run.policy.max_tokens,
            temperature=min(run.policy.temperature + warmer, 2.0),
            seed=run.policy.seed + number - 1,
            on_text=lambda piece: run.tools.observer.text(run.task.id, piece),
        ),
    )


def review(run: Run, attempt: AttemptRecord) -> AttemptRecord:
    """`attempt` with its review, if the reviewer gives one. It sees no hidden test: what it says reaches the writer."""
    reviewer = run.tools.reviewer
    if reviewer is None:
        raise AgentUnavailableError(
            "the run began with a reviewer, and none is available now", remedy="`pixel-llm coach agents` says why not"
        )
    request = ReviewRequest(
        task=run.task.model_copy(update={"hidden_tests": ()}),
        files=attempt.files,
        diff=attempt.diff,
        reports=tuple(r.model_copy(update={"output": ""}) if r.kind == "hidden" else r for r in attempt.reports),
    )
    tokens = len(request.model_dump_json()) // CHARACTERS_A_TOKEN
    started = time.monotonic()
    run.tools.observer.event(
        "reviewing", task=run.task.id, attempt=attempt.number, agent=reviewer.name, model=reviewer.model
    )
    try:
        answer = run.tools.calls(
            "reviewer",
            f"{run.key}/review {attempt.number}",
            reviewer,
            MaybeReview,
            (tokens, run.policy.review_tokens),
            lambda: MaybeReview(review=reviewer.review(request)),
        )
    except (AgentCallError, ContextLengthError) as error:
        return attempt.model_copy(update={"error": f"no review: {error}", "wasted": _wasted(error)})
    seconds = attempt.seconds + time.monotonic() - started
    return attempt.model_copy(update={"review": answer.review, "seconds": seconds})


def _wasted(error: Exception) -> Usage:
    return error.usage if isinstance(error, AgentCallError) else Usage()


def wants_review(run: Run, attempt: AttemptRecord) -> bool:
    """A review is worth its price where the tests pass, or where nothing else decides."""
    if run.policy.decide_by == "tests" or not run.has_reviewer or not _sound(attempt):
        return False
    return run.policy.decide_by == "review" or tests_pass(run.task, attempt.reports) or not has_tests(run.task)


def decide(run: Run, attempt: AttemptRecord) -> AttemptRecord:
    """`attempt` with the verdict, what it rests on, and what is to be learnt from it."""
    accepted, why = _verdict(run, attempt)
    lessons = () if accepted else without_repeats((*attempt.lessons, *learn(attempt)))
    return attempt.model_copy(update={"accepted": accepted, "decided_by": why, "lessons": lessons})


def _verdict(run: Run, attempt: AttemptRecord) -> tuple[bool, str]:
    wanted = run.policy.accept_score
    score = attempt.review.score if attempt.review else None
    if not _sound(attempt):
        return False, "the answer cannot be used"
    if run.policy.decide_by == "review":
        return score is not None and score >= wanted, f"review alone: {score or 'none'}, {wanted} wanted"
    if not has_tests(run.task):
        return False, "the task has no tests, and nothing but tests opens the gate"
    if not tests_pass(run.task, attempt.reports):
        return False, "tests"
    if run.policy.decide_by == "tests":
        return True, "tests alone: reviews are switched off"
    if not run.has_reviewer:
        return True, "tests alone: no reviewer is available"
    if score is None:
        return False, "the tests pass, but there is no usable review, and that is not a pass"
    return score >= wanted, f"tests and review: {score} of 10, {wanted} wanted"


def _sound(attempt: AttemptRecord) -> bool:
    """The answer was whole, and what it holds is well formed."""
    return bool(attempt.files and attempt.checks) and all(check.ok for check in attempt.checks)
