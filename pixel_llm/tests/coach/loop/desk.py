"""A run of the loop over a small repository, with scripted agents."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixel_llm.coach import sandbox
from pixel_llm.coach.agents.scripted import Answers, Judgements, ScriptedAgent
from pixel_llm.coach.loop.loop import work_on
from pixel_llm.coach.loop.project import GitProject
from pixel_llm.coach.loop.record import RunRecord, folder_of, load
from pixel_llm.coach.loop.tools import Ending, Policy, Run, Tools
from pixel_llm.coach.sandbox import Limits
from pixel_llm.coach.types import Defect, Review, TaskFile, TaskSpec
from pixel_llm.tests.coach.loop.repository import make_repository

RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
VISIBLE = "from add import add\n\n\ndef test_small():\n    assert add(1, 2) == 3\n"
HIDDEN = "from add import add\n\n\ndef test_large():\n    assert add(123456, 654321) == 777777\n"
GOOD = Review(score=9, verdict="accept")
BAD = Review(score=5, verdict="revise", defects=(Defect(place="add.py:1", reason="no docstring"),))


def answer(code: str, path: str = "add.py") -> str:
    return f"Here you are.\n\n````python {path}\n{code}````\n"


def task(**more: Any) -> TaskSpec:
    values: dict[str, Any] = {
        "id": "add",
        "title": "Add two numbers",
        "description": "Write add(a, b), which gives the sum.",
        "target_files": ("add.py",),
        "visible_tests": (TaskFile(path="tests/test_add.py", content=VISIBLE),),
        "hidden_tests": (TaskFile(path="tests/test_hidden.py", content=HIDDEN),),
    }
    return TaskSpec(**{**values, **more})


@dataclass
class Desk:
    """`work` runs the loop; `prompts` is what the writer was told, `requests` what the reviewer saw."""

    repository: Path
    agent: ScriptedAgent = field(default_factory=ScriptedAgent)

    @classmethod
    def at(cls, folder: Path) -> Desk:
        return cls(make_repository(folder / "repo", {"old.py": "def old():\n    return 1\n"}))

    def work(
        self,
        answers: Answers,
        reviews: Judgements | None = None,
        *,
        of: TaskSpec | None = None,
        limits: Limits | None = None,
        tools: dict[str, Any] | None = None,
        lessons: tuple[str, ...] = (),
        **policy: Any,
    ) -> Ending:
        self.agent = ScriptedAgent(answers, reviews if reviews is not None else ())
        made = Tools(
            **{
                "project": GitProject(self.repository),
                "sandbox": sandbox.run,
                "records": self.repository.parent / "records",
                "writer": self.agent,
                "reviewer": self.agent if reviews is not None else None,
                "limits": limits or Limits(wall_seconds=120),
                **(tools or {}),
            }
        )
        return work_on(Run(of or task(), "run", made, Policy(**policy), lessons))

    @property
    def prompts(self) -> list[str]:
        return [call[1].content for call in self.agent.calls if isinstance(call, tuple)]

    def record(self, task_id: str = "add") -> RunRecord:
        return load(folder_of(self.repository.parent / "records", task_id, "run"))
