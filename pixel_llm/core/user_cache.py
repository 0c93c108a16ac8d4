"""Where Pixel-LLM keeps what can be had again: downloads, compiled kernels, measurements of this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

CACHE_VARIABLE: Final = "PIXEL_LLM_CACHE"


def cache_folder() -> Path:
    """The folder that the environment variable PIXEL_LLM_CACHE names, else the user's cache folder of this platform."""
    override = os.environ.get(CACHE_VARIABLE)
    if not override:
        import platformdirs

        return Path(platformdirs.user_cache_dir("pixel-llm"))
    return Path(os.path.expanduser(override))  # noqa: PTH111 - Path.expanduser raises for an unknown user
