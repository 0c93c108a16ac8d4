"""GGUF metadata -> DecoderSpec: everything understood, or an error that names it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.errors import GGUFFormatError, PixelLLMError, UnsupportedError
from pixel_llm.models import describe
from pixel_llm.tests.models.checkpoints import GGUF_KEYS, FakeTensor, gguf


def test_llama() -> None:
    spec = describe(gguf()).spec
    assert (spec.vocab_size, spec.heads, spec.kv_heads, spec.head_dim) == (288, 4, 2, 16)
    assert (spec.rotary.kind, spec.rotary.base, spec.rotary.dims) == ("interleaved", 500000.0, 16)
    assert spec.tied_output and not spec.qkv_bias and spec.norm_eps == 1e-5
    assert not describe(gguf(untied=True)).spec.tied_output


def test_llama_rotary_factors() -> None:
    spec = describe(gguf(extra={"rope_freqs.weight": (8,)})).spec
    assert spec.rotary.scaling == "factors"
    with pytest.raises(GGUFFormatError, match=r"rope_freqs\.weight: has shape \(7,\)"):
        describe(gguf(extra={"rope_freqs.weight": (7,)}))
    with pytest.raises(UnsupportedError, match=r"rope\.scaling\.factor"):
        describe(gguf(extra={"rope_freqs.weight": (8,)}, rope__scaling__type="linear", rope__scaling__factor=2.0))


def test_linear_scaling_in_all_spellings() -> None:
    for keys in (
        {"rope__scaling__type": "linear", "rope__scaling__factor": 4.0},
        {"rope__scaling__factor": 4.0},
        {"rope__scale_linear": 4.0},
    ):
        rotary = describe(gguf(**keys)).spec.rotary
        assert (rotary.scaling, rotary.factor) == ("linear", 4.0), keys
    none = describe(gguf(rope__scaling__type="none", rope__scaling__finetuned=False)).spec.rotary
    assert none.scaling == "none"


def test_llama_biases_and_window() -> None:
    extra = {f"blk.{i}.attn_{n}.bias": ((64,) if n == "q" else (32,)) for i in range(2) for n in "qkv"}
    spec = describe(gguf(extra=extra, attention__sliding_window=7)).spec
    assert spec.qkv_bias and not spec.output_bias
    assert spec.sliding_window == 7 and spec.sliding_layers == (True, True)


def test_qwen() -> None:
    assert describe(gguf("qwen2")).spec.qkv_bias
    spec = describe(gguf("qwen3", attention__key_length=16, attention__value_length=16)).spec
    assert spec.qk_norm and spec.rotary.kind == "half"


def test_gemma3() -> None:
    spec = describe(gguf("gemma3", attention__sliding_window=512, rope__freq_base=1e6)).spec
    assert spec.norm_weight_offset == 0 and spec.embedding_scale == 8.0 and spec.activation == "gelu_tanh"
    assert spec.sliding_layers == (True, True) and spec.local_rotary is not None and spec.local_rotary.base == 1e4
    periodic = describe(gguf("gemma3", attention__sliding_window=9, attention__sliding_window_pattern=2)).spec
    assert periodic.sliding_layers == (True, False)
    listed = describe(gguf("gemma3", attention__sliding_window=9, attention__sliding_window_pattern=[False, True])).spec
    assert listed.sliding_layers == (False, True)
    assert describe(gguf("gemma3")).spec.sliding_layers == ()


def test_equal_layers_may_be_listed() -> None:
    assert describe(gguf(attention__head_count_kv=[2, 2])).spec.kv_heads == 2
    with pytest.raises(UnsupportedError, match="head_count_kv"):
        describe(gguf(attention__head_count_kv=[2, 1]))
    with pytest.raises(GGUFFormatError, match="head_count_kv"):
        describe(gguf(attention__head_count_kv=[2]))


UNSUPPORTED: list[tuple[str, dict[str, Any], str]] = [
    ("llama", {"logit_scale": 0.5}, r"llama\.logit_scale"),
    ("llama", {"expert_count": 8}, "expert_count"),
    ("llama", {"rope__scaling__type": "yarn"}, "'yarn'"),
    ("llama", {"rope__scaling__attn_factor": 1.2}, "attn_factor"),
    ("llama", {"rope__scaling__yarn_log_multiplier": 0.1}, "yarn_log_multiplier"),
    ("llama", {"attention__value_length": 8}, "value_length"),
    ("llama", {"attention__causal": False}, "causal"),
    ("llama", {"rope__scaling__type": "none", "rope__scaling__factor": 2.0}, r"rope\.scaling\.factor"),
    ("gemma3", {"attn_logit_softcapping": 50.0}, "attn_logit_softcapping"),
]


@pytest.mark.parametrize(("architecture", "changes", "part"), UNSUPPORTED)
def test_unsupported_is_named(architecture: str, changes: dict[str, Any], part: str) -> None:
    with pytest.raises(UnsupportedError, match=part):
        describe(gguf(architecture, **changes))


CONTRADICTORY: list[tuple[str, dict[str, Any], str]] = [
    ("llama", {"embedding_length": 66}, "embedding_length"),
    ("llama", {"attention__head_count_kv": 3}, "head_count_kv"),
    ("llama", {"vocab_size": 289}, "vocab_size"),
    ("llama", {"block_count": ...}, r"llama\.block_count: is missing"),
    ("llama", {"block_count": 3}, r"blk\.2\.attn_norm\.weight: tensor is missing"),
    ("llama", {"feed_forward_length": 97}, r"ffn_gate\.weight: has shape"),
    ("llama", {"rope__dimension_count": 18}, "dimension_count"),
    ("llama", {"rope__dimension_count": 15}, "dimension_count"),
    ("llama", {"rope__freq_base": float("nan")}, "freq_base"),
    ("gemma3", {"rope__freq_base": ...}, "freq_base"),
    ("gemma3", {"attention__sliding_window": 4, "attention__sliding_window_pattern": [True]}, "window_pattern"),
    ("qwen3", {"attention__key_length": 24}, r"attn_q\.weight: has shape"),
]


@pytest.mark.parametrize(("architecture", "changes", "part"), CONTRADICTORY)
def test_contradictions_are_named(architecture: str, changes: dict[str, Any], part: str) -> None:
    with pytest.raises(GGUFFormatError, match=part):
        describe(gguf(architecture, **changes))


def test_general_keys() -> None:
    for key, value, part in (
        ("general.architecture", "mamba", "mamba"),
        ("general.type", "adapter", "adapter"),
        ("split.count", 3, "split"),
    ):
        ckpt = gguf()
        with pytest.raises(UnsupportedError, match=part):
            describe(type(ckpt)("gguf", {**ckpt.metadata, key: value}, ckpt.tensors))
    with pytest.raises(GGUFFormatError, match=r"general\.architecture: is missing"):
        describe(type(ckpt)("gguf", {}, {}))


def test_extra_tensors() -> None:
    assert describe(gguf(extra={"blk.0.attn_rot_embd.weight": (8,)})).ignored == ("blk.0.attn_rot_embd.weight",)
    with pytest.raises(UnsupportedError, match=r"blk\.0\.ffn_gate_inp\.weight"):
        describe(gguf(extra={"blk.0.ffn_gate_inp.weight": (8, 64)}))
    ckpt = gguf()
    del ckpt.tensors["token_embd.weight"]
    with pytest.raises(GGUFFormatError, match=r"token_embd\.weight"):
        describe(ckpt)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_hostile_metadata(data: st.DataObject) -> None:
    """Whatever a key holds: a description or an error of our tree."""
    architecture = data.draw(st.sampled_from(["llama", "qwen2", "qwen3", "gemma3"]))
    ckpt = gguf(architecture, extra={"rope_freqs.weight": (8,)} if data.draw(st.booleans()) else {})
    names = [*GGUF_KEYS, "attention.key_length", "attention.sliding_window", "attention.sliding_window_pattern"]
    names += ["rope.scaling.type", "rope.scaling.factor", "vocab_size", "final_logit_softcapping"]
    values = st.none() | st.booleans() | st.integers(-5, 2**33) | st.floats() | st.text(max_size=4)
    metadata = dict(ckpt.metadata)
    for name in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3)):
        metadata[f"{architecture}.{name}"] = data.draw(values | st.lists(values, max_size=3))
    ckpt.metadata = metadata
    if data.draw(st.booleans()):
        ckpt.tensors["token_embd.weight"] = FakeTensor(data.draw(st.sampled_from([(288, 64), (64,), (288, 65)])))
    try:
        describe(ckpt)
    except PixelLLMError as error:
        assert str(error)
