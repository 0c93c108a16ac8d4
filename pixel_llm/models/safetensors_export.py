"""What a model's Hugging Face folder says and holds when its checkpoint was GGUF: config.json, names, rows, norms.

- llama and mistral: GGUF rotates neighbouring elements of a head together, Hugging Face elements i and i + dims/2, so
  that the rows of q and k (weights and biases) are in another order.
- gemma3: Hugging Face stores norm weights minus 1.
- Llama 3's rotary scaling is the tensor `rope_freqs.weight` in GGUF and four numbers in config.json.

What a spec means is written down and read back by the very code that reads config.json; a spec that does not come back
equal cannot be said there, and is refused by the field that differs.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import InvalidArgumentError, UnsupportedError
from pixel_llm.models.describe import spec_from_config
from pixel_llm.models.names import describe_export
from pixel_llm.models.rotary import inverse_frequencies
from pixel_llm.models.spec import DecoderSpec, Rotary

_CLASSES: Final = {
    "llama": "LlamaForCausalLM",
    "mistral": "MistralForCausalLM",
    "qwen2": "Qwen2ForCausalLM",
    "qwen3": "Qwen3ForCausalLM",
    "gemma3_text": "Gemma3ForCausalLM",
}
_LLAMA3_CONTEXTS: Final = tuple(1 << exponent for exponent in range(5, 24))


@dataclass(frozen=True)
class SafetensorsExport:
    """The arguments of `formats.safetensors_export.export_safetensors` that only the architecture knows.

    `config` is the config.json object, to which the caller adds `bos_token_id`, `eos_token_id` and `torch_dtype`.
    `names`: canonical name -> the folder's; a tensor that is not in it is left out. Row i of the exported tensor is row
    `row_order[name][i]` of ours; `added[name]` is added to each weight.
    """

    config: dict[str, Any]
    names: dict[str, str]
    row_order: dict[str, NDArray[np.intp]]
    added: dict[str, float]


def describe_safetensors_export(
    spec: DecoderSpec, *, rope_freqs: NDArray[np.float32] | None = None
) -> SafetensorsExport:
    """How a model of `spec` becomes a Hugging Face folder. `rope_freqs` is its tensor `rope_freqs.weight`, if any.

    Raises `UnsupportedError` where transformers has no architecture or field for what the spec says.
    """
    rotary = replace(spec.rotary, kind="half")
    if rotary.scaling == "factors":
        if rope_freqs is None:
            raise InvalidArgumentError("the model's rope_freqs.weight must be given", part="rope_freqs")
        rotary = _llama3_of(rotary, rope_freqs.reshape(-1))
    local = None if spec.local_rotary is None else replace(spec.local_rotary, kind="half")
    target = replace(
        spec,
        # GGUF calls mistral llama; what tells them apart is the window.
        architecture="mistral" if spec.architecture == "llama" and any(spec.sliding_layers) else spec.architecture,
        rotary=rotary,
        local_rotary=local,
        norm_weight_offset=1.0 if spec.architecture == "gemma3" else spec.norm_weight_offset,
    )
    config = _config(target)
    _check(target, config)
    order: dict[str, NDArray[np.intp]] = {}
    if spec.rotary.kind == "interleaved":
        for part, heads in (("attn_q", spec.heads), ("attn_k", spec.kv_heads)):
            rows = _halves(heads, spec.head_dim, rotary.dims)
            order |= {name: rows for name in target.tensor_shapes() if f".{part}." in name}
    added = spec.norm_weight_offset - target.norm_weight_offset
    return SafetensorsExport(
        config=config,
        names=describe_export(target),
        row_order=order,
        added={name: added for name in target.tensor_shapes() if added and "norm" in name.split(".")[-2]},
    )


def _config(spec: DecoderSpec) -> dict[str, Any]:
    model_type = "gemma3_text" if spec.architecture == "gemma3" else spec.architecture
    if model_type not in _CLASSES:
        raise UnsupportedError(f"safetensors export does not know the architecture {spec.architecture!r}")
    slides = any(spec.sliding_layers)
    config: dict[str, Any] = {
        "architectures": [_CLASSES[model_type]],
        "model_type": model_type,
        "vocab_size": spec.vocab_size,
        "hidden_size": spec.hidden_size,
        "intermediate_size": spec.intermediate_size,
        "num_hidden_layers": spec.layers,
        "num_attention_heads": spec.heads,
        "num_key_value_heads": spec.kv_heads,
        "head_dim": spec.head_dim,
        "max_position_embeddings": spec.context_length,
        "rms_norm_eps": spec.norm_eps,
        "rope_theta": spec.rotary.base,
        "tie_word_embeddings": spec.tied_output,
    }
    if (scaling := _rope_scaling(spec.rotary)) is not None:
        config["rope_scaling"] = scaling
    if model_type != "gemma3_text":
        config["hidden_act"] = "silu"
    if model_type in ("llama", "qwen3"):
        config["attention_bias"] = spec.qkv_bias
    if model_type == "llama":
        config["mlp_bias"] = spec.mlp_bias
    if model_type != "llama":
        config["sliding_window"] = spec.sliding_window if slides else None
    if model_type in ("qwen2", "qwen3"):
        config["use_sliding_window"] = slides
    if model_type == "gemma3_text" or (slides and model_type != "mistral"):
        config["layer_types"] = [
            "sliding_attention" if spec.is_sliding(i) else "full_attention" for i in range(spec.layers)
        ]
    if model_type == "gemma3_text":
        scalar = spec.attention_scale**-2
        config |= {
            "hidden_activation": "gelu_pytorch_tanh",
            "attention_bias": spec.qkv_bias,
            "query_pre_attn_scalar": round(scalar) if abs(scalar - round(scalar)) < 1e-6 * scalar else scalar,
            "rope_local_base_freq": (spec.local_rotary or spec.rotary).base,
            "final_logit_softcapping": spec.output_softcap or None,
        }
    return config


def _rope_scaling(rotary: Rotary) -> dict[str, Any] | None:
    if rotary.scaling == "linear":
        return {"rope_type": "linear", "factor": rotary.factor}
    if rotary.scaling == "llama3":
        return {
            "rope_type": "llama3",
            "factor": rotary.factor,
            "low_freq_factor": rotary.low_freq_factor,
            "high_freq_factor": rotary.high_freq_factor,
            "original_max_position_embeddings": rotary.original_context,
        }
    return None


def _llama3_of(rotary: Rotary, factors: NDArray[np.float32]) -> Rotary:
    """The numbers of Llama 3's scaling from the factors that were made from them.

    In every published model (Llama 3.1 to 3.3) low_freq_factor is 1, high_freq_factor 4, the factor the largest of all
    and the original context a power of two.
    """
    plain = inverse_frequencies(replace(rotary, scaling="none"))
    for context in _LLAMA3_CONTEXTS:
        guess = replace(
            rotary,
            scaling="llama3",
            factor=round(float(factors.max()), 4),
            low_freq_factor=1.0,
            high_freq_factor=4.0,
            original_context=context,
        )
        if np.allclose(plain / inverse_frequencies(guess), factors, rtol=1e-4):
            return guess
    raise UnsupportedError(
        "these rotary factors are not Llama 3's scaling, and config.json has no field for others",
        part="rope_freqs.weight",
        remedy="export as gguf",
    )


def _check(target: DecoderSpec, config: dict[str, Any]) -> None:
    said = spec_from_config(config)
    for field in dataclasses.fields(DecoderSpec):
        wanted, got = getattr(target, field.name), getattr(said, field.name)
        close = isinstance(wanted, float) and isinstance(got, float) and abs(wanted - got) <= 1e-9 * abs(wanted)
        if wanted != got and not close:
            raise UnsupportedError(
                f"a {config['model_type']} config.json cannot say {wanted!r} (it means {got!r})",
                part=f"spec.{field.name}",
                remedy="export as gguf",
            )


def _halves(heads: int, head_dim: int, dims: int) -> NDArray[np.intp]:
    """Rows of `heads` heads whose neighbouring pairs become rotated halves."""
    head = np.arange(head_dim)
    head[:dims] = head[:dims].reshape(dims // 2, 2).T.reshape(-1)
    order: NDArray[np.intp] = (np.arange(heads)[:, None] * head_dim + head).reshape(-1)
    return order
