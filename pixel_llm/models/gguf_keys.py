"""What the metadata of the supported GGUF architectures has in common.

Keys are those of the GGUF specification (github.com/ggml-org/ggml, docs/gguf.md) and of llama.cpp's loader; defaults
are the loader's. `f` holds the keys below `{arch}.`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pixel_llm.formats.checkpoint import SourceTensor
from pixel_llm.models.fields import Fields
from pixel_llm.models.spec import MAX_LAYERS, Rotary, RotaryKind

Tensors = Mapping[str, SourceTensor]

# Keys in an architecture's namespace that do not change what a forward pass computes.
HARMLESS: Final = frozenset(
    {
        "tensor_data_layout",  # names the row order of q and k that every GGUF file of the family has
        "pooling_type",  # of embeddings
        "rope.scaling.finetuned",
        "rope.scaling.original_context_length",  # read by yarn, which is refused
        "rope.scaling.factor",  # read where the type is linear
    }
)


def widths(f: Fields, tensors: Tensors) -> dict[str, Any]:
    """The keys that every architecture has, as arguments of `DecoderSpec`."""
    layers = f.integer("block_count", maximum=MAX_LAYERS)
    heads = _per_layer(f, "attention.head_count", layers, None)
    kv_heads = _per_layer(f, "attention.head_count_kv", layers, heads)
    hidden = f.integer("embedding_length")
    head_dim = f.integer("attention.key_length", None)
    if head_dim is None:
        if hidden % heads:
            raise f.bad("embedding_length", f"{hidden} is not a multiple of {f.prefix}attention.head_count, {heads}")
        head_dim = hidden // heads
    if heads % kv_heads:
        raise f.bad("attention.head_count_kv", f"{heads} attention heads cannot share {kv_heads} KV heads")
    f.same("attention.value_length", head_dim, f"keys and values of different length, here {head_dim}")
    f.same("attention.causal", True, "only causal models are")
    f.same("attention.scale", 0.0, "the architecture fixes it")
    f.same("expert_count", 0, "mixtures of experts are not")
    f.same("expert_used_count", 0, "mixtures of experts are not")
    embedding = tensors.get("token_embd.weight")
    vocab = f.integer("vocab_size", None)
    if embedding is not None and vocab is not None and vocab != embedding.shape[0]:
        raise f.bad("vocab_size", f"{vocab} contradicts token_embd.weight, which has {embedding.shape[0]} rows")
    if vocab is None:
        if embedding is None:
            raise f.bad("vocab_size", "is missing, and so is token_embd.weight")
        vocab = embedding.shape[0]
    return {
        "vocab_size": vocab,
        "hidden_size": hidden,
        "intermediate_size": _per_layer(f, "feed_forward_length", layers, None),
        "layers": layers,
        "heads": heads,
        "kv_heads": kv_heads,
        "head_dim": head_dim,
        "context_length": f.integer("context_length"),
        "norm_eps": f.number("attention.layer_norm_rms_epsilon"),
        "attention_scale": head_dim**-0.5,
        "tied_output": "output.weight" not in tensors,
    }


def rotary(f: Fields, tensors: Tensors, kind: RotaryKind, head_dim: int, *, base: float) -> Rotary:
    """The rotary embedding of full-attention layers."""
    dims = f.integer("rope.dimension_count", head_dim)
    if dims > head_dim or dims % 2:
        raise f.bad("rope.dimension_count", f"{dims} rotated elements do not fit a head of {head_dim}")
    theta = f.number("rope.freq_base", base)
    f.same("rope.scaling.attn_factor", 1.0, "attention factors are not")
    scaling = f.text("rope.scaling.type", "none")
    legacy = f.number("rope.scale_linear", 1.0)
    factor = 1.0
    if scaling == "linear":
        factor = f.number("rope.scaling.factor", legacy)
    elif scaling != "none":
        raise f.unsupported("rope.scaling.type", f"rotary scaling {scaling!r} is not supported (none and linear are)")
    elif f.has("rope.scaling.type"):
        f.same("rope.scaling.factor", 1.0, "a factor without a type of scaling is not")
    else:
        # llama.cpp scales linearly where a factor stands without a type.
        factor = f.number("rope.scaling.factor", legacy)
    if "rope_freqs.weight" in tensors:
        if factor != 1.0:
            raise f.unsupported("rope.scaling.factor", "beside the tensor rope_freqs.weight it is not supported")
        return Rotary(kind=kind, base=theta, dims=dims, scaling="factors")
    if factor != 1.0:
        return Rotary(kind=kind, base=theta, dims=dims, scaling="linear", factor=factor)
    return Rotary(kind=kind, base=theta, dims=dims)


def sliding(f: Fields, layers: int, *, period: int) -> dict[str, Any]:
    """The sliding window. Of every `period` layers all but the last slide (0: all), unless the file says otherwise.

    The pattern is a period, or one boolean a layer, True where attention slides. 0 as a window means none.
    """
    window = f.integer("attention.sliding_window", 0, minimum=0)
    pattern = f.raw("attention.sliding_window_pattern")
    if window == 0:
        return {}
    if isinstance(pattern, (list, tuple)):
        if len(pattern) != layers or not all(isinstance(p, bool) for p in pattern):
            raise f.bad("attention.sliding_window_pattern", f"is not a list of {layers} booleans, one a layer")
        slides = tuple(pattern)
    else:
        period = f.integer("attention.sliding_window_pattern", period, minimum=0)
        slides = tuple(period == 0 or (i + 1) % period != 0 for i in range(layers))
    return {"sliding_window": window, "sliding_layers": slides} if any(slides) else {}


def _per_layer(f: Fields, name: str, layers: int, default: int | None) -> int:
    """An integer that may be given once, or once a layer; layers that differ are unsupported."""
    value = f.raw(name)
    if not isinstance(value, (list, tuple)):
        return int(f.integer(name) if default is None else f.integer(name, default))
    if len(value) != layers or not all(type(v) is int and v > 0 for v in value):
        raise f.bad(name, f"is not a list of {layers} positive integers, one for each block")
    if len(set(value)) != 1:
        raise f.unsupported(name, "layers of different sizes are not supported")
    return int(value[0])
