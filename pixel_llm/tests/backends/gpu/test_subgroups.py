"""What is found out about subgroups, and attention over several tokens cut into segments of the positions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pixel_llm.backends.base import Chunk
from pixel_llm.backends.gpu.buffers import Sizes
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.subgroups import has_subgroups_of_8
from pixel_llm.backends.gpu.tuning import tuning_for
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import GEMMA_LIKE


def test_subgroups_of_8_are_those_of_256_bits(gpu_device: GpuDevice) -> None:
    """Mesa's software adapter says in its name how wide its vectors are, of which an invocation has 32 bits."""
    if not (gpu_device.info.software and gpu_device.subgroups and " bits)" in gpu_device.info.name):
        pytest.skip("an adapter that does not tell its width")
    assert has_subgroups_of_8(gpu_device) == ("256 bits" in gpu_device.info.name)


def test_without_subgroups_there_are_none(plain_gpu_device: GpuDevice) -> None:
    assert not has_subgroups_of_8(plain_gpu_device)
    assert not tuning_for(plain_gpu_device).subgroups_of_8


@pytest.mark.parametrize("lanes", [True, False])
def test_positions_in_segments(gpu_device: GpuDevice, lanes: bool) -> None:
    """An adapter that ends loops early: attention of a text, in two passes, over as many segments as can be."""
    if lanes and not has_subgroups_of_8(gpu_device):
        pytest.skip("this adapter has no subgroups of 8")
    tuning = replace(tuning_for(gpu_device), loop_rounds=1, subgroups_of_8=lanes)
    spec = replace(GEMMA_LIKE, context_length=160)
    assert Sizes.of(spec, tuning, rows=1, logit_rows=1).segment == (16 if lanes else 64)
    model = memory_model(spec)
    ids = np.random.default_rng(5).integers(0, spec.vocab_size, 150)
    expected = ReferenceDecoder(model, spec, context_length=160).forward([Chunk(0, ids, "all")])[0]
    decoder = GpuDecoder(model, spec, context_length=160, device=gpu_device, tuning=tuning)
    found = [decoder.forward([Chunk(0, part, "all")])[0] for part in (ids[:70], ids[70:])]
    assert np.abs(np.concatenate(found) - expected).max() <= 0.05
    decoder.close()
