"""Kernels between the matrix products: norms, residual sums, gated activations, quantising, embedding rows.

Fields that end in `_private` are byte strides a thread: while one token is decoded each thread keeps a copy of the
residual stream and of the quantised activations, which saves a meeting of the threads and costs a microsecond.
`tokens` is the address of the number of tokens, so that a program need not change with it. Where `share` is 1 the
threads divide the tokens; otherwise each does all of them.
"""

from __future__ import annotations

from typing import Any, Final

from pixel_llm.backends.cpu.ir import F32, I8, I16, I32, I64, Fn, Val, vec
from pixel_llm.backends.cpu.target import Target
from pixel_llm.backends.cpu.vector import has_byte_products, kernel, new_module, sigmoid, tanh, to_int

NORM: Final = (
    "tokens",
    "share",
    "width",
    "x",
    "x_private",
    "index",
    "add",
    "post",
    "weight",
    "out",
    "out_private",
    "eps",
)
QUANTISE: Final = (
    "tokens", "share", "groups", "side_by_side", "x", "x_row", "x_private", "q", "q_row", "scales", "pairs",
    "pairs_row", "q_private",
)  # fmt: skip
GATE: Final = ("tokens", "width", "gate", "up", "row")
SOFTCAP: Final = ("tokens", "width", "x", "cap")
_MAX: Final = 32767.0
_MAX_BYTES: Final = 127.0 * 256 + 127  # the largest that a signed high and a signed low byte make
FORMATS: Final = ((4, 32), (8, 32), (4, 16), (8, 16))  # of activations: bits of the codes they meet, group


def quantise_name(bits: int, group: int, target: Target, *, one: bool) -> str:
    """The kernel that prepares activations for codes of `bits` in groups, for a single token or many."""
    as_bytes = one and bits == 4 and has_byte_products(target)
    return f"quantise_{bits}_{group}" + ("_bytes" if as_bytes else "")


def build_prepare(target: Target) -> Any:
    """The module of all of them."""
    module = new_module("prepare", target)
    _norm(kernel(module, target, "norm", NORM))
    for bits, group in FORMATS:
        _quantise(kernel(module, target, f"quantise_{bits}_{group}", QUANTISE), bits, group, as_bytes=False)
        if bits == 4:
            _quantise(kernel(module, target, f"quantise_4_{group}_bytes", QUANTISE), 4, group, as_bytes=True)
    for name in ("silu", "gelu_tanh"):
        _gate(kernel(module, target, f"gate_{name}", GATE), name)
    _softcap(kernel(module, target, "softcap", SOFTCAP))
    return module


def tokens_of(f: Fn) -> tuple[Val, Val]:
    """The range of tokens that this thread does."""
    n = f.load(f["tokens"], I64)
    low, high = f.share(n)
    shared = f["share"].eq(1)
    return shared.select(low, f.i64(0)), shared.select(high, n)


def float_field(f: Fn, name: str) -> Val:
    """A field that carries a float32's bits."""
    return f[name].trunc(I32).bitcast(F32)


def inverse_rms(f: Fn, address: Val, width: Val, eps: Val) -> Val:
    """1 / sqrt(mean(x²) + eps) of `width` floats."""
    wide = f.var(f.zero(vec(F32, f.width)))
    rest = f.var(f.zero(F32))

    def square(i: Val, lanes: int) -> None:
        v = f.load(address + i * 4, vec(F32, lanes))
        acc = rest if lanes == 1 else wide
        acc.set(f.fma(v, v, acc.get()))

    f.strips(width, f.width, square)
    mean = (f.sum(wide.get()) + rest.get()) / width.to_float()
    return 1.0 / f.intrinsic("sqrt", mean + eps)


def _norm(f: Fn) -> None:
    """x += add (normed with `post` where given); out = norm(x) · weight. `index` picks rows of x, 0: all in order."""
    low, high = tokens_of(f)
    width, eps = f["width"], float_field(f, "eps")
    bytes_ = width * 4
    x0, out0 = f["x"] + f.args[1] * f["x_private"], f["out"] + f.args[1] * f["out_private"]
    add, post, weight, index = f["add"], f["post"], f["weight"], f["index"]
    with f.loop(low, high) as t:
        row = f.var(t)
        with f.when(index > 0):
            row.set(f.load(index + t * 8, I64))
        x = x0 + row.get() * bytes_
        with f.when(add > 0):
            y = add + row.get() * bytes_
            with f.either(post > 0) as (then, other):
                with then:
                    factor = inverse_rms(f, y, width, eps)

                    def add_normed(i: Val, lanes: int) -> None:
                        v = f.load(y + i * 4, vec(F32, lanes)) * factor.splat(lanes)
                        v = v * f.load(post + i * 4, vec(F32, lanes))
                        f.store(f.load(x + i * 4, v.type) + v, x + i * 4)

                    f.strips(width, f.width, add_normed)
                with other:

                    def add_plain(i: Val, lanes: int) -> None:
                        v = f.load(y + i * 4, vec(F32, lanes))
                        f.store(f.load(x + i * 4, v.type) + v, x + i * 4)

                    f.strips(width, f.width, add_plain)
        with f.when(out0 > 0):
            factor = inverse_rms(f, x, width, eps)
            out = out0 + t * bytes_

            def scale(i: Val, lanes: int) -> None:
                v = f.load(x + i * 4, vec(F32, lanes)) * factor.splat(lanes)
                f.store(v * f.load(weight + i * 4, v.type), out + i * 4)

            f.strips(width, f.width, scale)
    f.b.ret_void()


