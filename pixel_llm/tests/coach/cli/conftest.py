"""A project with a roadmap, and agents that speak the real protocols on loopback."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pixel_llm.coach.config import PREFIX
from pixel_llm.coach.sandbox import Job, SandboxResult
from pixel_llm.coach.types import TestReport
from pixel_llm.tests.cli.conftest import Cli, Ran, cli
from pixel_llm.tests.coach.loop.repository import make_repository
from pixel_llm.tests.coach.servers.base import Reply
from pixel_llm.tests.coach.servers.ollama import OllamaServer
from pixel_llm.tests.coach.servers.openai import OpenAIServer

__all__ = ["cli"]

ROADMAP = """
name: Sums
phases:
  - id: one
    name: First
    measure: numbers can be added
    tasks:
      - id: add
        title: Add two numbers
        description: Write add(a, b).
        target_files: [add.py]
        visible_tests: [{path: test_add.py, content: "from add import add\\n\\ndef test(): assert add(1, 2) == 3\\n"}]
      - id: twice
        title: Double a number
        description: Write twice(a) with add.
        target_files: [twice.py]
        depends_on: [add]
        visible_tests:
          - {path: test_twice.py, content: "from twice import twice\\n\\ndef test(): assert twice(4) == 8\\n"}
  - id: two
    name: Second
    tasks: [{id: hand, title: By hand, agent: human, depends_on: [twice]}]
"""
ADD = "def add(a, b):\n    return a + b\n"
TWICE = "from add import add\n\n\ndef twice(a):\n    return add(a, a)\n"


def answer(path: str, code: str) -> Reply:
    return Reply(f"{path}\n```python\n{code}```\n")


def verdict(score: int) -> Reply:
    defects = [] if score >= 8 else [{"place": "add.py:1", "reason": "no docstring"}]
    return Reply(json.dumps({"score": score, "verdict": "accept" if score >= 8 else "revise", "defects": defects}))


def writes_everything(body: dict[str, Any]) -> Reply:
    """Right at once, whatever is asked."""
    asked = body["messages"][-1]["content"]
    return answer("twice.py", TWICE) if "Double a number" in asked else answer("add.py", ADD)


@dataclass
class Project:
    """`run("status")` is `pixel-llm coach status` in the project's folder."""

    folder: Path
    writer: OllamaServer
    reviewer: OpenAIServer
    cli: Cli

    def run(self, *arguments: object) -> Ran:
        logging.getLogger("dbos").handlers.clear()  # DBOS made them for the captured stderr of the run before
        return self.cli("coach", *arguments)

    def json(self, *arguments: object) -> Any:
        ran = self.run(*arguments, "--json")
        assert ran.code == 0, ran.err
        return ran.json

    def states(self) -> dict[str, str]:
        return {task["id"]: task["state"] for task in self.json("list-tasks")["tasks"]}


@pytest.fixture
def project(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A repository with the roadmap, an Ollama server that writes and an OpenAI-compatible one that reviews."""
    for name in list(os.environ):
        if name.startswith(PREFIX) or name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
            monkeypatch.delenv(name)
    with OllamaServer(writes_everything) as writer, OpenAIServer((verdict(9),)) as reviewer:
        settings = (
            f"writer: {{kind: ollama, url: '{writer.url}', model: tiny}}\n"
            f"reviewer: {{kind: openai, url: '{reviewer.v1}'}}\n"
        )
        folder = make_repository(tmp_path / "project", {"coach.yaml": settings, "roadmap.yaml": ROADMAP})
        monkeypatch.chdir(folder)
        yield Project(folder, writer, reviewer, cli)


@pytest.fixture
def quick_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs the roadmap's tests without pytest and without confinement: for tests of what comes after them."""

    def run(job: Job, *, engine: str) -> SandboxResult:
        code = f"import sys; sys.path.insert(0, '.')\n{job.tests[0].content}\ntest()"
        command = [sys.executable, "-I", "-S", "-B", "-c", code]
        done = subprocess.run(command, cwd=job.workspace, capture_output=True, text=True, check=False)
        right = done.returncode == 0
        report = TestReport(kind=job.kind, expected=1, passed=right, failed=not right, output=done.stderr)
        return SandboxResult(report, {}, "finished", done.returncode, "none")

    monkeypatch.setattr("pixel_llm.cli.coach_tools.run", run)
