"""Tables for a terminal."""

from collections.abc import Set


def table(headings: list[str], rows: list[list[str]], width: int = 80, right: Set[int] = frozenset()) -> str:
    """Columns side by side, cut with an ellipsis where they do not fit."""
    lines = [[_clean(cell) for cell in row] for row in [headings, *rows]]
    if any(len(line) != len(headings) for line in lines):
        raise ValueError(f"a row does not have {len(headings)} cells")
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    while widths and sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > 4:
        widths[-1] -= 1
    lines.insert(1, ["-" * w for w in widths])
    return "\n".join("  ".join(_fit(cell, w, i in right) for i, (cell, w) in enumerate(zip(line, widths, strict=True))).rstrip() for line in lines)


def phases(tasks: list[dict[str, str]]) -> str:
    """How far each phase has come."""
    counts: dict[str, list[int]] = {}
    for task in tasks:
        accepted, total = counts.setdefault(task["phase"], [0, 0])
        counted = task["state"] != "cancelled"
        counts[task["phase"]] = [accepted + (task["state"] == "accepted"), total + counted]
    rows = [[p, str(a), str(t), str(100 * a // t) if t else "-"] for p, (a, t) in counts.items()]
    return table(["phase", "accepted", "total", "%"], rows, right={1, 2, 3})


def _clean(cell: str) -> str:
    return "".join(c if c.isprintable() else " " for c in cell)


def _fit(cell: str, width: int, right: bool) -> str:
    if len(cell) > width:
        cell = cell[: width - 1] + "…"
    return cell.rjust(width) if right else cell.ljust(width)
