"""The qwen3 architecture (Yang et al. 2025), dense models. Llama with an RMS norm on every head's query and key."""

from __future__ import annotations

from pixel_llm.models import gguf_keys, hf_config
from pixel_llm.models.fields import Fields
from pixel_llm.models.spec import DecoderSpec

HF_ARCHITECTURES = frozenset({"Qwen3ForCausalLM"})


def from_config(f: Fields) -> DecoderSpec:
    """The spec of a config.json (transformers' `Qwen3Config`)."""
    hf_config.silu_only(f)
    widths = hf_config.widths(f, {"head_dim": 128})
    bias = f.flag("attention_bias", False)
    return DecoderSpec(
        architecture="qwen3",
        **widths,
        **hf_config.qwen_sliding(f, widths["layers"]),
        rotary=hf_config.rotary(f, widths["head_dim"], widths["context_length"]),
        qk_norm=True,
        qkv_bias=bias,
        output_bias=bias,
        tied_output=f.flag("tie_word_embeddings", False),
    )


def from_gguf(f: Fields, tensors: gguf_keys.Tensors) -> DecoderSpec:
    """The spec of GGUF metadata."""
    widths = gguf_keys.widths(f, tensors)
    return DecoderSpec(
        architecture="qwen3",
        **widths,
        **gguf_keys.sliding(f, widths["layers"], period=0),
        rotary=gguf_keys.rotary(f, tensors, "half", widths["head_dim"], base=10000.0),
        qk_norm=True,
        qkv_bias="blk.0.attn_q.bias" in tensors,
        output_bias="blk.0.attn_output.bias" in tensors,
    )
