"""Grouped codes times several activation vectors: prefill, and batches of sequences.

As many rows as a vector has lanes form a panel. A panel's codes are unpacked to 16 bits and transposed, so that lane r
belongs to row r; then a tile of tokens multiplies it: for each pair of activations, one broadcast and one multiply-add
of pairs in all rows at once, and per group one conversion and one multiply-add with the two scales.

Tiles of eight tokens, which 32 registers of 512 bits allow, unpack a panel again each: codes go from registers to the
products, and storing them 16 bits wide to load them again costs more. Tiles of four unpack a panel once for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any, Final

from pixel_llm.backends.cpu.ir import F32, I16, I32, I64, Fn, Val, vec
from pixel_llm.backends.cpu.kernels_matvec import group_bytes
from pixel_llm.backends.cpu.target import Target
from pixel_llm.backends.cpu.vector import dot16, from_half, kernel, new_module, spread_codes
from pixel_llm.formats.encodings import Encoding

FIELDS: Final = (
    "tokens", "codes", "scales", "rows", "groups", "x", "x_row", "x_scales", "x_pairs", "pairs_row", "work",
    "work_private", "out", "out_row", "bias",
)  # fmt: skip
# Of a group: (place among the activations' pairs, the rows' pairs of codes there), each place once.
Group = Callable[[Val], Iterator[tuple[int, Val]]]
WIDE: Final = 16  # lanes of a vector from which on tiles have eight tokens


def panel_bytes(enc: Encoding, columns: int, width: int) -> int:
    """Scratch of a thread: a panel's scales, offsets and a vector of results in float32; its codes where stored."""
    codes = columns * width * 2 if width < WIDE else 0
    return codes + columns // enc.group * width * 8 + width * 4


def build_matmul(enc: Encoding, target: Target) -> Any:
    """The module of one encoding's kernel."""
    module = new_module(f"matmul_{enc.name}", target)
    f = kernel(module, target, f"matmul_{enc.name}", FIELDS)
    m = _MatMul(f, enc)
    blocks16 = (f["rows"] + 15) // 16
    low, high = f.share(blocks16)
    tokens = f.load(f["tokens"], I64)
    sizes = (8, 4, 2, 1) if f.width >= WIDE else (4, 2, 1)
    with f.loop(low * 16, f.minimum(high * 16, f["rows"]), f.width) as row:
        m.unpack_scales(row)
        done = f.var(f.i64(0))
        if f.width < WIDE:
            with f.when(tokens > sizes[0]):
                m.unpack_codes(row)
                with f.loop(0, tokens - (sizes[0] - 1), sizes[0]) as token:
                    m.tile(row, token, sizes[0], m.stored())
                    done.set(token + sizes[0])
        for size in sizes:
            with f.loop(done.get(), tokens - (size - 1), size) as token:
                m.tile(row, token, size, m.spread(row))
                done.set(token + size)
    f.b.ret_void()
    return module


def _transpose4(f: Fn, addresses: list[Val], offset: int = 0) -> list[Val]:
    """16 bytes from each address + `offset`; vector i holds their dwords i in the addresses' order."""
    quads = []
    for i in range(4):
        part = [f.load(a, vec(I32, 4), offset) for a in addresses[i::4]]
        while len(part) > 1:
            n = part[0].type.count
            part = [part[k].shuffle(list(range(2 * n)), part[k + 1]) for k in range(0, len(part), 2)]
        quads.append(part[0])
    n = quads[0].type.count

    def within(pattern: list[int]) -> list[int]:
        """`pattern` for each 128-bit lane; 4 and above mean the second operand."""
        return [lane + (p if p < 4 else n + p - 4) for lane in range(0, n, 4) for p in pattern]

    ab = [quads[0].shuffle(within(p), quads[1]) for p in ([0, 4, 1, 5], [2, 6, 3, 7])]
    cd = [quads[2].shuffle(within(p), quads[3]) for p in ([0, 4, 1, 5], [2, 6, 3, 7])]
    return [ab[h].shuffle(within(p), cd[h]) for h in range(2) for p in ([0, 1, 4, 5], [2, 3, 6, 7])]


