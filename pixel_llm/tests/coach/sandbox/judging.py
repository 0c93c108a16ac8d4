"""A tiny task to cheat at, judged in the real sandbox."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pixel_llm.coach.sandbox import Job, Limits, SandboxResult, choose, run
from pixel_llm.coach.sandbox.engine import EngineName
from pixel_llm.coach.types import TaskFile
from pixel_llm.errors import SandboxError

TESTS = """\
import pytest

from add import add


def test_small():
    assert add(2, 2) == 4


@pytest.mark.parametrize("a", [1, 50])
def test_one_more(a):
    assert add(a, 1) == a + 1
"""
TEST_FILE = "checks/test_add.py"
RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a * b\n"
ENGINES: tuple[EngineName, ...] = ("bubblewrap", "landlock")


def require(engine: EngineName) -> None:
    """Skip where the machine has no such engine; with PIXEL_LLM_REQUIRE_TOOLS that is a failure."""
    try:
        choose(engine)
    except SandboxError as error:
        if os.environ.get("PIXEL_LLM_REQUIRE_TOOLS"):
            raise
        pytest.skip(str(error))


def judge(
    folder: Path,
    code: str,
    *,
    engine: EngineName = "bubblewrap",
    tests: str = TESTS,
    files: Mapping[str, str] | None = None,
    **job: Any,
) -> SandboxResult:
    """Run `tests` over `code` as `add.py`, and what else is in `files`."""
    require(engine)
    workspace = folder / "work"
    for name, text in {"add.py": code, **(files or {})}.items():
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text(text)
    job.setdefault("limits", Limits(wall_seconds=60))
    job.setdefault("environment", {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})  # half of what a run takes
    return run(Job(workspace, tests=(TaskFile(path=TEST_FILE, content=tests),), **job), engine=engine)
