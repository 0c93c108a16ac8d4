"""Kernels over 16 lanes, written as formulas in Python and compiled by LLVM for this machine, in tens of milliseconds.

Every operation is rounded to float32 by itself: nothing is fused or reordered, so a kernel's results are NumPy's, bit
for bit, on every machine.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, Final

import llvmlite.binding as llvm
from llvmlite import ir

LANES: Final = 16
I64: Final = ir.IntType(64)
I32: Final = ir.IntType(32)
_F32: Final = ir.FloatType()
_FLOATS: Final = ir.VectorType(_F32, LANES)
_INTS: Final = ir.VectorType(I32, LANES)
_FLOAT_OPS: Final = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}


class Vec:
    """Sixteen float32 or unsigned 32-bit integers, or the outcome of comparing them. A number stands for 16 of it."""

    __slots__ = ("b", "v")

    def __init__(self, builder: Any, value: Any) -> None:
        self.b, self.v = builder, value

    def _operand(self, other: Vec | float) -> Any:
        if isinstance(other, Vec):
            return other.v
        number = float(other) if self.v.type == _FLOATS else int(other)
        return ir.Constant(self.v.type, [number] * LANES)

    def _do(self, op: str, other: Vec | float) -> Vec:
        name = _FLOAT_OPS[op] if self.v.type == _FLOATS else op
        return Vec(self.b, getattr(self.b, name)(self.v, self._operand(other)))

    def __add__(self, other: Vec | float) -> Vec:
        return self._do("add", other)

    def __sub__(self, other: Vec | float) -> Vec:
        return self._do("sub", other)

    def __mul__(self, other: Vec | float) -> Vec:
        return self._do("mul", other)

    def __truediv__(self, other: Vec | float) -> Vec:
        return self._do("div", other)

    def __and__(self, other: Vec | int) -> Vec:
        return self._do("and_", other)

    def __or__(self, other: Vec | int) -> Vec:
        return self._do("or_", other)

    def __lshift__(self, other: int) -> Vec:
        return self._do("shl", other)

    def __rshift__(self, other: int) -> Vec:
        return self._do("lshr", other)

    def _compare(self, op: str, other: Vec | float) -> Vec:
        """False where either is NaN."""
        compare = self.b.fcmp_ordered if self.v.type == _FLOATS else self.b.icmp_unsigned
        return Vec(self.b, compare(op, self.v, self._operand(other)))

    def __lt__(self, other: Vec | float) -> Vec:
        return self._compare("<", other)

    def __gt__(self, other: Vec | float) -> Vec:
        return self._compare(">", other)

    def equals(self, other: Vec | float) -> Vec:
        """Lanes that are equal."""
        return self._compare("==", other)

    def choose(self, then: Vec, other: Vec | float) -> Vec:
        """`then` in the lanes that this comparison found true, else `other`."""
        return Vec(self.b, self.b.select(self.v, then.v, then._operand(other)))

    def at_least(self, low: Vec | float) -> Vec:
        """The larger of the two; `low` for NaN."""
        return (self > low).choose(self, low)

    def at_most(self, high: Vec | float) -> Vec:
        """The smaller of the two; `high` for NaN."""
        return (self < high).choose(self, high)

    def __abs__(self) -> Vec:
        return (self.bits() & 0x7FFFFFFF).floats()

    def bits(self) -> Vec:
        """Floats as integers of the same bits."""
        return Vec(self.b, self.b.bitcast(self.v, _INTS))

    def floats(self) -> Vec:
        """The reverse of `bits`."""
        return Vec(self.b, self.b.bitcast(self.v, _FLOATS))

    def number(self) -> Vec:
        """Signed integers as the nearest floats."""
        return Vec(self.b, self.b.sitofp(self.v, _FLOATS))

    def rotated(self, lanes: int) -> Vec:
        """Lane i holds what lane i + `lanes` held, counted around."""
        index = ir.Constant(_INTS, [(i + lanes) % LANES for i in range(LANES)])
        return Vec(self.b, self.b.shuffle_vector(self.v, self.v, index))

    def like(self, number: float) -> Vec:
        """`number` in sixteen lanes of this type."""
        return Vec(self.b, self._operand(number))

    def _shuffle(self, other: Vec, first: int) -> Vec:
        index = [i // 2 + first + LANES * (i % 2) for i in range(LANES)]
        return Vec(self.b, self.b.shuffle_vector(self.v, other.v, ir.Constant(_INTS, index)))


def transpose(rows: Sequence[Vec]) -> list[Vec]:
    """2, 4, 8 or 16 vectors, read downwards: lane after lane, the element of each vector.

    One riffle rotates the bits of an element's number (vector, lane) by one place; as many as the vectors' number has
    bits swap the two.
    """
    out, half = list(rows), len(rows) // 2
    for _ in range(len(rows).bit_length() - 1):
        out = [out[i]._shuffle(out[i + half], first) for i in range(half) for first in (0, LANES // 2)]
    return out


class Kernel:
    """A function of 64-bit integers (addresses and counts), `arguments`, under construction; `compile` makes it run."""

    def __init__(self, arguments: int) -> None:
        self._module = ir.Module("kernel")
        self._module.triple = llvm.get_process_triple()
        function = ir.Function(self._module, ir.FunctionType(ir.VoidType(), [I64] * arguments), "kernel")
        entry, body = function.append_basic_block("entry"), function.append_basic_block("body")
        ir.IRBuilder(entry).branch(body)  # the entry block collects the arrays
        self._b = ir.IRBuilder(body)
        self.arguments = list(function.args)
        self.zero = ir.Constant(I64, 0)

    def number(self, value: float) -> Vec:
        """A float in sixteen lanes."""
        return Vec(self._b, ir.Constant(_FLOATS, [float(value)] * LANES))

    def integer(self, value: int) -> Vec:
        """An integer in sixteen lanes."""
        return Vec(self._b, ir.Constant(_INTS, [value] * LANES))

    def array(self, size: int) -> Any:
        """The address of `size` vectors on the stack."""
        with self._b.goto_entry_block():
            slot = self._b.alloca(ir.ArrayType(_FLOATS, size), name="array")
            slot.align = 64
            return self._b.ptrtoint(slot, I64)

    def at(self, base: Any, index: Any, stride: Any, offset: int = 0) -> Any:
        """The address base + index · stride + offset, in bytes; `stride` is an integer or an argument."""
        scaled = self._b.mul(index, ir.Constant(I64, stride) if isinstance(stride, int) else stride)
        return self._b.add(self._b.add(base, scaled), ir.Constant(I64, offset))

    def word(self, value: int) -> Any:
        """A 64-bit integer."""
        return ir.Constant(I64, value)

    def product(self, a: Any, b: Any) -> Any:
        """The product of two integers of the kernel."""
        return self._b.mul(a, b)

    def load(self, address: Any, *, align: int = 4) -> Vec:
        """Sixteen floats from an address."""
        return Vec(self._b, self._b.load(self._b.inttoptr(address, ir.PointerType()), align=align, typ=_FLOATS))

    def load_integers(self, address: Any, bits: int, *, signed: bool = False) -> Vec:
        """Sixteen integers of 8 or 16 bits from an address, widened."""
        small = ir.VectorType(ir.IntType(bits), LANES)
        v = self._b.load(self._b.inttoptr(address, ir.PointerType()), align=1, typ=small)
        return Vec(self._b, self._b.sext(v, _INTS) if signed else self._b.zext(v, _INTS))

    def load_one(self, address: Any) -> Vec:
        """One float from an address, in sixteen lanes."""
        one = self._b.load(self._b.inttoptr(address, ir.PointerType()), align=4, typ=_F32)
        first = self._b.insert_element(ir.Constant(_FLOATS, ir.Undefined), one, ir.Constant(I32, 0))
        return Vec(self._b, self._b.shuffle_vector(first, first, ir.Constant(_INTS, [0] * LANES)))

    def store_one(self, value: Vec, address: Any) -> None:
        """The first lane's float to an address."""
        one = self._b.extract_element(value.v, ir.Constant(I32, 0))
        self._b.store(one, self._b.inttoptr(address, ir.PointerType()), align=4)

    def store(self, value: Vec, address: Any, *, align: int = 4, bits: int = 32) -> None:
        """Sixteen lanes to an address; the lower 16 `bits` of each alone where asked."""
        v = value.v
        if bits == 16:
            v = self._b.trunc(v, ir.VectorType(ir.IntType(16), LANES))
        self._b.store(v, self._b.inttoptr(address, ir.PointerType()), align=align)

    def fold(self, stop: Any, step: int, first: Sequence[Vec], body: Callable[..., Sequence[Vec]]) -> list[Vec]:
        """`for i in range(0, stop, step): values = body(i, *values)`, beginning with `first`; the values after it.

        `stop` is an integer or an argument.
        """
        b, end = self._b, ir.Constant(I64, stop) if isinstance(stop, int) else stop
        before = b.block
        head, inside, after = (b.append_basic_block(name) for name in ("head", "body", "after"))
        b.branch(head)
        b.position_at_end(head)
        i = b.phi(I64)
        i.add_incoming(self.zero, before)
        values = [b.phi(v.v.type) for v in first]
        for value, v in zip(values, first, strict=True):
            value.add_incoming(v.v, before)
        b.cbranch(b.icmp_signed("<", i, end), inside, after)
        b.position_at_end(inside)
        following = body(i, *(Vec(b, value) for value in values))
        for value, v in zip(values, following, strict=True):
            value.add_incoming(v.v, b.block)
        i.add_incoming(b.add(i, ir.Constant(I64, step)), b.block)
        b.branch(head)
        b.position_at_end(after)
        return [Vec(b, value) for value in values]

    def compile(self, cpu: str | None = None) -> Callable[..., None]:
        """Machine code for this host, or for the named `cpu` model; callable from several threads, without the GIL."""
        self._b.ret_void()
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_triple(self._module.triple).create_target_machine(
            cpu=llvm.get_host_cpu_name() if cpu is None else cpu,
            features=_host_features() if cpu is None else "",
            opt=3,
            codemodel="jitdefault",
            jit=True,
        )
        module = llvm.parse_assembly(str(self._module))
        module.verify()
        engine = llvm.create_mcjit_compiler(module, machine)
        engine.finalize_object()
        prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * len(self.arguments))
        function: Any = prototype(engine.get_function_address("kernel"))
        function.engine = engine  # the code lives as long as its engine
        return function  # type: ignore[no-any-return]


def _host_features() -> str:
    try:
        return str(llvm.get_host_cpu_features().flatten())
    except RuntimeError:  # LLVM cannot tell: the CPU model's own features
        return ""
