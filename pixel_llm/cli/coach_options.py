"""Options that the coach's commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProjectOption = Annotated[
    Path,
    typer.Option("--project", metavar="FOLDER", help="The project's folder.", show_default="this folder"),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings.", show_default="coach.yaml in the project"),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="The task queue: a path, or postgresql://… for several machines.",
        show_default=".pixel-llm/coach.sqlite in the project",
    ),
]
PhaseOption = Annotated[
    str | None, typer.Option("--phase", metavar="PHASE", help="Only tasks of this phase.", show_default=False)
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A setting, e.g. loop.max_attempts=2 (`pixel-llm coach settings` shows all); may be repeated.",
        show_default=False,
    ),
]
TaskArgument = Annotated[str, typer.Argument(metavar="TASK", help="The task's id.", show_default=False)]
HERE = Path()
