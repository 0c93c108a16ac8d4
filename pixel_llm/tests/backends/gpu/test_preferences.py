"""What was measured on an adapter is remembered, and `auto` follows it; nothing else makes it take a GPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pixel_llm.backends import choose_backend
from pixel_llm.backends.gpu import adapter as adapters
from pixel_llm.backends.gpu.adapter import ENVIRONMENT, AdapterInfo
from pixel_llm.backends.gpu.preferences import Measurement, measured, preferred_form, prefers_gpu, remember
from pixel_llm.tests.adapters import adapter_or_skip


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, not made yet."""
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def gpu(cache: Path, monkeypatch: pytest.MonkeyPatch) -> AdapterInfo:
    """A discrete GPU, as far as anyone is told."""
    info = replace(adapter_or_skip(), name="GeForce", kind="discrete")
    monkeypatch.setattr(adapters, "_enumerate", lambda: [(info, None)])
    return info


def test_what_is_remembered(gpu: AdapterInfo, cache: Path) -> None:
    assert measured(gpu) is None and preferred_form(gpu) == "texture"
    remember(gpu, Measurement(texture=30.0, buffer=40.0, cpu=35.0))
    other = replace(gpu, driver="another")
    remember(other, Measurement(texture=5.0, buffer=4.0))
    assert measured(gpu) == Measurement(30.0, 40.0, 35.0) and preferred_form(gpu) == "buffer"
    assert measured(other) == Measurement(5.0, 4.0, None) and preferred_form(other) == "texture"
    assert prefers_gpu(gpu) and not prefers_gpu(other)
    remember(gpu, Measurement(texture=41.0, buffer=40.0, cpu=100.0))
    assert preferred_form(gpu) == "texture" and not prefers_gpu(gpu)
    assert [path.name for path in cache.iterdir()] == ["adapters.json"]
    for changed in ({"name": "x"}, {"api": "D3D12"}, {"driver": "newer"}):
        assert measured(replace(gpu, **changed)) is None


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"version": 2, "adapters": {}}', '{"version": 1, "adapters": []}', '{"version": 1}', "\0"],
)
def test_a_damaged_cache_is_an_empty_one(gpu: AdapterInfo, cache: Path, content: str) -> None:
    cache.mkdir()
    (cache / "adapters.json").write_text(content)
    assert measured(gpu) is None and preferred_form(gpu) == "texture" and choose_backend() == "cpu"
    remember(gpu, Measurement(buffer=2.0))
    assert measured(gpu) == Measurement(buffer=2.0)


@pytest.mark.parametrize("entry", ["3", '{"texture": "fast"}', '{"texture": -1}', '{"buffer": [1]}', '{"cpu": 0}'])
def test_a_damaged_entry_is_none(gpu: AdapterInfo, cache: Path, entry: str) -> None:
    remember(gpu, Measurement(buffer=9.0))
    path = cache / "adapters.json"
    text = path.read_text()
    path.write_text(text[: text.index(": {", text.index("GeForce"))] + f": {entry}}}}}")
    assert measured(gpu) is None


def test_a_cache_that_cannot_be_written(gpu: AdapterInfo, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    remember(gpu, Measurement(buffer=2.0))
    assert measured(gpu) is None


def test_auto_takes_a_gpu_that_was_measured_to_be_faster(gpu: AdapterInfo) -> None:
    assert choose_backend() == "cpu"  # never measured
    remember(gpu, Measurement(texture=30.0, buffer=40.0, cpu=50.0))
    assert choose_backend() == "cpu"
    remember(gpu, Measurement(texture=30.0, buffer=60.0))
    assert choose_backend() == "cpu"  # not compared
    remember(gpu, Measurement(texture=60.0, cpu=50.0))
    assert choose_backend() == "gpu"
    assert choose_backend("cpu") == "cpu" and choose_backend("reference") == "reference"


def test_auto_never_takes_a_software_adapter(gpu: AdapterInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    software = replace(gpu, kind="software")
    monkeypatch.setattr(adapters, "_enumerate", lambda: [(software, None)])
    remember(software, Measurement(texture=60.0, cpu=50.0))
    assert choose_backend() == "cpu"
    assert choose_backend("auto", software.name) == choose_backend("auto", 0) == "gpu"  # asked for


def test_auto_without_adapters(gpu: AdapterInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(gpu, Measurement(texture=60.0, cpu=50.0))
    monkeypatch.setattr(adapters, "_enumerate", list)
    assert choose_backend() == "cpu"
    monkeypatch.setattr("pixel_llm.backends.available_backends", lambda: ("reference",))
    assert choose_backend() == "reference"
