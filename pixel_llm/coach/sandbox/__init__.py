"""Where generated code runs: `run(Job) -> SandboxResult`.

Three engines. bubblewrap is the first choice, Landlock with seccomp where it cannot run, and "none" only for who types
`--unsafe-no-sandbox`. Where neither of the first two works, `run` raises SandboxError: it fails closed.

What it covers, under bubblewrap:
- Files: the system, the interpreter and the workspace can be read, nothing else of the machine is there; a temporary
  space of limited size can be written and, for a command, a copy of the workspace.
- Network: none but a loopback of its own. Environment: a few variables, nothing inherited. Other processes: unseen.
- CPU, memory, processes, file size, open files, output, temporary space and wall-clock time are limited; all that was
  started ends with the run, and the run with the coach.
- Results: tests are restored before each run and cannot be written during it; hidden ones are not files. It is known
  outside which tests must run and pass and which must fail. Ending early, skipping or editing tests, `conftest.py`, a
  patched pytest, forged results, walking frames for the expected values: `inside/run_tests.py` and `results.py`.

What it does not cover:
- Faults in the kernel, bubblewrap or the hardware, and channels such as timing. For the code of an attacker rather than
  of a model, use a virtual machine.
- The candidate shares a process with its tests. Native code (ctypes, an extension) could change anything in there, and
  objects can lie about being equal. Tests should look at types, too.
- A `command` that is not pytest is judged by its exit status, which code that runs in it can fake.
- Landlock: see `landlock.py` for where it is weaker.
"""

from __future__ import annotations

from pixel_llm.coach.sandbox.job import Ending, Job, Limits, Outcome, SandboxResult
from pixel_llm.coach.sandbox.running import choose, run

__all__ = ["Ending", "Job", "Limits", "Outcome", "SandboxResult", "choose", "run"]
