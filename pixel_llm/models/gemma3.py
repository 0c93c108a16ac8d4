"""The gemma3 architecture, its text model (Gemma Team 2025): local and global layers, norms before and after each part.

Hugging Face checkpoints store norm weights minus 1, GGUF files store them whole. Embeddings are multiplied by
sqrt(hidden_size); transformers rounds that factor to the type it runs in, and we follow what it does in float32.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Final

from pixel_llm.models import gguf_keys, hf_config
from pixel_llm.models.fields import Fields
from pixel_llm.models.spec import DecoderSpec, Rotary

HF_ARCHITECTURES = frozenset({"Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"})
GLOBAL_BASE: Final = 1_000_000.0
LOCAL_BASE: Final = 10_000.0
PERIOD: Final = 6  # every sixth layer attends to everything
LAYERS_27B: Final = 62  # llama.cpp tells the 27B model, whose attention scale differs, by its layers

# What `Gemma3TextConfig` fills in; the published configs of the 4B to 27B models leave much of it out.
_DEFAULTS: Final[dict[str, Any]] = {
    "vocab_size": 262_208,
    "hidden_size": 2304,
    "intermediate_size": 9216,
    "num_hidden_layers": 26,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "max_position_embeddings": 131_072,
}


def from_config(f: Fields) -> DecoderSpec:
    """The spec of a config.json (transformers' `Gemma3TextConfig`, or `Gemma3Config` and the `text_config` in it)."""
    text = f.sub("text_config")
    if text is None:
        return _from_text_config(f)
    text.same("model_type", "gemma3_text", "only Gemma 3's own text model is")
    tied = f.flag("tie_word_embeddings", True)
    spec = _from_text_config(text)
    if spec.tied_output != tied:
        raise f.bad("tie_word_embeddings", f"{tied} contradicts text_config.tie_word_embeddings, {spec.tied_output}")
    text.finish(hf_config.HARMLESS, "the model")
    return spec


def _from_text_config(f: Fields) -> DecoderSpec:
    widths = hf_config.widths(f, _DEFAULTS)
    layers, head_dim = widths["layers"], widths["head_dim"]
    for name in ("hidden_activation", "hidden_act"):
        f.same(name, "gelu_pytorch_tanh", "Gemma 3's activation is gelu_pytorch_tanh")
    f.same("use_bidirectional_attention", False, "only causal models are")
    f.same("attn_logit_softcapping", 0.0, "Gemma 3 normalises queries and keys instead, and programs disagree about it")
    widths["attention_scale"] = f.number("query_pre_attn_scalar", 256.0) ** -0.5
    period = f.integer("sliding_window_pattern", PERIOD)
    slides = hf_config.layer_types(f, layers) or tuple((i + 1) % period != 0 for i in range(layers))
    window = f.integer("sliding_window", None if "sliding_window" in f.values else 4096)
    if any(slides) and window is None:
        raise f.bad("sliding_window", "is null, but there are sliding layers")
    bias = f.flag("attention_bias", False)
    full, local = _rotaries(f, head_dim, widths["context_length"])
    return _spec(
        widths,
        rotary=full,
        local_rotary=local,
        sliding_window=window or 0,
        sliding_layers=slides,
        norm_weight_offset=1.0,
        qkv_bias=bias,
        output_bias=bias,
        tied_output=f.flag("tie_word_embeddings", True),
        output_softcap=f.number("final_logit_softcapping", 0.0, positive=False),
    )


def _rotaries(f: Fields, head_dim: int, context_length: int) -> tuple[Rotary, Rotary]:
    local_base = f.number("rope_local_base_freq", None)
    nested = f.raw("rope_parameters")
    if isinstance(nested, dict) and nested.keys() & {"full_attention", "sliding_attention"}:
        kinds = f.sub("rope_parameters")
        assert kinds is not None
        base = f.number("rope_theta", None)
        both = []
        for name, outer, default in (
            ("full_attention", base, GLOBAL_BASE),
            ("sliding_attention", local_base, LOCAL_BASE),
        ):
            both.append(
                hf_config.rotary_from(kinds.sub(name), head_dim, context_length, base=outer, default_base=default)
            )
        kinds.finish((), "rotary embedding")
        if f.has("rope_scaling"):
            raise f.bad("rope_scaling", "contradicts rope_parameters")
        return both[0], both[1]
    full = hf_config.rotary(f, head_dim, context_length, default_base=GLOBAL_BASE)
    return full, Rotary(kind="half", base=local_base or LOCAL_BASE, dims=head_dim)


def from_gguf(f: Fields, tensors: gguf_keys.Tensors) -> DecoderSpec:
    """The spec of GGUF metadata."""
    widths = gguf_keys.widths(f, tensors)
    layers, head_dim = widths["layers"], widths["head_dim"]
    f.same("attn_logit_softcapping", 0.0, "Gemma 3 normalises queries and keys instead, and programs disagree about it")
    if not f.has("rope.freq_base"):
        raise f.bad("rope.freq_base", "is missing")
    widths["attention_scale"] = gguf_scale(layers, widths["hidden_size"], widths["heads"], head_dim)
    full = gguf_keys.rotary(f, tensors, "half", head_dim, base=GLOBAL_BASE)
    if full.scaling == "factors":
        raise f.unsupported("rope.freq_base", "rope_freqs.weight in a gemma3 model is not supported")
    local_base = f.number("rope.freq_base_swa", LOCAL_BASE)
    return _spec(
        widths,
        **gguf_keys.sliding(f, layers, period=PERIOD),
        rotary=full,
        local_rotary=dataclasses.replace(full, base=local_base, scaling="none", factor=1.0),
        output_softcap=f.number("final_logit_softcapping", 0.0, positive=False),
    )


def gguf_scale(layers: int, hidden_size: int, heads: int, head_dim: int) -> float:
    """The attention scale that a GGUF file implies, which has no key for it."""
    return float((hidden_size / heads if layers == LAYERS_27B else head_dim) ** -0.5)


def _spec(widths: dict[str, Any], **rest: Any) -> DecoderSpec:
    return DecoderSpec(
        architecture="gemma3",
        **widths,
        **rest,
        post_norms=True,
        qk_norm=True,
        activation="gelu_tanh",
        embedding_scale=math.sqrt(widths["hidden_size"]),
    )
