"""The copy of the workspace that a run sees: the candidate's files, and everything that judges them as it should be."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pixel_llm.coach.sandbox.collecting import Canary, StaticTest, canary_for, find_tests, is_test_file
from pixel_llm.coach.sandbox.job import Job
from pixel_llm.coach.sandbox.protect import ProtectedPathError, check_path, steers, write_inside
from pixel_llm.errors import InvalidArgumentError, PixelLLMError, SandboxError

_NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache")
_CANARIES = 3
_NOT_WALKED = {".git", ".venv", "node_modules", "__pycache__"}


class RefusedError(PixelLLMError, ValueError):
    """The workspace holds something with which the candidate would steer its own tests."""


@dataclass
class Stage:
    """A prepared workspace.

    root: the copy; other paths are relative to it. targets: what pytest is given. unseen: text of test modules that are
    empty files in the copy. files: the test modules. tests: what in them is expected to run. suspects: Python files of
    the candidate's.
    """

    root: Path
    targets: list[str] = field(default_factory=list)
    unseen: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    tests: list[StaticTest] = field(default_factory=list)
    canaries: list[Canary] = field(default_factory=list)
    suspects: list[str] = field(default_factory=list)


def stage(job: Job, folder: Path) -> Stage:
    """Make the workspace of `job` below `folder`.

    Raises RefusedError for what the candidate must not have written, InvalidArgumentError for a job that cannot be,
    SandboxError where copying fails.
    """
    if not job.workspace.is_dir():
        raise InvalidArgumentError("no such folder", file=job.workspace)
    if sum(map(bool, (job.tests, job.targets, job.command))) != 1:
        raise InvalidArgumentError("a job has either tests, targets or a command")
    root = folder / "workspace"
    try:
        shutil.copytree(job.workspace, root, symlinks=True, ignore=_NOT_COPIED)
    except (OSError, shutil.Error) as error:
        raise SandboxError(f"the workspace cannot be copied: {error}", file=job.workspace) from None
    made = Stage(root)
    _restore(job, root)
    if job.hidden:
        _empty_copies(job, root)
    for test in job.tests:
        _put_test(job, made, test.path, test.content)
    if job.targets:
        made.targets += job.targets
        _find_targets(job, made)
    if not job.command:
        made.suspects = sorted(_suspects(job, root))
        _add_canaries(job, made)
    return made


def _restore(job: Job, root: Path) -> None:
    """Put back what is trusted, and refuse what steers and was not there."""
    judges = {t.path for t in job.tests}
    for path in list(_files(root)):
        relative = path.relative_to(root).as_posix()
        if steers(path.name) and relative not in judges:
            known = read_baseline(job, relative)
            if known is None:
                if not _is_target_setting(path.name):
                    raise RefusedError(f"{relative} would steer the tests and was not there before")
                path.unlink()
            else:
                path.unlink()
                write_inside(root, relative, known)
    if job.baseline is None:
        return
    for name in job.trusted:
        if not _NOT_WALKED.intersection(PurePosixPath(name).parts):
            _check_way(root, name)
            _mirror(job.baseline / name, root / name)
    for path in _files(job.baseline):
        relative = path.relative_to(job.baseline).as_posix()
        if steers(path.name) and not path.is_symlink() and not (root / relative).exists():
            write_inside(root, relative, path.read_bytes())


def _empty_copies(job: Job, root: Path) -> None:
    """Empty every file that has the text of a hidden test: a project may keep its roadmap in its own tree."""
    texts = {t.content.encode() for t in job.tests}
    sizes = {len(t) for t in texts}
    for path in _files(root):
        if not path.is_symlink() and path.stat().st_size in sizes and path.read_bytes() in texts:
            path.unlink()
            path.touch()


def _is_target_setting(name: str) -> bool:
    """A settings file, which a task may have as its target but which is not in force while the task is judged."""
    try:
        check_path(name, targets=[name])
    except ProtectedPathError:
        return False
    return True


def read_baseline(job: Job, path: str) -> bytes | None:
    """What the user's own tree has at `path`, following links, or None."""
    if job.baseline is not None:
        with contextlib.suppress(OSError):
            return (job.baseline / path).read_bytes()
    return None


def _check_way(root: Path, path: str) -> None:
    place = root
    for part in PurePosixPath(path).parts[:-1]:
        place = place / part
        if place.is_symlink():
            raise RefusedError(f"{place.relative_to(root)} is a link where tests belong")


