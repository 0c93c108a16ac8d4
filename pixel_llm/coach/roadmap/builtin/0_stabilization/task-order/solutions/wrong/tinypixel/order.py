"""Tasks in an order that their dependencies allow."""

import heapq


class CycleError(ValueError):
    """Tasks depend on each other in a circle."""


def in_order(tasks: dict[str, tuple[int, list[str]]]) -> list[str]:
    """Every id after all that it depends on; of those that could be next, high priority first, then by id."""
    waits: dict[str, int] = {}
    unlocks: dict[str, list[str]] = {task: [] for task in tasks}
    for task, (_, needed) in tasks.items():
        distinct = set(needed)
        for other in distinct:
            if other not in tasks:
                raise ValueError(f"{task} depends on {other}, which is not a task")
            unlocks[other].append(task)
        waits[task] = len(distinct)
    ready = [(-tasks[task][0], task) for task, count in waits.items() if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        _, task = heapq.heappop(ready)
        order.append(task)
        for other in unlocks[task]:
            waits[other] -= 1
            if waits[other] == 0:
                heapq.heappush(ready, (-tasks[other][0], other))
    if len(order) < len(tasks):
        raise CycleError(_cycle(tasks, set(tasks) - set(order)))
    return order


def _cycle(tasks: dict[str, tuple[int, list[str]]], stuck: set[str]) -> str:
    """One cycle among tasks each of which waits for another of them."""
    seen: dict[str, int] = {}
    path: list[str] = []
    task = min(stuck)
    while task not in seen:
        seen[task] = len(path)
        path.append(task)
        task = min(other for other in tasks[task][1] if other in stuck)
    cycle = path
    first = cycle.index(min(cycle))
    cycle = cycle[first:] + cycle[:first]
    return " -> ".join([*cycle, cycle[0]])
