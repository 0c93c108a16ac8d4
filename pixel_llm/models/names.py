"""Names of tensors: Hugging Face's and the canonical ones, which are GGUF's."""

from __future__ import annotations

import re
from typing import Final

from pixel_llm.models.spec import DecoderSpec

_TOP: Final = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_LAYER: Final = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
# Where a layer has norms after its parts too, post_attention_layernorm is one of those.
_LAYER_POST_NORMS: Final = _LAYER | {
    "ffn_norm": "pre_feedforward_layernorm",
    "post_attention_norm": "post_attention_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
_BLOCK: Final = re.compile(r"blk\.(\d+)\.(\w+)\.(weight|bias)")


def describe_export(spec: DecoderSpec) -> dict[str, str]:
    """Canonical name -> Hugging Face's name, for every tensor of `spec` that a Hugging Face checkpoint has.

    `rope_freqs.weight` has no such name: it becomes `rope_scaling` in config.json (`describe_safetensors_export`).
    """
    layer = _LAYER_POST_NORMS if spec.post_norms else _LAYER
    names: dict[str, str] = {}
    for name in spec.tensor_shapes():
        if match := _BLOCK.fullmatch(name):
            number, part, kind = match.groups()
            names[name] = f"model.layers.{number}.{layer[part]}.{kind}"
        elif name in _TOP:
            names[name] = _TOP[name]
    return names


def plain_hf_name(name: str) -> str | None:
    """A Hugging Face name as a text-only model has it; None for tensors that belong to the vision part of a model."""
    if name.startswith(
        ("vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector.")
    ):
        return None
    if name.startswith("language_model."):  # transformers 4's multimodal models
        return name.removeprefix("language_model.")
    if name.startswith("model.language_model."):  # transformers 5's
        return "model." + name.removeprefix("model.language_model.")
    return name
