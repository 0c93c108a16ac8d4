"""DecoderSpec: everything in which decoder-only transformers differ, as data.

A backend never asks which architecture it runs.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pixel_llm.errors import PxiFormatError

RotaryKind = Literal["half", "interleaved"]
ScalingKind = Literal["none", "linear", "llama3", "factors"]
MAX_LAYERS: Final = 1 << 12  # ten times the deepest models there are; bounds the memory that metadata can ask for


@dataclass(frozen=True, kw_only=True)
class Rotary:
    """Rotary position embedding (Su et al. 2021, RoFormer).

    `kind` says which elements of a head form a pair: `half` (i, i + dims/2), as in GPT-NeoX and Hugging Face
    checkpoints; `interleaved` (2i, 2i + 1), as in GGUF files of the llama family. `base` is the wavelength base theta,
    `dims` how many leading elements of a head are rotated.

    `scaling`: `none`; `linear` divides every frequency by `factor`; `llama3` is Llama 3.1's frequency-dependent scaling
    (`factor`, `low_freq_factor`, `high_freq_factor`, `original_context`); `factors` divides frequency i by element i of
    the tensor `rope_freqs.weight` (float32, dims/2), which is how GGUF carries Llama 3's.
    """

    kind: RotaryKind
    base: float
    dims: int
    scaling: ScalingKind = "none"
    factor: float = 1.0
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0
    original_context: int = 0


@dataclass(frozen=True, kw_only=True)
class DecoderSpec:
    """A decoder-only transformer. Linear weights have shape (out, in). Widths are in elements, lengths in tokens.

    A layer is `x += attention(norm(x)); x += ffn(norm(x))`; with `post_norms`, the outputs of attention and ffn pass
    a norm of their own before they are added (Gemma). Norms are RMS norms: x / sqrt(mean(x²) + norm_eps) ·
    (norm_weight_offset + weight). `activation` is applied to gate and multiplied with up (SwiGLU: `silu`, GeGLU:
    `gelu_tanh`). Attention scores are q·k · attention_scale; key j is visible to query i when j <= i and, in a layer
    whose `sliding_layers` entry is True, i - j < sliding_window. Sliding layers use `local_rotary` where it is given.
    """

    architecture: str  # a label for people; nothing branches on it
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    context_length: int
    norm_eps: float
    rotary: Rotary
    attention_scale: float
    norm_weight_offset: float = 0.0
    local_rotary: Rotary | None = None
    post_norms: bool = False
    qk_norm: bool = False
    qkv_bias: bool = False
    output_bias: bool = False  # a bias after the attention's output projection
    mlp_bias: bool = False  # biases of gate, up and down
    activation: Literal["silu", "gelu_tanh"] = "silu"
    embedding_scale: float = 1.0
    tied_output: bool = False
    sliding_window: int = 0
    sliding_layers: tuple[bool, ...] = ()
    attention_softcap: float = 0.0  # 0: none
    output_softcap: float = 0.0

    def __post_init__(self) -> None:
        def need(ok: bool, part: str, message: str) -> None:
            if not ok:
                raise PxiFormatError(message, part=f"spec.{part}")

        for name in (
            "vocab_size",
            "hidden_size",
            "intermediate_size",
            "layers",
            "heads",
            "kv_heads",
            "head_dim",
            "context_length",
        ):
            value = getattr(self, name)
            need(type(value) is int and 1 <= value <= 1 << 31, name, f"{value!r} is not a positive integer")
        need(self.layers <= MAX_LAYERS, "layers", f"{self.layers} are more than {MAX_LAYERS}")
        need(self.heads % self.kv_heads == 0, "kv_heads", f"{self.heads} heads cannot share {self.kv_heads} KV heads")
        for name in ("norm_eps", "attention_scale", "embedding_scale"):
            value = getattr(self, name)
            need(math.isfinite(value) and value > 0, name, f"{value!r} is not a positive number")
        for part, rotary in (("rotary", self.rotary), ("local_rotary", self.local_rotary)):
            if rotary is None:
                continue
            need(rotary.kind in ("half", "interleaved"), part, f"unknown kind {rotary.kind!r}")
            need(rotary.scaling in ("none", "linear", "llama3", "factors"), part, f"unknown scaling {rotary.scaling!r}")
            need(
                0 < rotary.dims <= self.head_dim and rotary.dims % 2 == 0,
                part,
                f"{rotary.dims} rotated elements do not fit a head of {self.head_dim}",
            )
            need(math.isfinite(rotary.base) and rotary.base > 1, part, f"base {rotary.base!r} is not above 1")
            need(math.isfinite(rotary.factor) and rotary.factor > 0, part, f"factor {rotary.factor!r} is not positive")
            low, high = rotary.low_freq_factor, rotary.high_freq_factor
            need(
                rotary.scaling != "llama3" or (0 < low < high < math.inf and rotary.original_context > 0),
                part,
                f"llama3 scaling needs 0 < low_freq_factor < high_freq_factor and original_context above 0, not "
                f"{low!r}, {high!r}, {rotary.original_context!r}",
            )
        need(self.activation in ("silu", "gelu_tanh"), "activation", f"unknown activation {self.activation!r}")
        need(len(self.sliding_layers) in (0, self.layers), "sliding_layers", "needs one entry a layer, or none")
        need(
            not any(self.sliding_layers) or self.sliding_window > 0,
            "sliding_window",
            "sliding layers need a window of at least 1",
        )
        for name in ("attention_softcap", "output_softcap", "norm_weight_offset"):
            value = getattr(self, name)
            need(math.isfinite(value) and value >= 0, name, f"{value!r} is negative or not finite")

    def is_sliding(self, layer: int) -> bool:
        """Whether `layer` attends only to the last `sliding_window` positions."""
        return bool(self.sliding_layers) and self.sliding_layers[layer]

    def rotary_of(self, layer: int) -> Rotary:
        """The rotary embedding of `layer`."""
        return self.local_rotary if self.local_rotary is not None and self.is_sliding(layer) else self.rotary

    def tensor_shapes(self) -> dict[str, tuple[int, ...]]:
        """Canonical name -> shape of every tensor that a model of this spec has, in the order of evaluation.

        Names are GGUF's (`token_embd.weight`, `blk.0.attn_q.weight`, ...), which are the field's most used.
        """
        h, q, kv = self.hidden_size, self.heads * self.head_dim, self.kv_heads * self.head_dim
        shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (self.vocab_size, h)}
        if "factors" in (self.rotary.scaling, self.local_rotary.scaling if self.local_rotary else "none"):
            shapes["rope_freqs.weight"] = (self.rotary.dims // 2,)
        for i in range(self.layers):
            b = f"blk.{i}."
            shapes[b + "attn_norm.weight"] = (h,)
            shapes[b + "attn_q.weight"] = (q, h)
            shapes[b + "attn_k.weight"] = (kv, h)
            shapes[b + "attn_v.weight"] = (kv, h)
            if self.qkv_bias:
                shapes[b + "attn_q.bias"] = (q,)
                shapes[b + "attn_k.bias"] = (kv,)
                shapes[b + "attn_v.bias"] = (kv,)
            if self.qk_norm:
                shapes[b + "attn_q_norm.weight"] = (self.head_dim,)
                shapes[b + "attn_k_norm.weight"] = (self.head_dim,)
            shapes[b + "attn_output.weight"] = (h, q)
            if self.output_bias:
                shapes[b + "attn_output.bias"] = (h,)
            if self.post_norms:
                shapes[b + "post_attention_norm.weight"] = (h,)
            shapes[b + "ffn_norm.weight"] = (h,)
            shapes[b + "ffn_gate.weight"] = (self.intermediate_size, h)
            shapes[b + "ffn_up.weight"] = (self.intermediate_size, h)
            shapes[b + "ffn_down.weight"] = (h, self.intermediate_size)
            if self.mlp_bias:
                shapes[b + "ffn_gate.bias"] = (self.intermediate_size,)
                shapes[b + "ffn_up.bias"] = (self.intermediate_size,)
                shapes[b + "ffn_down.bias"] = (h,)
            if self.post_norms:
                shapes[b + "post_ffw_norm.weight"] = (h,)
        shapes["output_norm.weight"] = (h,)
        if not self.tied_output:
            shapes["output.weight"] = (self.vocab_size, h)
        return shapes

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` turns back into an equal spec."""
        value = dataclasses.asdict(self)
        value["sliding_layers"] = list(self.sliding_layers)
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> DecoderSpec:
        """The spec that a model index holds. Unknown, missing or ill-typed fields raise `PxiFormatError`."""
        data = _checked(cls, value, "spec")
        for name in ("rotary", "local_rotary"):
            if data.get(name) is not None:
                data[name] = Rotary(**_checked(Rotary, data[name], f"spec.{name}"))
        data["sliding_layers"] = tuple(data.get("sliding_layers", ()))
        return cls(**data)


