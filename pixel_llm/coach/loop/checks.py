"""Static checks of an answer's files before anything of them runs. Style is nobody's business here."""

from __future__ import annotations

import ast
import json
import threading
import tomllib
import warnings
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

import yaml

from pixel_llm.coach.types import Check, TaskFile

_warnings_lock = threading.Lock()


def check_files(files: Iterable[TaskFile]) -> tuple[Check, ...]:
    """One `Check` a file, in order: the first thing wrong with it, or that it is fine."""
    return tuple(_check(f) for f in files)


def parse_python(source: str) -> ast.Module | str:
    """The syntax tree of Python source, or why there is none, with its line. Never raises, never warns."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in generated code is no news for this process's terminal
        try:
            return ast.parse(source)
        except SyntaxError as error:
            text = (error.text or "").strip()
            return f"line {error.lineno}: {error.msg}" + (f" in {text[:120]!r}" if text else "")
        except (ValueError, UnicodeError) as error:
            return str(error)
        except (RecursionError, MemoryError):
            return "nested too deeply for Python to parse"


def _check(file: TaskFile) -> Check:
    suffix = PurePosixPath(file.path).suffix.lower()
    wrong = "holds a NUL character" if "\0" in file.content else None
    if wrong is None and suffix in _PARSERS:
        wrong = _PARSERS[suffix](file.content)
    message = f"{file.path}: {wrong}" if wrong else ""
    return Check(name=f"{file.path} is well formed", ok=not wrong, message=message)


def _python(source: str) -> str | None:
    parsed = parse_python(source)
    return f"not Python: {parsed}" if isinstance(parsed, str) else None


def _json(source: str) -> str | None:
    try:
        json.loads(source)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    return None


def _toml(source: str) -> str | None:
    try:
        tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        return f"not TOML: {error}"
    return None


def _yaml(source: str) -> str | None:
    try:
        for _ in yaml.parse(source, Loader=yaml.SafeLoader):
            pass
    except (yaml.YAMLError, RecursionError) as error:
        return f"not YAML: {error}".replace("\n", " ")
    return None


_PARSERS: dict[str, Callable[[str], str | None]] = {
    ".py": _python,
    ".pyi": _python,
    ".json": _json,
    ".toml": _toml,
    ".yaml": _yaml,
    ".yml": _yaml,
}
