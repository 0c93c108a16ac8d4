"""How many threads are worth having: physical cores, as far as this process may use them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path


def usable_cores() -> int:
    """Physical cores that this process may use, and as much of them as its control group grants."""
    import psutil

    allowed = usable_threads()
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed))


def usable_threads() -> int:
    """Threads of this process that can run at once."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cpu_quota()
    return allowed if quota is None else max(1, min(allowed, math.ceil(quota)))


def cpu_quota(root: Path = Path("/")) -> float | None:
    """The processors' time that Linux grants to this process's control group, in processors; None: no limit.

    Threads beyond it would be stopped for the rest of each period while others wait for them. Limits of the groups
    around it count as well. Both versions of the interface are read (kernel documentation, admin-guide/cgroup-v2.rst,
    "cpu.max", and scheduler/sched-bwc.rst); `root` is the file system's root.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    found: list[float] = []
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers == "":
            found += [q for folder in _groups(root / "sys/fs/cgroup", path) for q in _version_2(folder)]
        elif "cpu" in controllers.split(","):
            for mount in (controllers, "cpu"):
                found += [q for folder in _groups(root / "sys/fs/cgroup" / mount, path) for q in _version_1(folder)]
    return min(found, default=None)


def _groups(mount: Path, path: str) -> Iterator[Path]:
    """The group's folder and those around it. In a container the mount may be the group, whatever its path says."""
    yield mount
    for part in path.split("/"):
        if part and part != "..":
            mount = mount / part
            yield mount


def _version_2(folder: Path) -> Iterator[float]:
    yield from _ratio(*[*_words(folder / "cpu.max"), "", ""][:2])


def _version_1(folder: Path) -> Iterator[float]:
    quota, period = (_words(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
    yield from _ratio(*[*quota, ""][:1], *[*period, ""][:1])


def _ratio(quota: str, period: str) -> Iterator[float]:
    """The quota in processors, where there is one: "max" and -1 say that there is none."""
    if quota.isdecimal() and period.isdecimal() and int(quota) > 0 and int(period) > 0:
        yield int(quota) / int(period)


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return []
