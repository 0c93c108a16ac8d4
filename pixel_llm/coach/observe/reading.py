"""Reading logs again: whole, or following one that grows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pixel_llm.coach.observe.log import SUFFIX
from pixel_llm.coach.structured import nearest
from pixel_llm.errors import NotFoundError

_LONGEST = 4 << 20  # bytes of a line that is read
_LOOK_AGAIN = 0.2


def logs(folder: Path) -> list[Path]:
    """The logs in a folder, oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"), key=lambda p: (p.stat().st_mtime_ns, p.name)) if folder.is_dir() else []


def find(folder: Path, name: str | None) -> Path:
    """The log of a run, or the newest one. Raises NotFoundError with the nearest name."""
    known = logs(folder)
    if name is None:
        if not known:
            raise NotFoundError("there are no logs yet", file=folder, remedy="pixel-llm coach coach --phase PHASE")
        return known[-1]
    for path in known:
        if path.stem == name.removesuffix(SUFFIX):
            return path
    raise NotFoundError(f"no log {name!r}", file=folder, remedy=nearest(name, [p.stem for p in known]))


def entries(path: Path, *, follow: Callable[[], bool] | None = None) -> Iterator[dict[str, Any]]:
    """The lines of a log as mappings. A line that is not JSON (a crash cut it) becomes the event `unreadable`.

    `follow` is asked whenever the end is reached: as long as it is true, lines that come later are waited for.
    """
    with path.open("rb") as file:
        rest = b""
        while True:
            block = file.read(1 << 16)
            if block:
                *lines, rest = (rest + block).split(b"\n")
                rest = rest[-_LONGEST:]
                yield from map(_entry, filter(None, lines))
            elif follow is not None and follow():
                time.sleep(_LOOK_AGAIN)
            else:
                if rest:
                    yield _entry(rest)
                return


class Tail:
    """What a log has that was not read before; for a display that looks again and again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = 0
        self._rest = b""

    def read(self) -> list[dict[str, Any]]:
        """The new whole lines."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._at)
                block = file.read(_LONGEST)
        except OSError:
            return []
        self._at += len(block)
        *lines, self._rest = (self._rest + block).split(b"\n")
        return [_entry(line) for line in lines if line]


def _entry(line: bytes) -> dict[str, Any]:
    try:
        made = json.loads(line)
    except (ValueError, RecursionError):
        made = None
    if isinstance(made, dict):
        return made
    return {"event": "unreadable", "level": "warning", "line": line[:200].decode("utf-8", "replace")}
