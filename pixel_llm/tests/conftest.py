"""Fixtures that several test folders share."""

from __future__ import annotations

import hashlib
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from pixel_llm.download import catalog_path

SMOLLM2_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

# How long an example takes says nothing on a busy machine; the tests' own limits catch what hangs.
settings.register_profile("pixel-llm", deadline=None)
settings.load_profile("pixel-llm")


def pytest_configure() -> None:
    """Ctrl-C as a terminal would give it: a background job of a shell ignores it, and so would the programs tested."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def smollm2_gguf() -> Path:
    """SmolLM2-135M-Instruct Q4_1 as GGUF; `make test` fetches it with `pixel-llm pull smollm2-135m`."""
    override = os.environ.get("PIXEL_LLM_TEST_MODEL")
    path = Path(override) if override else catalog_path("smollm2-135m")
    if not path.is_file():
        pytest.fail(f"{path} is missing: run `pixel-llm pull smollm2-135m`, or set PIXEL_LLM_TEST_MODEL")
    digest = hashlib.file_digest(path.open("rb"), "sha256").hexdigest()
    assert digest == SMOLLM2_SHA256, f"{path} is not the model that the goldens were made from"
    return path


@pytest.fixture(scope="session")
def smollm2_pxi(smollm2_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model imported without loss."""
    from pixel_llm.api import import_model

    out = tmp_path_factory.mktemp("smollm2") / "smollm2.pxi"
    import_model(smollm2_gguf, out)
    return out
