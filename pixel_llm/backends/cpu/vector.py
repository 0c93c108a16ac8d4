"""What the kernels share: conversions, dot products of 16-bit integers, exponentials, decoding of codes, as IR."""

from __future__ import annotations

import math
from typing import Final

from llvmlite import ir

from pixel_llm.backends.cpu.ir import F16, F32, I16, I32, I64, Fn, Val, lanes_of, vec
from pixel_llm.backends.cpu.target import Target

_ROUND: Final = 12582912.0  # 1.5 · 2^23: adding it leaves the nearest integer in the low bits
_ROUND_BITS: Final = 0x4B400000
_MULTIPLY_ADD: Final = {16: "llvm.x86.avx512.pmaddw.d.512", 8: "llvm.x86.avx2.pmadd.wd", 4: "llvm.x86.sse2.pmadd.wd"}
_EXP2: Final = [math.log(2.0) ** k / math.factorial(k) for k in range(7)]


def new_module(name: str, target: Target) -> ir.Module:
    """An empty module for `target`."""
    module = ir.Module(name)
    module.triple = target.triple
    return module


def kernel(module: ir.Module, target: Target, name: str, fields: tuple[str, ...]) -> Fn:
    """Begin a kernel whose op record has `fields`."""
    typ = ir.FunctionType(ir.VoidType(), [I64, I64, I64])
    f = Fn(module, ir.Function(module, typ, name), target)
    f.fields = {field: i for i, field in enumerate(fields)}
    return f


def from_half(f: Fn, v: Val) -> Val:
    """float16 bits (i16 lanes) to float32, exact; infinities only where the target converts natively."""
    n = lanes_of(v.type)
    if f.target.native_half:
        half = v.bitcast(vec(F16, n))
        return Val(f, f.b.fpext(half.v, vec(F32, n)))
    bits = v.zext(I32)
    sign = (bits & 0x8000) << 16
    # Moving the exponent into place scales by 2^-112, subnormals included.
    magnitude = ((bits & 0x7FFF) << 13).bitcast(vec(F32, n)) * 2.0**112
    return (magnitude.bitcast(vec(I32, n)) | sign).bitcast(vec(F32, n))


def to_half(f: Fn, v: Val) -> Val:
    """float32 to float16 bits (i16 lanes), to nearest even, kept within ±65504."""
    n = lanes_of(v.type)
    v = f.maximum(f.minimum(v, f.const(v.type, 65504.0)), f.const(v.type, -65504.0))
    if f.target.native_half:
        return Val(f, f.b.fptrunc(v.v, vec(F16, n))).bitcast(vec(I16, n))
    bits = v.bitcast(vec(I32, n))
    sign = bits & -0x80000000
    magnitude = bits ^ sign
    normal = (magnitude + (magnitude.lshr(13) & 1) + 0xFFF - (112 << 23)).lshr(13)
    # Below 2^-14 adding 0.5 makes the FPU round at float16's subnormal spacing.
    tiny = (magnitude.bitcast(vec(F32, n)) + 0.5).bitcast(vec(I32, n)) - 0x3F000000
    half = (magnitude < (113 << 23)).select(tiny, normal)
    return (half | sign.lshr(16)).trunc(I16)


def any_of(f: Fn, flags: Val) -> Val:
    """Whether any lane of an i1 vector is set."""
    bits = flags.bitcast(ir.IntType(lanes_of(flags.type)))
    return bits.eq(0) ^ 1


def to_int(f: Fn, v: Val) -> Val:
    """The nearest i32 of floats within ±2^22."""
    return (v + _ROUND).bitcast(vec(I32, lanes_of(v.type))) - _ROUND_BITS


def round_low(f: Fn, a: Val, b: Val) -> Val:
    """The nearest integer to a·b, within ±2^22, in the low 22 bits of i32 lanes; what is above them says nothing."""
    return f.fma(a, b, f.const(a.type, _ROUND)).bitcast(vec(I32, lanes_of(a.type)))


def _exp2(f: Fn, r: Val) -> Val:
    """2^r within ±0.5."""
    p = f.const(r.type, _EXP2[6])
    for k in range(5, -1, -1):
        p = f.fma(p, r, f.const(r.type, _EXP2[k]))
    return p


def _scale(f: Fn, x: Val, exponent: Val) -> Val:
    """x · 2^exponent of 16 lanes (VSCALEFPS), to 0 and infinity where it leaves float32's range."""
    i16, i32 = f.const(I16, -1), f.const(I32, 4)  # every lane; the rounding that is set
    return f.call("llvm.x86.avx512.mask.scalef.ps.512", x.type, x, exponent, f.zero(x.type), i16, i32)


