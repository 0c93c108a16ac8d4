"""Confinement by bubblewrap: namespaces for users, processes, network, IPC and files, and a file system of our own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pixel_llm.coach.sandbox.engine import (
    INSIDE,
    Box,
    EngineName,
    Inside,
    counts_by_namespace,
    environment,
    give,
    launcher,
    own_user,
    threads_of_user,
)

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/nix/store", "/gnu/store")
_SETTINGS = (
    *("/etc/alternatives", "/etc/hosts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"),
    *("/etc/localtime", "/etc/mime.types", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/etc/ssl/certs"),
)
_SHARED_MEMORY = 64 << 20


class Bubblewrap:
    """Runs programs under `bwrap`."""

    name: EngineName = "bubblewrap"
    end_signal = signal.SIGKILL  # its first process in the namespace dies with it, and takes all others along

    def why_not(self) -> str:
        """Why bubblewrap does not work here."""
        return _why_not()

    def inside(self, box: Box) -> Inside:
        """The same places for every run."""
        return Inside("/workspace", "/sandbox", "/tmp")

    def folders(self, box: Box) -> list[Path]:
        """Only a writable workspace is on a disk."""
        return [box.workspace] if box.writable else []

    def wrap(self, box: Box, argv: Sequence[str]) -> list[str]:
        """`bwrap ... launch.py ... argv`."""
        uid = own_user()
        inside = self.inside(box)
        command = [shutil.which("bwrap") or "bwrap", "--die-with-parent", "--new-session", "--hostname", "sandbox"]
        command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        others = 0
        if uid is None:
            command += ["--unshare-user", "--cap-drop", "ALL"]
            others = 0 if counts_by_namespace() else threads_of_user()
        for path in _SYSTEM:
            if os.path.islink(path):  # noqa: PTH114
                command += ["--symlink", os.readlink(path), path]  # noqa: PTH115
            else:
                command += ["--ro-bind-try", path, path]
        for path in _SETTINGS:
            command += ["--ro-bind-try", path, path]
        command += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", str(_SHARED_MEMORY)]
        command += ["--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
        command += ["--perms", "1777", "--size", str(box.limits.scratch_bytes), "--tmpfs", "/tmp"]
        # Made here, since those that bubblewrap makes by itself are closed to other users.
        for parent in sorted({p for f in box.readable for p in f.parents} - {Path("/")}):
            if str(parent) not in _SYSTEM:
                command += ["--dir", str(parent)]
        for folder in sorted(box.readable):
            command += ["--ro-bind", str(folder), str(folder)]
        for place in _answers(box.readable):
            command += ["--perms", "0555", "--size", "4096", "--tmpfs", place, "--remount-ro", place]
        command += ["--ro-bind", str(INSIDE), inside.tools]
        command += ["--bind" if box.writable else "--ro-bind", str(box.workspace), inside.workspace]
        command += ["--remount-ro", "/", "--chdir", inside.workspace, "--clearenv"]
        for name, value in environment(box, inside).items():
            command += ["--setenv", name, value]
        if uid is not None and box.writable:
            give(box.workspace, uid)
        return [*command, "--", *launcher(box, inside, argv, uid=uid, seccomp="namespaces", others=others)]


@lru_cache
def _answers(readable: tuple[Path, ...]) -> tuple[str, ...]:
    """Where interpreters that may be read have the built-in roadmap's hidden tests and solutions."""
    inside = "pixel_llm/coach/roadmap/builtin"
    patterns = (f"lib/python*/site-packages/{inside}", f"site-packages/{inside}", inside)
    return tuple(sorted({str(p) for folder in readable for pattern in patterns for p in folder.glob(pattern)}))


@lru_cache
def _why_not() -> str:
    if sys.platform != "linux":
        return "bubblewrap needs Linux"
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap is not installed (apt install bubblewrap)"
    command = [program, "--die-with-parent", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    command += ["--unshare-cgroup-try", *(["--unshare-user", "--cap-drop", "ALL"] if os.geteuid() else [])]
    command += ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    command += ["--perms", "1777", "--size", "4096", "--tmpfs", "/tmp", "--remount-ro", "/", "--", "/bin/true"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run: {error}"
    return "" if ran.returncode == 0 else f"bubblewrap does not work here: {ran.stderr.strip() or ran.returncode}"