def _quantise(f: Fn, bits: int, group: int, *, as_bytes: bool) -> None:
    """16-bit activations with one scale a group, in the order in which `spread_codes` yields the weights.

    A group is `parts` runs of 16-bit numbers; of `side_by_side` groups (a power of two, fewer at the end of a row) the
    first runs stand together, then the second ones, and so on. Writes scales, and pairs (scale, scale · Σq).
    `as_bytes`: the runs are the high bytes of the first half of a group and of the second, then the low bytes.
    """
    largest = _MAX_BYTES if as_bytes else _MAX
    parts = 16 // bits
    run = group // parts
    low, high = tokens_of(f)
    groups, most = f["groups"], f["side_by_side"]
    private = f.args[1] * f["q_private"]
    x0 = f["x"] + f.args[1] * f["x_private"]
    order = list(range(0, group, 2)) + list(range(1, group, 2))
    with f.loop(low, high) as t:
        x, q = x0 + t * f["x_row"], f["q"] + private + t * f["q_row"]
        scales = f["scales"] + private + t * f["pairs_row"]
        pairs = f["pairs"] + private + t * f["pairs_row"]
        with f.loop(0, groups) as g:
            v = f.load(x + g * (group * 4), vec(F32, group))
            top = f.fold(f.intrinsic("fabs", v), f.maximum)
            scale = top * (1.0 / largest)
            inverse = (top > 0.0).select(largest / top, f.zero(F32))
            whole = to_int(f, v * inverse.splat(group))
            total = f.sum(whole)
            f.store(scale, scales + g * 4)
            f.store(scale, pairs + g * 8)
            f.store(scale * total.to_float(), pairs + g * 8 + 4)
            if as_bytes:
                high = (whole + 128) >> 8
                halves = [v.trunc(I8) for v in (high, whole - (high << 8))]
                runs = [v.shuffle(list(range(k, k + group // 2))) for v in halves for k in (0, group // 2)]
            else:
                q16 = whole.trunc(I16).shuffle(order)
                runs = [q16.shuffle(list(range(j * run, (j + 1) * run))) for j in range(parts)]
            # The run of groups that this one stands in: `most` wide, then halves of it at the end of the row.
            wide, first = f.var(most), f.var(g // most * most)
            rest = groups - groups // most * most
            with f.when(g >= groups - rest):
                wide.set(most // 2)
                first.set(groups - rest)
                with f.loop(0, 5):
                    taken = rest & wide.get()
                    beyond = g >= first.get() + taken
                    enter = taken.eq(0).select(f.const(beyond.type, 1), beyond)
                    first.set(enter.select(first.get() + taken, first.get()))
                    wide.set(enter.select(wide.get() // 2, wide.get()))
            base = q + first.get() * (group * 2) + (g - first.get()) * (run * 2)
            for j, values in enumerate(runs):
                f.store(values, base + wide.get() * (j * run * 2))
    f.b.ret_void()


def _gate(f: Fn, activation: str) -> None:
    """gate = activation(gate) · up, on the rows that this thread has just computed."""
    low16, high16 = f.share((f["width"] + 15) // 16)
    low = low16 * 16
    high = f.minimum(high16 * 16, f["width"])
    with f.loop(0, f.load(f["tokens"], I64)) as t:
        gate, up = f["gate"] + t * f["row"] + low * 4, f["up"] + t * f["row"] + low * 4

        def apply(i: Val, lanes: int) -> None:
            g, u = f.load(gate + i * 4, vec(F32, lanes)), f.load(up + i * 4, vec(F32, lanes))
            if activation == "silu":
                s = sigmoid(f, g)
            else:  # tanh approximation of GELU: x · sigmoid(2z)
                s = sigmoid(f, g * (g * g * 0.044715 + 1.0) * (2 * 0.7978845608028654))
            f.store(g * s * u, gate + i * 4)

        f.strips(high - low, f.width, apply)
    f.b.ret_void()


def _softcap(f: Fn) -> None:
    """x = cap · tanh(x / cap)."""
    low, high = f.share(f.load(f["tokens"], I64) * f["width"])
    cap = float_field(f, "cap")
    x = f["x"] + low * 4
    inverse = 1.0 / cap

    def apply(i: Val, lanes: int) -> None:
        v = f.load(x + i * 4, vec(F32, lanes))
        f.store(tanh(f, v * inverse.splat(lanes)) * cap.splat(lanes), x + i * 4)

    f.strips(high - low, f.width, apply)
    f.b.ret_void()
