"""Plain float weights (f32, f16, bf16) times activations, and rows of any encoding as float32 (embeddings)."""

from __future__ import annotations

from typing import Any, Final

from pixel_llm.backends.cpu.ir import F32, I8, I16, I32, I64, Fn, Val, vec
from pixel_llm.backends.cpu.kernels_matvec import group_bytes
from pixel_llm.backends.cpu.kernels_prepare import float_field
from pixel_llm.backends.cpu.target import Target
from pixel_llm.backends.cpu.vector import from_half, kernel, new_module, reduce_rows
from pixel_llm.formats.encodings import Encoding

FIELDS: Final = ("tokens", "weights", "rows", "width", "x", "x_row", "x_private", "out", "out_row", "bias")
EMBED: Final = ("tokens", "share", "ids", "codes", "scales", "width", "factor", "out", "out_private")


def build_plain(enc: Encoding, target: Target) -> Any:
    """The module of one plain encoding's product."""
    module = new_module(f"plain_{enc.name}", target)
    f = kernel(module, target, f"plain_{enc.name}", FIELDS)
    size = enc.bits // 8
    low, high = f.share((f["rows"] + 15) // 16)
    start, stop = low * 16, f.minimum(high * 16, f["rows"])
    tokens = f.load(f["tokens"], I64)
    x0 = f["x"] + f.args[1] * f["x_private"]
    width = f["width"]

    def weight(address: Val, lanes: int) -> Val:
        if enc.name == "f32":
            return f.load(address, vec(F32, lanes))
        bits = f.load(address, vec(I16, lanes))
        return from_half(f, bits) if enc.name == "f16" else (bits.zext(I32) << 16).bitcast(vec(F32, lanes))

    def product(row: Val, rows: int, token: Val, count: int) -> None:
        w = [f["weights"] + (row + r) * width * size for r in range(rows)]
        x = [x0 + (token + t) * f["x_row"] for t in range(count)]
        acc = [[f.var(f.zero(vec(F32, f.width))) for _ in range(rows)] for _ in range(count)]
        rest = [[f.var(f.zero(F32)) for _ in range(rows)] for _ in range(count)]

        def step(i: Val, lanes: int) -> None:
            target = rest if lanes == 1 else acc
            values = [weight(a + i * size, lanes) for a in w]
            for t in range(count):
                v = f.load(x[t] + i * 4, vec(F32, lanes))
                for r in range(rows):
                    target[t][r].set(f.fma(values[r], v, target[t][r].get()))

        f.strips(width, f.width, step)
        for t in range(count):
            out = f["out"] + (token + t) * f["out_row"] + row * 4
            sums = reduce_rows(f, [a.get() for a in acc[t]])
            for r in range(rows):
                value = f.var(sums.lane(r) + rest[t][r].get())
                with f.when(f["bias"] > 0):
                    value.set(value.get() + f.load(f["bias"] + (row + r) * 4, F32))
                f.store(value.get(), out + r * 4)

    whole = start + (stop - start) // 4 * 4
    for first, last, rows in ((start, whole, 4), (whole, stop, 1)):
        with f.loop(first, last, rows) as row:
            done = f.var(f.i64(0))
            for count in (4, 1) if f.width == 16 else (2, 1):
                with f.loop(done.get(), tokens - (count - 1), count) as token:
                    product(row, rows, token, count)
                    done.set(token + count)
    f.b.ret_void()
    return module


def build_embed(enc: Encoding, target: Target) -> Any:
    """The module that writes rows `ids` of a matrix, times `factor`, to `out`."""
    module = new_module(f"embed_{enc.name}", target)
    f = kernel(module, target, f"embed_{enc.name}", EMBED)
    n = f.load(f["tokens"], I64)
    low, high = f.share(n)
    shared = f["share"].eq(1)
    width, factor = f["width"], float_field(f, "factor")
    out0 = f["out"] + f.args[1] * f["out_private"]
    with f.loop(shared.select(low, f.i64(0)), shared.select(high, n)) as t:
        row, out = f.load(f["ids"] + t * 8, I64), out0 + t * width * 4
        if enc.group == 0:

            def copy(i: Val, lanes: int, row: Val = row, out: Val = out) -> None:
                at = f["codes"] + (row * width + i) * (enc.bits // 8)
                if enc.name == "f32":
                    v = f.load(at, vec(F32, lanes))
                else:
                    bits = f.load(at, vec(I16, lanes))
                    v = from_half(f, bits) if enc.name == "f16" else (bits.zext(I32) << 16).bitcast(vec(F32, lanes))
                f.store(v * factor.splat(lanes), out + i * 4)

            f.strips(width, f.width, copy)
        else:
            _decode_groups(f, enc, row, out, width, factor)
    f.b.ret_void()
    return module


def _decode_groups(f: Fn, enc: Encoding, row: Val, out: Val, width: Val, factor: Val) -> None:
    groups, size = width // enc.group, group_bytes(enc)
    codes = f["codes"] + row * groups * size
    scales = f["scales"] + row * groups * (4 if enc.has_offset else 2)
    with f.loop(0, groups) as g:
        raw = f.load(codes + g * size, vec(I8, size))
        if enc.bits == 4:
            wide = [(raw & 15).zext(I32), raw.lshr(4).zext(I32)]
        else:
            wide = [raw.sext(I32) if enc.signed else raw.zext(I32)]
        at = scales + g * (4 if enc.has_offset else 2)
        scale = from_half(f, f.load(at, I16))
        for i, part in enumerate(wide):
            value = (part - enc.zero_point).to_float() * scale.splat(size)
            if enc.has_offset:
                value = value + from_half(f, f.load(at, I16, 2)).splat(size)
            f.store(value * factor.splat(size), out + g * (enc.group * 4) + i * size * 4)