def _mirror(source: Path, target: Path) -> None:
    """Make `target` what `source` is, writing only what differs; nothing where there is nothing."""
    if source.is_symlink():
        if not target.is_symlink() or os.readlink(source) != os.readlink(target):  # noqa: PTH115 (as it is written)
            _remove(target)
            target.symlink_to(os.readlink(source))  # noqa: PTH115
    elif source.is_dir():
        if target.is_symlink() or not target.is_dir():
            _remove(target)
            target.mkdir(parents=True)
        names = {p.name for p in source.iterdir()} - _NOT_WALKED
        for name in {p.name for p in target.iterdir()} - names - _NOT_WALKED:
            _remove(target / name)
        for name in names:
            _mirror(source / name, target / name)
    elif not source.is_file():
        _remove(target)
    elif target.is_symlink() or not target.is_file() or not filecmp.cmp(source, target, shallow=False):
        _remove(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _put_test(job: Job, made: Stage, path: str, content: str) -> None:
    if is_test_file(path):
        made.targets.append(path)
        made.files.append(path)
        try:
            made.tests += find_tests(content, path)
        except (SyntaxError, ValueError) as error:
            raise InvalidArgumentError(f"the test file is not Python: {error}", file=path) from None
        if job.hidden:
            made.unseen[path] = content
            content = ""
    try:
        _check_way(made.root, path)
        if (made.root / path).is_symlink():
            (made.root / path).unlink()
        write_inside(made.root, path, content.encode())
    except ProtectedPathError as error:
        raise RefusedError(str(error)) from None


def _find_targets(job: Job, made: Stage) -> None:
    """Expect what the targets' files hold, unless the job says what passed before."""
    for target in job.targets:
        path, _, node = target.partition("::")
        place = made.root / path
        if not place.exists():
            raise InvalidArgumentError("the tests are not there", file=job.workspace, part=path)
        for file in [place] if place.is_file() else sorted(_files(place)):
            relative = file.relative_to(made.root).as_posix()
            if file.is_symlink() or (not is_test_file(relative) and file != place):
                continue
            try:
                found = find_tests(file.read_bytes(), relative)
            except (SyntaxError, ValueError):
                continue  # pytest says so, and that is a failure of the candidate's, not of the job
            made.files.append(relative)
            wanted = f"{relative}::{node.partition('[')[0]}" if node else relative
            made.tests += [t for t in found if t.id == wanted or t.id.startswith(wanted + "::")]
    made.tests, made.files = list(dict.fromkeys(made.tests)), list(dict.fromkeys(made.files))


def _add_canaries(job: Job, made: Stage) -> None:
    by_file: dict[str, list[StaticTest]] = {path: [] for path in made.files}
    for test in made.tests:
        by_file[test.id.partition("::")[0]].append(test)
    # A module whose tests may all be skipped may be skipped as a whole.
    files = [f for f, tests in by_file.items() if not tests or not all(t.may_skip for t in tests)] or list(by_file)
    chosen = files if len(files) <= _CANARIES else [files[0], files[len(files) // 2], files[-1]]
    for path in chosen:
        canary = canary_for(path, by_file[path])
        made.canaries.append(canary)
        if path in made.unseen:
            made.unseen[path] += canary.source
        else:
            write_inside(made.root, path, (made.root / path).read_bytes() + canary.source.encode())
        if any("::" in t and t.startswith(path) for t in job.targets):
            made.targets.append(canary.id)


def _suspects(job: Job, root: Path) -> Iterator[str]:
    judges = {t.path for t in job.tests} | set(job.trusted)
    for path in _files(root):
        relative = path.relative_to(root).as_posix()
        if path.suffix != ".py" or path.is_symlink() or any(_below(relative, j) for j in judges):
            continue
        if job.targets and is_test_file(relative) and job.baseline is None:
            continue
        before = read_baseline(job, relative)
        if before is None or before != path.read_bytes():
            yield relative


def _below(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


def _files(root: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in _NOT_WALKED]
        for name in names:
            yield Path(place, name)


def open_to_all(root: Path) -> None:
    """Let any user read what is below `root`: the program runs as one of its own."""
    for place, _, names in os.walk(root):
        os.chmod(place, stat.S_IMODE(os.stat(place).st_mode) | 0o755)  # noqa: PTH101, PTH116 (hot)
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode):
                extra = 0o555 if mode & 0o100 else 0o444
                os.chmod(path, stat.S_IMODE(mode) | extra)  # noqa: PTH101
