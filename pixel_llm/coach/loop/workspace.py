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

_TELLING = 12  # characters of a line that is not there by chance
_ROADMAP = "roadmap.yaml"  # in the folder that holds a roadmap's phases, see coach/roadmap/format.py


@dataclass(frozen=True)
class Workspace:
    """`baseline` is the project as it was, `folder` the same with the candidate's files."""

    baseline: Path
    folder: Path


@contextmanager
def workspace(
    project: Project, base: str, files: Iterable[TaskFile], *, hidden: Iterable[TaskFile] = ()
) -> Iterator[Workspace]:
    """Fresh copies of `base`, without and with `files`; both are gone afterwards.

    What gives the `hidden` tests away is in neither: a roadmap with their text, and where they lie in a roadmap's
    folders the whole roadmap, since known solutions lie beside them.

    Raises ProtectedPathError for a file whose place is, or lies behind, a link.
    """
    top = Path(tempfile.mkdtemp(prefix="pixel-llm-coach-"))
    try:
        made = Workspace(top / "baseline", top / "workspace")
        project.check_out(base, made.baseline)
        for test in hidden:
            for path in project.holding(base, telling_lines(test)):
                _take_out(made.baseline, path)
        shutil.copytree(made.baseline, made.folder, symlinks=True)
        for file in files:
            write_inside(made.folder, file.path, file.content.encode())
        yield made
    finally:
        _remove(top)


def telling_lines(test: TaskFile) -> list[str]:
    """A few lines of a test that nobody writes twice, such as YAML and JSON leave them."""
    lines = {line.strip() for line in test.content.splitlines()}
    lines = {line for line in lines if len(line) >= _TELLING and not line.startswith(("import ", "from ", "#", "@"))}
    plain = {line for line in lines if not set(line) & set("\"'\\")} or lines  # quotes may be written in other ways
    return sorted(plain, key=lambda line: (-len(line), line))[:3]


def _take_out(folder: Path, path: str) -> None:
    """Remove the file at `path`, or the roadmap's folder that it is in."""
    place = folder / path
    for task in place.parents:
        roadmap = task.parent.parent
        if place.is_relative_to(task / "tests") and roadmap.is_relative_to(folder) and (roadmap / _ROADMAP).is_file():
            shutil.rmtree(roadmap) if roadmap != folder else shutil.rmtree(task)
            return
    place.unlink(missing_ok=True)


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
