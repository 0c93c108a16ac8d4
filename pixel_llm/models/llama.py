"""The llama architecture: Llama 1 to 3, SmolLM2, TinyLlama and many others; in GGUF files Mistral too.

Touvron et al. 2023 (LLaMA); Grattafiori et al. 2024 (Llama 3), whose rotary scaling is `rope_freqs.weight` in GGUF.
"""

from __future__ import annotations

from pixel_llm.models import gguf_keys, hf_config
from pixel_llm.models.fields import Fields
from pixel_llm.models.spec import DecoderSpec

HF_ARCHITECTURES = frozenset({"LlamaForCausalLM"})


def from_config(f: Fields) -> DecoderSpec:
    """The spec of a config.json (transformers' `LlamaConfig`)."""
    hf_config.silu_only(f)
    f.same("rope_interleaved", False, "Hugging Face checkpoints pair halves")
    kv = {} if f.has("num_key_value_heads") else {"num_key_value_heads": f.integer("num_attention_heads")}
    widths = hf_config.widths(f, kv)
    attention_bias = f.flag("attention_bias", False)
    return DecoderSpec(
        architecture="llama",
        **widths,
        rotary=hf_config.rotary(f, widths["head_dim"], widths["context_length"]),
        qkv_bias=attention_bias,
        output_bias=attention_bias,
        mlp_bias=f.flag("mlp_bias", False),
        tied_output=f.flag("tie_word_embeddings", False),
    )


def from_gguf(f: Fields, tensors: gguf_keys.Tensors) -> DecoderSpec:
    """The spec of GGUF metadata; rows of q and k lie so that neighbouring elements are rotated together."""
    widths = gguf_keys.widths(f, tensors)
    return DecoderSpec(
        architecture="llama",
        **widths,
        **gguf_keys.sliding(f, widths["layers"], period=0),
        rotary=gguf_keys.rotary(f, tensors, "interleaved", widths["head_dim"], base=10000.0),
        qkv_bias="blk.0.attn_q.bias" in tensors,
        output_bias="blk.0.attn_output.bias" in tensors,
        mlp_bias="blk.0.ffn_gate.bias" in tensors,
    )
