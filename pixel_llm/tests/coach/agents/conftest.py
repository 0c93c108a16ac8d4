"""What the agents' tests share."""

from __future__ import annotations

import socket

import pytest
import stamina

from pixel_llm.coach.agents.gemini import KEYS
from pixel_llm.coach.types import Message, ReviewRequest, TaskFile, TaskSpec, TestReport


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No keys, no commands, no servers of the machine's own, and no pauses between tries."""
    for name in (*KEYS, "OPENAI_API_KEY", "OLLAMA_HOST", "OLLAMA_API_KEY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    with stamina.set_testing(True, attempts=4):
        yield


@pytest.fixture
def closed_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def conversation() -> list[Message]:
    """A question."""
    return [Message(role="system", content="You write code."), Message(role="user", content="Add two numbers. " * 10)]


@pytest.fixture
def request_for_review() -> ReviewRequest:
    """Work to review."""
    return ReviewRequest(
        task=TaskSpec(id="add", title="Add numbers", description="add(a, b) returns the sum", target_files=("add.py",)),
        files=(TaskFile(path="add.py", content="def add(a, b):\n    return a + b\n"),),
        diff="+def add(a, b):\n+    return a + b\n",
        reports=(TestReport(kind="visible", expected=3, passed=3),),
    )
