"""Grouped codes times one activation vector, the kernel that decides the speed of decoding.

For a group of weights code·scale + offset and activations q·s (16-bit q), the dot product is scale·s·Σ code·q +
offset·s·Σ q: one integer dot product and two multiply-adds a group. Several groups lie side by side in a vector. A row
whose number of groups is not a multiple of what a vector holds ends in narrower vectors, so nothing beyond a row is
ever read.

Where the target multiplies unsigned by signed bytes (VPDPBUSD), 4-bit codes meet the activations' high bytes, then
their low bytes. The codes stay unsigned there: their zero point becomes an offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pixel_llm.backends.cpu.ir import F32, I8, I16, I32, Fn, Val, Var, lanes_of, vec
from pixel_llm.backends.cpu.target import Target
from pixel_llm.backends.cpu.vector import (
    dot8,
    dot16,
    extend,
    from_half,
    has_byte_products,
    kernel,
    new_module,
    reduce_rows,
    spread_codes,
)
from pixel_llm.formats.encodings import Encoding

FIELDS: Final = (
    "codes", "scales", "rows", "groups", "x", "x_scales", "x_pairs", "x_private", "out", "bias", "next_codes",
    "next_row", "next_scales", "next_scale_row", "next_rows",
)  # fmt: skip
STREAMS: Final = 4  # rows that are read side by side, from as many places of a matrix
AHEAD: Final = 64  # steps during which the next matrix is fetched
FETCHED: Final = 4  # cache lines of it in a step


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
    start, stop = _rows_of_thread(f, f["rows"])
    m.stretch(start, stop)
    f.b.ret_void()
    return module


def _rows_of_thread(f: Fn, rows: Val) -> tuple[Val, Val]:
    """This thread's rows of a matrix, from and to: the same ones for every token."""
    low, high = f.share((rows + 15) // 16)
    return low * 16, f.minimum(high * 16, rows)


@dataclass(frozen=True)
class _Row:
    """A row on its way: addresses of its codes and scales, sums of products, sums of offsets."""

    codes: Val
    scales: Val
    acc: Var
    off: Var


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
        self.as_bytes = has_byte_products(f.target) and enc.bits == 4
        self.sums = enc.has_offset or (self.as_bytes and enc.zero_point > 0)

    def stretch(self, start: Val, stop: Val) -> None:
        """Compute the outputs start … stop.

        Hardware fetches ahead within a stream and a page only, so that a single stream leaves memory idle. Rows of
        several streams also share the activations that they read.
        """
        f = self.f
        length = (stop - start) // STREAMS
        ahead = f.maximum(length - AHEAD, f.i64(0))
        with f.loop(0, length) as i:
            with f.when(i >= ahead):
                self.fetch_next(i - ahead)
            self.rows([start + length * s + i for s in range(STREAMS)])
        with f.loop(start + length * STREAMS, stop) as row:
            self.rows([row])

    def fetch_next(self, step: Val) -> None:
        """Ask for a piece of what this thread reads first of the next matrix: memory would idle in between."""
        f = self.f
        start, stop = _rows_of_thread(f, f["next_rows"])
        # A step is for one stream, the next step for the next one.
        first = start + (stop - start) // STREAMS * (step % STREAMS)
        piece = step // STREAMS
        codes = f["next_codes"] + first * f["next_row"] + piece * (FETCHED * 64)
        for line in range(FETCHED):
            f.prefetch(codes, line * 64)
        f.prefetch(f["next_scales"] + first * f["next_scale_row"] + piece * (FETCHED * 16))

    def rows(self, rows: list[Val]) -> None:
        """Compute four outputs side by side, or one."""
        f = self.f
        lanes = self.widths[0]
        result = reduce_rows(f, [extend(f, t, lanes) for t in self.totals(rows)])
        for i, row in enumerate(rows):
            value = f.var(result.lane(i))
            with f.when(self.bias > 0):
                value.set(value.get() + f.load(self.bias + row * 4, F32))
            f.store(value.get(), self.out + row * 4)

    def totals(self, rows: list[Val]) -> list[Val]:
        """The rows' dot products, still spread over the lanes of a vector."""
        f = self.f
        lanes = self.widths[0]
        per_block = lanes * 4 // self.bytes
        parts = [
            _Row(
                self.codes + row * (self.groups * self.bytes),
                self.scales + row * (self.groups * self.scale_bytes),
                f.var(f.zero(vec(F32, lanes))),
                f.var(f.zero(vec(F32, 2 * per_block))),
            )
            for row in rows
        ]
        whole = self.groups // per_block * per_block
        with f.loop(0, whole, per_block) as g:
            self.block(g, lanes, parts)
        done = whole
        for width in self.widths[1:]:
            part = width * 4 // self.bytes
            with f.when(self.groups - done >= part):
                self.block(done, width, parts)
            done = done + ((self.groups - done) & part)
        return [self.total(row) for row in parts]

    def total(self, row: _Row) -> Val:
        """Sums and offsets together."""
        f = self.f
        if not self.sums:
            return row.acc.get()
        # Odd lanes hold offset·(scale·Σq); the even ones are by-products.
        lanes = lanes_of(row.off.t)
        odd = [i if i % 2 else lanes for i in range(lanes)]
        offsets = row.off.get().shuffle(odd, f.zero(row.off.t))
        if not self.enc.has_offset:
            offsets = offsets * float(-self.enc.zero_point)
        return row.acc.get() + extend(f, offsets, self.widths[0])

    def block(self, g: Val, width: int, rows: list[_Row]) -> None:
        """Add the groups from g on that a vector of `width` lanes holds."""
        f, enc = self.f, self.enc
        groups = width * 4 // self.bytes
        lanes_per_group = width // groups
        x = self.x + g * (enc.group * 2)
        if self.sums:
            factor = f.load(self.x_pairs + g * 8, vec(F32, 2 * groups))
            pick = [2 * (lane // lanes_per_group) for lane in range(width)]
        else:
            factor = f.load(self.x_scales + g * 4, vec(F32, groups))
            pick = [lane // lanes_per_group for lane in range(width)]
        activations = [f.load(x, vec(I32, width), j * width * 4) for j in range(16 // enc.bits)]
        for row in rows:
            w = f.load(row.codes + g * self.bytes, vec(I8, 4 * width))
            total = self.products(w, activations)
            scale_lanes = groups * (2 if enc.has_offset else 1)
            scale_bits = f.load(row.scales + g * self.scale_bytes, vec(I16, scale_lanes))
            if self.sums and not enc.has_offset:
                scale_bits = (
                    scale_bits.shuffle([i // 2 for i in range(2 * groups)]) if groups > 1 else scale_bits.splat(2)
                )
            product = from_half(f, scale_bits) * factor
            if width == self.widths[0]:
                row.acc.set(f.fma(total.to_float(), product.shuffle(pick), row.acc.get()))
            else:
                row.acc.set(row.acc.get() + extend(f, total.to_float() * product.shuffle(pick), self.widths[0]))
            if self.sums:
                row.off.set(row.off.get() + extend(f, product, lanes_of(row.off.t)))

    def products(self, w: Val, activations: list[Val]) -> Val:
        """Σ code·q over the codes of each 32-bit lane."""
        f, enc = self.f, self.enc
        total = f.zero(activations[0].type)
        wide = vec(I16, 2 * lanes_of(total.type))
        if not self.as_bytes:
            parts = spread_codes(w.bitcast(wide), enc.bits, enc.signed, enc.zero_point)
            for part, x in zip(parts, activations, strict=True):
                total = dot16(f, total, part, x.bitcast(wide))
            return total
        low, high = (part.bitcast(total.type) for part in (w & 15, w.lshr(4)))
        for x in activations[:2]:
            total = dot8(f, total, low if x is activations[0] else high, x)
        total = total << 8
        for x in activations[2:]:
            total = dot8(f, total, low if x is activations[2] else high, x)
        return total
