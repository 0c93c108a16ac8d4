"""Models from Hugging Face folders exported as GGUF mean the same when they are read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest

from pixel_llm.api import export_model, import_model
from pixel_llm.errors import UnsupportedError
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.gguf_export import describe_gguf_export
from pixel_llm.models.rotary import inverse_frequencies
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.hf_folder import write_hf_folder
from pixel_llm.testing.tiny import CONFIGS


def config_of(name: str) -> dict:
    config = dict(CONFIGS[name])
    if name.startswith("gemma3"):
        config["query_pre_attn_scalar"] = config["head_dim"]
    return config


def logits(path: Path) -> np.ndarray:
    import pixel_llm
    from pixel_llm.backends.base import Chunk

    with pixel_llm.open(path) as model:
        decoder = model.decoder(backend="reference", context_length=16)
        return np.array(decoder.forward([Chunk(0, np.arange(40, 56), "all")])[0])


@pytest.mark.parametrize("name", [n for n in CONFIGS if n != "qwen3-bias"])
def test_the_exported_file_computes_the_same(name: str, tmp_path: Path) -> None:
    write_hf_folder(tmp_path / "hf", config_of(name))
    import_model(tmp_path / "hf", tmp_path / "a.pxi")
    assert export_model(tmp_path / "a.pxi", tmp_path / "b.gguf") == "gguf"
    import_model(tmp_path / "b.gguf", tmp_path / "c.pxi")
    np.testing.assert_allclose(logits(tmp_path / "c.pxi"), logits(tmp_path / "a.pxi"), rtol=1e-4, atol=1e-4)
    peer = gguf.GGUFReader(tmp_path / "b.gguf")
    assert peer.fields["general.architecture"].contents() == (
        "llama" if name.startswith("mistral") else name[:6].split("-")[0]
    )
    assert all(t.tensor_type == gguf.GGMLQuantizationType.F32 for t in peer.tensors)


def test_quantised_models_export_their_codes(tmp_path: Path) -> None:
    write_hf_folder(tmp_path / "hf", "llama", dtype="BF16")
    import_model(tmp_path / "hf", tmp_path / "a.pxi", quant="q4")
    export_model(tmp_path / "a.pxi", tmp_path / "b.gguf")
    import_model(tmp_path / "b.gguf", tmp_path / "c.pxi")
    with ModelFile.open(tmp_path / "a.pxi") as a, ModelFile.open(tmp_path / "c.pxi") as c:
        kinds = {name: (t.encoding.name, t.source_dtype) for name, t in c.tensors.items()}
        assert kinds["blk.0.ffn_up.weight"] == ("q4a", "Q4_1")
        assert kinds["token_embd.weight"] == ("q8", "Q8_0")
        assert kinds["output_norm.weight"] == ("f32", "F32")
        assert a.tensors["output_norm.weight"].encoding.name == "bf16"
        for name in ("blk.1.ffn_up.weight", "token_embd.weight"):
            for ours, theirs in zip(a.tensors[name].planes(), c.tensors[name].planes(), strict=True):
                np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(logits(tmp_path / "c.pxi"), logits(tmp_path / "a.pxi"), rtol=1e-4, atol=1e-4)


def spec_of(name: str) -> DecoderSpec:
    from pixel_llm.models import spec_from_config

    return spec_from_config(config_of(name))


def test_row_order_pairs_neighbours() -> None:
    plan = describe_gguf_export(spec_of("llama"), name="Tiny", licence="mit")
    order = plan.row_order["blk.0.attn_q.weight"]
    assert order[:6].tolist() == [0, 8, 1, 9, 2, 10]
    assert order[16:18].tolist() == [16, 24]
    assert sorted(order.tolist()) == list(range(64))
    assert plan.row_order.keys() == {f"blk.{i}.attn_{p}.weight" for i in (0, 1) for p in "qk"}
    assert (plan.metadata["general.name"], plan.metadata["general.license"]) == ("Tiny", "mit")
    assert not describe_gguf_export(spec_of("qwen2")).row_order


def test_llama3_scaling_becomes_factors() -> None:
    spec = spec_of("llama-rope-llama3")
    plan = describe_gguf_export(spec)
    factors = plan.extra["rope_freqs.weight"]
    plain = replace(spec.rotary, scaling="none")
    np.testing.assert_allclose(inverse_frequencies(plain) / factors, inverse_frequencies(spec.rotary), rtol=1e-6)


def test_gemma_norms_are_stored_whole() -> None:
    plan = describe_gguf_export(spec_of("gemma3"))
    assert set(plan.added.values()) == {1.0}
    assert "blk.0.attn_q_norm.weight" in plan.added
    assert "output_norm.weight" in plan.added
    assert "blk.0.attn_q.weight" not in plan.added


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        (replace(spec_of("gemma3"), attention_scale=0.3), "attention_scale"),
        (replace(spec_of("llama"), attention_softcap=3.0), "attention_softcap"),
        (replace(spec_of("llama"), qk_norm=True), "qk_norm"),
        (replace(spec_of("llama"), embedding_scale=2.0), "embedding_scale"),
        (spec_of("qwen3-bias"), "qkv_bias"),
    ],
)
def test_what_gguf_cannot_say_is_refused(spec: DecoderSpec, part: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"spec\.{part}"):
        describe_gguf_export(spec)


def test_unknown_architectures_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="'tiny'"):
        describe_gguf_export(replace(spec_of("llama"), architecture="tiny"))
