"""Files -> what tests say: static checks, visible tests, the project's command, regression tests, hidden tests.

Hidden tests run only where all others pass, so that what fails never says more about them than it has to.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pixel_llm.coach.loop.checks import check_files
from pixel_llm.coach.loop.prompt import tail
from pixel_llm.coach.loop.tools import Baseline, Run, Tools
from pixel_llm.coach.loop.workspace import Workspace, workspace
from pixel_llm.coach.sandbox import Job
from pixel_llm.coach.sandbox.protect import ProtectedPathError, check_path
from pixel_llm.coach.types import AttemptRecord, Check, TaskFile, TaskSpec, TestReport


def baseline(run: Run) -> Baseline:
    """Run the regression tests over the project as it is."""
    if not run.task.regression_tests:
        return Baseline()
    with workspace(run.tools.project, run.base, ()) as made:
        result = run.tools.sandbox(_job(run, made, targets=run.task.regression_tests))
    return Baseline(passed=tuple(sorted(name for name, outcome in result.outcomes.items() if outcome == "passed")))


def judge(run: Run, attempt: AttemptRecord) -> AttemptRecord:
    """`attempt` with its checks and its tests' reports."""
    checks = check_files(attempt.files)
    if not all(check.ok for check in checks):
        return attempt.model_copy(update={"checks": checks})
    try:
        for file in attempt.files:
            check_path(file.path, targets=run.task.target_files, protected=protected_paths(run.task, run.tools))
        with workspace(run.tools.project, run.base, attempt.files, hidden=run.task.hidden_tests) as made:
            reports = run_tests(run, made)
    except ProtectedPathError as error:
        refused = Check(name="the files may be written", ok=False, message=str(error))
        return attempt.model_copy(update={"checks": (*checks, refused)})
    return attempt.model_copy(update={"checks": checks, "reports": reports})


def still_good(run: Run, attempt: AttemptRecord, state: str) -> bool:
    """Whether the tests pass for the attempt's files on another state of the project, too."""
    with workspace(run.tools.project, state, attempt.files, hidden=run.task.hidden_tests) as made:
        return tests_pass(run.task, run_tests(run, made))


def run_tests(run: Run, made: Workspace) -> tuple[TestReport, ...]:
    """The reports of all groups of tests that the task has, hidden ones only where the others are fine."""
    task, jobs = run.task, []
    if task.visible_tests:
        jobs.append(_job(run, made, tests=task.visible_tests))
    if task.test_command:
        jobs.append(_job(run, made, command=task.test_command))
    if run.before.passed:
        passed = frozenset(run.before.passed)
        jobs.append(_job(run, made, targets=task.regression_tests, passed_before=passed))
    reports = [_report(run, job) for job in jobs]
    if task.hidden_tests and all(report.ok for report in reports):
        reports.append(_report(run, _job(run, made, tests=task.hidden_tests, hidden=True)))
    return tuple(reports)


def tests_pass(task: TaskSpec, reports: Iterable[TestReport]) -> bool:
    """Whether every group of tests that the task has was run and passed, and there is at least one of its own."""
    found = {report.kind: report for report in reports}
    wanted: list[Literal["visible", "command", "hidden"]] = []
    if task.visible_tests:
        wanted.append("visible")
    if task.test_command:
        wanted.append("command")
    if task.hidden_tests:
        wanted.append("hidden")
    return has_tests(task) and all(kind in found for kind in wanted) and all(report.ok for report in found.values())


def has_tests(task: TaskSpec) -> bool:
    """Whether the task has tests of its own."""
    return bool(task.visible_tests or task.test_command or task.hidden_tests)


def protected_paths(task: TaskSpec, tools: Tools) -> tuple[str, ...]:
    """What an answer must not change: the project's, the task's, and the tests that judge it."""
    targets = (target.partition("::")[0] for target in task.regression_tests)
    tests = (test.path for test in (*task.visible_tests, *task.hidden_tests))
    return tuple(dict.fromkeys((*tools.protected, *task.protected_paths, *targets, *tests)))


def _job(run: Run, made: Workspace, **what: Any) -> Job:
    trusted = [p for p in protected_paths(run.task, run.tools) if not any(_covers(p, t) for t in run.task.target_files)]
    return Job(
        workspace=made.folder,
        baseline=made.baseline,
        trusted=tuple(trusted),
        limits=run.tools.limits,
        python=run.tools.python,
        **what,
    )


def _covers(folder: str, path: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _report(run: Run, job: Job) -> TestReport:
    observer = run.tools.observer
    observer.event("tests started", task=run.task.id, tests=job.kind)
    report = run.tools.sandbox(job).report
    observer.event(
        "tests finished",
        task=run.task.id,
        tests=report.kind,
        passed=report.passed,
        expected=report.expected,
        ok=report.ok,
        reason=report.reason,
        seconds=round(report.seconds, 3),
    )
    return report.model_copy(update={"output": tail(report.output, run.policy.output_allowed)})


def files_of(run: Run) -> tuple[TaskFile, ...]:
    """The task's target files as they are: what a task for review alone is about."""
    texts = ((path, run.read(path)) for path in run.task.target_files)
    return tuple(TaskFile(path=path, content=text) for path, text in texts if text is not None)
