"""The loop: write, test, review, decide, and again with what was learnt.

Each step is run through a `Step`, which may keep its result, so all between the steps is a function of their results:
replayed after a crash it takes the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pixel_llm.coach.loop import attempt as attempts
from pixel_llm.coach.loop.judging import baseline, judge, protected_paths, still_good
from pixel_llm.coach.loop.project import WrittenBack
from pixel_llm.coach.loop.ranking import best
from pixel_llm.coach.loop.record import save
from pixel_llm.coach.loop.tools import Baseline, Ending, Run, Step, at_once
from pixel_llm.coach.sandbox.protect import ProtectedPathError, check_path
from pixel_llm.coach.types import AgentKind, AttemptRecord, TaskState, Value

# Raised when the order or the meaning of steps changes: a run that was interrupted does not go on by other rules.
STEPS_VERSION = "coach-1"


class Base(Value):
    """The state of the project that work starts from, or what has to be put right before it can."""

    state: str = ""
    obstacle: str = ""


def work_on(run: Run, step: Step = at_once) -> Ending:
    """Work on a task until it is accepted, the attempts are used up, or nothing new comes.

    The best attempt, its diff and the whole record are saved in every ending, an exception's too. Raises
    AgentUnavailableError and SandboxError, which say what to do; the run can then be taken up again.
    """
    history: list[AttemptRecord] = []
    ending: Ending | None = None
    try:
        ending = _work(run, history, step)
        return ending
    finally:
        save(run.tools.records, run.task, run.id, history, ending)


def _work(run: Run, history: list[AttemptRecord], step: Step) -> Ending:
    base = step("base", Base, lambda: _base(run))
    if base.obstacle:
        return _ending(run, history, TaskState.needs_human, base.obstacle)
    run = replace(run, base=base.state)
    run = replace(run, before=step("baseline", Baseline, lambda: baseline(run)))
    rounds = 1 if run.task.agent is AgentKind.reviewer else run.policy.max_attempts
    while len(history) < rounds:
        history.append(_attempt(run, history, step))
        if history[-1].accepted:
            return _accept(run, history, step)
        if why := stop_early(history):
            return _ending(run, history, TaskState.needs_human, why)
    if run.task.agent is AgentKind.local and all(attempt.completion is None for attempt in history):
        return _ending(run, history, TaskState.failed, f"the writer gave no answer: {history[-1].error}")
    return _ending(run, history, TaskState.needs_human, f"not accepted in {len(history)} attempts; see the best one")


def _attempt(run: Run, history: Sequence[AttemptRecord], step: Step) -> AttemptRecord:
    """Write, judge, review: each a step. Then decide."""
    n = len(history) + 1
    made = written = step(f"write {n}", AttemptRecord, lambda: attempts.write(run, history))
    if written.files and not written.error:
        made = judged = step(f"judge {n}", AttemptRecord, lambda: judge(run, written))
        if attempts.wants_review(run, judged):
            made = step(f"review {n}", AttemptRecord, lambda: attempts.review(run, judged))
    made = attempts.decide(run, made)
    facts = {"accepted": made.accepted, "decided_by": made.decided_by, "error": made.error}
    run.tools.observer.event("attempt finished", task=run.task.id, attempt=n, **facts)
    return made


def _accept(run: Run, history: Sequence[AttemptRecord], step: Step) -> Ending:
    """Commit the accepted files; what cannot be committed is for a person."""
    accepted = history[-1]
    if run.task.agent is AgentKind.reviewer:
        return _ending(run, history, TaskState.accepted, accepted.decided_by)
    written = step(
        "write back",
        WrittenBack,
        lambda: run.tools.project.write_back(
            run.base,
            accepted.files,
            message=run.task.title,
            run=run.key,
            still_good=lambda state: still_good(run, accepted, state),
        ),
    )
    if written.status == "conflict":
        return _ending(run, history, TaskState.needs_human, f"accepted, but not committed: {written.reason}")
    ending = _ending(run, history, TaskState.accepted, accepted.decided_by)
    return ending.model_copy(update={"branch": written.branch, "commit": written.commit})


def _ending(run: Run, history: Sequence[AttemptRecord], state: TaskState, reason: str) -> Ending:
    found = best(history)
    number = found.number if found else None
    return Ending(task_id=run.task.id, run_id=run.id, state=state, reason=reason, attempts=tuple(history), best=number)


def _base(run: Run) -> Base:
    task, project = run.task, run.tools.project
    try:
        for path in task.target_files:
            check_path(path, targets=task.target_files, protected=protected_paths(task, run.tools))
    except ProtectedPathError as error:
        return Base(obstacle=f"the task has a target that may not be written: {error}")
    unsaved = project.unsaved((*task.target_files, *task.context_files))
    if unsaved:
        return Base(
            obstacle=f"{', '.join(unsaved)}: commit your changes first, so that the coach works on what you see"
        )
    return Base(state=project.base())


def stop_early(history: Sequence[AttemptRecord]) -> str | None:
    """Why another attempt would bring nothing, or None."""
    last = history[-1]
    if last.decided_by.startswith(("the tests pass, but", "the task has no tests")):
        return last.decided_by
    for earlier in history[:-1]:
        if last.files and last.files == earlier.files:
            return f"attempt {last.number} is identical to attempt {earlier.number}: the writer has no other idea"
        if last.completion and earlier.completion and last.completion.text == earlier.completion.text:
            return f"the answer of attempt {last.number} is identical to that of attempt {earlier.number}"
    return None
