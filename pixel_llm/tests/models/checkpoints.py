"""Checkpoints in memory for tests of `describe`: metadata and shapes, no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pixel_llm.models import describe_export, spec_from_config
from pixel_llm.testing.tiny import CONFIGS


@dataclass
class FakeTensor:
    shape: tuple[int, ...]
    fill: float = 0.0

    def rows(self, start: int, stop: int) -> np.ndarray:
        return np.full((stop - start, self.shape[-1]), self.fill, np.float32)


@dataclass
class FakeCheckpoint:
    kind: str
    metadata: Mapping[str, Any]
    tensors: dict[str, FakeTensor]
    path: Path = Path("fake")


def hf(config: str | Mapping[str, Any], **changes: Any) -> FakeCheckpoint:
    """A Hugging Face checkpoint that fits `config`, whose fields are then changed (`...` removes one)."""
    base = dict(CONFIGS[config] if isinstance(config, str) else config)
    names = describe_export(spec_from_config(base))
    shapes = spec_from_config(base).tensor_shapes()
    tensors = {name: FakeTensor(shapes[canonical]) for canonical, name in names.items()}
    return FakeCheckpoint("safetensors", {"config": changed(base, changes)}, tensors)


def changed(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in {**values, **changes}.items() if v is not ...}


GGUF_KEYS: dict[str, Any] = {
    "block_count": 2,
    "context_length": 128,
    "embedding_length": 64,
    "feed_forward_length": 96,
    "attention.head_count": 4,
    "attention.head_count_kv": 2,
    "attention.layer_norm_rms_epsilon": 1e-5,
    "rope.freq_base": 500000.0,
    "rope.dimension_count": 16,
}


def gguf(
    architecture: str = "llama",
    *,
    untied: bool = False,
    extra: Mapping[str, tuple[int, ...]] | None = None,
    **changes: Any,
) -> FakeCheckpoint:
    """A GGUF checkpoint; changes are keys of the architecture's namespace with "__" for dots (`...` removes one)."""
    keys = changed(GGUF_KEYS, {name.replace("__", "."): value for name, value in changes.items()})
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (288, 64), "output_norm.weight": (64,)}
    if untied:
        shapes["output.weight"] = (288, 64)
    head = 16
    for i in range(2):
        b = f"blk.{i}."
        for name in ("attn_norm", "ffn_norm"):
            shapes[f"{b}{name}.weight"] = (64,)
        shapes |= {f"{b}attn_q.weight": (4 * head, 64), f"{b}attn_output.weight": (64, 4 * head)}
        shapes |= {f"{b}attn_{n}.weight": (2 * head, 64) for n in "kv"}
        shapes |= {f"{b}ffn_{n}.weight": (96, 64) for n in ("gate", "up")}
        shapes[f"{b}ffn_down.weight"] = (64, 96)
        if architecture == "qwen2":
            shapes |= {f"{b}attn_{n}.bias": (head * (4 if n == "q" else 2),) for n in "qkv"}
        if architecture in ("qwen3", "gemma3"):
            shapes |= {f"{b}attn_{n}_norm.weight": (head,) for n in "qk"}
        if architecture == "gemma3":
            shapes |= {f"{b}{n}.weight": (64,) for n in ("post_attention_norm", "post_ffw_norm")}
    shapes |= extra or {}
    metadata = {"general.architecture": architecture, "general.type": "model", "tokenizer.ggml.model": "gpt2"}
    metadata |= {f"{architecture}.{key}": value for key, value in keys.items()}
    return FakeCheckpoint("gguf", metadata, {name: FakeTensor(shape) for name, shape in shapes.items()})
