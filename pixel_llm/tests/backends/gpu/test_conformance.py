"""The GPU backend does what every backend must: textures with all features, buffers with what every adapter has."""

from __future__ import annotations

from typing import ClassVar

import pytest

from pixel_llm.backends.base import Decoder, SamplingDecoder
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.textures import Form
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.conformance import DecoderConformance
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import PLAIN


class _OnGpu(DecoderConformance):
    # The cache is float16, as the CPU backend's is, with the same tolerance.
    tolerance = 0.05
    self_tolerance = 0.05
    form: ClassVar[Form]
    device: GpuDevice

    def make(self, model: ModelFile, spec: DecoderSpec, *, context_length: int, slots: int) -> Decoder:
        return GpuDecoder(model, spec, context_length=context_length, slots=slots, device=self.device, form=self.form)


class TestTextures(_OnGpu):
    form = "texture"

    @pytest.fixture(autouse=True)
    def _open(self, gpu_device: GpuDevice) -> None:
        self.device = gpu_device


class TestBuffersAtDefaultLimits(_OnGpu):
    form = "buffer"

    @pytest.fixture(autouse=True)
    def _open(self, plain_gpu_device: GpuDevice) -> None:
        self.device = plain_gpu_device


def test_it_chooses_tokens_itself(gpu_device: GpuDevice) -> None:
    decoder = GpuDecoder(memory_model(PLAIN), PLAIN, context_length=8, device=gpu_device)
    assert isinstance(decoder, SamplingDecoder)
    decoder.close()
