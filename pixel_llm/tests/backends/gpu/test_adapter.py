"""Adapters: listed as what they are, chosen by name or index, a wrong choice answered with a list."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from pixel_llm.backends.gpu import adapter as adapters
from pixel_llm.backends.gpu.adapter import ENVIRONMENT, AdapterInfo, choose_adapter, list_adapters
from pixel_llm.errors import BackendError
from pixel_llm.tests.adapters import adapter_or_skip


@pytest.fixture
def real() -> AdapterInfo:
    return adapter_or_skip()


@pytest.fixture
def several(real: AdapterInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with more adapters than this one has."""
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    kinds: list[tuple[str, Any]] = [
        ("llvmpipe (LLVM 15)", "software"),
        ("Intel UHD 770", "integrated"),
        ("NVIDIA GeForce RTX 4090", "discrete"),
        ("NVIDIA GeForce RTX 3060", "discrete"),
    ]
    infos = [replace(real, index=i, name=name, kind=kind) for i, (name, kind) in enumerate(kinds)]
    monkeypatch.setattr(adapters, "_enumerate", lambda: [(info, None) for info in infos])


def test_adapters_of_this_machine(real: AdapterInfo) -> None:
    assert real in list_adapters()
    assert [info.index for info in list_adapters()] == list(range(len(list_adapters())))
    assert real.api in ("Vulkan", "Metal", "D3D12")
    assert real.limits.texture_2d >= 8192 and real.limits.storage_binding_bytes >= 1 << 27
    assert real.name in real.label and real.driver


def test_a_software_adapter_is_called_one(real: AdapterInfo) -> None:
    assert real.software == ("llvmpipe" in real.name or real.kind == "software")
    assert ("software adapter" in real.label) == real.software


@pytest.mark.parametrize(
    ("wanted", "index"),
    [(None, 2), (1, 1), ("3", 3), (" 0 ", 0), ("nvidia", 2), ("3060", 3), ("uhd", 1), ("LLVM", 0)],
)
@pytest.mark.usefixtures("several")
def test_choice(wanted: str | int | None, index: int) -> None:
    if wanted == "3060":  # digits are an index
        with pytest.raises(BackendError):
            choose_adapter(wanted)
        wanted = "RTX 3060"
    assert choose_adapter(wanted).index == index


@pytest.mark.usefixtures("several")
def test_choice_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "intel")
    assert choose_adapter().index == 1
    assert choose_adapter("llvmpipe").index == 0
    monkeypatch.setenv(ENVIRONMENT, "radeon")
    with pytest.raises(BackendError, match=rf"'radeon' \(from {ENVIRONMENT}\)"):
        choose_adapter()
    monkeypatch.setenv(ENVIRONMENT, "")
    assert choose_adapter().index == 2


@pytest.mark.parametrize("wanted", ["radeon", 4, -1, "17", "", "  "])
@pytest.mark.usefixtures("several")
def test_a_wrong_choice_lists_what_there_is(wanted: str | int) -> None:
    with pytest.raises(BackendError) as caught:
        choose_adapter(wanted)
    for part in ("0: llvmpipe (LLVM 15) (software adapter", "2: NVIDIA GeForce RTX 4090 (discrete GPU)"):
        assert part in str(caught.value)


def test_no_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "_enumerate", list)
    with pytest.raises(BackendError, match=r"no GPU adapter.*mesa-vulkan-drivers"):
        choose_adapter()


def test_without_wgpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wgpu", None)
    with pytest.raises(BackendError, match=r"wgpu cannot be loaded.*pip install wgpu"):
        list_adapters()


def test_listing_is_silent(real: AdapterInfo, capfd: pytest.CaptureFixture[str]) -> None:
    list_adapters()
    assert capfd.readouterr() == ("", "")
