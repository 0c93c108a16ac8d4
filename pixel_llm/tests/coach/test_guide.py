"""docs/coach.md's first part, followed to the letter with a server that speaks Ollama's protocol."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import pixel_llm
from pixel_llm.tests.coach.loop.repository import ENVIRONMENT, commit, git, make_repository
from pixel_llm.tests.coach.servers.base import Reply
from pixel_llm.tests.coach.servers.ollama import OllamaServer

GUIDE = Path(pixel_llm.__file__).parent.parent / "docs/coach.md"
FIRST = "def is_leap(year):\n    return year % 4 == 0\n"
SECOND = "def is_leap(year):\n    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)\n"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(600)
def test_the_guide_leads_to_an_accepted_task(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "project", {"README.md": "Mine\n"})
    (project / "roadmap.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    commit(project, {"roadmap.yaml": blocks("yaml")[0]})
    answers = [Reply(f"```python leap.py\n{code}```") for code in (FIRST, SECOND)]
    with OllamaServer(answers, models=("qwen2.5-coder:7b",)) as server:
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("GEMINI", "GOOGLE", "OPENAI", "PIXEL_LLM"))},
            **ENVIRONMENT,
            "HOME": str(tmp_path),
            "PIXEL_LLM_COACH_WRITER__URL": server.url,
            "PIXEL_LLM_COACH_WRITER__KIND": "ollama",
            "PIXEL_LLM_COACH_SANDBOX__WALL_SECONDS": "240",
        }
        said = ""
        for line in blocks("sh")[1].splitlines():
            command = shlex.split(line)
            if command[0] == "pixel-llm":
                command[:1] = [sys.executable, "-m", "pixel_llm.cli"]
            done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
            said += done.stdout + done.stderr
        prompts = [call.body["messages"][-1]["content"] for call in server.calls]
    assert "accepted" in said
    assert "+    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)" in said
    assert git(project, "show", "coach/accepted:leap.py") == SECOND
    assert git(project, "status", "--porcelain") == ""
    assert len(prompts) == 2
    assert "1900" not in "".join(prompts)
    assert "acceptance tests that you cannot see failed" in prompts[1]


def test_its_settings_are_settings(tmp_path: Path) -> None:
    from pixel_llm.coach.config import load

    (tmp_path / "coach.yaml").write_text(blocks("yaml")[1], encoding="utf-8")
    assert load(tmp_path).reviewer.kind == "openai"


def test_its_commands_and_settings_exist() -> None:
    from pixel_llm.cli.coach import app
    from pixel_llm.coach.config import names

    known = {command.name for command in app.registered_commands} | {"eval"}
    text = GUIDE.read_text(encoding="utf-8")
    assert set(re.findall(r"pixel-llm coach ([a-z-]+)", text)) <= known
    for setting in re.findall(r"`((?:run|writer|reviewer|loop)\.[a-z_]+)`", text):
        assert setting in names()
