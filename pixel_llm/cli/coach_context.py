"""What every command of the coach starts from: the project, its settings, its queue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel_llm.coach.config import STATE_FOLDER, CoachConfig, load, state_folder
from pixel_llm.coach.config import database as database_of
from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.queue.engine import database_url
from pixel_llm.coach.structured import nearest, parse
from pixel_llm.errors import InvalidArgumentError, NotFoundError

FIRST_STEPS = "pixel-llm coach init --roadmap FILE"


@dataclass(frozen=True)
class Context:
    """A project as the commands see it."""

    project: Path
    config: CoachConfig

    @property
    def database(self) -> str:
        """Path or URL of the queue."""
        return database_of(self.config, self.project)

    @property
    def logs(self) -> Path:
        """The folder of logs, one a run."""
        return self.project / STATE_FOLDER / "logs"

    @property
    def records(self) -> Path:
        """The folder of records, one a run of a task."""
        return self.project / STATE_FOLDER / "records"

    def exists(self) -> bool:
        """Whether there is a queue already; a server is taken to have one."""
        url = database_url(self.database)
        return url.get_backend_name() != "sqlite" or Path(str(url.database)).exists()

    @contextmanager
    def queue(self, *, create: bool = False) -> Iterator[TaskQueue]:
        """The open queue. Raises NotFoundError where there is none, unless it is to be made."""
        if create:
            state_folder(self.project)
        elif not self.exists():
            raise NotFoundError("there is no task queue yet", file=self.database, remedy=FIRST_STEPS)
        with TaskQueue(self.database) as queue:
            yield queue


def known_phase(queue: TaskQueue, phase: str | None) -> str | None:
    """`phase`, if it is one or None. Raises NotFoundError with the nearest: a typing error is no empty phase."""
    if phase is not None:
        known = [p.phase for p in queue.progress()]
        if phase not in known:
            raise NotFoundError(f"no phase {phase!r}", file=queue.location, remedy=nearest(phase, known))
    return phase


def open_context(
    project: Path,
    config: Path | None,
    database: str | None = None,
    flags: Mapping[str, Any] | None = None,
    settings: Iterable[str] | None = None,
) -> Context:
    """The project in that folder with its settings; `settings` are `NAME=VALUE`, the value in YAML.

    Raises NotFoundError, InvalidArgumentError, and what `config.load` raises.
    """
    if not project.is_dir():
        raise NotFoundError("no such folder", file=project)
    project = project.absolute()
    given: dict[str, Any] = {}
    for setting in settings or ():
        name, separator, value = setting.partition("=")
        if not separator:
            raise InvalidArgumentError("write it as NAME=VALUE", part=f"--set {setting}")
        given[name.strip()] = parse(value, file=f"--set {name}")
    given |= {name: value for name, value in {**(flags or {}), "database": database}.items() if value is not None}
    return Context(project, load(project, file=config, flags=given))
