"""What a sandbox is asked and what it answers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pixel_llm.coach.types import TaskFile, TestReport

Outcome = Literal["passed", "failed", "error", "skipped"]
Ending = Literal["finished", "time", "memory", "processes", "output", "disk", "refused"]


@dataclass(frozen=True)
class Limits:
    """What one run may use; going over one ends the run."""

    wall_seconds: float = 60.0
    cpu_seconds: int = 60
    """Of each process."""
    memory_bytes: int = 2 << 30
    """Of all processes together (resident), and of each (writable and private)."""
    processes: int = 64
    """Processes and threads."""
    file_bytes: int = 64 << 20
    """The largest file that may be written."""
    scratch_bytes: int = 256 << 20
    """All files in the temporary space."""
    output_bytes: int = 1 << 20
    """Standard output and standard error together."""
    open_files: int = 256


@dataclass(frozen=True)
class Job:
    """Tests to run over a workspace of untrusted files: `tests` or `targets` for pytest, or a `command`.

    workspace: a disposable copy of the project with the candidate's files in it. Tests are restored into it and it is
        read-only while pytest runs.
    tests: pytest files that are put into the workspace.
    hidden: the test modules among them are never files that the candidate could read; in their place lie empty ones.
    targets: pytest targets that are in the workspace already, e.g. `tests/` or `tests/test_a.py::test_b`.
    command: run instead of pytest, in a writable copy of the workspace; only its exit status says how it went. One that
        is pytest with paths and nothing that chooses tests is run like `targets`.
    baseline: the project as it was, or None if there was nothing. `trusted` names files and folders that are restored
        from it. Files that steer Python or pytest (`conftest.py`, `pyproject.toml`, ...) always are.
    passed_before: with `targets`, the ids that passed before the candidate's change and are expected to pass again
        (`SandboxResult.outcomes` of a run over the baseline); None expects every test found in the files.
    python: the interpreter that has pytest and what the project needs.
    environment: variables beside the few that the sandbox sets; nothing is inherited.
    readable: further folders that may be read, e.g. a toolchain outside /usr.
    """

    workspace: Path
    tests: tuple[TaskFile, ...] = ()
    hidden: bool = False
    targets: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    baseline: Path | None = None
    trusted: tuple[str, ...] = ()
    passed_before: frozenset[str] | None = None
    python: Path = field(default_factory=lambda: Path(sys.executable))
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    readable: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def kind(self) -> Literal["visible", "command", "regression", "hidden"]:
        """Which group of tests this is, as a `TestReport` names it."""
        if self.command:
            return "command"
        return "regression" if self.targets else "hidden" if self.hidden else "visible"


@dataclass(frozen=True)
class SandboxResult:
    """How a run ended. `report` is the verdict; the rest says how it came about."""

    report: TestReport
    outcomes: Mapping[str, Outcome]
    """By pytest's node id."""
    ending: Ending
    exit_status: int | None
    """None where it was killed."""
    engine: Literal["bubblewrap", "landlock", "none"]
