"""`pixel-llm coach`: its commands; `pixel_llm_coach.py` is another door to them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.util import find_spec

import typer

from pixel_llm.cli import coach_decide, coach_eval, coach_files, coach_review, coach_run, coach_show, coach_tui
from pixel_llm.errors import UnsupportedError

HELP = """Have a local model write code: tests judge it, a reviewer advises, whole phases run unattended.

Works for any git repository and any list of tasks. `docs/coach.md` leads to the first accepted task."""

app = typer.Typer(help=HELP, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})


@app.callback()
def _needs_its_extra() -> None:
    missing = [name for name in ("sqlalchemy", "pydantic_settings", "structlog", "dbos") if find_spec(name) is None]
    if missing:
        raise UnsupportedError(
            f"the coach needs packages that are not installed ({', '.join(missing)})",
            remedy="pip install 'pixel-llm[coach]'",
        )


def _unwrapped(command: Callable[..., None]) -> str:
    """A command's docstring with each paragraph on one line, so that the help page breaks it where it must."""
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


for _name, _command, _example in (
    *coach_show.COMMANDS,
    *coach_run.COMMANDS,
    *coach_review.COMMANDS,
    *coach_decide.COMMANDS,
    *coach_files.COMMANDS,
    *coach_tui.COMMANDS,
):
    app.command(_name, help=_unwrapped(_command), epilog=_example)(_command)

_eval = typer.Typer(help="Measure the loop on problems whose answers are known.", no_args_is_help=True)
_eval.command("humaneval", help=_unwrapped(coach_eval.humaneval), epilog=coach_eval.EXAMPLE)(coach_eval.humaneval)
app.add_typer(_eval, name="eval")
