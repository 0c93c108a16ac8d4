"""What is found out about subgroups, and attention over several tokens cut into segments of the positions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pixel_llm.backends.base import Chunk
from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.buffers import Sizes
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.subgroups import has_subgroups_of_8
from pixel_llm.backends.gpu.tuning import tuning_for
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import GEMMA_LIKE
from pixel_llm.tests.adapters import adapter_or_skip


def test_subgroups_of_8_are_those_of_256_bits(gpu_device: GpuDevice) -> None:
    """Mesa's software adapter says in its name how wide its vectors are, of which an invocation has 32 bits."""
    if not (gpu_device.info.software and gpu_device.subgroups and " bits)" in gpu_device.info.name):
        pytest.skip("an adapter that does not tell its width")
    assert has_subgroups_of_8(gpu_device) == ("256 bits" in gpu_device.info.name)


@pytest.mark.parametrize("subgroups", [True, False])
def test_a_software_adapter_uses_subgroups_where_it_has_them(subgroups: bool) -> None:
    info = adapter_or_skip()
    with GpuDevice.open(info.index, subgroups=subgroups) as device:
        if not info.software or (subgroups and not has_subgroups_of_8(device)):
            pytest.skip("an adapter that is a GPU, or has no subgroups of 8")
        assert has_subgroups_of_8(device) == tuning_for(device).subgroups_of_8 == subgroups
        GpuDecoder(memory_model(GEMMA_LIKE), GEMMA_LIKE, context_length=64, device=device).close()
        used = {file for key in device.cache if key[0] == "pipeline" for file in key[1]}
    with_features = {file for file in used if shaders.manifest()["files"][file].get("features")}
    if subgroups:
        assert with_features == {"share_subgroup.wgsl", "attention_lanes.wgsl", "subgroup_lanes.wgsl"}
    else:
        assert not with_features
        assert {"share_none.wgsl", "attention_rows.wgsl"} <= used


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
