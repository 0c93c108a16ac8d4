"""What tests that need a GPU adapter share."""

from __future__ import annotations

import os

import pytest

from pixel_llm.backends.gpu.adapter import AdapterInfo, choose_adapter
from pixel_llm.errors import BackendError


def adapter_or_skip() -> AdapterInfo:
    """The adapter to test on; without one the test is skipped, or fails where PIXEL_LLM_REQUIRE_GPU is set."""
    try:
        return choose_adapter()
    except BackendError as error:
        if os.environ.get("PIXEL_LLM_REQUIRE_GPU"):
            pytest.fail(f"PIXEL_LLM_REQUIRE_GPU is set: {error}")
        pytest.skip(str(error))
