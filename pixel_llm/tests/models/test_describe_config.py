"""config.json -> DecoderSpec: everything understood, or an error that names it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.errors import FormatError, PixelLLMError, SafetensorsFormatError, UnsupportedError
from pixel_llm.models import describe, describe_export, spec_from_config
from pixel_llm.testing.tiny import CONFIGS
from pixel_llm.tests.models.checkpoints import FakeCheckpoint, FakeTensor, changed, hf


@pytest.mark.parametrize("name", CONFIGS)
def test_every_architecture(name: str) -> None:
    ckpt = hf(name)
    description = describe(ckpt)
    assert list(description.names.values()) == list(description.spec.tensor_shapes())
    assert description.names.keys() == ckpt.tensors.keys()
    assert description.ignored == ()
    assert description.spec == spec_from_config(CONFIGS[name])


def test_defaults_of_published_gemma3_configs() -> None:
    """The 4B model's config.json leaves out what `Gemma3TextConfig` fills in."""
    text = {
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "model_type": "gemma3_text",
        "num_hidden_layers": 34,
        "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
        "sliding_window": 1024,
    }
    config = {
        "architectures": ["Gemma3ForConditionalGeneration"],
        "model_type": "gemma3",
        "text_config": text,
        "vision_config": {"hidden_size": 1152},
        "mm_tokens_per_image": 256,
        "boi_token_index": 255999,
        "eoi_token_index": 256000,
        "image_token_index": 262144,
        "eos_token_id": [1, 106],
    }
    spec = spec_from_config(config)
    assert (spec.heads, spec.kv_heads, spec.head_dim, spec.vocab_size) == (8, 4, 256, 262208)
    assert spec.attention_scale == 256**-0.5
    assert spec.embedding_scale == math.sqrt(2560)
    assert spec.sliding_layers[:7] == (True,) * 5 + (False, True)
    assert spec.rotary.scaling == "linear" and spec.rotary.factor == 8 and spec.rotary.base == 1e6
    assert spec.local_rotary is not None and spec.local_rotary.scaling == "none" and spec.local_rotary.base == 1e4
    assert spec.tied_output
    with pytest.raises(UnsupportedError, match=r"text_config\.moe"):
        spec_from_config(config | {"text_config": text | {"moe": 4}})
    with pytest.raises(FormatError, match="tie_word_embeddings"):
        spec_from_config(config | {"tie_word_embeddings": False})


@pytest.mark.parametrize("prefix", ["language_model.", "model.language_model."])
def test_multimodal_names(prefix: str) -> None:
    ckpt = hf("gemma3")
    rename = (lambda n: prefix + n) if prefix == "language_model." else (lambda n: prefix + n.removeprefix("model."))
    ckpt.tensors = {rename(name): tensor for name, tensor in ckpt.tensors.items()}
    ckpt.tensors["vision_tower.vision_model.post_layernorm.weight"] = FakeTensor((8,))
    ckpt.tensors["multi_modal_projector.mm_soft_emb_norm.weight"] = FakeTensor((8,))
    description = describe(ckpt)
    assert len(description.ignored) == 2
    assert description.names[rename("model.norm.weight")] == "output_norm.weight"


def test_kv_heads_default() -> None:
    assert spec_from_config(changed(CONFIGS["llama"], {"num_key_value_heads": ...})).kv_heads == 4
    assert spec_from_config(changed(CONFIGS["mistral"], {"num_key_value_heads": None})).kv_heads == 4
    with pytest.raises(FormatError, match="num_key_value_heads: is missing"):
        spec_from_config(changed(CONFIGS["mistral"], {"num_key_value_heads": ...}))


def test_old_and_new_rotary_fields_mean_the_same() -> None:
    old = spec_from_config(CONFIGS["llama-rope-llama3"])
    scaling = CONFIGS["llama-rope-llama3"]["rope_scaling"]
    new = changed(CONFIGS["llama"], {"rope_theta": ..., "rope_parameters": {**scaling, "rope_theta": 10000.0}})
    assert spec_from_config(new) == old
    without = changed(new, {"rope_parameters": {k: v for k, v in scaling.items() if k[0] != "o"}})
    assert spec_from_config(without).rotary.original_context == 128  # max_position_embeddings, as transformers does


UNSUPPORTED: list[tuple[str, dict[str, Any], str]] = [
    ("llama", {"model_type": "mamba"}, "model_type"),
    ("llama", {"architectures": ["LlamaForSequenceClassification"]}, "architectures"),
    ("llama", {"hidden_act": "relu"}, "hidden_act"),
    ("llama", {"residual_multiplier": 0.5}, "residual_multiplier"),
    ("llama", {"quantization_config": {"quant_method": "gptq"}}, "quantization_config"),
    ("llama", {"partial_rotary_factor": 0.5}, "partial_rotary_factor"),
    ("llama", {"rope_interleaved": True}, "rope_interleaved"),
    ("llama", {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}}, "'yarn'"),
    ("llama", {"rope_scaling": {"rope_type": "dynamic", "factor": 4.0}}, "'dynamic'"),
    ("llama", {"rope_scaling": {"type": "longrope", "factor": 4.0}}, "'longrope'"),
    ("llama", {"rope_scaling": {"type": "linear", "factor": 4.0, "mscale": 1.0}}, "rope_scaling.mscale"),
    ("mistral", {"layer_types": ["full_attention", "sliding_attention"]}, "layer_types"),
    ("qwen2", {"layer_types": ["full_attention", "chunked_attention"]}, "chunked_attention"),
    ("gemma3", {"use_bidirectional_attention": True}, "use_bidirectional_attention"),
    ("gemma3", {"attn_logit_softcapping": 50.0}, "attn_logit_softcapping"),
    ("gemma3", {"hidden_activation": "gelu"}, "hidden_activation"),
]