def exp(f: Fn, x: Val) -> Val:
    """e^x, relative error below 3e-7 near 0; 0 far below, about 1e38 or infinity far above."""
    n = lanes_of(x.type)
    if f.target.path == "avx512vnni" and n == 16:
        t = x * (1.0 / math.log(2.0))
        whole = f.intrinsic("roundeven", t)
        return _scale(f, _exp2(f, t - whole), whole)
    t = f.maximum(f.minimum(x, f.const(x.type, 88.0)), f.const(x.type, -87.0)) * (1.0 / math.log(2.0))
    whole = to_int(f, t)
    y = _exp2(f, t - whole.to_float()) * ((whole + 127) << 23).bitcast(vec(F32, n))
    return (x < -87.0).select(f.zero(x.type), y)


def sigmoid(f: Fn, x: Val) -> Val:
    """1 / (1 + e^-x)."""
    return 1.0 / (exp(f, 0.0 - x) + 1.0)


def tanh(f: Fn, x: Val) -> Val:
    """tanh through the logistic function."""
    return sigmoid(f, x + x) * 2.0 - 1.0


def dot16(f: Fn, acc: Val, a: Val, b: Val) -> Val:
    """acc + the sums of adjacent products: i32 lanes from twice as many i16 lanes."""
    n = lanes_of(acc.type)
    if f.target.path != "portable":
        if n < 4:
            return dot16(f, extend(f, acc, 4), extend(f, a, 8), extend(f, b, 8)).shuffle(list(range(n)))
        if f.target.vnni:
            # LLVM would fuse a product and an addition too, but make one chain of sums that are meant to be several.
            return f.call(f"llvm.x86.avx512.vpdpwssd.{32 * n}", acc.type, acc, a.bitcast(acc.type), b.bitcast(acc.type))
        return acc + f.call(_MULTIPLY_ADD[n], acc.type, a, b)
    products = a.sext(I32) * b.sext(I32)
    even, odd = list(range(0, 2 * n, 2)), list(range(1, 2 * n, 2))
    return acc + products.shuffle(even) + products.shuffle(odd)


def has_byte_products(target: Target) -> bool:
    """Whether `dot8` is one instruction."""
    return target.vnni


def dot8(f: Fn, acc: Val, a: Val, b: Val) -> Val:
    """acc + the sums of four adjacent products of unsigned bytes of a and signed bytes of b, all i32 lanes."""
    n = lanes_of(acc.type)
    if n < 4:
        wide = [extend(f, v, 4) for v in (acc, a, b)]
        return dot8(f, *wide).shuffle(list(range(n)))
    return f.call(f"llvm.x86.avx512.vpdpbusd.{32 * n}", acc.type, acc, a, b)


def spread_codes(w: Val, bits: int, signed: bool, zero_point: int) -> list[Val]:
    """Packed codes (i16 lanes) to vectors of i16 codes: 4 for 4-bit, 2 for 8-bit codes, in the activations' order.

    Of a group's bytes, vector 0 takes the low nibbles of even bytes, 1 their high nibbles, 2 and 3 those of odd bytes;
    for 8 bits, even bytes and odd bytes.
    """
    if bits == 8:
        shift = (lambda v: v >> 8) if signed else (lambda v: v.lshr(8))
        return [shift(w << 8), shift(w)]
    if zero_point == 8:  # code - 8 is the nibble with its top bit flipped, sign-extended
        w = w ^ -0x7778  # 0x8888
        return [(w << 12) >> 12, (w << 8) >> 12, (w << 4) >> 12, w >> 12]
    return [w & 15, w.lshr(4) & 15, w.lshr(8) & 15, w.lshr(12)]


def reduce_rows(f: Fn, rows: list[Val]) -> Val:
    """The lane sums of four vectors as one vector of four (of one vector: a scalar)."""
    if len(rows) == 1:
        return f.sum(rows[0])
    a, b, c, d = (f.fold(v, lambda x, y: x + y, to=4) for v in rows)
    ab = a.shuffle([0, 4, 1, 5], b) + a.shuffle([2, 6, 3, 7], b)
    cd = c.shuffle([0, 4, 1, 5], d) + c.shuffle([2, 6, 3, 7], d)
    return ab.shuffle([0, 1, 4, 5], cd) + ab.shuffle([2, 3, 6, 7], cd)


def extend(f: Fn, v: Val, lanes: int) -> Val:
    """A vector widened with zeros."""
    n = lanes_of(v.type)
    return v if n == lanes else v.shuffle(list(range(n)) + [n] * (lanes - n), f.zero(v.type))
