"""Confinement without namespaces, where bubblewrap is missing or forbidden: Landlock, seccomp and resource limits.

Weaker than bubblewrap: other processes can be seen (not touched), the size of the temporary space is looked at ten
times a second instead of being fixed, tests cannot use sockets at all, and before Linux 6.12 signals reach the
user's other processes.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pixel_llm.coach.sandbox.engine import (
    INSIDE,
    Box,
    EngineName,
    Inside,
    give,
    launcher,
    own_user,
    threads_of_user,
)
from pixel_llm.coach.sandbox.inside import kernel

_READABLE = (
    *(
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/lib64",
        "/lib32",
        "/nix/store",
        "/gnu/store",
        "/etc/alternatives",
        "/etc/hosts",
        "/etc/ld.so.cache",
    ),
    *("/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/mime.types", "/etc/nsswitch.conf"),
    *("/etc/passwd", "/etc/group", "/etc/ssl/certs", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/full"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu"),
)


class Landlock:
    """Runs programs under Landlock."""

    name: EngineName = "landlock"
    end_signal = signal.SIGTERM  # the watching parent in `launch.py` ends the others

    def why_not(self) -> str:
        """Why Landlock does not work here."""
        return _why_not()

    def inside(self, box: Box) -> Inside:
        """The real places."""
        return Inside(str(box.workspace), str(INSIDE), str(box.scratch))

    def folders(self, box: Box) -> list[Path]:
        """Everything writable is on a disk."""
        return [box.scratch, *([box.workspace] if box.writable else [])]

    def wrap(self, box: Box, argv: Sequence[str]) -> list[str]:
        """`launch.py ... argv`."""
        uid = own_user()
        inside = self.inside(box)
        writable = [str(f) for f in self.folders(box)]
        if uid is not None:
            for folder in self.folders(box):
                give(folder, uid)
        readable = [*_READABLE, *map(str, box.readable), str(INSIDE), str(box.workspace)]
        rules = {"readable": readable, "writable": [*writable, "/dev/null"]}
        others = 0 if uid is not None else threads_of_user()
        return launcher(box, inside, argv, uid=uid, landlock=rules, seccomp="alone", watch=True, others=others)


class Unconfined:
    """Resource limits only, for `--unsafe-no-sandbox`."""

    name: EngineName = "none"
    end_signal = signal.SIGTERM

    def why_not(self) -> str:
        """It always works."""
        return ""

    def inside(self, box: Box) -> Inside:
        """The real places."""
        return Landlock().inside(box)

    def folders(self, box: Box) -> list[Path]:
        """Everything writable is on a disk."""
        return Landlock().folders(box)

    def wrap(self, box: Box, argv: Sequence[str]) -> list[str]:
        """`launch.py ... argv`."""
        return launcher(box, self.inside(box), argv, watch=True, others=threads_of_user())


@lru_cache
def _why_not() -> str:
    if sys.platform != "linux":
        return "Landlock needs Linux (on other systems: a virtual machine, or WSL)"
    if kernel.landlock_version() < 1:
        return "this kernel has no Landlock (it came with Linux 5.13 and may be off: see /sys/kernel/security/lsm)"
    if not kernel.seccomp_supported():
        return "there is no seccomp filter for this machine's architecture"
    return ""
