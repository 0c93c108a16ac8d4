"""`python3 pixel_llm_coach.py …` is `pixel-llm coach …`."""

from __future__ import annotations

import sys

from pixel_llm.cli.main import run

if __name__ == "__main__":
    run(["coach", *sys.argv[1:]])
