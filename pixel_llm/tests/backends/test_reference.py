"""The reference backend against transformers on tiny models of every architecture (`data/renew_tiny_goldens.py`)."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pixel_llm.api import import_model
from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Chunk, Decoder
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.backends.reference.weights import Weights
from pixel_llm.formats.encodings import ENCODINGS
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models import spec_from_config
from pixel_llm.testing.hf_folder import write_hf_folder
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import PLAIN
from pixel_llm.testing.tiny import CONFIGS, random_tensors, uniform

SEED = 7


@pytest.fixture(scope="module")
def goldens() -> dict[str, np.ndarray]:
    with np.load(Path(__file__).parents[1] / "data" / "tiny_goldens.npz") as file:
        return dict(file)


def logits_of(name: str, ids: np.ndarray, seed: int = SEED, **changes: object) -> np.ndarray:
    spec = spec_from_config({**CONFIGS[name], **changes})
    decoder = ReferenceDecoder(memory_model(spec, seed=seed), spec, context_length=spec.context_length)
    return decoder.forward([Chunk(0, ids, "all")])[0]


@pytest.mark.parametrize("name", CONFIGS)
def test_logits_are_transformers(goldens: dict[str, np.ndarray], name: str) -> None:
    found = logits_of(name, goldens["ids"])[goldens["positions"]]
    assert np.abs(found - goldens[name]).max() <= 1e-4
    assert goldens[name].std() > 0.5  # large enough for the tolerance to mean something


@pytest.mark.parametrize("name", CONFIGS)
def test_imported_checkpoints_give_transformers_logits(
    goldens: dict[str, np.ndarray], name: str, tmp_path: Path
) -> None:
    """The same through files: safetensors folder, import, .pxi."""
    write_hf_folder(tmp_path / "hf", name, seed=SEED)
    import_model(tmp_path / "hf", tmp_path / "a.pxi")
    with ModelFile.open(tmp_path / "a.pxi") as model:
        decoder = load_decoder(model, backend="reference")
        found = decoder.forward([Chunk(0, goldens["ids"], "all")])[0][goldens["positions"]]
    assert np.abs(found - goldens[name]).max() <= 1e-4


def test_goldens_cover_every_config(goldens: dict[str, np.ndarray]) -> None:
    assert set(goldens) - {"ids", "positions"} == set(CONFIGS)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("mistral", {"sliding_window": 8}),
        ("qwen2-sliding", {"max_window_layers": 2}),
        ("gemma3", {"sliding_window_pattern": 3}),
        ("gemma3", {"sliding_window": 7}),
        ("gemma3", {"rope_local_base_freq": 20_000.0}),
        ("gemma3", {"query_pre_attn_scalar": 21}),
        ("gemma3", {"rope_scaling": None}),
        ("gemma3-parameters", {"final_logit_softcapping": 4.0}),
        ("llama-rope-llama3", {"rope_scaling": None}),
        ("llama-rope-linear", {"rope_scaling": {"type": "linear", "factor": 2.6}}),
        ("llama-rope-parameters", {"rope_parameters": {"rope_type": "default", "rope_theta": 510.0}}),
        ("llama", {"rms_norm_eps": 1e-3}),
    ],
)
def test_goldens_can_tell(goldens: dict[str, np.ndarray], name: str, changes: dict[str, object]) -> None:
    """A misread field moves the logits far beyond the tolerance, so that agreement shows it was read."""
    found = logits_of(name, goldens["ids"], **changes)[goldens["positions"]]
    assert np.abs(found - goldens[name]).max() > 1e-3


def test_is_a_decoder() -> None:
    assert isinstance(ReferenceDecoder(memory_model(PLAIN), PLAIN, context_length=8), Decoder)


def test_weights_are_kept_within_the_budget() -> None:
    model = memory_model(PLAIN, encoding=ENCODINGS["q8"])
    x = np.ones((1, 64), np.float32)
    one = 4 * 64 * 64
    weights = Weights(model, budget=one)
    kept = weights.linear("blk.0.attn_q.weight", x)
    assert np.array_equal(weights.linear("blk.0.attn_q.weight", x), kept)
    assert weights.kept_bytes == one
    np.testing.assert_allclose(
        weights.linear("blk.0.attn_k.weight", x), Weights(model).linear("blk.0.attn_k.weight", x)
    )
    assert weights.kept_bytes == one


def test_random_tensors_are_the_same_everywhere() -> None:
    """The goldens depend on it: PCG64's first numbers, by its published algorithm."""
    first = uniform(7, "output_norm.weight", (3,))
    assert first.dtype == np.float32
    assert np.array_equal(first, uniform(7, "output_norm.weight", (5,))[:3])
    assert not np.array_equal(first, uniform(8, "output_norm.weight", (3,)))
    assert all(np.isfinite(v).all() and v.dtype == np.float32 for v in random_tensors(PLAIN).values())


def test_weights_that_are_not_finite_show_in_the_logits_alone() -> None:
    """No warning either: the test run turns those into errors."""
    spec = spec_from_config(CONFIGS["llama"])
    model = memory_model(spec, seed=SEED)
    for value in (np.inf, np.nan):
        (stored,) = model.tensors["output_norm.weight"].planes()
        broken = np.array(stored)
        broken[0, 0] = value
        tensors = dict(model.tensors)
        tensors["output_norm.weight"] = dataclasses.replace(tensors["output_norm.weight"], stored=(broken,))
        decoder = ReferenceDecoder(SimpleNamespace(tensors=tensors, path=model.path), spec, context_length=8)
        assert not np.isfinite(decoder.forward([Chunk(0, np.array([1, 2]))])[0]).all()
