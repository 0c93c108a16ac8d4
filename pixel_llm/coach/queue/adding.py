"""Checking tasks before they enter the queue: what they depend on exists, and nothing waits for itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from pixel_llm.coach.structured import nearest
from pixel_llm.coach.types import TaskSpec
from pixel_llm.errors import InvalidArgumentError


def ordered(new: Sequence[TaskSpec], existing: Mapping[str, Iterable[str]]) -> list[str]:
    """The ids of `new`, each after what it depends on. `existing` maps the queue's ids to their dependencies;
    those that are in `new` too are replaced.

    Raises InvalidArgumentError for an id that occurs twice, an unknown dependency, and a cycle, which it spells out.
    """
    graph: dict[str, Iterable[str]] = dict(existing)
    mine: set[str] = set()
    for spec in new:
        if spec.id in mine:
            raise InvalidArgumentError("occurs twice", part=f"task {spec.id}")
        mine.add(spec.id)
        graph[spec.id] = spec.depends_on
    for spec in new:
        for name in spec.depends_on:
            if name not in graph:
                raise InvalidArgumentError(
                    f"depends on {name}, which does not exist",
                    part=f"task {spec.id}",
                    remedy=nearest(name, sorted(graph)),
                )
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        cycle: list[str] = error.args[1][::-1]  # graphlib lists what comes first first
        names = " -> ".join(cycle if len(cycle) <= 12 else [*cycle[:6], "…", *cycle[-5:]])
        raise InvalidArgumentError(
            f"tasks depend on each other in a circle: {names}", remedy="take one of these dependencies out"
        ) from None
    return [name for name in order if name in mine]
