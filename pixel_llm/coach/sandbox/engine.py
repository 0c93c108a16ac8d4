"""What engines have in common: the box that they build around a program."""

from __future__ import annotations

import json
import os
import platform
import secrets
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

from pixel_llm.coach.sandbox.job import Limits
from pixel_llm.errors import SandboxError

INSIDE = Path(__file__).parent / "inside"
EngineName = Literal["bubblewrap", "landlock", "none"]


@dataclass(frozen=True)
class Box:
    """What is to run and what it may touch; paths are those of this machine."""

    workspace: Path
    writable: bool
    """Whether the workspace is."""
    scratch: Path
    """An empty folder for temporary files, where the engine has no better place."""
    python: Path
    readable: tuple[Path, ...]
    environment: Mapping[str, str]
    limits: Limits
    report: int
    """The pipe on which `inside/launch.py` says that everything is in place."""


@dataclass(frozen=True)
class Inside:
    """The same box as the program sees it."""

    workspace: str
    tools: str
    """Where the files of `inside/` are."""
    scratch: str


class Engine(Protocol):
    """A way to confine a program."""

    name: EngineName
    end_signal: signal.Signals
    """Ends the program with everything that it has started."""

    def why_not(self) -> str:
        """Why it cannot be used here, or nothing. Tried once a process."""

    def inside(self, box: Box) -> Inside:
        """Where things are for the program."""

    def wrap(self, box: Box, argv: Sequence[str]) -> list[str]:
        """The command that runs `argv`, in terms of `inside`, confined."""

    def folders(self, box: Box) -> list[Path]:
        """Real folders that the program may fill."""


def launcher(box: Box, inside: Inside, argv: Sequence[str], **plan: Any) -> list[str]:
    """The command that starts `argv` through `inside/launch.py`."""
    limits = box.limits
    whole = {
        "limits": {
            "CPU": limits.cpu_seconds,
            "DATA": limits.memory_bytes,
            "FSIZE": limits.file_bytes,
            "NOFILE": limits.open_files,
            "NPROC": limits.processes + plan.pop("others", 0),
            "CORE": 0,
        },
        "uid": None,
        "landlock": None,
        "seccomp": None,
        "watch": False,
        "folder": inside.workspace,
        "report": box.report,
        "argv": list(argv),
        **plan,
    }
    return [str(box.python), "-I", "-S", f"{inside.tools}/launch.py", json.dumps(whole)]


def environment(box: Box, inside: Inside) -> dict[str, str]:
    """The program's whole environment."""
    return {
        "PATH": f"{box.python.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": inside.scratch,
        "TMPDIR": inside.scratch,
        "XDG_CACHE_HOME": f"{inside.scratch}/.cache",
        "LANG": "C.UTF-8",
        "PYTHONPATH": inside.workspace,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "COVERAGE_FILE": f"{inside.scratch}/.coverage",
        "HYPOTHESIS_STORAGE_DIRECTORY": f"{inside.scratch}/.hypothesis",
        # Threads count as processes, and what is tested is small.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **box.environment,
    }


def own_user() -> int | None:
    """For root, a user id that nobody else has, so that rights and the limit on processes hold; otherwise None."""
    return (1 << 30) + secrets.randbelow(1 << 30) if os.geteuid() == 0 else None


def give(root: Path, uid: int) -> None:
    """Make everything below `root` a user's."""
    for place, folders, names in os.walk(root):
        os.chown(place, uid, uid)
        for name in (*folders, *names):
            os.chown(os.path.join(place, name), uid, uid, follow_symlinks=False)  # noqa: PTH118 (hot)


def threads_of_user() -> int:
    """How many threads this user has now: they count against NPROC where there is no user namespace of one's own."""
    total, me = 0, os.geteuid()
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                if place.stat().st_uid == me:
                    total += len(list((place / "task").iterdir()))
            except OSError:
                continue
    return total


def counts_by_namespace() -> bool:
    """Whether NPROC counts within a user namespace (from Linux 5.14)."""
    major, minor = (int("".join(filter(str.isdigit, p)) or 0) for p in platform.release().split(".")[:2])
    return (major, minor) >= (5, 14)


@lru_cache
def python_folders(python: Path) -> tuple[Path, ...]:
    """Folders that an interpreter needs. Raises SandboxError where it does not run or has no pytest."""
    code = "import sys, pytest; print(sys.prefix); print(sys.base_prefix); print(pytest.__file__)"
    try:
        ran = subprocess.run(
            [python, "-I", "-B", "-c", code], capture_output=True, text=True, timeout=60, check=False, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxError(f"does not run: {error}", file=python) from None
    if ran.returncode:
        last = ran.stderr.strip().splitlines()[-1:] or ["no message"]
        raise SandboxError(f"cannot run tests: {last[0]}", file=python, remedy=f"{python} -m pip install pytest")
    prefix, base, pytest_file = ran.stdout.splitlines()
    folders = [Path(prefix), Path(base), Path(base).resolve(), Path(os.path.realpath(python)).parent.parent]
    folders.append(Path(pytest_file).parent.parent)
    kept: list[Path] = []
    for folder in folders:
        if folder not in kept and not any(folder.is_relative_to(k) for k in (*kept, Path("/usr"))):
            kept.append(folder)
    return tuple(kept)