@pytest.mark.parametrize(("name", "changes", "part"), UNSUPPORTED)
def test_unsupported_is_named(name: str, changes: dict[str, Any], part: str) -> None:
    with pytest.raises(UnsupportedError, match=part):
        describe(hf(name, **changes))


CONTRADICTORY: list[tuple[str, dict[str, Any], str]] = [
    ("llama", {"hidden_size": 65}, "hidden_size"),
    ("llama", {"num_key_value_heads": 3}, "num_key_value_heads"),
    ("llama", {"head_dim": 15}, "head_dim"),
    ("llama", {"hidden_size": 0}, "hidden_size"),
    ("llama", {"hidden_size": "64"}, "hidden_size"),
    ("llama", {"hidden_size": True}, "hidden_size"),
    ("llama", {"num_hidden_layers": ...}, "num_hidden_layers: is missing"),
    ("llama", {"rms_norm_eps": -1.0}, "rms_norm_eps"),
    ("llama", {"rms_norm_eps": math.inf}, "rms_norm_eps"),
    ("llama", {"tie_word_embeddings": "yes"}, "tie_word_embeddings"),
    ("llama", {"attention_bias": 1}, "attention_bias"),
    ("llama", {"rope_theta": 1.0}, "rotary"),
    ("llama", {"rope_scaling": [1]}, "rope_scaling"),
    ("llama", {"rope_scaling": {"type": "linear", "rope_type": "llama3"}}, "rope_scaling.type"),
    ("llama", {"rope_scaling": {"rope_type": "linear"}}, "rope_scaling.factor"),
    ("llama", {"rope_parameters": {"rope_type": "default", "rope_theta": 7.0}}, "rope_parameters.rope_theta"),
    (
        "llama-rope-linear",
        {"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0}},
        "rope_scaling: contradicts",
    ),
    (
        "llama",
        {"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 4.0, "high_freq_factor": 1.0}},
        "low_freq_factor",
    ),
    ("mistral", {"sliding_window": ...}, "sliding_window"),
    ("qwen2-sliding", {"use_sliding_window": False, "layer_types": ["sliding_attention"] * 3}, "layer_types"),
    ("qwen2", {"layer_types": ["full_attention"]}, "layer_types"),
    ("gemma3", {"sliding_window": None}, "sliding_window"),
    ("gemma3-parameters", {"rope_scaling": {"rope_type": "linear", "factor": 2.0}}, "rope_scaling"),
    ("llama", {"model_type": ...}, "model_type"),
]


@pytest.mark.parametrize(("name", "changes", "part"), CONTRADICTORY)
def test_contradictions_are_named(name: str, changes: dict[str, Any], part: str) -> None:
    with pytest.raises(SafetensorsFormatError, match=part):
        describe(hf(name, **changes))


def test_without_config() -> None:
    with pytest.raises(SafetensorsFormatError, match=r"config\.json"):
        describe(FakeCheckpoint("safetensors", {}, {}))


def test_missing_extra_and_misshapen_tensors() -> None:
    ckpt = hf("llama")
    del ckpt.tensors["model.layers.1.mlp.up_proj.weight"]
    with pytest.raises(SafetensorsFormatError, match=r"model\.layers\.1\.mlp\.up_proj\.weight: tensor is missing"):
        describe(ckpt)
    ckpt = hf("llama")
    ckpt.tensors["model.layers.0.self_attn.o_proj.bias"] = FakeTensor((64,))
    with pytest.raises(UnsupportedError, match=r"o_proj\.bias"):
        describe(ckpt)
    ckpt = hf("llama")
    ckpt.tensors["model.norm.weight"] = FakeTensor((63,))
    with pytest.raises(SafetensorsFormatError, match=r"model\.norm\.weight: has shape \(63,\)"):
        describe(ckpt)


def test_stored_copy_of_tied_output() -> None:
    ckpt = hf("qwen2")
    ckpt.tensors["lm_head.weight"] = FakeTensor((288, 64))
    ckpt.tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = FakeTensor((8,))
    assert len(describe(ckpt).ignored) == 2
    ckpt.tensors["lm_head.weight"] = FakeTensor((288, 64), 1.0)
    with pytest.raises(SafetensorsFormatError, match=r"lm_head\.weight: differs"):
        describe(ckpt)
    ckpt.tensors["lm_head.weight"] = FakeTensor((289, 64))
    with pytest.raises(SafetensorsFormatError, match=r"lm_head\.weight: differs"):
        describe(ckpt)


def test_names_of_norms_depend_on_post_norms() -> None:
    llama, gemma = (describe_export(spec_from_config(CONFIGS[n])) for n in ("llama", "gemma3"))
    assert llama["blk.0.ffn_norm.weight"] == "model.layers.0.post_attention_layernorm.weight"
    assert gemma["blk.0.ffn_norm.weight"] == "model.layers.0.pre_feedforward_layernorm.weight"
    assert gemma["blk.0.post_attention_norm.weight"] == "model.layers.0.post_attention_layernorm.weight"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_hostile_configs(data: st.DataObject) -> None:
    """Whatever a field holds: a spec or an error of our tree."""
    config = dict(CONFIGS[data.draw(st.sampled_from(sorted(CONFIGS)))])
    names = [*sorted(config), "rope_scaling", "rope_parameters", "layer_types", "text_config", "sliding_window_pattern"]
    for name in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3)):
        config[name] = data.draw(JSON)
    try:
        spec_from_config(config)
    except PixelLLMError as error:
        assert str(error)
