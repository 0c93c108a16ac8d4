"""The CPU backend on every path: forced by argument, so that one host checks all that it can run."""

from __future__ import annotations

from typing import ClassVar

import pytest

from pixel_llm.backends.base import Decoder
from pixel_llm.backends.cpu.decoder import CpuDecoder
from pixel_llm.backends.cpu.target import available_paths
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.conformance import DecoderConformance


class _OnPath(DecoderConformance):
    # The cache is float16 (relative error 5e-4), and the logits of these models reach 20.
    tolerance = 0.05
    self_tolerance = 0.05
    path: ClassVar[str]

    def make(self, model: ModelFile, spec: DecoderSpec, *, context_length: int, slots: int) -> Decoder:
        return CpuDecoder(model, spec, context_length=context_length, slots=slots, threads=2, path=self.path)


def _host_has(path: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(path not in available_paths(), reason=f"this CPU cannot run {path}")


@_host_has("avx512vnni")
class TestAvx512Vnni(_OnPath):
    path = "avx512vnni"


@_host_has("avx2")
class TestAvx2(_OnPath):
    path = "avx2"


class TestPortable(_OnPath):
    path = "portable"
