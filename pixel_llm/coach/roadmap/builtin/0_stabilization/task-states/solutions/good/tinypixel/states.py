"""States of tasks."""

_MOVES = {
    "ready": {"running", "cancelled"},
    "running": {"accepted", "needs_human", "failed", "ready"},
    "needs_human": {"accepted", "ready", "cancelled"},
    "failed": {"ready", "cancelled"},
    "pending": {"cancelled"},
    "blocked": {"cancelled"},
    "accepted": set(),
    "cancelled": set(),
}
_STOPPED = {"failed", "cancelled", "needs_human"}
_WAITING = {"pending", "ready", "blocked"}


def settle(states: dict[str, str], needs: dict[str, list[str]]) -> dict[str, str]:
    """New states: waiting tasks become blocked, ready or pending by what they depend on."""
    above: dict[str, list[str]] = {}
    for task, others in needs.items():
        for other in others:
            above.setdefault(other, []).append(task)
    blocked: set[str] = set()
    spread = [task for task, state in states.items() if state in _STOPPED]
    while spread:
        for task in above.get(spread.pop(), ()):
            if task not in blocked:
                blocked.add(task)
                spread.append(task)
    out = dict(states)
    for task, state in states.items():
        if state in _WAITING:
            if task in blocked:
                out[task] = "blocked"
            else:
                done = all(states[other] == "accepted" for other in needs.get(task, ()))
                out[task] = "ready" if done else "pending"
    return out


def move(states: dict[str, str], task: str, to: str) -> dict[str, str]:
    """New states in which one task has changed."""
    state = states[task]
    if to not in _MOVES.get(state, set()):
        raise ValueError(f"{task} cannot change from {state} to {to}")
    return {**states, task: to}
