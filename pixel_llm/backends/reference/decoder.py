"""ReferenceDecoder: the forward pass written down once, in float32 NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Chunk, check_chunks, check_slot, check_truncate
from pixel_llm.backends.reference.weights import BUDGET_BYTES, Weights
from pixel_llm.errors import BackendError
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.rotary import inverse_frequencies
from pixel_llm.models.spec import DecoderSpec, Rotary

F32 = NDArray[np.float32]

_QUERY_BLOCK: Final = 256  # positions whose attention scores are in memory at a time
_FIRST_CAPACITY: Final = 64


class ReferenceDecoder:
    """A `Decoder` (see `backends/base.py`). Slow, and right to float32's precision.

    `weight_budget` is how many bytes of float32 copies of weights are kept (`reference/weights.py`); the KV cache is
    float32 and grows with the text, 8 · layers · kv_heads · head_dim bytes a token.
    """

    backend = "reference"

    def __init__(
        self,
        model: ModelFile,
        spec: DecoderSpec,
        *,
        context_length: int,
        slots: int = 1,
        weight_budget: int = BUDGET_BYTES,
    ) -> None:
        self.spec = spec
        self.context_length = context_length
        self.slots = slots
        self._weights: Weights | None = Weights(model, weight_budget)
        self._lengths = [0] * slots
        # Of each slot and layer, the keys and the values: (kv_heads, capacity, head_dim).
        self._cache = [[(_empty(spec), _empty(spec)) for _ in range(spec.layers)] for _ in range(slots)]

    @np.errstate(all="ignore")  # what is not finite shows in the logits; NumPy's warnings would add nothing
    def forward(self, chunks: Sequence[Chunk]) -> list[F32]:
        """See `Decoder.forward`."""
        weights = self._open()
        spec = self.spec
        check_chunks(chunks, self._lengths, self.context_length, spec.vocab_size)
        if not chunks:
            return []
        ends = np.cumsum([len(c.ids) for c in chunks])
        parts = [slice(int(end) - len(c.ids), int(end)) for end, c in zip(ends, chunks, strict=True)]
        starts = [self._lengths[c.slot] for c in chunks]
        positions = np.concatenate([np.arange(s, s + len(c.ids)) for s, c in zip(starts, chunks, strict=True)])
        tables = {rotary: self._angles(rotary, positions) for rotary in self._rotaries()}

        x = weights.embed(np.concatenate([c.ids for c in chunks])) * np.float32(spec.embedding_scale)
        for layer in range(spec.layers):
            b = f"blk.{layer}."
            q, k, v = self._projections(b, self._norm(x, b + "attn_norm.weight"), tables[spec.rotary_of(layer)])
            mixed = np.empty_like(q)
            for chunk, part, start in zip(chunks, parts, starts, strict=True):
                keys, values = self._append(chunk.slot, layer, start, k[part], v[part])
                mixed[part] = self._attend(q[part], keys, values, start, layer)
            mixed = self._linear(b + "attn_output", mixed.reshape(len(x), -1), spec.output_bias)
            if spec.post_norms:
                mixed = self._norm(mixed, b + "post_attention_norm.weight")
            x = x + mixed
            y = self._norm(x, b + "ffn_norm.weight")
            gate = self._linear(b + "ffn_gate", y, spec.mlp_bias)
            up = self._linear(b + "ffn_up", y, spec.mlp_bias)
            y = self._linear(b + "ffn_down", self._activate(gate) * up, spec.mlp_bias)
            if spec.post_norms:
                y = self._norm(y, b + "post_ffw_norm.weight")
            x = x + y

        wanted = [_wanted_rows(chunk, part) for chunk, part in zip(chunks, parts, strict=True)]
        logits = self._logits(x[np.concatenate(wanted)])
        for chunk, start in zip(chunks, starts, strict=True):
            self._lengths[chunk.slot] = start + len(chunk.ids)
        return np.split(logits, np.cumsum([len(w) for w in wanted])[:-1])

    def length(self, slot: int) -> int:
        """See `Decoder.length`."""
        self._open()
        return self._lengths[check_slot(slot, self.slots)]

    def truncate(self, slot: int, length: int) -> None:
        """See `Decoder.truncate`."""
        self._open()
        slot = check_slot(slot, self.slots)
        self._lengths[slot] = check_truncate(length, self._lengths[slot])

    def close(self) -> None:
        """See `Decoder.close`."""
        self._weights = None
        self._cache = []

    def _open(self) -> Weights:
        if self._weights is None:
            raise BackendError("the decoder is closed")
        return self._weights

    def _linear(self, name: str, x: F32, bias: bool) -> F32:
        weights = self._open()
        y = weights.linear(name + ".weight", x)
        return y + weights.vector(name + ".bias") if bias else y

    def _norm(self, x: F32, name: str) -> F32:
        """RMS norm over the last axis (Zhang and Sennrich 2019)."""
        mean = np.mean(x * x, axis=-1, keepdims=True, dtype=np.float32)
        weight = np.float32(self.spec.norm_weight_offset) + self._open().vector(name)
        return np.asarray(x / np.sqrt(mean + np.float32(self.spec.norm_eps)) * weight, np.float32)

    def _activate(self, x: F32) -> F32:
        if self.spec.activation == "silu":
            with np.errstate(over="ignore"):  # exp(-x) may be infinite, and x over it 0
                return np.asarray(x / (1 + np.exp(-x)), np.float32)
        # GELU's tanh approximation (Hendrycks and Gimpel 2016).
        inner = np.float32(np.sqrt(2 / np.pi)) * (x + np.float32(0.044715) * x * x * x)
        return np.asarray(np.float32(0.5) * x * (1 + np.tanh(inner)), np.float32)

    def _projections(self, b: str, x: F32, angles: tuple[F32, F32]) -> tuple[F32, F32, F32]:
        """Queries (n, heads, head_dim), keys and values (n, kv_heads, head_dim); q and k normed and rotated."""
        spec = self.spec
        q, k, v = (
            self._linear(b + name, x, spec.qkv_bias).reshape(len(x), -1, spec.head_dim)
            for name in ("attn_q", "attn_k", "attn_v")
        )
        if spec.qk_norm:
            q = self._norm(q, b + "attn_q_norm.weight")
            k = self._norm(k, b + "attn_k_norm.weight")
        layer = int(b.split(".")[1])
        kind = spec.rotary_of(layer).kind
        return _rotate(q, angles, kind), _rotate(k, angles, kind), v

    def _rotaries(self) -> set[Rotary]:
        return {self.spec.rotary_of(layer) for layer in range(self.spec.layers)}

    def _angles(self, rotary: Rotary, positions: NDArray[np.int64]) -> tuple[F32, F32]:
        """Cosines and sines, (n, 1, dims/2)."""
        factors = self._open().vector("rope_freqs.weight") if rotary.scaling == "factors" else None
        angles = positions.astype(np.float32)[:, None] * inverse_frequencies(rotary, factors)
        return np.cos(angles)[:, None, :], np.sin(angles)[:, None, :]

    def _append(self, slot: int, layer: int, start: int, k: F32, v: F32) -> tuple[F32, F32]:
        """Store new keys and values (n, kv_heads, head_dim); all of the slot's, (kv_heads, length, head_dim)."""
        end = start + len(k)
        keys, values = self._cache[slot][layer]
        if keys.shape[1] < end:
            capacity = min(self.context_length, max(_FIRST_CAPACITY, end, 2 * keys.shape[1]))
            keys, values = (_grown(old, start, capacity) for old in (keys, values))
            self._cache[slot][layer] = keys, values
        keys[:, start:end] = k.transpose(1, 0, 2)
        values[:, start:end] = v.transpose(1, 0, 2)
        return keys[:, :end], values[:, :end]

    def _attend(self, q: F32, keys: F32, values: F32, start: int, layer: int) -> F32:
        """Attention of queries (n, heads, head_dim) at positions `start`…: (n, heads, head_dim)."""
        spec = self.spec
        group = spec.heads // spec.kv_heads
        out = np.empty_like(q)
        for first in range(0, len(q), _QUERY_BLOCK):
            block = q[first : first + _QUERY_BLOCK]
            n = len(block)
            at = start + first + np.arange(n)
            low = max(0, start + first - spec.sliding_window + 1) if spec.is_sliding(layer) else 0
            high = start + first + n
            # Query heads that share a KV head are consecutive: (kv_heads, group · n, head_dim).
            per_head = block.reshape(n, spec.kv_heads, group, spec.head_dim).transpose(1, 2, 0, 3)
            grouped = per_head.reshape(spec.kv_heads, group * n, spec.head_dim)
            scores: F32 = grouped @ keys[:, low:high].transpose(0, 2, 1) * np.float32(spec.attention_scale)
            if spec.attention_softcap:
                scores = np.float32(spec.attention_softcap) * np.tanh(scores / np.float32(spec.attention_softcap))
            distance = at[:, None] - np.arange(low, high)[None, :]
            hidden = distance < 0
            if spec.is_sliding(layer):
                hidden |= distance >= spec.sliding_window
            scores = scores.reshape(spec.kv_heads, group, n, high - low)
            scores[:, :, hidden] = -np.inf
            scores -= scores.max(axis=-1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=-1, keepdims=True)
            mixed = scores.reshape(spec.kv_heads, group * n, high - low) @ values[:, low:high]
            per_head = mixed.reshape(spec.kv_heads, group, n, spec.head_dim).transpose(2, 0, 1, 3)
            out[first : first + n] = per_head.reshape(n, spec.heads, spec.head_dim)
        return out

    def _logits(self, x: F32) -> F32:
        spec = self.spec
        if len(x) == 0:
            return np.empty((0, spec.vocab_size), np.float32)
        name = "token_embd.weight" if spec.tied_output else "output.weight"
        logits = self._open().linear(name, self._norm(x, "output_norm.weight"))
        if spec.output_softcap:
            cap = np.float32(spec.output_softcap)
            logits = cap * np.tanh(logits / cap)
        return logits


def _rotate(x: F32, angles: tuple[F32, F32], kind: str) -> F32:
    """Rotate pairs of the leading elements of each head of x (n, heads, head_dim)."""
    cos, sin = angles
    pairs = cos.shape[-1]
    first, second = (
        (slice(0, pairs), slice(pairs, 2 * pairs))
        if kind == "half"
        else (slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2))
    )
    out = x.copy()
    out[..., first] = x[..., first] * cos - x[..., second] * sin
    out[..., second] = x[..., second] * cos + x[..., first] * sin
    return out


def _wanted_rows(chunk: Chunk, part: slice) -> NDArray[np.int64]:
    start = {"none": part.stop, "last": part.stop - 1, "all": part.start}[chunk.logits]
    return np.arange(start, part.stop)


def _empty(spec: DecoderSpec) -> F32:
    return np.empty((spec.kv_heads, 0, spec.head_dim), np.float32)


def _grown(old: F32, filled: int, capacity: int) -> F32:
    new = np.empty((old.shape[0], capacity, old.shape[2]), np.float32)
    new[:, :filled] = old[:, :filled]
    return new
