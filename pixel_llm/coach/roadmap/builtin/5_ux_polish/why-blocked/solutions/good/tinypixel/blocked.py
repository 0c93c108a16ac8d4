"""Why a task does not start."""

_WAITING = ("pending", "blocked")


def why(task: str, states: dict[str, str], needs: dict[str, list[str]]) -> list[str]:
    """The root causes, and the way to each."""
    if states[task] not in _WAITING:
        return [f"{task} is {states[task]}"]
    ways: dict[str, list[str]] = {}
    level = [(task, [])]
    seen = {task}
    roots: dict[str, list[str]] = {}
    while level:
        found: dict[str, list[str]] = {}
        for name, way in level:
            for other in needs.get(name, ()):
                state = states[other]
                if other in seen or state == "accepted":
                    continue
                if other not in found or way < found[other]:
                    found[other] = way
        seen |= set(found)
        level = []
        for name, way in found.items():
            missing = [other for other in needs.get(name, ()) if states[other] != "accepted"]
            if states[name] in _WAITING and missing:
                level.append((name, [*way, name]))
            else:
                roots[name] = way
    ways.update(roots)
    if not ways:
        return [f"{task} could start: nothing it needs is missing"]
    return [
        f"waits for {name} ({states[name]})" + (f" via {', '.join(way)}" if way else "") for name, way in sorted(ways.items())
    ]
