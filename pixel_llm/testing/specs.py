"""Specs of tiny models that together use everything a `DecoderSpec` can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from pixel_llm.models.spec import DecoderSpec, Rotary

_HALF: Final = Rotary(kind="half", base=10000.0, dims=16)
_LLAMA3: Final = replace(
    _HALF, scaling="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_context=32
)

PLAIN: Final = DecoderSpec(
    architecture="tiny",
    vocab_size=131,
    hidden_size=64,
    intermediate_size=96,
    layers=2,
    heads=4,
    kv_heads=4,
    head_dim=16,
    context_length=96,
    norm_eps=1e-5,
    rotary=_HALF,
    attention_scale=0.25,
)
"""64 wide, so that every grouped encoding fits every matrix."""

GEMMA_LIKE: Final = replace(
    PLAIN,
    layers=3,
    kv_heads=1,
    rotary=replace(_HALF, base=1_000_000.0, scaling="linear", factor=8.0),
    local_rotary=_HALF,
    attention_scale=20**-0.5,
    norm_weight_offset=1.0,
    post_norms=True,
    qk_norm=True,
    activation="gelu_tanh",
    embedding_scale=8.0,
    tied_output=True,
    sliding_window=6,
    sliding_layers=(True, False, True),
    attention_softcap=4.0,
    output_softcap=3.0,
)

SPECS: Final[Mapping[str, DecoderSpec]] = MappingProxyType(
    {
        "plain": PLAIN,
        "grouped-query": replace(PLAIN, kv_heads=2),
        "one-kv-head": replace(PLAIN, kv_heads=1),
        "interleaved": replace(PLAIN, rotary=replace(_HALF, kind="interleaved"), kv_heads=2),
        "partial-rotary": replace(PLAIN, rotary=replace(_HALF, dims=10)),
        "partial-rotary-interleaved": replace(PLAIN, rotary=replace(_HALF, kind="interleaved", dims=10)),
        "rope-linear": replace(PLAIN, rotary=replace(_HALF, scaling="linear", factor=2.5)),
        "rope-llama3": replace(PLAIN, rotary=_LLAMA3),
        "rope-factors": replace(PLAIN, rotary=replace(_HALF, kind="interleaved", scaling="factors")),
        "qkv-bias": replace(PLAIN, qkv_bias=True, kv_heads=2),
        "all-biases": replace(PLAIN, qkv_bias=True, output_bias=True, mlp_bias=True),
        "qk-norm": replace(PLAIN, qk_norm=True, kv_heads=2),
        "post-norms": replace(PLAIN, post_norms=True),
        "norm-offset": replace(PLAIN, norm_weight_offset=1.0),
        "gelu": replace(PLAIN, activation="gelu_tanh"),
        "embedding-scale": replace(PLAIN, embedding_scale=8.0),
        "tied": replace(PLAIN, tied_output=True),
        "sliding": replace(PLAIN, sliding_window=7, sliding_layers=(True, True)),
        "sliding-one-layer": replace(PLAIN, sliding_window=5, sliding_layers=(False, True)),
        "sliding-window-1": replace(PLAIN, sliding_window=1, sliding_layers=(True, False)),
        "attention-softcap": replace(PLAIN, attention_softcap=2.0),
        "output-softcap": replace(PLAIN, output_softcap=2.0),
        "attention-scale": replace(PLAIN, attention_scale=0.07),
        "gemma-like": GEMMA_LIKE,
        "wide-heads": replace(PLAIN, head_dim=40, rotary=replace(_HALF, dims=40), kv_heads=2),
        "odd-sizes": replace(
            PLAIN,
            vocab_size=37,
            hidden_size=23,
            intermediate_size=41,
            heads=3,
            kv_heads=1,
            head_dim=6,
            rotary=replace(_HALF, dims=6),
        ),
        "smallest": replace(
            PLAIN,
            vocab_size=2,
            hidden_size=1,
            intermediate_size=1,
            layers=1,
            heads=1,
            kv_heads=1,
            head_dim=2,
            rotary=replace(_HALF, dims=2),
        ),
    }
)
