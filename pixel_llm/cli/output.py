"""How commands print: results on stdout, everything else on stderr, `--json` as one line of JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Progress = Callable[[int, int], None]
PLAIN_WIDTH = 140  # columns where there is no terminal whose width would count


def console(*, stderr: bool = False) -> Console:
    """A rich console that never reads markup or paths as styles and never breaks a line by itself."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        file=stream,
        width=None if stream.isatty() else PLAIN_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )


def clean(text: str) -> str:
    """`text` without control characters: what a file or a model says must not steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def say(text: str = "", *, style: str | None = None) -> None:
    """A line of result on stdout."""
    console().print(clean(text), style=style, soft_wrap=True)


def stream(text: str) -> None:
    """A piece of a model's text on stdout, at once; on a terminal without control characters."""
    sys.stdout.write(clean(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def note(text: str, *, style: str | None = "dim") -> None:
    """A line on stderr: what happens, what is waited for, statistics."""
    console(stderr=True).print(clean(text), style=style, soft_wrap=True)


def emit_json(value: dict[str, Any]) -> None:
    """The result as one line of JSON (RFC 8259: no NaN or infinity) on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")
    sys.stdout.flush()


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> Table:
    """A borderless table; the columns numbered in `right` are right-aligned."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, title in enumerate(columns):
        made.add_column(title, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*map(clean, row))
    return made


def facts(rows: Iterable[tuple[str, str]]) -> Table:
    """Two columns, name and value."""
    from rich.table import Table

    made = Table.grid(padding=(0, 2))
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(name, clean(value))
    return made


def human_bytes(count: float) -> str:
    """Bytes with a decimal unit: 98.4 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 999.95:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def human_count(count: int) -> str:
    """A count of parameters: 134.5 M."""
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if count >= limit:
            return f"{count / limit:.1f} {unit}"
    return str(count)


def human_seconds(seconds: float) -> str:
    """A duration: 340 ms, 2.3 s, 3 min 05 s."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


@contextmanager
def progress_bar(label: str, *, unit: str = "bytes") -> Iterator[Progress]:
    """A bar on stderr, drawn only where stderr is a terminal; yields `progress(done, total)`, which counts `unit`."""
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as RichProgress

    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    counts: list[ProgressColumn] = (
        [DownloadColumn(), TransferSpeedColumn()] if unit == "bytes" else [MofNCompleteColumn(), TextColumn(unit)]
    )
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), *counts, TimeRemainingColumn())
    with RichProgress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield progress
