"""States of tasks."""

_MOVES = {
    "ready": {"running", "cancelled"},
    "running": {"accepted", "needs_human", "failed", "ready"},
    "needs_human": {"accepted", "ready", "cancelled"},
    "failed": {"ready", "cancelled"},
    "pending": {"cancelled"},
    "blocked": {"cancelled"},
}


def settle(states, needs):
    out = dict(states)
    for task, state in states.items():
        if state not in ("pending", "ready", "blocked"):
            continue
        others = [states[other] for other in needs.get(task, ())]
        if any(s in ("failed", "cancelled", "needs_human", "blocked") for s in others):
            out[task] = "blocked"
        elif all(s == "accepted" for s in others):
            out[task] = "ready"
        else:
            out[task] = "pending"
    return out


def move(states, task, to):
    if to not in _MOVES.get(states[task], set()):
        raise ValueError(f"{task} cannot change from {states[task]} to {to}")
    return {**states, task: to}
