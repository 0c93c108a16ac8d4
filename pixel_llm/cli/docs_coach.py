"""`python -m pixel_llm.cli.docs_coach [FOLDER]`: config.example and the coach's JSON schemas, made from its models."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from pixel_llm.coach.config import CoachConfig
from pixel_llm.coach.roadmap.format import Roadmap
from pixel_llm.coach.types import TaskSpec

_HEAD = """\
# The settings of `pixel-llm coach`, each with its default. Copy this file to coach.yaml in your project and keep what
# you change. The environment wins over it (PIXEL_LLM_COACH_LOOP__MAX_ATTEMPTS=2 sets loop.max_attempts), flags win over
# both.
# Made by `python -m pixel_llm.cli.docs_coach`; a test compares. Schema: docs/schemas/coach-config.schema.json
"""


def pages() -> dict[str, str]:
    """Every generated file: its path below the repository's root, and its text."""
    schemas: dict[str, tuple[type[BaseModel], str]] = {
        "coach-config": (CoachConfig, "Settings of pixel-llm coach (coach.yaml)"),
        "coach-roadmap": (Roadmap, "A roadmap of pixel-llm coach in one file"),
        "coach-task": (TaskSpec, "A task of pixel-llm coach"),
    }
    return {"config.example": example()} | {
        f"docs/schemas/{name}.schema.json": _schema(model, title) for name, (model, title) in schemas.items()
    }


def example() -> str:
    """config.example: every setting, what it means, its default."""
    return _HEAD + explained(CoachConfig())


def explained(settings: BaseModel, indent: str = "") -> str:
    """Settings as YAML, each with what it means."""
    parts = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        inner = value if isinstance(value, BaseModel) else None
        about = (inner.__doc__ or "") if inner else (field.description or "")
        comment = textwrap.fill(
            " ".join(about.split()), 118, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
        )
        if inner:
            parts.append(f"\n{comment}\n{indent}{name}:\n{explained(inner, indent + '  ')}")
        else:
            parts.append(f"{comment}\n{indent}{name}: {_plain(value)}\n")
    return "".join(parts)


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        value = list(value)
    return yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("\n...\n").strip()


def _schema(model: type[BaseModel], title: str) -> str:
    made = model.model_json_schema()
    if model is Roadmap:
        _as_in_files(made["$defs"]["TaskSpec"])
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": title}
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _as_in_files(task: dict[str, Any]) -> None:
    """A task of a roadmap's file: tests may be paths beside the file, and the phase is the one it stands in."""
    del task["properties"]["phase"]
    for key in ("visible_tests", "hidden_tests"):
        task["properties"][key]["items"] = {"anyOf": [{"type": "string"}, task["properties"][key]["items"]]}


def main(folder: Path) -> None:
    """Write them all below `folder`."""
    for name, text in pages().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
