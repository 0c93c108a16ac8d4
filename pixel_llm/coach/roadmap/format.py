"""The roadmap format: phases of tasks with their tests, as one YAML file or as folders.

One file, for most projects:

    name: My project
    protected_paths: [LICENSE, deploy]       # added to every task's
    phases:
      - id: parsing
        name: Parsing
        measure: every date in the archive is read
        tasks:
          - id: parse-date
            title: Parse ISO dates
            description: ...                 # what the writer is told
            target_files: [dates.py]
            visible_tests: [tests/test_dates.py]            # a file beside the roadmap, read when it is loaded ...
            hidden_tests: [{path: test_hidden.py, content: "..."}]    # ... or the text itself

Folders, where tests and known solutions lie beside each task (the built-in roadmap is one):

    roadmap.yaml                  name, description, protected_paths
    1_gpu_core/                   a phase; its folder's name is its id
      phase.yaml                  name, description, measure, depends_on (ids of phases)
      dot-product/                a task; its folder's name is its id
        task.yaml                 the keys of `pixel_llm.coach.types.TaskSpec` but `id`, `phase` and the tests below
        tests/visible/*           visible_tests: shown to the writer        (files of text, folders allowed)
        tests/hidden/*            hidden_tests: decide, never shown
        solutions/good/...        the targets as they should be: passes every test
        solutions/stub/...        placeholders: fails
        solutions/wrong/...       plausible and wrong: fails

Files of `tests/visible/` lie at `coach_tests/<task>/visible/` in the workspace, those of `tests/hidden/` at
`coach_tests/<task>/hidden/`; a test listed by its path keeps it. A solution holds the task's target files
under their paths, and stands on the good solutions of everything that the task depends on. Phases come in the order of
the list, or of the folders' names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from pixel_llm.coach.types import Identifier, RelativePath, TaskSpec, Value

ROADMAP_FILE = "roadmap.yaml"
PHASE_FILE = "phase.yaml"
TASK_FILE = "task.yaml"
TESTS_AT = "coach_tests"
SOLUTIONS = ("good", "stub", "wrong")


class Phase(Value):
    """A part of the roadmap with a measure of success."""

    id: Identifier
    name: Annotated[str, Field(min_length=1, max_length=200)]
    description: str = ""
    measure: Annotated[str, Field(description="How one sees that the phase has succeeded.")] = ""
    depends_on: Annotated[tuple[Identifier, ...], Field(description="Phases whose tasks all come first.")] = ()
    tasks: tuple[TaskSpec, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _name_the_phase(cls, data: Any) -> Any:
        """Tasks in a phase need not repeat its id, but must not contradict it."""
        if not isinstance(data, dict) or not isinstance(data.get("tasks"), list | tuple):
            return data
        phase = data.get("id")
        tasks = []
        for task in data["tasks"]:
            if isinstance(task, dict):
                if task.get("phase", phase) != phase:
                    raise ValueError(f"task {task.get('id')} says phase {task['phase']!r} but stands in {phase!r}")
                task = {**task, "phase": phase}
            tasks.append(task)
        return {**data, "tasks": tasks}


class Roadmap(Value):
    """Phases in order. Ids of tasks are unique over all of them; dependencies may cross phases."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    description: str = ""
    protected_paths: Annotated[
        tuple[RelativePath, ...], Field(description="Files and folders that no task may change.")
    ] = ()
    phases: tuple[Phase, ...]

    @property
    def tasks(self) -> tuple[TaskSpec, ...]:
        """All tasks in order, with the roadmap's protected paths added and dependencies of phases resolved: a phase's
        tasks depend on every task of the phases that it depends on."""
        of_phase = {phase.id: tuple(t.id for t in phase.tasks) for phase in self.phases}
        return tuple(
            task.model_copy(
                update={
                    "protected_paths": tuple(dict.fromkeys((*self.protected_paths, *task.protected_paths))),
                    "depends_on": tuple(
                        dict.fromkeys((*task.depends_on, *(i for p in phase.depends_on for i in of_phase[p])))
                    ),
                }
            )
            for phase in self.phases
            for task in phase.tasks
        )

    def phase(self, name: str) -> Phase:
        """The phase with this id; NotFoundError names the nearest one."""
        from pixel_llm.coach.structured import nearest
        from pixel_llm.errors import NotFoundError

        for phase in self.phases:
            if phase.id == name:
                return phase
        raise NotFoundError(f"no phase {name!r}", remedy=nearest(name, [p.id for p in self.phases]))

    @model_validator(mode="after")
    def _references_hold(self) -> Roadmap:
        ids = [p.id for p in self.phases]
        if len(set(ids)) < len(ids):
            raise ValueError(f"phase {next(i for i in ids if ids.count(i) > 1)} occurs twice")
        known: set[str] = set()
        for phase in self.phases:
            for before in phase.depends_on:
                if before not in ids[: ids.index(phase.id)]:
                    raise ValueError(f"phase {phase.id} depends on {before}, which is not an earlier phase")
            for task in phase.tasks:
                if task.id in known:
                    raise ValueError(f"task {task.id} occurs twice")
                known.add(task.id)
        for phase in self.phases:
            for task in phase.tasks:
                for dependency in task.depends_on:
                    if dependency not in known:
                        raise ValueError(f"task {task.id} depends on {dependency}, which is not in the roadmap")
        return self


def builtin() -> Path:
    """The folder of the roadmap that comes with Pixel-LLM."""
    return Path(__file__).parent / "builtin"
