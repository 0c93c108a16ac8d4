"""Grouped codes times one activation vector, the kernel that decides the speed of decoding.

For a group of weights code·scale + offset and activations q·s (16-bit q), the dot product is scale·s·Σ code·q +
offset·s·Σ q: one integer dot product and two multiply-adds a group. Several groups lie side by side in a vector. A row
whose number of groups is not a multiple of what a vector holds ends in narrower vectors, so nothing beyond a row is
ever read.
"""

from __future__ import annotations

from typing import Any, Final

from pixel_llm.backends.cpu.ir import F32, I16, I32, Fn, Val, Var, lanes_of, vec
from pixel_llm.backends.cpu.target import Target
from pixel_llm.backends.cpu.vector import dot16, extend, from_half, kernel, new_module, reduce_rows, spread_codes
from pixel_llm.formats.encodings import Encoding

FIELDS: Final = (
    "codes", "scales", "rows", "groups", "x", "x_scales", "x_pairs", "x_private", "out", "bias", "next_codes",
    "next_row", "next_scales", "next_scale_row", "next_rows",
)  # fmt: skip
ROWS: Final = 8  # that are computed in a step
AHEAD: Final = 32  # steps during which the next matrix is fetched
FETCHED: Final = 8  # cache lines of it in a step
FEW_STREAMS: Final = 2
MANY_STREAMS: Final = 4
MANY_FROM: Final = 4 << 20  # bytes of codes of a thread from which many streams of memory are faster than few


def group_bytes(enc: Encoding) -> int:
    """Bytes of codes in a group."""
    return enc.group * enc.bits // 8


