"""A disposable copy of the project with a candidate's files in it."""

from __future__ import annotations

import difflib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pixel_llm.coach.loop.project import Project
from pixel_llm.coach.sandbox.protect import write_inside
from pixel_llm.coach.types import TaskFile


@dataclass(frozen=True)
class Workspace:
    """`baseline` is the project as it was, `folder` the same with the candidate's files."""

    baseline: Path
    folder: Path


@contextmanager
def workspace(project: Project, base: str, files: Iterable[TaskFile]) -> Iterator[Workspace]:
    """Fresh copies of `base`, without and with `files`; both are gone afterwards.

    Raises ProtectedPathError for a file whose place is, or lies behind, a link.
    """
    top = Path(tempfile.mkdtemp(prefix="pixel-llm-coach-"))
    try:
        made = Workspace(top / "baseline", top / "workspace")
        project.check_out(base, made.baseline)
        shutil.copytree(made.baseline, made.folder, symlinks=True)
        for file in files:
            write_inside(made.folder, file.path, file.content.encode())
        yield made
    finally:
        _remove(top)


def difference(project: Project, base: str, files: Iterable[TaskFile]) -> str:
    """A unified diff from `base` to `files`, as `git apply` takes it."""
    parts = []
    for file in files:
        before = project.read(base, file.path)
        if before == file.content:
            continue
        lines = difflib.unified_diff(
            [] if before is None else before.splitlines(keepends=True),
            file.content.splitlines(keepends=True),
            "/dev/null" if before is None else f"a/{file.path}",
            f"b/{file.path}",
        )
        head = f"diff --git a/{file.path} b/{file.path}\n" + ("new file mode 100644\n" if before is None else "")
        body = "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
        parts.append(head + body)
    return "".join(parts)


def _remove(folder: Path) -> None:
    """Remove a tree even where a candidate took permissions away."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
