"""One cache folder for all that is kept there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixel_llm.backends.cpu import compiler
from pixel_llm.backends.cpu.target import choose_target
from pixel_llm.backends.gpu import preferences
from pixel_llm.cli import machine
from pixel_llm.core.user_cache import cache_folder
from pixel_llm.download import models_folder


def test_everything_lies_in_the_folder_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("PIXEL_LLM_CACHE", "~/cache")
    folder = tmp_path / "cache"
    assert cache_folder() == folder
    assert models_folder() == folder / "models"
    assert preferences._path() == folder / "adapters.json"
    assert compiler.code_folder(choose_target()).parent == folder / "cpu-kernels"
    assert machine.cache()["folder"] == str(folder)


def test_without_a_name_it_is_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: f"/caches/{name}")
    for value in (None, ""):
        if value is None:
            monkeypatch.delenv("PIXEL_LLM_CACHE", raising=False)
        else:
            monkeypatch.setenv("PIXEL_LLM_CACHE", value)
        assert cache_folder() == Path("/caches/pixel-llm")
