"""A small layer over `llvmlite.ir` in which the kernels are written: values with operators, loops as `with` blocks.

A kernel is a function `void(i64 op, i64 thread, i64 threads)`. `op` is the address of a record of 64-bit words: word 0
is the kernel's own address, word 1 says whether all threads meet behind it, and the words after that are the kernel's
named fields, so that a program is a table of numbers which `run` (see `kernels_run.py`) walks through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from llvmlite import ir

from pixel_llm.backends.cpu.target import Target

I1: Final = ir.IntType(1)
I8: Final = ir.IntType(8)
I16: Final = ir.IntType(16)
I32: Final = ir.IntType(32)
I64: Final = ir.IntType(64)
F16: Final = ir.HalfType()
F32: Final = ir.FloatType()
HEADER_WORDS: Final = 2
_CONTRACT: Final = ("contract",)


def vec(element: ir.Type, lanes: int) -> ir.Type:
    """A vector of `lanes` elements; the element itself for one lane."""
    return element if lanes == 1 else ir.VectorType(element, lanes)


def lanes_of(typ: ir.Type) -> int:
    """Lanes of a vector type; 1 for a scalar."""
    return typ.count if isinstance(typ, ir.VectorType) else 1


def _element(typ: ir.Type) -> ir.Type:
    return typ.element if isinstance(typ, ir.VectorType) else typ


class Val:
    """An SSA value. Operators take Python numbers as constants (splats for vectors); integers are signed."""

    __slots__ = ("f", "v")

    def __init__(self, f: Fn, v: Any) -> None:
        self.f = f
        self.v = v

    @property
    def type(self) -> ir.Type:
        """Its LLVM type."""
        return self.v.type

    @property
    def is_float(self) -> bool:
        """Whether its elements are floats."""
        return isinstance(_element(self.type), (ir.FloatType, ir.HalfType))

    def _bin(self, other: Val | float, int_op: str, float_op: str | None, swap: bool = False) -> Val:
        a, b = self.v, self.f.const(self.type, other).v
        if swap:
            a, b = b, a
        if self.is_float:
            assert float_op is not None
            return Val(self.f, getattr(self.f.b, float_op)(a, b, flags=_CONTRACT))
        return Val(self.f, getattr(self.f.b, int_op)(a, b))

    def __add__(self, o: Val | float) -> Val:
        return self._bin(o, "add", "fadd")

    def __radd__(self, o: float) -> Val:
        return self._bin(o, "add", "fadd")

    def __sub__(self, o: Val | float) -> Val:
        return self._bin(o, "sub", "fsub")

    def __rsub__(self, o: float) -> Val:
        return self._bin(o, "sub", "fsub", swap=True)

    def __mul__(self, o: Val | float) -> Val:
        return self._bin(o, "mul", "fmul")

    def __rmul__(self, o: float) -> Val:
        return self._bin(o, "mul", "fmul")

    def __truediv__(self, o: Val | float) -> Val:
        return self._bin(o, "sdiv", "fdiv")

    def __rtruediv__(self, o: float) -> Val:
        return self._bin(o, "sdiv", "fdiv", swap=True)

    def __floordiv__(self, o: Val | int) -> Val:
        return self._bin(o, "udiv", None)

    def __mod__(self, o: Val | int) -> Val:
        return self._bin(o, "urem", None)

    def __and__(self, o: Val | int) -> Val:
        return self._bin(o, "and_", None)

    def __or__(self, o: Val | int) -> Val:
        return self._bin(o, "or_", None)

    def __xor__(self, o: Val | int) -> Val:
        return self._bin(o, "xor", None)

    def __lshift__(self, o: Val | int) -> Val:
        return self._bin(o, "shl", None)

    def __rshift__(self, o: Val | int) -> Val:
        """Arithmetic for signed use; see `lshr` for the logical one."""
        return self._bin(o, "ashr", None)

    def lshr(self, o: Val | int) -> Val:
        """Logical shift right."""
        return self._bin(o, "lshr", None)

    def _cmp(self, o: Val | float, op: str) -> Val:
        other = self.f.const(self.type, o).v
        b = self.f.b
        return Val(self.f, b.fcmp_ordered(op, self.v, other) if self.is_float else b.icmp_signed(op, self.v, other))

    def __lt__(self, o: Val | float) -> Val:
        return self._cmp(o, "<")

    def __le__(self, o: Val | float) -> Val:
        return self._cmp(o, "<=")

    def __gt__(self, o: Val | float) -> Val:
        return self._cmp(o, ">")

    def __ge__(self, o: Val | float) -> Val:
        return self._cmp(o, ">=")

    def eq(self, o: Val | float) -> Val:
        """Equality (`==` stays Python's identity)."""
        return self._cmp(o, "==")

    def select(self, then: Val, other: Val | float) -> Val:
        """Per lane: `then` where this i1 is set."""
        return Val(self.f, self.f.b.select(self.v, then.v, self.f.const(then.type, other).v))

    def bitcast(self, typ: ir.Type) -> Val:
        """The same bits as `typ`."""
        return Val(self.f, self.f.b.bitcast(self.v, typ))

    def sext(self, element: ir.Type) -> Val:
        """Signed widening of every lane."""
        return Val(self.f, self.f.b.sext(self.v, vec(element, lanes_of(self.type))))

    def zext(self, element: ir.Type) -> Val:
        """Unsigned widening of every lane."""
        return Val(self.f, self.f.b.zext(self.v, vec(element, lanes_of(self.type))))

    def trunc(self, element: ir.Type) -> Val:
        """The low bits of every lane."""
        return Val(self.f, self.f.b.trunc(self.v, vec(element, lanes_of(self.type))))

    def to_float(self) -> Val:
        """Signed integers to float32."""
        return Val(self.f, self.f.b.sitofp(self.v, vec(F32, lanes_of(self.type))))

    def shuffle(self, index: Sequence[int], other: Val | None = None) -> Val:
        """Lanes of (self, other) picked by `index`; -1 is undefined."""
        if lanes_of(self.type) == 1:
            return self.splat(len(index))
        second = ir.Constant(self.type, ir.Undefined) if other is None else other.v
        mask = ir.Constant(
            ir.VectorType(I32, len(index)), [ir.Constant(I32, ir.Undefined if i < 0 else i) for i in index]
        )
        return Val(self.f, self.f.b.shuffle_vector(self.v, second, mask))

    def splat(self, lanes: int) -> Val:
        """A scalar in every lane of a vector."""
        if lanes == 1:
            return self
        typ = ir.VectorType(self.type, lanes)
        one = self.f.b.insert_element(ir.Constant(typ, ir.Undefined), self.v, ir.Constant(I32, 0))
        return Val(self.f, one).shuffle([0] * lanes)

    def lane(self, i: int) -> Val:
        """One lane as a scalar."""
        if lanes_of(self.type) == 1:
            return self
        return Val(self.f, self.f.b.extract_element(self.v, ir.Constant(I32, i)))

    def put(self, i: int, value: Val) -> Val:
        """This vector with one lane replaced."""
        return Val(self.f, self.f.b.insert_element(self.v, value.v, ir.Constant(I32, i)))


class Var:
    """A mutable local; LLVM turns it into registers."""

    __slots__ = ("f", "p", "t")

    def __init__(self, f: Fn, value: Val) -> None:
        self.f = f
        self.t = value.type
        with f.b.goto_entry_block():
            self.p = f.b.alloca(self.t)
        self.set(value)

    def get(self) -> Val:
        """Its value now."""
        return Val(self.f, self.f.b.load(self.p, typ=self.t))

    def set(self, value: Val) -> None:
        """Assign."""
        self.f.b.store(value.v, self.p)


class Fn:
    """The function being built, with the target's lanes: `width` lanes of 32 bits are one vector."""

    def __init__(self, module: ir.Module, function: ir.Function, target: Target) -> None:
        self.module = module
        self.function = function
        self.target = target
        self.width = target.width
        entry = function.append_basic_block("entry")
        body = function.append_basic_block("body")
        ir.IRBuilder(entry).branch(body)
        self.b = ir.IRBuilder(body)
        self.args = [Val(self, a) for a in function.args]
        self.fields: dict[str, int] = {}

    # Values
    def const(self, typ: ir.Type, value: Val | float) -> Val:
        """`value` as a constant of `typ`, in every lane; a `Val` passes through."""
        if isinstance(value, Val):
            return value
        element, n = _element(typ), lanes_of(typ)
        number: Any = float(value) if isinstance(element, (ir.FloatType, ir.HalfType)) else int(value)
        return Val(self, ir.Constant(typ, number if n == 1 else [number] * n))

    def i64(self, value: int) -> Val:
        """A 64-bit constant."""
        return self.const(I64, value)

    def zero(self, typ: ir.Type) -> Val:
        """All bits 0."""
        return self.const(typ, 0)

    def iota(self, lanes: int) -> Val:
        """0, 1, 2, … as i32."""
        return Val(self, ir.Constant(ir.VectorType(I32, lanes), list(range(lanes))))

    def var(self, value: Val) -> Var:
        """A mutable local."""
        return Var(self, value)

    # Memory: addresses are 64-bit integers. Constant offsets are given apart, because LLVM would otherwise take sums of
    # loop invariants and constants out of loops, more of them than there are registers.
    def _pointer(self, address: Val, offset: int) -> Any:
        pointer = self.b.inttoptr(address.v, ir.PointerType())
        return self.b.gep(pointer, [ir.Constant(I64, offset)], source_etype=I8) if offset else pointer

    def load(self, address: Val, typ: ir.Type, offset: int = 0, align: int = 1) -> Val:
        """A value of `typ` from `address` + `offset`."""
        return Val(self, self.b.load(self._pointer(address, offset), align=align, typ=typ))

    def store(self, value: Val, address: Val, offset: int = 0, align: int = 1) -> None:
        """Write `value` at `address` + `offset`."""
        self.b.store(value.v, self._pointer(address, offset), align=align)

    def __getitem__(self, field: str) -> Val:
        """A field of the op record."""
        word = HEADER_WORDS + self.fields[field]
        return self.load(self.args[0] + 8 * word, I64, align=8)

    # Calls
    def call(self, name: str, result: ir.Type, *args: Val) -> Val:
        """Call an LLVM intrinsic or another function of this module."""
        typ = ir.FunctionType(result, [a.type for a in args])
        function = self.module.globals.get(name) or ir.Function(self.module, typ, name)
        return Val(self, self.b.call(function, [a.v for a in args]))

    def _suffix(self, typ: ir.Type) -> str:
        element = "f32" if isinstance(_element(typ), ir.FloatType) else f"i{_element(typ).width}"
        n = lanes_of(typ)
        return element if n == 1 else f"v{n}{element}"

    def intrinsic(self, name: str, *args: Val) -> Val:
        """`llvm.NAME` overloaded on, and returning, the type of the first argument."""
        return self.call(f"llvm.{name}.{self._suffix(args[0].type)}", args[0].type, *args)

    def fma(self, a: Val, b: Val, c: Val) -> Val:
        """a·b + c, fused where the target has it."""
        return self.intrinsic("fmuladd", a, b, c)

    def prefetch(self, address: Val, offset: int = 0) -> None:
        """Ask for the cache line at `address` + `offset`, to be read soon; harmless for any address."""
        pointer = self._pointer(address, offset)
        typ = ir.FunctionType(ir.VoidType(), [ir.PointerType(), I32, I32, I32])
        function = self.module.globals.get("llvm.prefetch.p0") or ir.Function(self.module, typ, "llvm.prefetch.p0")
        self.b.call(function, [pointer, ir.Constant(I32, 0), ir.Constant(I32, 3), ir.Constant(I32, 1)])

    def copies(self, value: Val, count: int) -> list[Val]:
        """A 64-bit value, so many times, as different ones in LLVM's eyes: loads through them are not merged into one.

        A load that one instruction alone uses becomes that instruction's memory operand.
        """
        out = [value]
        while len(out) < count:
            out.append(Val(self, self.b.asm(ir.FunctionType(I64, [I64]), "", "=r,0", [out[-1].v], False)))
        return out

    def maximum(self, a: Val, b: Val) -> Val:
        """The larger of each lane."""
        return (a > b).select(a, b)

    def minimum(self, a: Val, b: Val) -> Val:
        """The smaller of each lane."""
        return (a < b).select(a, b)

    def fold(self, v: Val, combine: Callable[[Val, Val], Val], to: int = 1) -> Val:
        """Reduce a vector by halves until `to` lanes are left; a scalar for 1."""
        n = lanes_of(v.type)
        while n > max(to, 1):
            half = n // 2
            if half == 1:
                return combine(v.lane(0), v.lane(1))
            v = combine(v.shuffle(list(range(half))), v.shuffle(list(range(half, n))))
            n = half
        return v

    def sum(self, v: Val) -> Val:
        """Sum of the lanes."""
        return self.fold(v, lambda a, b: a + b)

    # Control
    @contextmanager
    def loop(self, start: Val | int, stop: Val | int, step: Val | int = 1) -> Iterator[Val]:
        """`for i in range(start, stop, step)` with 64-bit i."""
        b = self.b
        first = self.const(I64, start)
        end, inc = self.const(I64, stop), self.const(I64, step)
        before = b.block
        head = b.append_basic_block("loop")
        body = b.append_basic_block("do")
        after = b.append_basic_block("after")
        b.branch(head)
        b.position_at_end(head)
        i = b.phi(I64)
        i.add_incoming(first.v, before)
        b.cbranch(b.icmp_signed("<", i, end.v), body, after)
        b.position_at_end(body)
        yield Val(self, i)
        i.add_incoming(b.add(i, inc.v), b.block)
        b.branch(head)
        b.position_at_end(after)

    @contextmanager
    def when(self, condition: Val) -> Iterator[None]:
        """`if condition:`."""
        with self.b.if_then(condition.v):
            yield

    @contextmanager
    def either(self, condition: Val) -> Iterator[tuple[Any, Any]]:
        """`if … else …`: `with f.either(c) as (then, other): with then: … with other: …`."""
        with self.b.if_else(condition.v) as (then, other):
            yield then, other

    @contextmanager
    def repeat(self, condition: Callable[[], Val]) -> Iterator[None]:
        """`while condition():`."""
        b = self.b
        head, body, after = (b.append_basic_block(n) for n in ("while", "do", "after"))
        b.branch(head)
        b.position_at_end(head)
        b.cbranch(condition().v, body, after)
        b.position_at_end(body)
        yield
        b.branch(head)
        b.position_at_end(after)

    def take(self, counter: Val) -> Val:
        """The 64-bit number at `counter`, which is raised by one at the same time for all threads."""
        pointer = self.b.inttoptr(counter.v, I64.as_pointer())
        return Val(self, self.b.atomic_rmw("add", pointer, ir.Constant(I64, 1), "monotonic"))

    def strips(self, n: Val, lanes: int, body: Callable[[Val, int], None], least: int = 1) -> None:
        """body(i, lanes) over whole vectors of 0 … n, then body(i, least) over the rest."""
        whole = n // lanes * lanes
        with self.loop(0, whole, lanes) as i:
            body(i, lanes)
        with self.loop(whole, n, least) as i:
            body(i, least)

    def share(self, units: Val) -> tuple[Val, Val]:
        """The range of `units` that is this thread's, as even as can be."""
        thread, threads = self.args[1], self.args[2]
        return units * thread // threads, units * (thread + 1) // threads
