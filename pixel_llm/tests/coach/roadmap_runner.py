"""Runs a task's tests against each of its known solutions; prints {solution: {tests: pytest's exit code}} as JSON.

usage: roadmap_runner.py ROADMAP TASK FOLDER

A script of its own, because it forks: pytest and NumPy are imported once, then every run is a child with a fresh
workspace below FOLDER. A workspace holds the good solutions of all that the task depends on.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np  # noqa: F401 - imported once, here
import pytest
import yaml

RUNS = {"good": ("visible", "hidden"), "stub": ("hidden",), "wrong": ("hidden",)}


def main(roadmap: Path, task: str, folder: Path) -> None:
    """Run every combination of `RUNS`."""
    folders = {path.parent.name: path.parent for path in roadmap.glob("*/*/task.yaml")}
    needed = _needed(task, folders)
    found: dict[str, dict[str, int]] = {}
    for solution, kinds in RUNS.items():
        workspace = folder / solution
        for name in needed:
            source = folders[name] / "solutions" / (solution if name == task else "good")
            shutil.copytree(source, workspace, dirs_exist_ok=True)
        found[solution] = {}
        for kind in kinds:
            tests = workspace / "coach_tests" / task / kind
            shutil.copytree(folders[task] / "tests" / kind, tests)
            found[solution][kind] = _run(workspace, tests, stop=solution != "good")
    print(json.dumps(found))


def _needed(task: str, folders: dict[str, Path]) -> list[str]:
    """The task and all that it depends on."""
    found, left = [], [task]
    while left:
        name = left.pop()
        if name not in found:
            found.append(name)
            left += yaml.safe_load((folders[name] / "task.yaml").read_text(encoding="utf-8")).get("depends_on", [])
    return found


def _run(workspace: Path, tests: Path, *, stop: bool) -> int:
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.dup2(2, 1)  # what pytest says is for people
            os.chdir(workspace)
            sys.path.insert(0, str(workspace))
            arguments = ["-q", "-p", "no:cacheprovider", "--rootdir", str(workspace), "-c", os.devnull, str(tests)]
            code = int(pytest.main([*arguments, *(["-x"] if stop else [])]))
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