def widths(enc: Encoding, widest: int) -> list[int]:
    """Vector widths in 32-bit lanes, from the widest down to the one that holds a single group."""
    out, width = [], max(widest, group_bytes(enc) // 4)
    while width >= group_bytes(enc) // 4:
        out.append(width)
        width //= 2
    return out


def build_matvec(enc: Encoding, target: Target) -> Any:
    """The module of one encoding's kernel."""
    module = new_module(f"matvec_{enc.name}", target)
    f = kernel(module, target, f"matvec_{enc.name}", FIELDS)
    m = _MatVec(f, enc)
    start, stop, many = _range_of(f, f["rows"], f["groups"] * group_bytes(enc))
    with f.either(many) as (then, other):
        with then:
            m.streams(start, stop, MANY_STREAMS)
        with other:
            m.streams(start, stop, FEW_STREAMS)
    f.b.ret_void()
    return module


def _range_of(f: Fn, rows: Val, row_bytes: Val) -> tuple[Val, Val, Val]:
    """This thread's rows of a matrix, from and to, and whether it reads them in many streams."""
    low, high = f.share((rows + 15) // 16)
    start, stop = low * 16, f.minimum(high * 16, rows)
    return start, stop, (stop - start) * row_bytes >= MANY_FROM


class _MatVec:
    def __init__(self, f: Fn, enc: Encoding) -> None:
        self.f = f
        self.enc = enc
        self.bytes = group_bytes(enc)
        self.scale_bytes = 4 if enc.has_offset else 2
        offset = f.args[1] * f["x_private"]
        self.x = f["x"] + offset
        self.x_scales = f["x_scales"] + offset
        self.x_pairs = f["x_pairs"] + offset
        self.codes, self.scales = f["codes"], f["scales"]
        self.groups, self.out, self.bias = f["groups"], f["out"], f["bias"]
        self.widths = widths(enc, f.width)

    def streams(self, start: Val, stop: Val, count: int) -> None:
        """Compute the outputs start … stop, reading `count` runs of rows side by side.

        Hardware fetches ahead within a stream and a page only, so that one stream leaves memory idle and many small
        ones do not pay off (benchmarks/LOG.md).
        """
        f = self.f
        each = ROWS // count
        length = (stop - start) // ROWS * each
        ahead = f.maximum(length - AHEAD * each, f.i64(0))
        with f.loop(0, length, each) as i:
            with f.when(i >= ahead):
                self.fetch_next((i - ahead) // each)
            self.rows([start + length * s + (i + r) for r in range(each) for s in range(count)])
        with f.loop(start + length * count, stop) as row:
            self.rows([row])

    def fetch_next(self, step: Val) -> None:
        """Ask for a piece of what this thread reads first of the next matrix: memory would idle in between."""
        f = self.f
        start, stop, many = _range_of(f, f["next_rows"], f["next_row"])
        shift = many.select(f.i64(MANY_STREAMS.bit_length() - 1), f.i64(FEW_STREAMS.bit_length() - 1))
        # A step is for one stream, the next step for the next one.
        piece = step.lshr(shift)
        first = start + ((stop - start) // ROWS * ROWS).lshr(shift) * (step - (piece << shift))
        codes = f["next_codes"] + first * f["next_row"] + piece * (FETCHED * 64)
        for line in range(FETCHED):
            f.prefetch(codes, line * 64)
        f.prefetch(f["next_scales"] + first * f["next_scale_row"] + piece * (FETCHED * 16))

    def rows(self, rows: list[Val]) -> None:
        """Compute outputs, row after row; a multiple of four, or one."""
        f = self.f
        lanes = self.widths[0]
        totals = [extend(f, self.row(row), lanes) for row in rows]
        results = [reduce_rows(f, totals[i : i + 4]) for i in range(0, len(rows), 4)]
        for i, row in enumerate(rows):
            value = f.var(results[i // 4].lane(i % 4))
            with f.when(self.bias > 0):
                value.set(value.get() + f.load(self.bias + row * 4, F32))
            f.store(value.get(), self.out + row * 4)

    def row(self, row: Val) -> Val:
        """The dot product of one row, still spread over the lanes of a vector."""
        f = self.f
        lanes = self.widths[0]
        per_block = lanes * 4 // self.bytes
        codes = self.codes + row * (self.groups * self.bytes)
        scales = self.scales + row * (self.groups * self.scale_bytes)
        acc = f.var(f.zero(vec(F32, lanes)))
        off = f.var(f.zero(vec(F32, 2 * per_block)))
        whole = self.groups // per_block * per_block
        with f.loop(0, whole, per_block) as g:
            self.block(g, lanes, codes, scales, acc, off)
        done = whole
        for width in self.widths[1:]:
            part = width * 4 // self.bytes
            with f.when(self.groups - done >= part):
                self.block(done, width, codes, scales, acc, off)
            done = done + ((self.groups - done) & part)
        if not self.enc.has_offset:
            return acc.get()
        # Odd lanes hold offset·(scale·Σq); the even ones are by-products.
        odd = [i if i % 2 else 2 * per_block for i in range(2 * per_block)]
        return acc.get() + extend(f, off.get().shuffle(odd, f.zero(off.t)), lanes)

    def block(self, g: Val, width: int, codes: Val, scales: Val, acc: Var, off: Var) -> None:
        """Add the groups from g on that a vector of `width` lanes holds."""
        f, enc = self.f, self.enc
        groups = width * 4 // self.bytes
        lanes_per_group = width // groups
        x = self.x + g * (enc.group * 2)
        if enc.has_offset:
            factor = f.load(self.x_pairs + g * 8, vec(F32, 2 * groups))
            pick = [2 * (lane // lanes_per_group) for lane in range(width)]
        else:
            factor = f.load(self.x_scales + g * 4, vec(F32, groups))
            pick = [lane // lanes_per_group for lane in range(width)]
        w = f.load(codes + g * self.bytes, vec(I16, 2 * width))
        total = f.zero(vec(I32, width))
        for j, part in enumerate(spread_codes(w, enc.bits, enc.signed, enc.zero_point)):
            total = dot16(f, total, part, f.load(x, vec(I16, 2 * width), j * width * 4))
        scale_bits = f.load(scales + g * self.scale_bytes, vec(I16, lanes_of(factor.type)))
        product = from_half(f, scale_bits) * factor
        if width == self.widths[0]:
            acc.set(f.fma(total.to_float(), product.shuffle(pick), acc.get()))
        else:
            acc.set(acc.get() + extend(f, total.to_float() * product.shuffle(pick), self.widths[0]))
        if enc.has_offset:
            off.set(off.get() + extend(f, product, lanes_of(off.t)))
