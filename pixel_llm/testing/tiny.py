"""Tiny random models of every architecture, the same on every machine.

`CONFIGS` are config.json objects as transformers reads them; `random_tensors` draws weights for any `DecoderSpec`.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.models.spec import DecoderSpec

VOCAB: Final = 288  # 256 bytes, the merges and specials of the tiny tokenizer, and a few ids without a token

_LLAMA: Final[dict[str, Any]] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "vocab_size": VOCAB,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "hidden_act": "silu",
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
    "bos_token_id": 256,
    "eos_token_id": 257,
}
_MISTRAL: Final = _LLAMA | {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": 7}
_QWEN2: Final = _LLAMA | {
    "model_type": "qwen2",
    "architectures": ["Qwen2ForCausalLM"],
    "rms_norm_eps": 1e-6,
    "rope_theta": 1_000_000.0,
    "tie_word_embeddings": True,
    "use_sliding_window": False,
    "sliding_window": None,
    "max_window_layers": 2,
}
_QWEN3: Final = _QWEN2 | {
    "model_type": "qwen3",
    "architectures": ["Qwen3ForCausalLM"],
    "head_dim": 24,
    "attention_bias": False,
}
_GEMMA3: Final[dict[str, Any]] = {
    "model_type": "gemma3_text",
    "architectures": ["Gemma3ForCausalLM"],
    "vocab_size": VOCAB,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
    "head_dim": 32,
    "hidden_activation": "gelu_pytorch_tanh",
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-6,
    "query_pre_attn_scalar": 20,
    "sliding_window": 6,
    "tie_word_embeddings": True,
    "bos_token_id": 256,
    "eos_token_id": 257,
    "pad_token_id": 0,
}

CONFIGS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "llama": _LLAMA,
        "llama-tied-odd": _LLAMA
        | {"hidden_size": 42, "intermediate_size": 51, "num_attention_heads": 3, "num_key_value_heads": 3}
        | {"tie_word_embeddings": True},
        "llama-biases": _LLAMA | {"attention_bias": True, "mlp_bias": True, "num_key_value_heads": 1},
        "llama-rope-llama3": _LLAMA
        | {
            "rope_scaling": {
                "rope_type": "llama3",
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            }
        },
        "llama-rope-linear": _LLAMA | {"rope_scaling": {"type": "linear", "factor": 2.5}},
        "llama-rope-parameters": {k: v for k, v in _LLAMA.items() if k != "rope_theta"}
        | {"rope_parameters": {"rope_type": "default", "rope_theta": 500.0}},
        "mistral": _MISTRAL,
        "mistral-full": _MISTRAL | {"sliding_window": None, "head_dim": 20},
        "qwen2": _QWEN2,
        "qwen2-sliding": _QWEN2
        | {"num_hidden_layers": 3, "use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1}
        | {"tie_word_embeddings": False},
        "qwen3": _QWEN3,
        "qwen3-bias": _QWEN3 | {"attention_bias": True, "tie_word_embeddings": False},
        "gemma3": _GEMMA3
        | {"rope_theta": 1_000_000.0, "rope_local_base_freq": 10_000.0, "sliding_window_pattern": 2}
        | {"rope_scaling": {"rope_type": "linear", "factor": 8.0}},
        "gemma3-parameters": _GEMMA3
        | {
            "layer_types": ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"],
            "rope_parameters": {
                "full_attention": {"rope_type": "default", "rope_theta": 1_000_000.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
            },
            "final_logit_softcapping": 3.0,
            "tie_word_embeddings": False,
        },
    }
)


def uniform(seed: int, label: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Multiples of 2**-23 in [-1, 1), float32; from PCG64's raw stream, which NumPy keeps the same for ever."""
    raw = np.random.PCG64([seed, zlib.crc32(label.encode())]).random_raw(int(np.prod(shape)))
    return ((raw >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)).reshape(shape)


def random_tensors(spec: DecoderSpec, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Weights by canonical name, float32, of a size that keeps activations and logits near 1 to 10."""
    tensors = {}
    for name, shape in spec.tensor_shapes().items():
        values = uniform(seed, name, shape)
        part = name.split(".")[-2]
        if name == "rope_freqs.weight":
            values = 3 + 2 * values
        elif "norm" in part:
            values = np.float32(1 - spec.norm_weight_offset) + np.float32(0.3) * values
        elif name.endswith(".bias"):
            values = np.float32(0.3) * values
        elif name == "token_embd.weight":
            values *= np.float32(1.7 / spec.embedding_scale)
        else:
            # Queries and keys are larger, so that attention is far from a plain mean.
            gain = 4.0 if part in ("attn_q", "attn_k", "output") else 2.0
            values *= np.float32(gain / shape[-1] ** 0.5)
        tensors[name] = values
    return tensors
