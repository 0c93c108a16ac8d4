"""The coach's settings: a YAML file, over it the environment, over it the command line's flags.

`load` finds `coach.yaml` in the project's folder; `PIXEL_LLM_COACH_LOOP__MAX_ATTEMPTS=2` sets `loop.max_attempts`. Keys
of services are not settings: `api_key_env` names the environment variable that holds one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from pixel_llm.coach.structured import build, explain, nearest, read
from pixel_llm.coach.types import RelativePath
from pixel_llm.errors import InvalidArgumentError, StorageError

CONFIG_FILE = "coach.yaml"
PREFIX = "PIXEL_LLM_COACH_"
STATE_FOLDER = ".pixel-llm"  # in the project's folder: the queue, the logs, the records

Seconds = Annotated[float, Field(gt=0, le=86400)]


class Section(BaseModel):
    """A group of settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, protected_namespaces=())


class WriterSettings(Section):
    """Who writes."""

    kind: Literal["auto", "ollama", "openai", "llama-cpp", "none"] = "auto"
    """`auto` takes the first that is available: ollama, an OpenAI-compatible server at `url`, llama.cpp's command."""
    model: str = ""
    """The model's name at the server, e.g. `qwen2.5-coder:7b`; a GGUF file for llama-cpp. Empty: the server's first."""
    url: str = ""
    """Where the server listens. Empty: http://127.0.0.1:11434 for ollama, http://127.0.0.1:8080/v1 for openai."""
    api_key_env: str = ""
    """Name of the environment variable that holds the server's key, where it wants one."""
    max_tokens: Annotated[int, Field(ge=16, le=1_000_000)] = 4096
    """Tokens of an answer, at most."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.2
    """Of the first attempt; later ones are drawn with more variety."""
    seed: int | None = None
    """Makes a server that knows seeds repeatable."""
    timeout: Seconds = 600
    """Seconds that one answer may take."""
    max_parallel: Annotated[int, Field(ge=1, le=1000)] = 1
    """Answers asked for at the same time, by all workers together."""


class ReviewerSettings(Section):
    """Who reviews."""

    kind: Literal["auto", "gemini", "openai", "none"] = "auto"
    """`auto` takes Gemini where its key or command is there, else the model at `url`; `none` leaves it to the tests."""
    model: str = ""
    """The model's name. Empty: the newest small one that the service is known for."""
    url: str = ""
    """An OpenAI-compatible server that reviews."""
    api_key_env: str = ""
    """Name of the environment variable that holds the key. Empty: GEMINI_API_KEY or OPENAI_API_KEY."""
    max_tokens: Annotated[int, Field(ge=16, le=1_000_000)] = 2048
    """Tokens of a review, at most."""
    timeout: Seconds = 120
    """Seconds that one review may take."""
    max_parallel: Annotated[int, Field(ge=1, le=1000)] = 4
    """Reviews asked for at the same time, by all workers together."""
    per_minute: Annotated[int, Field(ge=1)] | None = None
    """Reviews a minute, by all workers together, where the service limits them."""


class LoopSettings(Section):
    """When an attempt is good enough, and how often to try."""

    max_attempts: Annotated[int, Field(ge=1, le=20)] = 3
    """Attempts at a task before a person is asked."""
    accept_score: Annotated[int, Field(ge=1, le=10)] = 8
    """The reviewer's score from which passing work is accepted."""
    prompt_limit: Annotated[int, Field(ge=1000)] = 60_000
    """Characters of a prompt, at most; context files are shortened to fit."""


class SandboxSettings(Section):
    """Where generated code runs, and what it may use."""

    engine: Literal["auto", "bubblewrap", "landlock"] = "auto"
    """`auto` takes bubblewrap, then Landlock. Running without a sandbox can only be asked for on the command line."""
    wall_seconds: Seconds = 60
    """Seconds that one group of tests may take."""
    memory_mb: Annotated[int, Field(ge=64)] = 2048
    """Memory of all its processes together."""
    processes: Annotated[int, Field(ge=1)] = 64
    """Processes and threads."""
    scratch_mb: Annotated[int, Field(ge=1)] = 256
    """Temporary space."""
    python: str = ""
    """The interpreter that has pytest and what the project needs. Empty: the one that runs the coach."""
    readable: tuple[str, ...] = ()
    """Further folders that the tests may read, e.g. a toolchain outside /usr."""


