"""Where generated code runs: `run(Job) -> SandboxResult`.

`run(job, *, engine="auto")` picks bubblewrap, then Landlock, and raises SandboxError where neither works; engine
"none" is `--unsafe-no-sandbox`. `availability()` says which it would be.
"""

from __future__ import annotations

from pixel_llm.coach.sandbox.job import Ending, Job, Limits, Outcome, SandboxResult

__all__ = ["Ending", "Job", "Limits", "Outcome", "SandboxResult"]
