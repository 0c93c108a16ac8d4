"""The two forms of the KV cache: how a position is written, and how queries meet keys and probabilities values.

Positions come in blocks of 32; a layer's keys are [block][KV head] areas of `block_bytes`, and its values likewise.
`HalfCache` keeps float16: keys as [element][32], so that 32 scores grow side by side and nothing is summed across
lanes; values as [32][element]. `ByteCache` keeps 8-bit integers and one float32 scale a position and head: keys as
[element pair][32][2] and values as [position pair][element][2], so that both products are 16-bit multiply-adds of
pairs. Heads are padded with zeros to `padded` elements, a multiple of two vectors.
"""

from __future__ import annotations

from typing import Final, Protocol

from pixel_llm.backends.cpu.ir import F32, I8, I16, I32, I64, Fn, Val, vec
from pixel_llm.backends.cpu.vector import dot16, from_half, to_half, to_int

BLOCK: Final = 32  # positions
CHUNK: Final = 128  # the most positions whose scores exist at a time
SUMS: Final = 64  # bytes of a row's sums: lanes of a vector
AHEAD: Final = 16384  # bytes by which an 8-bit cache is fetched before it is needed
LINE: Final = 64  # bytes of a cache line
Part = tuple[Val, int]  # of a head: its first element, and how many vectors of elements
_UNROLLED: Final = 4  # steps of the inner loops at a time
_QUERY_MOST: Final = 8191.0  # 14 bits, so that 2,048 products with 8-bit keys fit 32 bits
_WEIGHT_MOST: Final = 32767.0


class Rows:
    """Query heads in a thread's scratch: addresses of queries, limits, running results, scores of `chunk` positions."""

    def __init__(self, f: Fn, count: Val, work: Val, padded: Val, chunk: int) -> None:
        self.f, self.count, self.padded, self.chunk = f, count, padded, chunk
        self.maxima = work
        self.sums = self.maxima + count * 4
        self.q_at = self.sums + count * SUMS
        self.limits = self.q_at + count * 8
        self.acc = self.limits + count * 8
        self.scores = self.acc + count * padded * 4
        # Integer forms of queries and probabilities, with their scales, for the byte cache.
        self.q16 = self.scores + count * (chunk * 4)
        self.q_scales = self.q16 + count * padded * 2
        self.p16 = self.q_scales + count * 4
        self.p_scales = self.p16 + count * (chunk * 2)


def work_bytes(rows: int, padded: int) -> int:
    """Bytes of a thread's scratch for `rows` rows."""
    return rows * (20 + SUMS + padded * 4 + CHUNK * 4 + padded * 2 + 4 + CHUNK * 2 + 4)


