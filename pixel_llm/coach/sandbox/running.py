"""One run in the sandbox, from a job to a report."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pixel_llm.coach.sandbox import results
from pixel_llm.coach.sandbox.bubblewrap import Bubblewrap
from pixel_llm.coach.sandbox.engine import Box, Engine, EngineName, Inside, environment, python_folders
from pixel_llm.coach.sandbox.job import Ending, Job, SandboxResult
from pixel_llm.coach.sandbox.landlock import Landlock, Unconfined
from pixel_llm.coach.sandbox.pytest_command import targets_of
from pixel_llm.coach.sandbox.staging import RefusedError, Stage, open_to_all, stage
from pixel_llm.coach.sandbox.supervise import Ended, Pipes, supervise
from pixel_llm.coach.types import TestReport
from pixel_llm.errors import InvalidArgumentError, SandboxError

_CONFIGURATIONS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
# The first three run tests elsewhere or again and tell results in another order than pytest does. Hypothesis works as
# well without its plugin, which imports all of it for every run: a second, where pytest takes a third of one.
_WITHOUT = ("xdist", "rerunfailures", "flaky", "hypothesispytest")
_ENDINGS: dict[Ending, str] = {
    "time": "took longer than {wall_seconds:g} s",
    "memory": "used more than {memory_mib} MiB of memory",
    "processes": "started more than {processes} processes",
    "output": "printed more than {output_mib} MiB",
    "disk": "wrote more than {scratch_mib} MiB",
}


def choose(engine: EngineName | Literal["auto"] = "auto") -> Engine:
    """The engine of that name, or the strongest that works here. Raises SandboxError where neither does."""
    named: dict[str, Engine] = {"bubblewrap": Bubblewrap(), "landlock": Landlock(), "none": Unconfined()}
    if engine != "auto":
        if why := named[engine].why_not():
            raise SandboxError(why)
        return named[engine]
    reasons = []
    for name in ("bubblewrap", "landlock"):
        if not (why := named[name].why_not()):
            return named[name]
        reasons.append(why)
    remedy = "apt install bubblewrap, or type --unsafe-no-sandbox to run generated code unconfined"
    raise SandboxError(f"generated code cannot be confined here: {'; '.join(reasons)}", remedy=remedy)


def run(job: Job, *, engine: EngineName | Literal["auto"] = "auto") -> SandboxResult:
    """Run the tests of `job` and say what came of it.

    What the candidate's code does, however bad, is a result. Raises InvalidArgumentError for a job that cannot be,
    SandboxError where nothing can be confined or started; nothing has run then.
    """
    chosen = choose(engine)
    job = replace(job, python=Path(shutil.which(job.python) or job.python).absolute())
    folders = python_folders(job.python)
    kind = job.kind
    if job.command and (targets := targets_of(job.command, job.workspace, job.baseline)):
        job = replace(job, command=(), targets=targets)
    with tempfile.TemporaryDirectory(prefix="pixel-llm-sandbox-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)
        try:
            staged = stage(job, folder)
        except RefusedError as error:
            report = TestReport(kind=kind, expected=0, trustworthy=False, reason=error.message)
            return SandboxResult(report, {}, "refused", None, chosen.name)
        open_to_all(staged.root)
        (folder / "scratch").mkdir()
        pipes = Pipes.open()
        box = Box(
            workspace=staged.root,
            writable=bool(job.command),
            scratch=folder / "scratch",
            python=job.python,
            readable=(*folders, *job.readable),
            environment=job.environment,
            limits=job.limits,
            report=pipes.launch_write,
        )
        try:
            result = _run_in(box, job, staged, chosen, pipes)
            return replace(result, report=result.report.model_copy(update={"kind": kind}))
        except OSError as error:
            raise SandboxError(f"{chosen.name} cannot be started: {error}") from None
        finally:
            pipes.close()


def _run_in(box: Box, job: Job, staged: Stage, engine: Engine, pipes: Pipes) -> SandboxResult:
    inside = engine.inside(box)
    key = secrets.token_bytes(32)
    if job.command:
        argv, control = _command(job, inside), b""
    else:
        runner = [str(job.python), "-I", "-B", f"{inside.tools}/run_tests.py"]
        argv = [*runner, str(pipes.control_read), str(pipes.results_write)]
        control = json.dumps(_control(job, staged, inside, key)).encode()
    ended = supervise(
        engine.wrap(box, argv),
        environment={} if engine.name == "bubblewrap" else environment(box, inside),
        limits=job.limits,
        pipes=pipes,
        control=control,
        folders=engine.folders(box),
        end_signal=engine.end_signal,
    )
    text = ended.output.decode("utf-8", "replace").replace(inside.workspace + "/", "")
    if not ended.launched.startswith("ok") and ended.ending == "finished":
        why = ended.launched or text.strip() or f"status {ended.exit_status}"
        raise SandboxError(f"{engine.name} failed: {why}")
    if job.command:
        return _judge_command(job, ended, text, engine.name)
    return _judge_tests(job, staged, ended, text, engine.name, key)


def _command(job: Job, inside: Inside) -> list[str]:
    words = list(job.command)
    if words[0] in ("python", "python3"):
        words[0] = str(job.python)
    elif "/" not in words[0]:
        path = ":".join(
            [str(job.python.parent), *(f"{f}/bin" for f in job.readable), "/usr/local/bin", "/usr/bin", "/bin"]
        )
        found = shutil.which(words[0], path=path)
        if found is None:
            raise InvalidArgumentError(f"there is no program {words[0]!r}", part="test_command")
        words[0] = found
    elif not words[0].startswith("/"):
        words[0] = f"{inside.workspace}/{words[0]}"
    return words


def _control(job: Job, staged: Stage, inside: Inside, key: bytes) -> dict[str, object]:
    root = inside.workspace
    arguments = ["--rootdir", root, "--confcutdir", root, "-q", "-ra", "--tb=short", "--color=no", "--no-header"]
    arguments += ["--continue-on-collection-errors"]
    # Options of the project's choose tests, load plugins, write reports.
    arguments += ["-o", "addopts=", "-o", f"cache_dir={inside.scratch}/.pytest_cache"]
    arguments += [word for name in _WITHOUT for word in ("-p", f"no:{name}")]
    arguments += ["--basetemp", f"{inside.scratch}/pytest"]
    if not any((staged.root / name).exists() for name in _CONFIGURATIONS):
        arguments += ["-c", f"{inside.tools}/pytest.ini"]
    path = [root, *([f"{root}/src"] if (staged.root / "src").is_dir() else [])]
    return {
        "key": key.hex(),
        "path": path,
        "arguments": [*arguments, *(f"{root}/{t}" for t in staged.targets)],
        "unseen": {f"{root}/{p}": text for p, text in staged.unseen.items()},
        "suspects": [f"{root}/{p}" for p in staged.suspects],
    }


def _judge_tests(job: Job, staged: Stage, ended: Ended, text: str, engine: EngineName, key: bytes) -> SandboxResult:
    heard = results.listen(ended.results, key)
    if job.targets and job.passed_before is not None:
        counts = results.count_regressions(heard, job.passed_before, staged.canaries)
    else:
        counts = results.count(heard, staged.tests, staged.canaries, may_skip=bool(job.targets))
    doubts = results.doubts(heard, staged.canaries)
    reason = "; ".join(doubts)
    trustworthy = not doubts
    output = counts.output
    if ended.ending != "finished":
        reason = "; ".join(filter(None, [_limit(job, ended.ending), reason]))
        trustworthy = False
    elif not heard.finished:
        trustworthy = False
        how = f"with status {ended.exit_status}"
        reason = "; ".join(filter(None, [f"the process ended {how} before the tests did", reason]))
    if not heard.finished:
        output = results.tail(f"{output}\n{_without_canaries(text, staged)}".strip())
    canaries = {c.id for c in staged.canaries}
    report = TestReport(
        kind=job.kind,
        expected=counts.expected,
        passed=counts.passed,
        failed=counts.failed,
        errors=counts.errors,
        skipped=counts.skipped,
        timed_out=ended.ending == "time",
        output=output,
        seconds=ended.seconds,
        trustworthy=trustworthy,
        reason=reason,
    )
    outcomes = {t: o for t, o in heard.outcomes.items() if t not in canaries}
    return SandboxResult(report, outcomes, ended.ending, ended.exit_status, engine)


def _judge_command(job: Job, ended: Ended, text: str, engine: EngineName) -> SandboxResult:
    good = ended.ending == "finished" and ended.exit_status == 0
    report = TestReport(
        kind="command",
        expected=1,
        passed=int(good),
        failed=int(not good),
        timed_out=ended.ending == "time",
        output=results.tail(text),
        seconds=ended.seconds,
        reason="" if ended.ending == "finished" else _limit(job, ended.ending),
    )
    return SandboxResult(report, {}, ended.ending, ended.exit_status, engine)


def _limit(job: Job, ending: Ending) -> str:
    limits = job.limits
    return "the candidate " + _ENDINGS[ending].format(
        wall_seconds=limits.wall_seconds,
        processes=limits.processes,
        memory_mib=limits.memory_bytes >> 20,
        output_mib=limits.output_bytes / (1 << 20),
        scratch_mib=limits.scratch_bytes >> 20,
    )


def _without_canaries(text: str, staged: Stage) -> str:
    names = [c.name for c in staged.canaries]
    return "\n".join(line for line in text.splitlines() if not any(n in line for n in names))
