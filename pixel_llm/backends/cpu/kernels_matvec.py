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
ROWS: Final = 4
AHEAD_ROWS: Final = 256  # rows during which one cache line each of the next matrix is fetched


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
    blocks16 = (f["rows"] + 15) // 16
    low, high = f.share(blocks16)
    start, stop = low * 16, f.minimum(high * 16, f["rows"])
    whole = start + (stop - start) // ROWS * ROWS
    # While the last rows are read, the beginning of the next matrix is fetched: memory would idle in between.
    ahead = f.maximum(start, whole - AHEAD_ROWS)
    next_low = f.share((f["next_rows"] + 15) // 16)[0] * 16
    next_codes = f["next_codes"] + next_low * f["next_row"]
    next_scales = f["next_scales"] + next_low * f["next_scale_row"]
    with f.loop(start, whole, ROWS) as row:
        with f.when(row >= ahead):
            for line in range(ROWS):
                f.prefetch(next_codes + (row - ahead) * 64, line * 64)
            f.prefetch(next_scales + (row - ahead) * 16)
        m.rows(row, ROWS)
    with f.loop(whole, stop) as row:
        m.rows(row, 1)
    f.b.ret_void()
    return module


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

    def rows(self, row: Val, count: int) -> None:
        """Compute `count` outputs from `row` on: row after row, because memory is read fastest in one stream."""
        f = self.f
        lanes = self.widths[0]
        totals = [self.row(row + r) for r in range(count)]
        result = reduce_rows(f, [extend(f, t, lanes) for t in totals])
        out = self.out + row * 4
        with f.when(self.bias.eq(0)):
            f.store(result, out)
        with f.when(self.bias > 0):
            f.store(result + f.load(self.bias + row * 4, result.type), out)

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
