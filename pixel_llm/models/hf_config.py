"""What the config.json files of the supported Hugging Face architectures have in common.

Field names and defaults are those of transformers' configuration classes (versions 4.50 to 5).
"""

from __future__ import annotations

from typing import Any, Final

from pixel_llm.models.fields import REQUIRED, Fields
from pixel_llm.models.spec import MAX_LAYERS, Rotary

# Fields that configuration classes carry and that do not change what a forward pass computes.
HARMLESS: Final = frozenset(
    {
        "_attn_implementation_autoset",
        "_name_or_path",
        "_sliding_window_pattern",  # layer_types, which transformers writes beside it, says the same
        "architectures",
        "attention_dropout",
        "bad_words_ids",
        "bos_token_id",
        "boi_token_index",
        "chunk_size_feed_forward",
        "decoder_start_token_id",
        "dtype",
        "eoi_token_index",
        "eos_token_id",
        "finetuning_task",
        "hidden_dropout",
        "id2label",
        "image_token_index",
        "initializer_range",
        "is_llama_config",
        "label2id",
        "mm_tokens_per_image",
        "model_type",
        "output_attentions",
        "output_hidden_states",
        "pad_token_id",
        "prefix",
        "pretraining_tp",  # slices the same products
        "problem_type",
        "resid_pdrop",
        "return_dict",
        "sep_token_id",
        "task_specific_params",
        "tokenizer_class",
        "torch_dtype",
        "torchscript",
        "transformers.js_config",
        "transformers_version",
        "unsloth_fixed",
        "unsloth_version",
        "use_cache",
        "use_return_dict",
        "vision_config",  # the text model is what is imported
    }
)

_ROPE_HARMLESS: Final = frozenset({"factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"})


def widths(f: Fields, defaults: dict[str, Any]) -> dict[str, Any]:
    """The fields that every architecture has, as arguments of `DecoderSpec`.

    `defaults` gives values that the configuration class itself would fill in; a field without one must be there.
    """
    heads = f.integer("num_attention_heads", defaults.get("num_attention_heads", REQUIRED))
    # An explicit null means one KV head a head.
    kv_default = heads if "num_key_value_heads" in f.values else defaults.get("num_key_value_heads", REQUIRED)
    kv_heads = f.integer("num_key_value_heads", kv_default)
    hidden = f.integer("hidden_size", defaults.get("hidden_size", REQUIRED))
    head_dim = f.integer("head_dim", defaults.get("head_dim"))
    if head_dim is None:
        if hidden % heads:
            raise f.bad("hidden_size", f"{hidden} is not a multiple of num_attention_heads, {heads}")
        head_dim = hidden // heads
    if heads % kv_heads:
        raise f.bad("num_key_value_heads", f"{heads} attention heads cannot share {kv_heads} KV heads")
    if head_dim % 2:
        raise f.bad("head_dim", f"{head_dim} is odd, so that rotary embedding cannot pair its elements")
    return {
        "vocab_size": f.integer("vocab_size", defaults.get("vocab_size", REQUIRED)),
        "hidden_size": hidden,
        "intermediate_size": f.integer("intermediate_size", defaults.get("intermediate_size", REQUIRED)),
        "layers": f.integer("num_hidden_layers", defaults.get("num_hidden_layers", REQUIRED), maximum=MAX_LAYERS),
        "heads": heads,
        "kv_heads": kv_heads,
        "head_dim": head_dim,
        "context_length": f.integer("max_position_embeddings", defaults.get("max_position_embeddings", REQUIRED)),
        "norm_eps": f.number("rms_norm_eps", 1e-6),
        "attention_scale": head_dim**-0.5,
    }


def rotary(f: Fields, head_dim: int, context_length: int, *, default_base: float = 10000.0) -> Rotary:
    """The rotary embedding from `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling` (4)."""
    f.same("partial_rotary_factor", 1.0, "only whole heads are rotated")
    base = f.number("rope_theta", None)
    scaling = f.sub("rope_scaling")
    parameters = f.sub("rope_parameters")
    if scaling and parameters and scaling.values != parameters.values:
        raise f.bad("rope_scaling", "contradicts rope_parameters")
    return rotary_from(scaling or parameters, head_dim, context_length, base=base, default_base=default_base)


def rotary_from(
    p: Fields | None, head_dim: int, context_length: int, *, base: float | None, default_base: float
) -> Rotary:
    """A rotary embedding from one object of parameters; `base` is what stood outside it, None where nothing did."""
    if p is None:
        return Rotary(kind="half", base=base or default_base, dims=head_dim)
    p.same("partial_rotary_factor", 1.0, "only whole heads are rotated")
    inner = p.number("rope_theta", None)
    if base is not None and inner is not None and base != inner:
        raise p.bad("rope_theta", f"{inner} contradicts the config's rope_theta, {base}")
    theta = inner or base or default_base
    kind = p.text("rope_type", None)
    legacy = p.text("type", None)
    if kind is not None and legacy is not None and kind != legacy:
        raise p.bad("type", f"{legacy!r} contradicts rope_type, {kind!r}")
    kind = kind or legacy or "default"
    result = Rotary(kind="half", base=theta, dims=head_dim)
    if kind == "linear":
        result = Rotary(kind="half", base=theta, dims=head_dim, scaling="linear", factor=p.number("factor"))
    elif kind == "llama3":
        low, high = p.number("low_freq_factor"), p.number("high_freq_factor")
        if low >= high:
            raise p.bad("low_freq_factor", f"{low} is not below high_freq_factor, {high}")
        result = Rotary(
            kind="half",
            base=theta,
            dims=head_dim,
            scaling="llama3",
            factor=p.number("factor"),
            low_freq_factor=low,
            high_freq_factor=high,
            original_context=p.integer("original_max_position_embeddings", context_length),
        )
    elif kind != "default":
        raise p.unsupported("rope_type", f"rotary scaling {kind!r} is not supported (default, linear and llama3 are)")
    p.finish(_ROPE_HARMLESS, "rotary embedding")
    return result


def layer_types(f: Fields, layers: int) -> tuple[bool, ...] | None:
    """`layer_types` as one entry a layer, True where attention slides; None where the field is absent."""
    value = f.raw("layer_types")
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != layers:
        raise f.bad("layer_types", f"is not a list of {layers} entries, one for each of num_hidden_layers")
    for kind in value:
        if kind not in ("full_attention", "sliding_attention"):
            raise f.unsupported("layer_types", f"{kind!r} layers are not supported")
    return tuple(kind == "sliding_attention" for kind in value)


def qwen_sliding(f: Fields, layers: int) -> dict[str, Any]:
    """Qwen's window: the layers from max_window_layers on slide, if use_sliding_window says so."""
    used = f.flag("use_sliding_window", False)
    window = f.integer("sliding_window", None)
    first = f.integer("max_window_layers", 28, minimum=0)
    types = layer_types(f, layers)
    if types is None:
        types = tuple(used and window is not None and i >= first for i in range(layers))
    if not any(types):
        return {}
    if not used or window is None:
        raise f.bad("layer_types", "has sliding layers, but use_sliding_window and sliding_window do not give a window")
    return {"sliding_window": window, "sliding_layers": types}


def silu_only(f: Fields) -> None:
    """The architecture's activation must be SiLU."""
    value = f.text("hidden_act", "silu")
    if value not in ("silu", "swish"):
        raise f.unsupported("hidden_act", f"activation {value!r} is not supported here (silu is)")