class RunSettings(Section):
    """A run over many tasks."""

    parallel: Annotated[int, Field(ge=1, le=256)] = 1
    """Tasks at the same time in this process."""
    budget_usd: Annotated[float, Field(ge=0)] | None = None
    """Dollars that a run may spend; checked before each call. Empty: no limit."""
    lease_seconds: Annotated[float, Field(ge=5, le=86400)] = 120
    """How long a task stays with a worker that is not heard of."""


class CoachConfig(Section):
    """All settings of the coach."""

    database: str = f"{STATE_FOLDER}/coach.sqlite"
    """The task queue: a path below the project's folder, or postgresql://… for several machines."""
    branch: str = "coach/accepted"
    """The branch on which accepted work is committed; the working tree is never touched."""
    remote: str = ""
    """A remote of the repository, e.g. origin, whose branch the clones of several machines share: it is fetched before
    each task and pushed after each accepted one. Empty: the branch stays in this clone."""
    protected_paths: tuple[RelativePath, ...] = ()
    """Files and folders that no task may change, beside those that are always protected."""
    writer: WriterSettings = WriterSettings()
    reviewer: ReviewerSettings = ReviewerSettings()
    loop: LoopSettings = LoopSettings()
    sandbox: SandboxSettings = SandboxSettings()
    run: RunSettings = RunSettings()


def load(project: Path, *, file: Path | None = None, flags: Mapping[str, Any] | None = None) -> CoachConfig:
    """The settings for the project in the folder `project`.

    `file` is the settings' file; without it `coach.yaml` in the project is read where it is there. `flags` maps dotted
    names to values and wins: `{"loop.max_attempts": 2}`; values of None are left out. Raises NotFoundError where `file`
    is not there, TaskFormatError for what is wrong in it, InvalidArgumentError for what is wrong in the environment or
    the flags; unknown names come with the nearest known one.
    """
    found = file or project / CONFIG_FILE
    data: Any = {}
    if file is not None or found.is_file():
        data = read(found)
        data = {} if data is None else data
        build(CoachConfig, data, file=found)
    known = variables()
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known:
            raise InvalidArgumentError("unknown environment variable", part=name, remedy=nearest(name, list(known)))
    flags = {name: value for name, value in (flags or {}).items() if value is not None}
    for name in flags:
        if name not in known.values():
            raise InvalidArgumentError("unknown setting", part=name, remedy=nearest(name, names()))
    try:
        merged = _sources(data)(**_nested(flags))
    except SettingsError as error:
        wanted = 'give a JSON list, e.g. ["a", "b"]'
        raise InvalidArgumentError(f"the environment cannot be read: {error}", remedy=wanted) from None
    except ValidationError as error:
        found_wrong = explain(error, CoachConfig)
        name = next((n for n in names() if (found_wrong.part or "").startswith(n)), "")
        variable = f"{PREFIX}{name.replace('.', '__').upper()}"
        part = f"flag for {name}" if name in flags else variable
        raise InvalidArgumentError(found_wrong.message, part=part, remedy=found_wrong.remedy) from None
    return CoachConfig.model_validate(merged.model_dump())


def _sources(file: dict[str, Any]) -> type[BaseSettings]:
    """A class that reads `CoachConfig` from its arguments, the environment and `file`, the first of them that knows."""

    class Sources(CoachConfig, BaseSettings):
        model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", case_sensitive=False)

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (init_settings, env_settings, InitSettingsSource(settings_cls, file))

    return Sources


def _nested(flags: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in flags.items():
        *sections, last = name.split(".")
        inner = made
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[last] = value
    return made


def database(config: CoachConfig, project: Path) -> str:
    """Where the queue is: the URL, or the path made absolute from the project's folder."""
    return config.database if "://" in config.database else str((project / config.database).absolute())


def state_folder(project: Path) -> Path:
    """The folder of the coach's own files in a project, made if need be, and ignored by git. Raises StorageError."""
    folder = project / STATE_FOLDER
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("# Made by pixel-llm coach: its queue, logs and records.\n*\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot be made: {error.strerror or error}", file=folder) from None
    return folder


def variables() -> dict[str, str]:
    """Environment variable -> dotted name of the setting."""
    return {PREFIX + name.replace(".", "__").upper(): name for name in names()}


def names(model: type[BaseModel] = CoachConfig, prefix: str = "") -> list[str]:
    """The dotted names of all settings in order."""
    found: list[str] = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += names(kind, f"{prefix}{name}.")
        else:
            found.append(prefix + name)
    return found
