"""What lies between the projections and attention: norms of queries and keys, rotary embedding, writing the KV cache.

The cache's forms are in `kernels_cache.py`.
"""

from __future__ import annotations

from typing import Any, Final

from pixel_llm.backends.cpu.ir import F32, I64, Fn, Val, vec
from pixel_llm.backends.cpu.kernels_cache import BLOCK, Cache
from pixel_llm.backends.cpu.kernels_prepare import float_field, inverse_rms, tokens_of
from pixel_llm.backends.cpu.target import Target
from pixel_llm.backends.cpu.vector import kernel, new_module

ROTARY: Final = (
    "tokens", "share", "owner_only", "qkv", "qkv_row", "heads", "kv_heads", "head", "padded", "q_norm", "k_norm", "eps",
    "table", "table_row", "positions", "places", "scale", "q_out", "q_private", "k_cache", "v_cache",
    "s_cache", "work", "work_private",
)  # fmt: skip


def build_rotary(cache: Cache, target: Target) -> Any:
    """The module of both kinds, for one form of the cache."""
    module = new_module(f"rotary{cache.suffix}", target)
    for kind in ("half", "interleaved"):
        _rotary(kernel(module, target, f"rotary_{kind}{cache.suffix}", ROTARY), kind, cache)
    return module


def _rotate(f: Fn, kind: str, source: Val, table: Val, dims: Val, norm: Val, eps: Val, head: Val, put: Any) -> None:
    """put(index, lanes, values) for a head's elements, normed where `norm` is not 0, the first `dims` rotated."""
    factor = f.var(f.const(F32, 1.0))
    with f.when(norm > 0):
        factor.set(inverse_rms(f, source, head, eps))
    scale = factor.get()

    def fetch(i: Val, lanes: int) -> Val:
        v = f.load(source + i * 4, vec(F32, lanes)) * scale.splat(lanes)
        weight = f.var(f.const(v.type, 1.0))
        with f.when(norm > 0):
            weight.set(f.load(norm + i * 4, v.type))
        return v * weight.get()

    if kind == "half":
        half = dims // 2

        def pair(i: Val, lanes: int) -> None:
            a, b = fetch(i, lanes), fetch(i + half, lanes)
            cos, sin = f.load(table + i * 4, a.type), f.load(table + (half + i) * 4, a.type)
            put(i, lanes, a * cos - b * sin)
            put(i + half, lanes, b * cos + a * sin)

        f.strips(half, f.width, pair)
    else:

        def swap(i: Val, lanes: int) -> None:
            v = fetch(i, lanes)
            cos, sin = f.load(table + i * 4, v.type), f.load(table + (dims + i) * 4, v.type)
            put(i, lanes, v * cos + v.shuffle([lane ^ 1 for lane in range(lanes)]) * sin)

        f.strips(dims, f.width, swap, least=2)
    with f.loop(dims, head) as i:
        put(i, 1, fetch(i, 1))


def _rotary(f: Fn, kind: str, cache: Cache) -> None:
    """Queries: normed, rotated, times the attention scale, padded. Keys and values: into the cache at each token's
    place.

    `places` holds per token the byte offset of its sequence in a layer's cache. With `owner_only`, only the thread
    whose share of `attend_one` ends with this position writes the cache, and every thread makes its own queries.
    """
    low, high = tokens_of(f)
    head, padded, heads, kv_heads = f["head"], f["padded"], f["heads"], f["kv_heads"]
    q_norm, k_norm, eps, scale = f["q_norm"], f["k_norm"], float_field(f, "eps"), float_field(f, "scale")
    q_out = f["q_out"] + f.args[1] * f["q_private"]
    # The table's row: `half` holds dims/2 cosines and sines; `interleaved` dims of each, every one twice, sines signed.
    dims = f["table_row"] // (4 if kind == "half" else 8)
    with f.loop(low, high) as t:
        position = f.load(f["positions"] + t * 8, I64)
        table = f["table"] + position * f["table_row"]
        source = f["qkv"] + t * f["qkv_row"]
        with f.loop(0, heads) as h:
            target = q_out + (t * heads + h) * padded * 4

            def put_q(i: Val, lanes: int, v: Val, target: Val = target) -> None:
                f.store(v * scale.splat(lanes), target + i * 4)

            _rotate(f, kind, source + h * head * 4, table, dims, q_norm, eps, head, put_q)
        mine = f.args[1].eq(f.args[2] - 1)
        with f.when(f["owner_only"].eq(0).select(f.const(mine.type, 1), mine)), f.loop(0, kv_heads) as h:
            place, number = f.load(f["places"] + t * 8, I64), position // BLOCK * kv_heads + h
            area, scales = (
                place + number * cache.block_size(f, padded),
                f["s_cache"] + place + number * cache.scale_bytes,
            )
            at, scratch = position % BLOCK, f["work"] + f.args[1] * f["work_private"]

            def put_k(i: Val, lanes: int, v: Val, scratch: Val = scratch) -> None:
                f.store(v, scratch + i * 4)

            _rotate(f, kind, source + (heads + h) * head * 4, table, dims, k_norm, eps, head, put_k)
            cache.write_key(f, f["k_cache"] + area, scales, at, scratch, head, padded)
            v_source = source + (heads + kv_heads + h) * head * 4
            cache.write_value(f, f["v_cache"] + area, scales, at, v_source, head, padded)
    f.b.ret_void()
