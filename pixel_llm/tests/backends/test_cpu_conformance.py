"""The CPU backend on every path: forced by argument, so that one host checks all that it can run."""

from __future__ import annotations

import os
import platform
from typing import ClassVar

import pytest

from pixel_llm.backends.base import Decoder
from pixel_llm.backends.cpu.decoder import CpuDecoder
from pixel_llm.backends.cpu.target import available_paths
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.conformance import DecoderConformance
from pixel_llm.tests.backends import avx_vnni


class _OnPath(DecoderConformance):
    # The cache is float16 (relative error 5e-4), and the logits of these models reach 20.
    tolerance = 0.05
    self_tolerance = 0.05
    path: ClassVar[str]

    def make(self, model: ModelFile, spec: DecoderSpec, *, context_length: int, slots: int) -> Decoder:
        return CpuDecoder(model, spec, context_length=context_length, slots=slots, threads=2, path=self.path)


def _host_has(path: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(path not in avx_vnni.paths(), reason=f"this CPU cannot run the path {path}")


@pytest.mark.skipif(os.environ.get("PIXEL_LLM_REQUIRE_TOOLS") != "1", reason="PIXEL_LLM_REQUIRE_TOOLS is not set")
def test_a_path_that_people_have_was_tested() -> None:
    """Where CI runs, on ARM64 or with AVX2 at least: without it a green run would say nothing about most machines."""
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    assert not x86 or "avx2" in available_paths(), "this CPU lacks AVX2: run the tests on one that has it"


@_host_has("avx512vnni")
class TestAvx512Vnni(_OnPath):
    path = "avx512vnni"


@_host_has("avx2")
class TestAvx2(_OnPath):
    path = "avx2"


@_host_has(avx_vnni.NAME)
class TestAvxVnni(_OnPath):
    path = avx_vnni.NAME

    @pytest.fixture(autouse=True)
    def _runs_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        avx_vnni.install(monkeypatch)


class TestPortable(_OnPath):
    path = "portable"
