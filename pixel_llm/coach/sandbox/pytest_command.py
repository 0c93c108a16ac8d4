"""Commands that are pytest: their tests can be counted and watched instead of trusting an exit status."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pixel_llm.coach.types import relative_path

# Options that change what is printed and not what is run.
_HARMLESS = re.compile(
    r"-[qvsxl]+|-r\w*|--tb=\w+|--color=\w+|--no-header|--verbose|--quiet|--durations=\d+|--showlocals"
)


def targets_of(command: Sequence[str], workspace: Path, baseline: Path | None) -> tuple[str, ...] | None:
    """The targets of `pytest ...` or `python -m pytest ...`, or None for other commands and for options that choose
    tests or load plugins, which only pytest itself understands. Settings are those of the baseline, as they are when
    the tests are run."""
    words = list(command)
    if re.fullmatch(r"python[\d.]*", Path(words[0]).name) and words[1:3] == ["-m", "pytest"]:
        words = words[3:]
    elif Path(words[0]).name in ("pytest", "py.test"):
        words = words[1:]
    else:
        return None
    targets = [w for w in words if not w.startswith("-")]
    if not all(_HARMLESS.fullmatch(w) for w in words if w.startswith("-")):
        return None
    targets = targets or (baseline and _test_paths(baseline)) or ["."]
    for target in targets:
        path = target.partition("::")[0]
        try:
            plain = path == "." or relative_path(path)
        except ValueError:
            return None
        if not plain or not (workspace / path).exists():
            return None
    return tuple(targets)


def _test_paths(project: Path) -> list[str]:
    """`testpaths` of the project's settings, those that are there."""
    for name, section in (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest")):
        if (found := _from_ini(project / name, section)) is not None:
            return found
    data: Any = {}
    try:
        data = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        data = {}
    settings = data.get("tool", {}).get("pytest", {})
    found = settings.get("ini_options", settings).get("testpaths", [])
    paths = found.split() if isinstance(found, str) else found
    if not paths:
        paths = _from_ini(project / "setup.cfg", "tool:pytest") or []
    return [p for p in paths if isinstance(p, str) and (project / p).exists()]


def _from_ini(file: Path, section: str) -> list[str] | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(file, encoding="utf-8")
        if not parser.has_section(section):
            return None
        return [p for p in parser.get(section, "testpaths", fallback="").split() if (file.parent / p).exists()]
    except (configparser.Error, UnicodeDecodeError):
        return None