def _chains(target: Target, size: int) -> int:
    """Sums a token: a VPDPWSSD waits four or five cycles for the one before it, so few tokens need several."""
    return max(8 // size, 1) if target.vnni else 1


class _MatMul:
    def __init__(self, f: Fn, enc: Encoding) -> None:
        self.f, self.enc = f, enc
        self.bytes = group_bytes(enc)
        self.scale_bytes = 4 if enc.has_offset else 2
        self.parts = 16 // enc.bits
        self.rows, self.groups = f["rows"], f["groups"]
        self.codes, self.scales = f["codes"], f["scales"]
        self.panel = f["work"] + f.args[1] * f["work_private"]
        self.vector = f.width * 4
        self.scale_panel = self.panel
        if f.width < WIDE:
            self.scale_panel += self.groups * (enc.group * f.width * 2)
        self.offset_panel = self.scale_panel + self.groups * self.vector
        self.edge = self.offset_panel + self.groups * self.vector  # results of a panel that is not whole

    def spread(self, row: Val) -> Group:
        """The codes of the rows from `row` on, transposed in registers; missing rows repeat the last one."""
        f, w, dwords = self.f, self.f.width, self.bytes // 4
        codes = [self.codes + f.minimum(row + r, self.rows - 1) * (self.groups * self.bytes) for r in range(w)]

        def group(g: Val) -> Iterator[tuple[int, Val]]:
            at = [c + g * self.bytes for c in codes]
            for first in range(0, dwords, 4):
                if dwords >= 4:
                    columns = _transpose4(f, at, first * 4)
                else:
                    columns = [self._gather(at, d * 4) for d in range(dwords)]
                for d, column in enumerate(columns, first):
                    pairs = column.bitcast(vec(I16, 2 * w))
                    parts = spread_codes(pairs, self.enc.bits, self.enc.signed, self.enc.zero_point)
                    for j, part in enumerate(parts):
                        yield j * dwords + d, part

        return group

    def stored(self) -> Group:
        """What `spread` gives, from the panel."""
        f = self.f

        def group(g: Val) -> Iterator[tuple[int, Val]]:
            weights = self.panel + g * (self.enc.group * f.width * 2)
            for v in range(self.parts * (self.bytes // 4)):
                yield v, f.load(weights, vec(I16, 2 * f.width), v * self.vector)

        return group

    def unpack_codes(self, row: Val) -> None:
        """Codes of the rows from `row` on into the panel."""
        f, codes = self.f, self.spread(row)
        with f.loop(0, self.groups) as g:
            target = self.panel + g * (self.enc.group * f.width * 2)
            for place, pairs in codes(g):
                f.store(pairs, target, place * self.vector)

    def unpack_scales(self, row: Val) -> None:
        """Scales of the rows from `row` on, transposed, into the panel; missing rows repeat the last one."""
        f = self.f
        at = [f.minimum(row + r, self.rows - 1) for r in range(f.width)]
        scales = [self.scales + a * (self.groups * self.scale_bytes) for a in at]
        step = 16 // self.scale_bytes
        with f.either(self.groups >= step) as (then, other):
            with then, f.loop(0, self.groups, step) as g:
                first = f.minimum(g, self.groups - step)  # the last step overlaps the one before
                for i, column in enumerate(_transpose4(f, [s + first * self.scale_bytes for s in scales])):
                    low, high = column.trunc(I16), column.lshr(16).trunc(I16)
                    if self.enc.has_offset:
                        f.store(from_half(f, low), self.scale_panel + first * self.vector, i * self.vector)
                        f.store(from_half(f, high), self.offset_panel + first * self.vector, i * self.vector)
                    else:
                        f.store(from_half(f, low), self.scale_panel + first * self.vector, 2 * i * self.vector)
                        f.store(from_half(f, high), self.scale_panel + first * self.vector, (2 * i + 1) * self.vector)
            with other, f.loop(0, self.groups) as g:
                for r, s in enumerate(scales):
                    place = g * self.vector
                    f.store(from_half(f, f.load(s + g * self.scale_bytes, I16)), self.scale_panel + place, r * 4)
                    if self.enc.has_offset:
                        f.store(from_half(f, f.load(s + g * 4, I16, 2)), self.offset_panel + place, r * 4)

    def _gather(self, addresses: list[Val], offset: int) -> Val:
        f = self.f
        out = f.zero(vec(I32, len(addresses)))
        for i, a in enumerate(addresses):
            out = out.put(i, f.load(a, I32, offset))
        return out

    def tile(self, row: Val, token: Val, size: int, codes: Group) -> None:
        """Outputs of the rows from `row` on for `size` tokens."""
        f, w, enc = self.f, self.f.width, self.enc
        x = [f["x"] + (token + t) * f["x_row"] for t in range(size)]
        factor = f["x_pairs"] if enc.has_offset else f["x_scales"]
        factors = [factor + (token + t) * f["pairs_row"] for t in range(size)]
        acc = [f.var(f.zero(vec(F32, w))) for _ in range(size)]
        # The next panel's rows are one run of memory, which `unpack` reads as many streams that hardware does not
        # foresee.
        next_codes = self.codes + (row + w) * (self.groups * self.bytes)
        next_scales = self.scales + (row + w) * (self.groups * self.scale_bytes)
        with f.loop(0, self.groups) as g:
            for line in range(0, w * self.bytes, 64):
                f.prefetch(next_codes + g * (w * self.bytes), line)
            f.prefetch(next_scales + g * (w * self.scale_bytes))
            here = [x_t + g * (enc.group * 2) for x_t in x]
            chains = _chains(f.target, size)
            totals = [[f.zero(vec(I32, w)) for _ in range(chains)] for _ in range(size)]
            for i, (v, pairs) in enumerate(codes(g)):
                for t in range(size):
                    both = f.load(here[t], I32, v * 4).splat(w).bitcast(vec(I16, 2 * w))
                    totals[t][i % chains] = dot16(f, totals[t][i % chains], pairs, both)
            total = [reduce(lambda a, b: a + b, parts) for parts in totals]
            scale = f.load(self.scale_panel + g * self.vector, vec(F32, w))
            offset = f.load(self.offset_panel + g * self.vector, vec(F32, w)) if enc.has_offset else None
            for t in range(size):
                fx = factors[t] + g * (8 if enc.has_offset else 4)
                value = f.fma(total[t].to_float(), scale * f.load(fx, F32).splat(w), acc[t].get())
                if offset is not None:
                    value = f.fma(offset, f.load(fx, F32, 4).splat(w), value)
                acc[t].set(value)
        here = [f["out"] + (token + t) * f["out_row"] + row * 4 for t in range(size)]
        with f.either(self.rows - row >= w) as (then, other):
            with then:
                bias = f.var(f.zero(vec(F32, w)))
                with f.when(f["bias"] > 0):
                    bias.set(f.load(f["bias"] + row * 4, vec(F32, w)))
                for t in range(size):
                    f.store(acc[t].get() + bias.get(), here[t])
            with other:
                for t in range(size):
                    f.store(acc[t].get(), self.edge)
                    with f.loop(0, self.rows - row) as lane:
                        one = f.var(f.load(self.edge + lane * 4, F32))
                        with f.when(f["bias"] > 0):
                            one.set(one.get() + f.load(f["bias"] + (row + lane) * 4, F32))
                        f.store(one.get(), here[t] + lane * 4)
