"""What a model's GGUF file says and holds when its checkpoint was not GGUF: keys, order of rows, norms.

Keys are those of the GGUF specification (github.com/ggml-org/ggml, docs/gguf.md) and of llama.cpp's loader. What a
spec means is written down and read back by the very code that reads GGUF metadata; a spec that does not come back
equal cannot be said in GGUF, and is refused by the field that differs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from pixel_llm.errors import GGUFFormatError, UnsupportedError
from pixel_llm.models import gemma3, gguf_keys, llama, qwen2, qwen3
from pixel_llm.models.fields import Fields
from pixel_llm.models.rotary import inverse_frequencies
from pixel_llm.models.spec import DecoderSpec, Rotary

# Spec's label -> GGUF's architecture, its reader, and whether it rotates neighbouring elements together.
_ARCHITECTURES: Final[Mapping[str, tuple[str, Callable[[Fields, gguf_keys.Tensors], DecoderSpec], bool]]] = {
    "llama": ("llama", llama.from_gguf, True),
    "mistral": ("llama", llama.from_gguf, True),
    "qwen2": ("qwen2", qwen2.from_gguf, False),
    "qwen3": ("qwen3", qwen3.from_gguf, False),
    "gemma3": ("gemma3", gemma3.from_gguf, False),
}


@dataclass(frozen=True)
class GGUFExport:
    """The arguments of `formats.gguf_export.export_gguf` that only the architecture knows.

    `metadata` lacks the tokenizer's keys. Row i of the exported tensor is row `row_order[name][i]` of ours;
    `added[name]` is added to each weight; `extra` are float32 tensors that the model file does not have.
    """

    metadata: dict[str, Any]
    row_order: dict[str, NDArray[np.intp]]
    added: dict[str, float]
    extra: dict[str, NDArray[np.float32]]


def describe_gguf_export(spec: DecoderSpec, *, name: str = "", licence: str | None = None) -> GGUFExport:
    """How a model of `spec`, with Hugging Face's order of rows, becomes a GGUF file.

    Raises `UnsupportedError` where GGUF has no architecture or key for what the spec says.
    """
    if spec.architecture not in _ARCHITECTURES:
        raise UnsupportedError(f"GGUF export does not know the architecture {spec.architecture!r}")
    architecture, read, interleaved = _ARCHITECTURES[spec.architecture]
    rotary = replace(spec.rotary, kind="interleaved" if interleaved else "half")
    extra: dict[str, NDArray[np.float32]] = {}
    if rotary.scaling == "llama3":
        plain = inverse_frequencies(replace(rotary, scaling="none"))
        extra["rope_freqs.weight"] = plain / inverse_frequencies(rotary)
        rotary = Rotary(kind=rotary.kind, base=rotary.base, dims=rotary.dims, scaling="factors")
    if architecture == "qwen3" and (spec.qkv_bias or spec.output_bias):
        raise UnsupportedError("llama.cpp's qwen3 has no biases", part="spec.qkv_bias", remedy="export as safetensors")
    target = replace(spec, architecture=architecture, rotary=rotary, norm_weight_offset=0.0)
    shapes = target.tensor_shapes()
    own = _keys(target)
    _check(target, own, read, shapes)
    general = {"general.architecture": architecture, "general.type": "model"}
    general |= {"general.name": name} if name else {}
    general |= {"general.license": licence} if licence else {}
    order: dict[str, NDArray[np.intp]] = {}
    if interleaved and spec.rotary.kind == "half":
        for part, heads in (("attn_q", spec.heads), ("attn_k", spec.kv_heads)):
            rows = _interleaved(heads, spec.head_dim, rotary.dims)
            for tensor in shapes:
                if f".{part}." in tensor:
                    order[tensor] = rows
    offset = spec.norm_weight_offset
    return GGUFExport(
        metadata=general | {f"{architecture}.{key}": value for key, value in own.items()},
        row_order=order,
        added={tensor: offset for tensor in shapes if offset and "norm" in tensor.split(".")[-2]},
        extra=extra,
    )


def _keys(spec: DecoderSpec) -> dict[str, Any]:
    """The keys below `{architecture}.`."""
    keys: dict[str, Any] = {
        "vocab_size": spec.vocab_size,
        "context_length": spec.context_length,
        "embedding_length": spec.hidden_size,
        "block_count": spec.layers,
        "feed_forward_length": spec.intermediate_size,
        "attention.head_count": spec.heads,
        "attention.head_count_kv": spec.kv_heads,
        "attention.key_length": spec.head_dim,
        "attention.value_length": spec.head_dim,
        "attention.layer_norm_rms_epsilon": spec.norm_eps,
        "rope.dimension_count": spec.rotary.dims,
        "rope.freq_base": spec.rotary.base,
    }
    if spec.rotary.scaling == "linear":
        keys |= {"rope.scaling.type": "linear", "rope.scaling.factor": spec.rotary.factor}
    if spec.local_rotary is not None:
        keys["rope.freq_base_swa"] = spec.local_rotary.base
    if any(spec.sliding_layers):
        keys["attention.sliding_window"] = spec.sliding_window
        keys["attention.sliding_window_pattern"] = _pattern(spec.sliding_layers)
    if spec.output_softcap:
        keys["final_logit_softcapping"] = spec.output_softcap
    return keys


def _pattern(slides: tuple[bool, ...]) -> int | list[bool]:
    """A period p where every p-th layer alone is full (0: none is), which all readers know; else one flag a layer."""
    periods: tuple[int, ...] = (0, *range(2, len(slides) + 1))
    for period in periods:
        if slides == tuple(period == 0 or (i + 1) % period != 0 for i in range(len(slides))):
            return period
    return list(slides)


def _check(
    target: DecoderSpec,
    own: Mapping[str, Any],
    read: Callable[[Fields, gguf_keys.Tensors], DecoderSpec],
    shapes: Mapping[str, tuple[int, ...]],
) -> None:
    stand_ins = cast(gguf_keys.Tensors, {name: SimpleNamespace(shape=shape) for name, shape in shapes.items()})
    said = read(Fields(own, error=GGUFFormatError, prefix=target.architecture + "."), stand_ins)
    for field in dataclasses.fields(DecoderSpec):
        wanted, got = getattr(target, field.name), getattr(said, field.name)
        if wanted != got:
            raise UnsupportedError(
                f"a {target.architecture} GGUF file cannot say {wanted!r} (it means {got!r})",
                part=f"spec.{field.name}",
                remedy="export as safetensors",
            )


def _interleaved(heads: int, head_dim: int, dims: int) -> NDArray[np.intp]:
    """Rows of `heads` heads whose rotated halves become neighbouring pairs."""
    head = np.arange(head_dim)
    head[:dims] = head[:dims].reshape(2, dims // 2).T.reshape(-1)
    order: NDArray[np.intp] = (np.arange(heads)[:, None] * head_dim + head).reshape(-1)
    return order
