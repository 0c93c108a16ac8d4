"""Models from GGUF files exported as Hugging Face folders: there and back again is the folder that it began with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from pixel_llm.api import export_model, import_model
from pixel_llm.errors import InvalidArgumentError, UnsupportedError
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models import describe, describe_safetensors_export, spec_from_config
from pixel_llm.models.rotary import inverse_frequencies
from pixel_llm.testing.hf_folder import write_hf_folder
from pixel_llm.testing.tiny import CONFIGS
from pixel_llm.tests.models.checkpoints import gguf

# GGUF has no key for Gemma's attention scale, and llama.cpp none for qwen3's biases.
THERE: dict[str, dict[str, Any]] = {
    name: {"query_pre_attn_scalar": 32} if name.startswith("gemma3") else {} for name in CONFIGS if name != "qwen3-bias"
}


@pytest.mark.parametrize("name", THERE)
def test_there_and_back(name: str, tmp_path: Path) -> None:
    spec = write_hf_folder(tmp_path / "hf", {**CONFIGS[name], **THERE[name]}, seed=3)
    import_model(tmp_path / "hf", tmp_path / "a.pxi")
    export_model(tmp_path / "a.pxi", tmp_path / "b.gguf")
    import_model(tmp_path / "b.gguf", tmp_path / "c.pxi")
    assert export_model(tmp_path / "c.pxi", tmp_path / "back") == "safetensors"
    import_model(tmp_path / "back", tmp_path / "d.pxi")
    with ModelFile.open(tmp_path / "d.pxi") as model:
        found = model.spec_json
    expected = spec.to_json()
    if spec.architecture == "mistral" and not spec.sliding_layers:
        expected["architecture"] = "llama"  # what GGUF calls it, and the same mathematics
    assert found.pop("norm_eps") == pytest.approx(expected.pop("norm_eps"), rel=1e-6)
    assert found == expected
    before = load_file(tmp_path / "hf" / "model.safetensors")
    after = load_file(tmp_path / "back" / "model.safetensors")
    assert before.keys() == after.keys()
    for tensor, values in before.items():
        # A norm's 1 was added and taken away again.
        np.testing.assert_allclose(after[tensor], values, atol=1e-6 if "norm" in tensor else 0, rtol=0, err_msg=tensor)


def test_rotary_factors_become_llama3_scaling() -> None:
    spec = describe(gguf(extra={"rope_freqs.weight": (8,)})).spec
    llama3 = replace(
        spec.rotary, scaling="llama3", factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0, original_context=8192
    )
    plain = inverse_frequencies(replace(spec.rotary, scaling="none"))
    factors = plain / inverse_frequencies(llama3)
    config = describe_safetensors_export(spec, rope_freqs=factors[None]).config
    assert config["rope_scaling"] == {
        "rope_type": "llama3",
        "factor": 32.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }
    with pytest.raises(UnsupportedError, match=r"rope_freqs\.weight"):
        describe_safetensors_export(spec, rope_freqs=np.linspace(1, 9, 8, dtype=np.float32))
    with pytest.raises(InvalidArgumentError, match="rope_freqs"):
        describe_safetensors_export(spec)


@pytest.mark.parametrize(
    ("architecture", "keys", "part"),
    [
        ("llama", {"attention__sliding_window": 7, "attention__sliding_window_pattern": 2}, "sliding_layers"),
        ("llama", {"rope__dimension_count": 8}, "rotary"),
        ("qwen2", {"rope__dimension_count": 8}, "rotary"),
    ],
)
def test_what_config_cannot_say(architecture: str, keys: dict[str, Any], part: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"spec\.{part}"):
        describe_safetensors_export(describe(gguf(architecture, **keys)).spec)


def test_biases_without_output_bias() -> None:
    extra = {f"blk.{i}.attn_{n}.bias": ((64,) if n == "q" else (32,)) for i in range(2) for n in "qkv"}
    with pytest.raises(UnsupportedError, match=r"spec\.output_bias"):
        describe_safetensors_export(describe(gguf(extra=extra)).spec)


def test_unknown_architecture() -> None:
    with pytest.raises(UnsupportedError, match="tiny"):
        describe_safetensors_export(replace(spec_from_config(CONFIGS["llama"]), architecture="tiny"))