class Cache(Protocol):
    """What attention needs of a cache's form. Block addresses are of one KV head's area in one block."""

    suffix: str  # of the kernels' names
    chunk: int  # positions whose scores exist at a time while one token is decoded

    def block_bytes(self, padded: int) -> int:
        """Bytes of an area."""

    def block_size(self, f: Fn, padded: Val) -> Val:
        """The same while a kernel runs."""

    def write_key(self, f: Fn, block: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        """Store `head` floats from `source` as the key of position `at` of the block."""

    def write_value(self, f: Fn, block: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        """Store a value."""

    def begin(self, f: Fn, rows: Rows) -> None:
        """Prepare the queries."""

    def scores(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, place: Val, head: Val) -> None:
        """Scores of `count` rows against a block's keys, to byte `place` of each row's scores."""

    def weights(self, f: Fn, rows: Rows, row: Val, block: Val, place: Val, end: Val, stride: Val) -> None:
        """Prepare a row's probabilities from `place` to `end`; its values' areas begin at `block`, every `stride`."""

    def weigh(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, place: Val, stop: Val, part: Part) -> None:
        """Add probability · value for a part of the elements and positions 0 … stop of a block to `count` rows."""


def _operands(f: Fn, index: Val, count: int) -> list[Val]:
    """`index` for so many products with one number: AVX-512 multiplies by a number in memory at no cost."""
    return f.copies(index, count) if f.width == 16 else [index] * count


class HalfCache:
    """float16, not fetched ahead: in large pages the processor does that better itself (benchmarks/LOG.md)."""

    suffix = ""
    chunk = BLOCK

    def block_bytes(self, padded: int) -> int:
        return padded * BLOCK * 2

    def block_size(self, f: Fn, padded: Val) -> Val:
        return padded * (BLOCK * 2)

    def write_key(self, f: Fn, block: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        def put(i: Val, lanes: int) -> None:
            bits = to_half(f, f.load(source + i * 4, vec(F32, lanes)))
            for lane in range(lanes):
                f.store(bits.lane(lane), block + i * (BLOCK * 2) + at * 2, lane * BLOCK * 2)

        f.strips(head, f.width, put)

    def write_value(self, f: Fn, block: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        def put(i: Val, lanes: int) -> None:
            f.store(to_half(f, f.load(source + i * 4, vec(F32, lanes))), block + (at * padded + i) * 2)

        f.strips(head, f.width, put)

    def begin(self, f: Fn, rows: Rows) -> None:
        pass

    def scores(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, place: Val, head: Val) -> None:
        w = f.width
        queries = [f.load(rows.q_at + row * 8, I64, r * 8) for r in range(count)]
        for part in range(0, BLOCK, 2 * w):
            acc = [[f.var(f.zero(vec(F32, w))) for _ in range(2)] for _ in range(count)]
            # Elements behind the head are 0 in keys and queries.
            with f.loop(0, head, _UNROLLED) as first:
                ats = _operands(f, first, 2)
                for d in range(_UNROLLED):
                    line, at = block + first * (BLOCK * 2), d * BLOCK * 2 + part * 2
                    key = [from_half(f, f.load(line, vec(I16, w), at + k * w * 2)) for k in range(2)]
                    for r in range(count):
                        for k in range(2):
                            q = f.load(queries[r] + ats[k] * 4, F32, d * 4).splat(w)
                            acc[r][k].set(f.fma(q, key[k], acc[r][k].get()))
            target = rows.scores + row * (rows.chunk * 4) + place
            for r in range(count):
                for k in range(2):
                    f.store(acc[r][k].get(), target, r * rows.chunk * 4 + (part + k * w) * 4)

    def weights(self, f: Fn, rows: Rows, row: Val, block: Val, place: Val, end: Val, stride: Val) -> None:
        pass

    def weigh(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, place: Val, stop: Val, part: Part) -> None:
        w, (d, vectors) = f.width, part
        targets = [rows.acc + ((row + r) * rows.padded + d) * 4 for r in range(count)]
        acc = [[f.var(f.load(targets[r], vec(F32, w), k * w * 4)) for k in range(vectors)] for r in range(count)]
        scores = rows.scores + row * (rows.chunk * 4) + place

        def step(j: Val, positions: int) -> None:
            ats = _operands(f, j, vectors)
            for u in range(positions):
                at = block + ((j + u) * rows.padded + d) * 2
                value = [from_half(f, f.load(at, vec(I16, w), k * w * 2)) for k in range(vectors)]
                for r in range(count):
                    for k in range(vectors):
                        p = f.load(scores + ats[k] * 4, F32, (r * rows.chunk + u) * 4).splat(w)
                        acc[r][k].set(f.fma(p, value[k], acc[r][k].get()))

        f.strips(stop, _UNROLLED, step)
        for r in range(count):
            for k in range(vectors):
                f.store(acc[r][k].get(), targets[r], k * w * 4)


class ByteCache:
    """8-bit integers, one float32 scale a position and head."""

    suffix = "_8"
    chunk = CHUNK

    def block_bytes(self, padded: int) -> int:
        return padded * BLOCK + BLOCK * 4

    def block_size(self, f: Fn, padded: Val) -> Val:
        return padded * BLOCK + BLOCK * 4

    def write_key(self, f: Fn, block: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        inverse = self._scale(f, block, at, source, head, padded)
        with f.loop(0, head) as i:
            byte = to_int(f, f.load(source + i * 4, F32) * inverse).trunc(I8)
            f.store(byte, block + i // 2 * (BLOCK * 2) + at * 2 + i % 2)

    def write_value(self, f: Fn, block: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        inverse = self._scale(f, block, at, source, head, padded)
        with f.loop(0, head) as i:
            byte = to_int(f, f.load(source + i * 4, F32) * inverse).trunc(I8)
            f.store(byte, block + (at // 2 * padded + i) * 2 + at % 2)

    def _scale(self, f: Fn, block: Val, at: Val, source: Val, head: Val, padded: Val) -> Val:
        """Store the position's scale; its inverse."""
        top = f.var(f.zero(F32))
        with f.loop(0, head) as i:
            top.set(f.maximum(f.intrinsic("fabs", f.load(source + i * 4, F32)), top.get()))
        f.store(top.get() * (1.0 / 127.0), block + padded * BLOCK + at * 4)
        return (top.get() > 0.0).select(127.0 / top.get(), f.zero(F32))

    def begin(self, f: Fn, rows: Rows) -> None:
        w = f.width
        with f.loop(0, rows.count) as r:
            q, target = f.load(rows.q_at + r * 8, I64), rows.q16 + r * rows.padded * 2
            top = f.var(f.zero(vec(F32, w)))
            with f.loop(0, rows.padded, w) as i:
                top.set(f.maximum(f.intrinsic("fabs", f.load(q + i * 4, vec(F32, w))), top.get()))
            most = f.fold(top.get(), f.maximum)
            f.store(most * (1.0 / _QUERY_MOST), rows.q_scales + r * 4)
            inverse = (most > 0.0).select(_QUERY_MOST / most, f.zero(F32)).splat(w)
            with f.loop(0, rows.padded, w) as i:
                f.store(to_int(f, f.load(q + i * 4, vec(F32, w)) * inverse).trunc(I16), target + i * 2)

    def scores(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, place: Val, head: Val) -> None:
        w = f.width
        queries = [rows.q16 + (row + r) * rows.padded * 2 for r in range(count)]
        scales = block + rows.padded * BLOCK
        for part in range(0, BLOCK, 2 * w):
            acc = [[f.var(f.zero(vec(I32, w))) for _ in range(2)] for _ in range(count)]
            with f.loop(0, (head + 1) // 2) as pair:
                line = block + pair * (BLOCK * 2)
                f.prefetch(line, AHEAD + part * 2)
                key = [f.load(line, vec(I8, 2 * w), (part + k * w) * 2).sext(I16) for k in range(2)]
                for r in range(count):
                    q = f.load(queries[r] + pair * 4, I32).splat(w).bitcast(vec(I16, 2 * w))
                    for k in range(2):
                        acc[r][k].set(dot16(f, acc[r][k].get(), key[k], q))
            target = rows.scores + row * (rows.chunk * 4) + place
            for r in range(count):
                q_scale = f.load(rows.q_scales + row * 4, F32, r * 4).splat(w)
                for k in range(2):
                    scale = f.load(scales, vec(F32, w), (part + k * w) * 4) * q_scale
                    f.store(acc[r][k].get().to_float() * scale, target, r * rows.chunk * 4 + (part + k * w) * 4)

    def weights(self, f: Fn, rows: Rows, row: Val, block: Val, place: Val, end: Val, stride: Val) -> None:
        w = f.width
        scores = rows.scores + row * (rows.chunk * 4)
        top = f.var(f.zero(vec(F32, w)))
        with f.loop(place, end, w) as i:
            scales = block + i // BLOCK * stride + rows.padded * BLOCK + i % BLOCK * 4
            p = f.load(scores + i * 4, vec(F32, w)) * f.load(scales, vec(F32, w))
            f.store(p, scores + i * 4)
            top.set(f.maximum(top.get(), p))
        most = f.fold(top.get(), f.maximum)
        f.store(most * (1.0 / _WEIGHT_MOST), rows.p_scales + row * 4)
        inverse = (most > 0.0).select(_WEIGHT_MOST / most, f.zero(F32)).splat(w)
        with f.loop(place, end, w) as i:
            whole = to_int(f, f.load(scores + i * 4, vec(F32, w)) * inverse)
            f.store(whole.trunc(I16), rows.p16 + row * (rows.chunk * 2) + i * 2)

    def weigh(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, place: Val, stop: Val, part: Part) -> None:
        w, (d, vectors) = f.width, part
        acc = [[f.var(f.zero(vec(I32, w))) for _ in range(vectors)] for _ in range(count)]
        weights = rows.p16 + row * (rows.chunk * 2) + place // 2
        with f.loop(0, (stop + 1) // 2) as pair:
            at = block + (pair * rows.padded + d) * 2
            for line in range(0, vectors * w * 2, LINE):
                f.prefetch(at, AHEAD + line)
            value = [f.load(at, vec(I8, 2 * w), k * w * 2).sext(I16) for k in range(vectors)]
            for r in range(count):
                p = f.load(weights + pair * 4, I32, r * rows.chunk * 2).splat(w).bitcast(vec(I16, 2 * w))
                for k in range(vectors):
                    acc[r][k].set(dot16(f, acc[r][k].get(), value[k], p))
        for r in range(count):
            target = rows.acc + ((row + r) * rows.padded + d) * 4
            scale = f.load(rows.p_scales + row * 4, F32, r * 4).splat(w)
            for k in range(vectors):
                total = f.fma(acc[r][k].get().to_float(), scale, f.load(target, vec(F32, w), k * w * 4))
                f.store(total, target, k * w * 4)


CACHES: Final[dict[int, Cache]] = {16: HalfCache(), 8: ByteCache()}
"""By bits of an element."""
