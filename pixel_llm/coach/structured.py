"""Reading YAML and JSON that people wrote: every mistake is a TaskFormatError that names file, place and remedy."""

from __future__ import annotations

import difflib
import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from pixel_llm.errors import InvalidArgumentError, NotFoundError, StorageError, TaskFormatError

MAX_BYTES = 64 << 20  # of one file
MAX_DEPTH = 40  # lists and mappings inside each other

_Model = TypeVar("_Model", bound=BaseModel)


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc]
    """YAML 1.1 of plain data: no tags that build objects, no repeated keys (the first would be lost)."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable) or key in seen:
                problem = (
                    f"the key {key!r} occurs twice" if isinstance(key, Hashable) else "a key must be a plain value"
                )
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
            seen.add(key)
        made: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return made


def read_text(path: Path) -> str:
    """The UTF-8 text of a file. Raises NotFoundError, StorageError, TaskFormatError (too large, not UTF-8)."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TaskFormatError(f"larger than {MAX_BYTES >> 20} MiB", file=path)
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFoundError("no such file", file=path) from None
    except IsADirectoryError:
        raise InvalidArgumentError("is a folder, not a file", file=path) from None
    except UnicodeDecodeError as error:
        raise TaskFormatError("not UTF-8 text", file=path, part=f"byte {error.start}") from None
    except OSError as error:
        raise StorageError(f"cannot be read: {error.strerror or error}", file=path) from None


def parse(text: str, *, file: Path | str, json_only: bool = False) -> Any:
    """The data in YAML or JSON `text`. Raises TaskFormatError with line and column."""
    try:
        data = json.loads(text, object_pairs_hook=_unique) if json_only else _load_yaml(text)
    except json.JSONDecodeError as error:
        part = f"line {error.lineno}, column {error.colno}"
        raise TaskFormatError(f"not JSON: {error.msg}", file=file, part=part) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else None
        raise TaskFormatError(f"not YAML: {error.problem or error.context}", file=file, part=place) from None
    except (yaml.YAMLError, ValueError) as error:
        raise TaskFormatError(f"not {'JSON' if json_only else 'YAML'}: {error}", file=file) from None
    except RecursionError:
        raise TaskFormatError(f"nested deeper than {MAX_DEPTH}", file=file) from None
    if _too_deep(data):
        raise TaskFormatError(f"nested deeper than {MAX_DEPTH}", file=file)
    return data


def _load_yaml(text: str) -> Any:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):  # a few lines of them could unfold to gigabytes
            mark: Any = event.start_mark
            raise yaml.MarkedYAMLError(problem="aliases (`*name`) are not allowed here", problem_mark=mark)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise RecursionError
    return yaml.load(text, Loader=_StrictLoader)


def read(path: Path) -> Any:
    """The data of a `.yaml`, `.yml` or `.json` file."""
    return parse(read_text(path), file=path, json_only=path.suffix.lower() == ".json")


def build(model: type[_Model], data: Any, *, file: Path | str, part: str = "") -> _Model:
    """`data` as a `model`. Raises TaskFormatError for the first thing wrong, with the nearest name for unknown keys."""
    if not isinstance(data, dict):
        raise TaskFormatError(f"a mapping was expected, not {_kind(data)}", file=file, part=part or None)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise explain(error, model, file=file, part=part) from None


def explain(
    error: ValidationError, model: type[BaseModel], *, file: Path | str | None = None, part: str = ""
) -> TaskFormatError:
    """What pydantic found first, for people."""
    errors = error.errors(include_url=False, include_context=True)
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    place = ".".join(str(p) for p in (*filter(None, [part]), *first["loc"])) or None
    message = first["msg"].removeprefix("Value error, ")
    remedy = None
    if first["type"] == "extra_forbidden":
        message = "unknown key"
        names = sorted(_fields_at(model, first["loc"][:-1]))
        remedy = nearest(str(first["loc"][-1]), names)
    elif first["type"] == "missing":
        message = "is missing"
    elif "input" in first and isinstance(first["input"], str | int | float | bool) and first["loc"]:
        message = f"{message[0].lower()}{message[1:]}, not {str(first['input'])[:80]!r}"
    return TaskFormatError(message, file=file, part=place, remedy=remedy)


def nearest(name: str, known: list[str]) -> str:
    """`did you mean …?`, or the list of what there is where nothing is near."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    return f"known: {', '.join(known[:20])}{', …' if len(known) > 20 else ''}" if known else "there are none"


def _fields_at(model: type[BaseModel], where: tuple[int | str, ...]) -> set[str]:
    for step in where:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step)
        inner = None if field is None else _model_in(field.annotation)
        if inner is not None:
            model = inner
    return {field.alias or name for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for m in map(_model_in, get_args(annotation)) if m is not None), None)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(n for n in names if names.count(n) > 1)!r} occurs twice")
    return made


def _too_deep(data: Any) -> bool:
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


def _kind(data: Any) -> str:
    return {type(None): "nothing", list: "a list", str: "text"}.get(type(data), f"{data!r:.40}")
