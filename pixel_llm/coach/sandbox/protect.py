"""Which paths a candidate may write, and reading and writing below a folder without ever leaving it.

A path is refused for what it is (absolute, `..`, a device's name), for what it would steer (`conftest.py`, `*.pth`,
`sitecustomize.py`, version control, CI), for what the task protects, and for where it leads: no component may be a
symbolic link, and a file must be a regular one with a single name, so that nothing outside is reached by link or hard
link. The checks are made on open folders, component by component, so that nothing can be swapped in between.
"""

from __future__ import annotations

import contextlib
import errno
import fnmatch
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from pixel_llm.coach.types import relative_path
from pixel_llm.errors import PixelLLMError, StorageError

# What Python or pytest runs or obeys by itself because of its name: never a candidate's, in no folder.
STEERING = frozenset({"conftest.py", "sitecustomize.py", "usercustomize.py", "*.pth", "*.egg-link", "_virtualenv.py"})
# Settings that change how tests are run: a candidate's version is written back only where the task names it as a
# target, and is never in force while the task is judged.
SETTINGS = frozenset(
    {
        "pytest.ini",
        ".pytest.ini",
        "pytest.toml",
        ".pytest.toml",
        "tox.ini",
        "setup.cfg",
        "pyproject.toml",
        ".coveragerc",
    }
)
# Files and folders that tools obey outside any test; only a task's exact target may be one of the files.
_TOOLS = frozenset(
    {".git*", ".hg", ".svn", ".ci", ".circleci", ".github", ".gitlab*", ".vscode", ".idea", ".devcontainer", ".husky"}
    | {".envrc", ".env", ".pre-commit-config.yaml", ".venv", "__pycache__", "node_modules", ".ssh"}
)
_NEVER = frozenset({".git", ".hg", ".svn", ".venv", "__pycache__", ".ssh"})


class ProtectedPathError(PixelLLMError, ValueError):
    """A candidate's path is one that it must not write."""

    exit_code = 2


def check_path(path: str, *, targets: Iterable[str] = (), protected: Iterable[str] = ()) -> str:
    """`path` in its plain form if a candidate may write it, by its name alone.

    `targets` are the task's own files; with any, nothing else is allowed. `protected` are files, folders and patterns
    (`docs/*.md`); they win over targets. Names are compared without regard to case and Unicode form, as some file
    systems do. Raises ProtectedPathError.
    """
    try:
        plain = relative_path(path)
    except ValueError as error:
        raise ProtectedPathError(str(error)) from None
    allowed = {_same(relative_path(t)) for t in targets}
    parts = PurePosixPath(_same(plain)).parts
    for part in parts:
        if part != part.rstrip(". ") or ":" in part or "~" in part[-3:-1]:
            raise ProtectedPathError(f"{path!r}: {part!r} names something else on some systems")
    exact = _same(plain) in allowed
    for part in parts:
        if _matches(part, STEERING) or _matches(part, _NEVER) or (not exact and _matches(part, SETTINGS | _TOOLS)):
            raise ProtectedPathError(f"{path!r}: {part!r} steers tests or tools and is not for a candidate to write")
    for rule in protected:
        if _covers(rule, _same(plain)):
            raise ProtectedPathError(f"{path!r} is protected by {rule!r}")
    if allowed and _same(plain) not in allowed:
        raise ProtectedPathError(f"{path!r} is not one of the task's files: {', '.join(sorted(allowed))}")
    return plain


def steers(name: str) -> bool:
    """Whether a file of this name changes how Python or pytest run."""
    return _matches(_same(name), STEERING | SETTINGS)


def read_inside(root: Path, path: str) -> bytes | None:
    """The bytes of the file at `path` below `root`, or None where there is none.

    Raises ProtectedPathError where a link is in the way or it is no regular file, StorageError.
    """
    try:
        with _folder(root, path, create=False) as (folder, name):
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            with os.fdopen(fd, "rb") as file:
                _require_plain(os.fstat(fd), path)
                return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _explain(error, root, path) from None


def write_inside(root: Path, path: str, data: bytes) -> None:
    """Put `data` at `path` below `root`, making folders: all of it or, in any failure, what was there before.

    Raises ProtectedPathError where a link is in the way or what is there is no regular file, StorageError.
    """
    try:
        with _folder(root, path, create=True) as (folder, name):
            mode = 0o644
            with contextlib.suppress(FileNotFoundError):
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                _require_plain(found, path)
                mode = stat.S_IMODE(found.st_mode)
            temporary = f".{secrets.token_hex(8)}.tmp"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            fd = os.open(temporary, flags, mode, dir_fd=folder)
            try:
                with os.fdopen(fd, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fchmod(fd, mode)
                    os.fsync(fd)
                os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary, dir_fd=folder)
                raise
            os.fsync(folder)
    except OSError as error:
        raise _explain(error, root, path) from None


@contextlib.contextmanager
def _folder(root: Path, path: str, *, create: bool) -> Iterator[tuple[int, str]]:
    """The open folder that holds `path`, reached without following a link, and the last name in it."""
    *folders, name = PurePosixPath(_plain(path)).parts
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    at = os.open(root, flags)
    try:
        for folder in folders:
            if create:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(folder, 0o755, dir_fd=at)
            inner = os.open(folder, flags | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = inner
        yield at, name
    finally:
        os.close(at)


def _plain(path: str) -> str:
    try:
        return relative_path(path)
    except ValueError as error:
        raise ProtectedPathError(str(error)) from None


def _require_plain(found: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ProtectedPathError(f"{path!r} is a link, folder or device, not a file")
    if found.st_nlink > 1:
        raise ProtectedPathError(f"{path!r} has a second name somewhere (a hard link)")


def _explain(error: OSError, root: Path, path: str) -> PixelLLMError:
    if isinstance(error, PixelLLMError):
        return error
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
        return ProtectedPathError(f"{path!r}: a part of it is a link or no folder", file=root)
    return StorageError(f"{error.strerror or error}", file=root / path)


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, p) for p in patterns)


def _covers(rule: str, path: str) -> bool:
    rule = _same(rule.rstrip("/"))
    return path == rule or path.startswith(rule + "/") or fnmatch.fnmatchcase(path, rule)
