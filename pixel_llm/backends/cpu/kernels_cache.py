"""The two forms of the KV cache: how a position is written, and how queries meet keys and probabilities values.

Positions come in blocks of 32; a layer's keys are [block][KV head] areas of `block_bytes`, and its values likewise.
`HalfCache` keeps float16: keys as [element][32], so that 32 scores grow side by side and nothing is summed across
lanes; values as [32][element]. `ByteCache` keeps 8-bit integers: keys as [four elements][32][4] and values as [four
positions][element][4], so that both products are multiply-adds of adjacent bytes; and one float32 scale a position and
head, [block][KV head][keys, values][32], apart from the bytes: these are then read strictly from end to end, which is
what the processor fetches ahead. Heads are padded with zeros to `padded` elements, a multiple of two vectors.
"""

from __future__ import annotations

from functools import reduce
from typing import Final, Protocol

from pixel_llm.backends.cpu.ir import F32, I8, I16, I32, I64, Fn, Val, lanes_of, vec
from pixel_llm.backends.cpu.vector import dot8, dot16, from_half, has_byte_products, round_low, to_half, to_int

BLOCK: Final = 32  # positions
CHUNK: Final = 128  # the most positions whose scores exist at a time
SUMS: Final = 64  # bytes of a row's sums: lanes of a vector
P_SCALES: Final = CHUNK // BLOCK * 4  # bytes of a row's scales of probabilities, one a block
Part = tuple[Val, int]  # of a head: its first element, and how many vectors of elements
_UNROLLED: Final = 4  # steps of the inner loops at a time
_QUERY_MOST: Final = 8191.0  # 14 bits, so that 2,048 products with 8-bit keys fit 32 bits
_KEY_ZERO: Final = 128  # the byte of a key of 0


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
        self.q_offsets = self.q_scales + count * 4
        self.p16 = self.q_offsets + count * 4
        self.p_scales = self.p16 + count * (chunk * 2)
        # Of the KV head whose values are next: scales of a chunk's positions, and what they are relative to.
        self.v_scales = self.p_scales + count * P_SCALES
        self.v_most = self.v_scales + CHUNK * 4


def work_bytes(rows: int, padded: int) -> int:
    """Bytes of a thread's scratch for `rows` rows."""
    return rows * (20 + SUMS + padded * 4 + CHUNK * 4 + padded * 2 + 8 + CHUNK * 2 + P_SCALES) + CHUNK * 4 + P_SCALES


