"""`python -m pixel_llm.cli.docs > docs/cli.md`: the page that documents every command, made from the commands."""

from __future__ import annotations

import sys
import textwrap
from typing import Any

import typer
from typer.main import get_command

from pixel_llm.cli.main import EXIT_CODES, app

_HEAD = """# The command line

<!-- Made by `python -m pixel_llm.cli.docs > docs/cli.md`; a test compares. Edit the commands, not this page. -->

{about}

Results go to stdout; progress, statistics and errors go to stderr. With `--json` a command prints one line of JSON on
stdout and nothing else there.

## Exit codes

| code | meaning |
|---|---|
{codes}

## Environment

| variable | meaning |
|---|---|
| `PIXEL_LLM_CACHE` | Folder for downloads, compiled kernels and measurements, instead of the platform's cache folder. |
| `PIXEL_LLM_CPU_PATH` | Instructions for the cpu backend: `avx512vnni`, `avx2` or `portable`; else the best it has. |
| `PIXEL_LLM_DEBUG` | `1`: errors show their traceback. |
| `PIP_INDEX_URL` | Package index that `pull` asks for named models; else pip's configuration, else pip's default. |
| `HF_ENDPOINT`, `HF_TOKEN` | Hub that `pull hf:…` asks, and the token for private models. |
| `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` | Certificates to trust. |
| `PIXEL_LLM_COACH_…` | Settings of the coach: `PIXEL_LLM_COACH_LOOP__MAX_ATTEMPTS` is `loop.max_attempts`. |
| `GEMINI_API_KEY`, `OPENAI_API_KEY` | Keys of services that review or write for the coach. |
| `NO_COLOR` | Any value: no colours. |
"""


def page() -> str:
    """The whole page, as Markdown."""
    root: Any = get_command(app)
    context = typer.Context(root, info_name="pixel-llm")
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    parts = [_HEAD.format(about=root.help, codes=codes)]
    parts += _sections(root, context, "")
    return "\n".join(parts)


def _sections(group: Any, context: typer.Context, prefix: str) -> list[str]:
    parts = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            parts.append(f"## pixel-llm {prefix}{name}\n\n{_wrapped(command.help)}\n")
            parts += _sections(command, context, f"{prefix}{name} ")
        else:
            parts.append(_section(prefix + name, command))
    return parts


def _section(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join(
        ["pixel-llm", name]
        + [_metavar(a) if a.required else f"[{_metavar(a)}]" for a in arguments]
        + [f"{o.opts[0]} {_metavar(o)}" for o in options if o.required]
        + (["[OPTIONS]"] if any(not o.required for o in options) else [])
    )
    lines = [
        f"{'###' if ' ' in name else '##'} pixel-llm {name}",
        "",
        _wrapped(command.help),
        "",
        "```",
        usage,
        "```",
        "",
    ]
    if arguments or options:
        lines += ["| argument or option | meaning |", "|---|---|"]
        lines += [f"| `{_metavar(a)}` | {_cell(a.help)} |" for a in arguments]
        for option in options:
            names = ", ".join(f"`{o}`" for o in (*option.opts, *option.secondary_opts))
            value = "" if option.is_flag else f" `{_metavar(option)}`"
            lines.append(f"| {names}{value} | {_cell(option.help)}{_default(option)} |")
        lines.append("")
    example = (command.epilog or "").removeprefix("Example: ")
    return "\n".join([*lines, "```sh", example, "```", ""])


def _wrapped(text: str) -> str:
    return "\n\n".join(
        textwrap.fill(paragraph, 120, break_long_words=False, break_on_hyphens=False)
        for paragraph in text.split("\n\n")
    )


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _default(option: Any) -> str:
    if option.required:
        return " Required."
    if isinstance(option.show_default, str):
        return f" Default: {option.show_default}."
    if option.is_flag or option.default in (None, (), []) or callable(option.default):
        return ""
    return f" Default: `{getattr(option.default, 'value', option.default)}`."


if __name__ == "__main__":
    sys.stdout.write(page())
