"""The first program in the sandbox: gives up rights, sets limits, and starts what is to be run.

    python -I -S launch.py '{"limits": {...}, "uid": ..., "folder": ..., "argv": [...], ...}'

Standard library only. What is written to the pipe `report` says whether all of it was done ("ok") before a line of the
candidate's code runs, which never has that pipe; anything that fails here ends with status 125.

limits: resource limits, {"NPROC": 64, ...}; uid: become this user and group, or null; landlock: {"readable": [...],
"writable": [...]} or null; seccomp: "namespaces", "alone" or null; watch: stay as the parent and end whatever the
program leaves behind, since there is no PID namespace that would.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 (before pathlib is sure)

import kernel  # type: ignore[import-not-found]  # beside this file; the interpreter is isolated

FAILED = 125


def main() -> NoReturn:
    """Confine this process, then become the program."""
    plan = json.loads(sys.argv[1])
    report = plan["report"]
    os.set_inheritable(report, False)
    try:
        if plan["watch"]:
            watch()
        confine(plan)
        program = plan["argv"][0]
        if not os.access(program, os.X_OK, effective_ids=True):
            raise FileNotFoundError(f"{program} cannot be run in here")
        os.write(report, b"ok")
        os.execve(program, plan["argv"], dict(os.environ))
    except Exception as error:  # noqa: BLE001 (whatever it is, the program must not run)
        os.write(report, f"{type(error).__name__}: {error}".encode())
    os._exit(FAILED)


def confine(plan: dict[str, Any]) -> None:
    """Everything that the plan asks for, the strictest last."""
    os.chdir(plan["folder"])
    kernel.no_new_privileges()
    if plan["uid"] is not None:
        kernel.become(plan["uid"], reach=plan["landlock"] is not None)
    for name, value in plan["limits"].items():
        number = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))
    if plan["landlock"] is not None:
        kernel.landlock(plan["landlock"]["readable"], plan["landlock"]["writable"])
    if plan["seccomp"] is not None:
        kernel.seccomp(namespaces=plan["seccomp"] == "namespaces")


def watch() -> None:
    """Fork; the child returns. The parent waits for it, ends all that is left, and passes its status on.

    SIGTERM, and the end of the parent's own parent, end everything.
    """
    kernel.adopt_orphans()
    child = os.fork()
    if child == 0:
        return

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        end_descendants()
        os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    kernel.die_with_parent(signal.SIGTERM)
    if os.getppid() == 1:  # it had ended before we asked
        stop(0, None)
    for fd in range(3, 256):  # the results' pipe must not stay open here
        try:
            os.close(fd)
        except OSError:
            continue
    _, status = os.waitpid(child, 0)
    end_descendants()
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def end_descendants() -> None:
    """Kill until nobody is left; those that fork meanwhile are bounded by NPROC, so this ends."""
    while children := _children(os.getpid()):
        for pid in children:
            for each in [*_descendants(pid), pid]:
                try:
                    os.kill(each, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return


def _children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _descendants(pid: int) -> list[int]:
    found = _children(pid)
    for child in tuple(found):
        found += _descendants(child)
    return found


if __name__ == "__main__":
    main()
