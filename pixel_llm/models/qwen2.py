"""The qwen2 architecture (Yang et al. 2024): Qwen 1.5, 2 and 2.5. Llama with biases on q, k and v."""

from __future__ import annotations

from pixel_llm.models import gguf_keys, hf_config
from pixel_llm.models.fields import Fields
from pixel_llm.models.spec import DecoderSpec

HF_ARCHITECTURES = frozenset({"Qwen2ForCausalLM"})


def from_config(f: Fields) -> DecoderSpec:
    """The spec of a config.json (transformers' `Qwen2Config`)."""
    hf_config.silu_only(f)
    widths = hf_config.widths(f, {})
    return DecoderSpec(
        architecture="qwen2",
        **widths,
        **hf_config.qwen_sliding(f, widths["layers"]),
        rotary=hf_config.rotary(f, widths["head_dim"], widths["context_length"]),
        qkv_bias=True,
        tied_output=f.flag("tie_word_embeddings", False),
    )


def from_gguf(f: Fields, tensors: gguf_keys.Tensors) -> DecoderSpec:
    """The spec of GGUF metadata."""
    widths = gguf_keys.widths(f, tensors)
    return DecoderSpec(
        architecture="qwen2",
        **widths,
        **gguf_keys.sliding(f, widths["layers"], period=0),
        rotary=gguf_keys.rotary(f, tensors, "half", widths["head_dim"], base=10000.0),
        qkv_bias=True,
    )