_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
    "tuple[bool, ...]": (list, tuple),
    "Rotary": (Mapping,),
    "Rotary | None": (Mapping, type(None)),
}


def _checked(cls: type, value: object, part: str) -> dict[str, Any]:
    """`value` as keyword arguments of the dataclass `cls`, every field known, present and of its type."""
    if not isinstance(value, Mapping):
        raise PxiFormatError("is not a JSON object", part=part)
    fields = {f.name: f for f in dataclasses.fields(cls)}
    if unknown := sorted(str(k) for k in value if k not in fields):
        raise PxiFormatError(
            f"unknown field {unknown[0]!r}", part=part, remedy="a newer Pixel-LLM may have written this file"
        )
    out: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in value:
            if field.default is dataclasses.MISSING:
                raise PxiFormatError(f"field {name!r} is missing", part=part)
            continue
        item = value[name]
        allowed = _TYPES.get(str(field.type), (str,))
        if not isinstance(item, allowed) or (isinstance(item, bool) and bool not in allowed):
            raise PxiFormatError(f"{item!r} is not of type {field.type}", part=f"{part}.{name}")
        if isinstance(item, (list, tuple)) and not all(type(v) is bool for v in item):
            raise PxiFormatError("is not a list of booleans", part=f"{part}.{name}")
        out[name] = float(value[name]) if str(field.type) == "float" else item
    return out
