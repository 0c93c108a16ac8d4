"""The GPU backend does what every backend must, in every combination of features and limits and in both forms."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from pixel_llm.backends.base import Chunk, Decoder, SamplingDecoder
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.textures import Form
from pixel_llm.backends.gpu.tuning import Tuning, gpu_tuning, tuning_for
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.formats.encodings import ENCODINGS
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.conformance import DecoderConformance
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import GEMMA_LIKE, PLAIN, SPECS
from pixel_llm.tests.backends.gpu.combinations import ALL, COMBINATIONS, SEEDS, Combination
from pixel_llm.tests.backends.gpu.combinations import PLAIN as PLAIN_FEATURES
from pixel_llm.tests.backends.gpu.conftest import Opener

GROUPED = replace(PLAIN, kv_heads=2)


FORMS: tuple[Form, Form] = ("texture", "buffer")
PLACES = tuple(itertools.product(COMBINATIONS, FORMS))
KEY_PLACES = ((ALL, "texture"), (PLAIN_FEATURES, "buffer"))


class _OnGpu(DecoderConformance):
    # The cache is float16, as the CPU backend's is, with the same tolerance.
    tolerance = 0.05
    self_tolerance = 0.05
    form: Form
    device: GpuDevice
    tuning: Tuning | None = None

    def make(self, model: ModelFile, spec: DecoderSpec, *, context_length: int, slots: int) -> Decoder:
        return GpuDecoder(
            model,
            spec,
            context_length=context_length,
            slots=slots,
            device=self.device,
            form=self.form,
            tuning=self.tuning,
        )


class TestEverywhere(_OnGpu):
    """Every combination of features at default limits, and all that the adapter has, in both forms.

    Encodings, whose kernels take long to compile, run in two of these ten places, and each in one of the others, which
    they share out anew in each run.
    """

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A place for every test."""
        super().pytest_generate_tests(metafunc)
        places: tuple[tuple[Combination, Form] | None, ...] = PLACES
        if "encoding_name" in metafunc.fixturenames:
            places = (*KEY_PLACES, None)
        metafunc.parametrize("place", places, ids=lambda place: "-".join(map(str, place)) if place else "another")

    @pytest.fixture(autouse=True)
    def _open(
        self, place: tuple[Combination, Form] | None, request: pytest.FixtureRequest, open_combination: Opener
    ) -> None:
        if place is None:
            others = [one for one in PLACES if one not in KEY_PLACES]
            number = list(ENCODINGS).index(request.getfixturevalue("encoding_name"))
            place = others[(SEEDS[-1] + number) % len(others)]
            print(*place, sep=", ")
        self.device, self.form = open_combination(place[0]), place[1]
        # A software adapter would do without the feature.
        self.tuning = replace(tuning_for(self.device), native_halves=self.device.f16)


@pytest.mark.parametrize("place", range(len(PLACES)), ids=["-".join(map(str, place)) for place in PLACES])
def test_kernels_as_cut_for_gpus(open_combination: Opener, place: int) -> None:
    """Lanes along the columns, products through workgroup memory, attention in many splits: what a software adapter is
    spared. The places share out all specs and encodings anew in each run."""
    rng = np.random.default_rng(SEEDS[-1])
    specs, encodings = (list(rng.permutation(list(names))[place :: len(PLACES)]) for names in (SPECS, ENCODINGS))
    print(f"seed {SEEDS[-1]}: {', '.join(specs + encodings)}")
    suite = _OnGpu()
    suite.device, suite.form = open_combination(PLACES[place][0]), PLACES[place][1]
    suite.tuning = replace(gpu_tuning(4 if suite.device.subgroups else 0, suite.device.f16), split_positions=7)
    for name in specs:
        suite.test_agrees_with_reference(name)
        suite.test_cached_steps_equal_one_pass(name)
    for name in encodings:
        suite.test_decoding_agrees_with_reference(name)


@pytest.mark.parametrize(("subgroup", "spec", "encoding"), [(0, GEMMA_LIKE, "f32"), (4, GROUPED, "q4a")])
def test_a_longer_text_as_cut_for_gpus(gpu_device: GpuDevice, subgroup: int, spec: DecoderSpec, encoding: str) -> None:
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