class Cache(Protocol):
    """What attention needs of a cache's form.

    Addresses of blocks and of their scales are those of one KV head's area in one block.
    """

    suffix: str  # of the kernels' names
    chunk: int  # positions whose scores exist at a time while one token is decoded
    first_bytes: int  # of keys and of values that are fetched before a token reads them
    scale_bytes: int  # of an area's scales, keys' and values' together

    def block_bytes(self, padded: int) -> int:
        """Bytes of an area."""

    def block_size(self, f: Fn, padded: Val) -> Val:
        """The same while a kernel runs."""

    def write_key(self, f: Fn, block: Val, scales: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        """Store `head` floats from `source` as the key of position `at` of the block."""

    def write_value(self, f: Fn, block: Val, scales: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        """Store a value."""

    def begin(self, f: Fn, rows: Rows) -> None:
        """Prepare the queries."""

    def scores(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, scales: Val, place: Val, head: Val) -> None:
        """Scores of `count` rows against a block's keys, to byte `place` of each row's scores."""

    def begin_values(self, f: Fn, rows: Rows, scales: Val, end: Val, stride: Val) -> None:
        """Prepare for the values of a KV head at `end` positions, whose scales begin at `scales`, every `stride`."""

    def put_weights(self, f: Fn, rows: Rows, row: Val, at: Val, p: list[Val]) -> None:
        """Store a row's probabilities of the block at position `at` of the chunk; they may take the scores' place."""

    def weigh(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, place: Val, stop: Val, part: Part) -> None:
        """Add probability · value for a part of the elements and positions 0 … stop of a block to `count` rows."""


def _operands(f: Fn, index: Val, count: int) -> list[Val]:
    """`index` for so many products with one number: AVX-512 multiplies by a number in memory at no cost."""
    return f.copies(index, count) if f.width == 16 else [index] * count


class HalfCache:
    """float16, not fetched ahead: in large pages the processor does that better itself (benchmarks/LOG.md)."""

    suffix = ""
    chunk = BLOCK
    first_bytes = 0
    scale_bytes = 0

    def block_bytes(self, padded: int) -> int:
        return padded * BLOCK * 2

    def block_size(self, f: Fn, padded: Val) -> Val:
        return padded * (BLOCK * 2)

    def write_key(self, f: Fn, block: Val, scales: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        def put(i: Val, lanes: int) -> None:
            bits = to_half(f, f.load(source + i * 4, vec(F32, lanes)))
            for lane in range(lanes):
                f.store(bits.lane(lane), block + i * (BLOCK * 2) + at * 2, lane * BLOCK * 2)

        f.strips(head, f.width, put)

    def write_value(self, f: Fn, block: Val, scales: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        def put(i: Val, lanes: int) -> None:
            f.store(to_half(f, f.load(source + i * 4, vec(F32, lanes))), block + (at * padded + i) * 2)

        f.strips(head, f.width, put)

    def begin(self, f: Fn, rows: Rows) -> None:
        pass

    def scores(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, scales: Val, place: Val, head: Val) -> None:
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

    def begin_values(self, f: Fn, rows: Rows, scales: Val, end: Val, stride: Val) -> None:
        pass

    def put_weights(self, f: Fn, rows: Rows, row: Val, at: Val, p: list[Val]) -> None:
        for k, v in enumerate(p):
            f.store(v, rows.scores + row * (rows.chunk * 4) + at * 4, k * f.width * 4)

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
    """8-bit integers, one float32 scale a position and head.

    Queries and probabilities become 16-bit integers, of which four lie together as two parts that meet four bytes a
    lane. Byte products (VPDPBUSD: unsigned by signed) take them by high and low bytes, keys as unsigned bytes; products
    of 16 bits take the numbers for even bytes and those for odd ones.
    """

    suffix = "_8"
    chunk = BLOCK
    first_bytes = 2048
    scale_bytes = 2 * BLOCK * 4

    def block_bytes(self, padded: int) -> int:
        return padded * BLOCK

    def block_size(self, f: Fn, padded: Val) -> Val:
        return padded * BLOCK

    def write_key(self, f: Fn, block: Val, scales: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        inverse = self._scale(f, scales + at * 4, source, head)

        def put(i: Val, lanes: int) -> None:
            whole = to_int(f, f.load(source + i * 4, vec(F32, lanes)) * inverse.splat(lanes))
            codes = (whole + _KEY_ZERO).trunc(I8)
            if lanes == 1:
                f.store(codes, block + i // 4 * (BLOCK * 4) + at * 4 + i % 4)
                return
            fours = codes.bitcast(vec(I32, lanes // 4))
            for k in range(lanes // 4):
                f.store(fours.lane(k), block + i * BLOCK + at * 4, k * BLOCK * 4)

        f.strips(head, f.width, put)

    def write_value(self, f: Fn, block: Val, scales: Val, at: Val, source: Val, head: Val, padded: Val) -> None:
        inverse = self._scale(f, scales + at * 4 + BLOCK * 4, source, head)

        def put(i: Val, lanes: int) -> None:
            codes = to_int(f, f.load(source + i * 4, vec(F32, lanes)) * inverse.splat(lanes)).trunc(I8)
            for lane in range(lanes):
                f.store(codes.lane(lane), block + (at // 4 * padded + i) * 4 + at % 4, lane * 4)

        f.strips(head, f.width, put)

    def _scale(self, f: Fn, target: Val, source: Val, head: Val) -> Val:
        """Store a position's scale; its inverse."""
        wide, rest = f.var(f.zero(vec(F32, f.width))), f.var(f.zero(F32))

        def see(i: Val, lanes: int) -> None:
            top = rest if lanes == 1 else wide
            top.set(f.maximum(f.intrinsic("fabs", f.load(source + i * 4, vec(F32, lanes))), top.get()))

        f.strips(head, f.width, see)
        most = f.maximum(f.fold(wide.get(), f.maximum), rest.get())
        f.store(most * (1.0 / 127.0), target)
        return (most > 0.0).select(127.0 / most, f.zero(F32))

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
            total = f.var(f.zero(vec(I32, w)))
            with f.loop(0, rows.padded, w) as i:
                whole = to_int(f, f.load(q + i * 4, vec(F32, w)) * inverse)
                total.set(total.get() + whole)
                f.store(_parts(f, whole, signed=True), target + i * 2)
            # What keys are too large by.
            f.store(f.sum(total.get()) * -_KEY_ZERO, rows.q_offsets + r * 4)

    def scores(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, scales: Val, place: Val, head: Val) -> None:
        w = f.width
        queries = [rows.q16 + (row + r) * rows.padded * 2 for r in range(count)]
        for part in range(0, BLOCK, 2 * w):
            acc = [[_Sum(f, w) for _ in range(2)] for _ in range(count)]
            if has_byte_products(f.target):
                for r in range(count):
                    offset = f.load(rows.q_offsets + row * 4, I32, r * 4).splat(w)
                    for k in range(2):
                        acc[r][k].low.set(offset)
            with f.loop(0, head, 4 * _UNROLLED) as first:
                ats = _operands(f, first, 2)
                line = block + first * BLOCK
                for d in range(_UNROLLED):
                    at = d * BLOCK * 4 + part * 4
                    key = [f.load(line, vec(I32, w), at + k * w * 4) for k in range(2)]
                    if has_byte_products(f.target):
                        for r in range(count):
                            for k in range(2):
                                high, low = (f.load(queries[r] + ats[k] * 2, I32, d * 8 + n).splat(w) for n in (0, 4))
                                acc[r][k].high.set(dot8(f, acc[r][k].high.get(), key[k], high))
                                acc[r][k].low.set(dot8(f, acc[r][k].low.get(), key[k], low))
                    else:
                        spread = [_spread(v ^ -0x7F7F7F80) for v in key]  # 0x80808080: signed again
                        for r in range(count):
                            for n in range(2):
                                q = f.load(queries[r] + first * 2, I32, d * 8 + n * 4).splat(w).bitcast(vec(I16, 2 * w))
                                for k in range(2):
                                    acc[r][k].low.set(dot16(f, acc[r][k].low.get(), spread[k][n], q))
            target = rows.scores + row * (rows.chunk * 4) + place
            for r in range(count):
                q_scale = f.load(rows.q_scales + row * 4, F32, r * 4).splat(w)
                for k in range(2):
                    scale = f.load(scales, vec(F32, w), (part + k * w) * 4) * q_scale
                    f.store(acc[r][k].total() * scale, target, r * rows.chunk * 4 + (part + k * w) * 4)

    def begin_values(self, f: Fn, rows: Rows, scales: Val, end: Val, stride: Val) -> None:
        """Scales of positions become parts of a block's largest one, which stands for the largest weight there can be.

        A probability is at most 1, and what is rounded away is small beside a sum of them that is at least 1.
        """
        w = f.width
        limit = 65535.0 if has_byte_products(f.target) else 32767.0
        with f.loop(0, end, BLOCK) as at:
            block = scales + at // BLOCK * stride
            each = [f.load(block, vec(F32, w), (BLOCK + k) * 4) for k in range(0, BLOCK, w)]
            most = f.fold(reduce(f.maximum, each), f.maximum)
            f.store(most * (1.0 / limit), rows.v_most + at // BLOCK * 4)
            inverse = (most > 0.0).select(limit / most, f.zero(F32)).splat(w)
            for k, scale in enumerate(each):
                f.store(scale * inverse, rows.v_scales + at * 4, k * w * 4)

    def put_weights(self, f: Fn, rows: Rows, row: Val, at: Val, p: list[Val]) -> None:
        f.store(f.load(rows.v_most + at // BLOCK * 4, F32), rows.p_scales + row * P_SCALES + at // BLOCK * 4)
        for k, v in enumerate(p):
            scale = f.load(rows.v_scales + at * 4, v.type, k * f.width * 4)
            target = rows.p16 + row * (rows.chunk * 2) + at * 2
            f.store(_parts(f, round_low(f, v, scale), signed=False), target, k * f.width * 2)

    def weigh(self, f: Fn, rows: Rows, row: Val, count: int, block: Val, place: Val, stop: Val, part: Part) -> None:
        w, (d, vectors) = f.width, part
        bytes_ = has_byte_products(f.target)
        together = vectors if count * vectors <= (12 if bytes_ else 24) else vectors // 2
        weights = rows.p16 + row * (rows.chunk * 2) + place // 2
        for begin in range(0, vectors, together):
            mine = range(begin, begin + together)
            acc = [{k: _Sum(f, w) for k in mine} for _ in range(count)]
            # Positions behind the last one have weights of 0.
            with f.loop(0, stop, 8) as j:
                for g in (0, 4):
                    at = block + ((j + g) * rows.padded + d * 4)
                    value = {k: f.load(at, vec(I32, w), k * w * 4) for k in mine}
                    spread = {k: _spread(v) for k, v in value.items()}
                    for r in range(count):
                        for n in range(2):
                            p = f.load(weights + j * 2, I32, r * rows.chunk * 2 + g * 2 + n * 4).splat(w)
                            for k in mine:
                                if bytes_:
                                    one = acc[r][k].low if n else acc[r][k].high
                                    one.set(dot8(f, one.get(), p, value[k]))
                                else:
                                    one = acc[r][k].low
                                    one.set(dot16(f, one.get(), spread[k][n], p.bitcast(vec(I16, 2 * w))))
            scales = rows.p_scales + row * P_SCALES + place // BLOCK
            for r in range(count):
                target = rows.acc + ((row + r) * rows.padded + d) * 4
                scale = f.load(scales, F32, r * P_SCALES).splat(w)
                for k in mine:
                    total = f.fma(acc[r][k].total(), scale, f.load(target, vec(F32, w), k * w * 4))
                    f.store(total, target, k * w * 4)


class _Sum:
    """Sums of products with high and low bytes; without byte products all are in `low`."""

    def __init__(self, f: Fn, lanes: int) -> None:
        self.low = f.var(f.zero(vec(I32, lanes)))
        self.high = f.var(f.zero(vec(I32, lanes)))

    def total(self) -> Val:
        """As floats."""
        return ((self.high.get() << 8) + self.low.get()).to_float()


def _parts(f: Fn, whole: Val, *, signed: bool) -> Val:
    """16-bit integers (low in i32 lanes) by fours as two parts of four bytes; signed ones with signed low bytes."""
    n = lanes_of(whole.type)
    if not has_byte_products(f.target):
        return whole.trunc(I16).shuffle([i + k for i in range(0, n, 4) for k in (0, 2, 1, 3)])
    if signed:
        whole = (whole + 128) ^ 128
    packed = whole.bitcast(vec(I8, 4 * n))
    return packed.shuffle([4 * (i + k) + byte for i in range(0, n, 4) for byte in (1, 0) for k in range(4)])


def _spread(v: Val) -> tuple[Val, Val]:
    """Signed bytes (i32 lanes) as 16-bit integers: even ones, odd ones."""
    pairs = v.bitcast(vec(I16, 2 * lanes_of(v.type)))
    return (pairs << 8) >> 8, pairs >> 8


CACHES: Final[dict[int, Cache]] = {16: HalfCache(), 8: ByteCache()}
"""By bits of an element."""
