"""Attention over the KV cache (see `kernels_cache.py`) in chunks, with a running softmax (Milakov & Gimelshein 2018).

A "row" is one query head of one token; rows that share a KV head are done together, so that a key or value is converted
once for several of them. The whole score matrix never exists: scores are held for one chunk of positions.

While one token is decoded the threads divide the positions, and `merge` joins their partial results (Dao et al. 2023,
Flash-Decoding); for many tokens they take (tile of tokens, KV head) units from a common counter.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, Final

from pixel_llm.backends.cpu.ir import F32, I32, I64, Fn, Val, vec
from pixel_llm.backends.cpu.kernels_cache import BLOCK, CHUNK, SUMS, Cache, Part, Rows
from pixel_llm.backends.cpu.kernels_prepare import float_field
from pixel_llm.backends.cpu.target import Target
from pixel_llm.backends.cpu.vector import any_of, exp, kernel, new_module, tanh

TILE: Final = 16  # tokens of a unit
_LOWEST: Final = -1e30  # a maximum before there is any
_LINE: Final = 64  # bytes of a cache line
_HIDDEN: Final = -2e38  # scores of positions that a row must not see: far enough below for a probability of 0

_COMMON: Final = ("heads", "kv_heads", "head", "padded", "softcap", "window", "k_cache", "v_cache", "s_cache")
ATTEND_ONE: Final = (*_COMMON, "positions", "places", "q", "q_private", "work", "work_private", "part")
MERGE: Final = ("heads", "head", "padded", "part", "out", "out_private")
ATTEND_MANY: Final = (
    *_COMMON,
    "positions",
    "places",
    "q",
    "q_private",
    "work",
    "work_private",
    "tiles",
    "tile_count",
    "counter",
    "out",
)


def part_bytes(heads: int, padded: int) -> int:
    """Bytes of one thread's partial result: per head a maximum, a sum and `padded` weighted values."""
    return heads * (8 + padded * 4)


def build_attention(cache: Cache, target: Target) -> Any:
    """The module of all of them, for one form of the cache."""
    module = new_module(f"attention{cache.suffix}", target)
    _attend_one(kernel(module, target, f"attend_one{cache.suffix}", ATTEND_ONE), cache)
    _attend_many(kernel(module, target, f"attend_many{cache.suffix}", ATTEND_MANY), cache)
    return module


def build_merge(target: Target) -> Any:
    """The module that joins what the threads found."""
    module = new_module("merge", target)
    _merge(kernel(module, target, "merge", MERGE))
    return module


def _begin(f: Fn, rows: Rows, cache: Cache) -> None:
    with f.loop(0, rows.count) as r:
        f.store(f.const(F32, _LOWEST), rows.maxima + r * 4)
        f.store(f.zero(vec(F32, f.width)), rows.sums + r * SUMS)
    with f.loop(0, rows.count * rows.padded, f.width) as i:
        f.store(f.zero(vec(F32, f.width)), rows.acc + i * 4)
    cache.begin(f, rows)


def _tiles(f: Fn, first: Val, count: Val, body: Callable[[Val, int], None]) -> None:
    """body(row, number of rows) for the rows first … first + count, in the largest tiles that fit."""
    sizes = (6, 4, 3, 2, 1) if f.width == 16 else (4, 3, 2, 1)
    row = f.var(first)
    end = first + count
    with f.repeat(lambda: row.get() + sizes[0] <= end):
        body(row.get(), sizes[0])
        row.set(row.get() + sizes[0])
    for size in sizes[1:]:
        with f.when(row.get() + size <= end):
            body(row.get(), size)
            row.set(row.get() + size)


