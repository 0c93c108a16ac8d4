"""What earlier attempts taught, for the next one."""

_CUT = "[...]"


def merge(lessons: list[str], new: list[str], limit: int = 20) -> list[str]:
    """Each lesson once, what came up again last, the newest `limit` of them."""
    kept: dict[str, str] = {}
    for text in [*lessons, *new]:
        key = _key(text)
        if key:
            kept[key] = kept.pop(key, text.strip())
    return list(kept.values())[-limit:] if limit > 0 else []


def feedback(task: str, best: str, failing: str, lessons: list[str], budget: int) -> str:
    """A prompt of at most `budget` characters."""
    if len(_joined(task, "", "", [])) > budget:
        raise ValueError(f"the task alone does not fit {budget} characters")
    lessons = list(lessons)
    while lessons and len(_joined(task, best, failing, lessons)) > budget:
        lessons.pop(0)
    over = len(_joined(task, best, failing, lessons)) - budget
    if over > 0 and failing:
        keep = len(failing) - over - len(_CUT) - 1
        failing = f"{_CUT}\n{failing[-keep:]}" if keep > 0 else ""
        over = len(_joined(task, best, failing, lessons)) - budget
    if over > 0 and best:
        keep = len(best) - over - len(_CUT) - 1
        best = f"{best[:keep]}\n{_CUT}" if keep > 0 else ""
    return _joined(task, best, failing, lessons)


def _joined(task: str, best: str, failing: str, lessons: list[str]) -> str:
    listed = "\n".join(f"- {lesson}" for lesson in lessons)
    titles = ("Task", "Best attempt so far", "What failed", "Lessons")
    parts = zip(titles, (task, best, failing, listed), strict=True)
    return "\n\n".join(f"## {title}\n{text}" for title, text in parts if text)


def _key(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
