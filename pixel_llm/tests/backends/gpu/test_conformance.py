"""The GPU backend does what every backend must: textures with all features, buffers with what every adapter has."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from pixel_llm.backends.base import Chunk, Decoder, SamplingDecoder
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.textures import Form
from pixel_llm.backends.gpu.tuning import gpu_tuning
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.formats.encodings import ENCODINGS
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.conformance import DecoderConformance
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import GEMMA_LIKE, PLAIN

GROUPED = replace(PLAIN, kv_heads=2)


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


@pytest.mark.parametrize(("subgroup", "spec", "encoding"), [(0, GEMMA_LIKE, "f32"), (4, GROUPED, "q4a")])
def test_kernels_as_cut_for_real_gpus(gpu_device: GpuDevice, subgroup: int, spec: DecoderSpec, encoding: str) -> None:
    """Lanes along the columns, products through workgroup memory, attention in many splits: what a software adapter is
    spared."""
    if subgroup and not gpu_device.subgroups:
        pytest.skip("this adapter has no subgroups")
    model = memory_model(spec, encoding=ENCODINGS[encoding])
    tuning = replace(gpu_tuning(subgroup), split_positions=7)
    decoder = GpuDecoder(model, spec, context_length=64, slots=2, device=gpu_device, tuning=tuning)
    reference = ReferenceDecoder(model, spec, context_length=64)
    ids = np.random.default_rng(3).integers(0, spec.vocab_size, 45)
    expected = reference.forward([Chunk(0, ids, "all")])[0]
    at_once = decoder.forward([Chunk(0, ids, "all")])[0]
    one_by_one = [decoder.forward([Chunk(1, ids[i : i + 1])])[0] for i in range(len(ids))]
    for found in (at_once, np.concatenate(one_by_one)):
        assert np.abs(found - expected).max() <= 0.05
    decoder.close()


def test_heads_that_fill_workgroup_memory(plain_gpu_device: GpuDevice) -> None:
    """Eight heads of 256 over one KV head, as Gemma 2B has them, in the 16 KiB of the default limits."""
    spec = replace(PLAIN, layers=1, heads=8, kv_heads=1, head_dim=256, rotary=replace(PLAIN.rotary, dims=256))
    model = memory_model(spec)
    decoder = GpuDecoder(model, spec, context_length=64, device=plain_gpu_device)
    ids = np.random.default_rng(4).integers(0, spec.vocab_size, 40)
    expected = ReferenceDecoder(model, spec, context_length=64).forward([Chunk(0, ids, "all")])[0]
    found = [decoder.forward([Chunk(0, ids[:39], "all")])[0], decoder.forward([Chunk(0, ids[39:])])[0]]
    assert np.abs(np.concatenate(found) - expected).max() <= 0.05
    decoder.close()


def test_it_chooses_tokens_itself(gpu_device: GpuDevice) -> None:
    decoder = GpuDecoder(memory_model(PLAIN), PLAIN, context_length=8, device=gpu_device)
    assert isinstance(decoder, SamplingDecoder)
    decoder.close()