def _attend(
    f: Fn, cache: Cache, rows: Rows, place: Val, heads: tuple[Val, Val], per_head: Val, start: Val, stop: Val
) -> None:
    """Add the positions start … stop (start a multiple of BLOCK) of a range of KV heads to the rows' running results.

    Every KV head has `per_head` rows, in order. Heads come inside positions, so that the cache is read in one run.
    """
    window, cap = f["window"], float_field(f, "softcap")
    size = cache.block_size(f, rows.padded)
    stride = f["kv_heads"] * size
    keys, values, scales = (f[n] + place for n in ("k_cache", "v_cache", "s_cache"))

    def scales_of(block: Val, h: Val) -> Val:
        return scales + (block * f["kv_heads"] + h) * cache.scale_bytes

    with f.loop(start, stop, rows.chunk) as first:
        end = f.minimum(first + rows.chunk, stop)
        with f.loop(first, end, BLOCK) as at, f.loop(heads[0], heads[1]) as h:
            block = keys + at // BLOCK * stride + h * size
            _tiles(
                f,
                (h - heads[0]) * per_head,
                per_head,
                lambda r, n: cache.scores(f, rows, r, n, block, scales_of(at // BLOCK, h), (at - first) * 4, f["head"]),
            )
        # A chunk of one block is known to be whole here, which makes its loops straight code.
        whole = f.i64(BLOCK) if rows.chunk == BLOCK else (end - first + (BLOCK - 1)) // BLOCK * BLOCK
        with f.loop(heads[0], heads[1]) as h:
            cache.begin_values(f, rows, scales_of(first // BLOCK, h), whole, f["kv_heads"] * cache.scale_bytes)
            row = (h - heads[0]) * per_head
            with f.loop(row, row + per_head) as r:
                _soften(f, cache, rows, r, first, whole, window, cap)
        with f.loop(first, end, BLOCK) as at, f.loop(heads[0], heads[1]) as h:
            block = values + at // BLOCK * stride + h * size
            inside = f.minimum(end - at, f.i64(BLOCK))
            # As many elements at once as there are registers for: a value is best read from end to end.
            done: Val | int = 0
            for vectors in (4, 2) if f.width == 16 else (2,):
                wide = vectors * f.width
                whole = rows.padded // wide * wide
                with f.loop(done, whole, wide) as d:
                    part = (d, vectors)

                    def weigh(r: Val, n: int, part: Part = part) -> None:
                        cache.weigh(f, rows, r, n, block, (at - first) * 4, inside, part)

                    _tiles(f, (h - heads[0]) * per_head, per_head, weigh)
                done = whole


def _soften(f: Fn, cache: Cache, rows: Rows, r: Val, first: Val, whole: Val, window: Val, cap: Val) -> None:
    """`whole` scores of one row, from position `first` on, to unnormalised probabilities.

    The row's maximum, sums and values are brought up to date only where a score exceeds the maximum, which soon becomes
    rare.
    """
    w = f.width
    scores = rows.scores + r * (rows.chunk * 4)
    unrolled = range(0, BLOCK, w)

    def fetch(i: Val) -> list[Val]:
        return [f.load(scores + i * 4, vec(F32, w), k * 4) for k in unrolled]

    with f.when(cap > 0.0), f.loop(0, whole, w) as i:
        s = f.load(scores + i * 4, vec(F32, w))
        f.store(tanh(f, s * (1.0 / cap).splat(w)) * cap.splat(w), scores + i * 4)
    last = f.load(rows.limits + r * 8, I64)  # the last visible position
    below = (window > 0).select(f.maximum(last - window + 1 - first, f.i64(0)), f.i64(0))
    above = last - first
    with f.when((below > 0) | (above < whole - 1)):
        low, high = below.trunc(I32).splat(w), above.trunc(I32).splat(w)
        hidden = f.const(vec(F32, w), _HIDDEN)
        with f.loop(0, whole, w) as i:
            lane = f.iota(w) + i.trunc(I32).splat(w)
            s = f.load(scores + i * 4, vec(F32, w))
            f.store((lane >= low).select((lane <= high).select(s, hidden), hidden), scores + i * 4)
    top = f.var(f.const(vec(F32, w), _LOWEST))
    with f.loop(0, whole, BLOCK) as i:
        for s in fetch(i):
            top.set(f.maximum(top.get(), s))
    before = f.load(rows.maxima + r * 4, F32)
    most = f.var(before)
    with f.when(any_of(f, top.get() > before.splat(w))):
        now = f.fold(top.get(), f.maximum)
        most.set(now)
        f.store(now, rows.maxima + r * 4)
        shrink = exp(f, before - now).splat(w)
        f.store(f.load(rows.sums + r * SUMS, vec(F32, w)) * shrink, rows.sums + r * SUMS)
        acc = rows.acc + r * rows.padded * 4
        with f.loop(0, rows.padded, w) as i:
            f.store(f.load(acc + i * 4, vec(F32, w)) * shrink, acc + i * 4)
    base = most.get().splat(w)
    total = f.var(f.load(rows.sums + r * SUMS, vec(F32, w)))
    with f.loop(0, whole, BLOCK) as i:
        p = [exp(f, s - base) for s in fetch(i)]
        cache.put_weights(f, rows, r, i, p)
        total.set(reduce(lambda a, b: a + b, p, total.get()))
    f.store(total.get(), rows.sums + r * SUMS)


def _attend_one(f: Fn, cache: Cache) -> None:
    """One token: this thread's share of the positions, for every head, into its part of `part`."""
    heads, kv_heads, padded, window = f["heads"], f["kv_heads"], f["padded"], f["window"]
    last = f.load(f["positions"], I64)
    oldest = (window > 0).select(f.maximum(last - window + 1, f.i64(0)), f.i64(0)) // BLOCK
    blocks = last // BLOCK + 1 - oldest
    low, high = f.share(blocks)
    start, stop = (oldest + low) * BLOCK, f.minimum((oldest + high) * BLOCK, last + 1)
    work = f["work"] + f.args[1] * f["work_private"]
    q = f["q"] + f.args[1] * f["q_private"]
    row_bytes = padded * 4
    part = f["part"] + f.args[1] * heads * (row_bytes + 8)
    place = f.load(f["places"], I64)
    rows = Rows(f, heads, work, padded, cache.chunk)
    with f.loop(0, heads) as r:
        f.store(q + r * row_bytes, rows.q_at + r * 8)
        f.store(last, rows.limits + r * 8)
    # What comes first is fetched while the queries are prepared.
    area = (oldest + low) * kv_heads
    for name in ("k_cache", "v_cache"):
        for line in range(0, cache.first_bytes, _LINE):
            f.prefetch(f[name] + place + area * cache.block_size(f, padded), line)
    for line in range(0, cache.scale_bytes, _LINE):
        f.prefetch(f["s_cache"] + place + area * cache.scale_bytes, line)
    _begin(f, rows, cache)
    _attend(f, cache, rows, place, (f.i64(0), kv_heads), heads // kv_heads, start, stop)
    with f.loop(0, heads) as r:
        target = part + r * (row_bytes + 8)
        f.store(f.load(rows.maxima + r * 4, F32), target)
        f.store(f.sum(f.load(rows.sums + r * SUMS, vec(F32, f.width))), target + 4)
        with f.loop(0, padded, f.width) as i:
            f.store(f.load(rows.acc + (r * padded + i) * 4, vec(F32, f.width)), target + 8 + i * 4)
    f.b.ret_void()


def _merge(f: Fn) -> None:
    """Join the threads' parts: out[head] = Σ e^(m_t - m)·acc_t / Σ e^(m_t - m)·sum_t; every thread for itself."""
    heads, head, padded = f["heads"], f["head"], f["padded"]
    stride = padded * 4 + 8
    out = f["out"] + f.args[1] * f["out_private"]
    with f.loop(0, heads) as h:
        part = f["part"] + h * stride
        top, total = f.var(f.const(F32, -1e30)), f.var(f.zero(F32))
        with f.loop(0, f.args[2]) as t:
            top.set(f.maximum(top.get(), f.load(part + t * heads * stride, F32)))
        with f.loop(0, f.args[2]) as t:
            one = part + t * heads * stride
            weight = exp(f, f.load(one, F32) - top.get())
            total.set(total.get() + weight * f.load(one + 4, F32))
        inverse = 1.0 / total.get()
        target = out + h * head * 4

        def clear(i: Val, lanes: int, target: Val = target) -> None:
            f.store(f.zero(vec(F32, lanes)), target + i * 4)

        f.strips(head, f.width, clear)
        with f.loop(0, f.args[2]) as t:
            one = part + t * heads * stride
            weight = exp(f, f.load(one, F32) - top.get()) * inverse

            def add(i: Val, lanes: int, one: Val = one, weight: Val = weight, target: Val = target) -> None:
                v = f.load(one + 8 + i * 4, vec(F32, lanes)) * weight.splat(lanes)
                f.store(f.load(target + i * 4, v.type) + v, target + i * 4)

            f.strips(head, f.width, add)
    f.b.ret_void()


def _attend_many(f: Fn, cache: Cache) -> None:
    """Many tokens: units of up to TILE consecutive tokens of a sequence and a KV head, taken from a shared counter.

    `tiles` holds (first token, tokens) pairs.
    """
    heads, kv_heads, padded, head, window = (f[n] for n in ("heads", "kv_heads", "padded", "head", "window"))
    group = heads // kv_heads
    work = f["work"] + f.args[1] * f["work_private"]
    row_bytes = padded * 4
    units = f.load(f["tile_count"], I64) * kv_heads
    unit = f.var(f.take(f["counter"]))
    with f.repeat(lambda: unit.get() < units):
        # The last tiles of a long prompt see the most positions: they come first.
        tile, h = f["tiles"] + (units - 1 - unit.get()) // kv_heads * 16, (units - 1 - unit.get()) % kv_heads
        first, count = f.load(tile, I64), f.load(tile + 8, I64)
        rows = Rows(f, count * group, work, padded, CHUNK)
        with f.loop(0, count * group) as r:
            token = first + r // group
            f.store(f["q"] + (token * heads + h * group + r % group) * row_bytes, rows.q_at + r * 8)
            f.store(f.load(f["positions"] + token * 8, I64), rows.limits + r * 8)
        _begin(f, rows, cache)
        begin, last = f.load(f["positions"] + first * 8, I64), f.load(f["positions"] + (first + count - 1) * 8, I64)
        start = (window > 0).select(f.maximum(begin - window + 1, f.i64(0)), f.i64(0)) // BLOCK * BLOCK
        place = f.load(f["places"] + first * 8, I64)
        _attend(f, cache, rows, place, (h, h + 1), count * group, start, last + 1)
        with f.loop(0, count * group) as r:
            token = first + r // group
            inverse = 1.0 / f.sum(f.load(rows.sums + r * SUMS, vec(F32, f.width)))
            target = f["out"] + ((token * heads + h * group + r % group) * head) * 4

            def put(i: Val, lanes: int, r: Val = r, inverse: Val = inverse, target: Val = target) -> None:
                v = f.load(rows.acc + (r * padded + i) * 4, vec(F32, lanes))
                f.store(v * inverse.splat(lanes), target + i * 4)

            f.strips(head, f.width, put)
        unit.set(f.take(f["counter"]))
    f.b.ret_void()
