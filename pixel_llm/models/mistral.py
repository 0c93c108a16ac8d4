"""The mistral architecture (Jiang et al. 2023): llama with a sliding window in every layer.

GGUF files call it llama, so that only config.json is read here.
"""

from __future__ import annotations

from pixel_llm.models import hf_config
from pixel_llm.models.fields import Fields
from pixel_llm.models.spec import DecoderSpec

HF_ARCHITECTURES = frozenset({"MistralForCausalLM"})


def from_config(f: Fields) -> DecoderSpec:
    """The spec of a config.json (transformers' `MistralConfig`)."""
    hf_config.silu_only(f)
    widths = hf_config.widths(f, {})
    layers = widths["layers"]
    if "sliding_window" not in f.values:
        raise f.bad("sliding_window", "is missing (null where attention is full)")
    window = f.integer("sliding_window", None)
    slides = (window is not None,) * layers
    types = hf_config.layer_types(f, layers)
    if types is not None and types != slides:
        raise f.unsupported("layer_types", "a mistral model slides in every layer or in none")
    return DecoderSpec(
        architecture="mistral",
        **widths,
        rotary=hf_config.rotary(f, widths["head_dim"], widths["context_length"]),
        sliding_window=window or 0,
        sliding_layers=slides if window else (),
        tied_output=f.flag("tie_word_embeddings", False),
    )
