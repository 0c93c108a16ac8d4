"""`run`: the loop that every thread of the team is in while a program runs.

A program is a table of op records (see `ir.py`). Each thread calls every op; after an op whose word 1 is set, all threads
meet at a barrier: one word counts arrivals, the last one to arrive raises the other word, which the rest watch. They spin,
because a meeting comes every few microseconds, and after a while give the processor away between looks, so that a machine
busy with other work is not held up.
"""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir

from pixel_llm.backends.cpu.ir import I64, Fn, Val
from pixel_llm.backends.cpu.target import Target
from pixel_llm.backends.cpu.vector import new_module

SPINS: Final = 4000  # about 50 µs of PAUSE
SYNC_BYTES: Final = 256  # arrivals at byte 0, phase at byte 128: one cache line each


def build_run(target: Target) -> Any:
    """`run(ops, count, stride, thread, threads, sync, give_way)`; `give_way` is the address of a `void()` function."""
    module = new_module("run", target)
    typ = ir.FunctionType(ir.VoidType(), [I64] * 7)
    f = Fn(module, ir.Function(module, typ, "run"), target.width)
    ops, count, stride, thread, threads, sync, give_way = f.args
    op_type = ir.FunctionType(ir.VoidType(), [I64, I64, I64])
    with f.loop(0, count) as i:
        op = ops + i * stride
        address = f.load(op, I64)
        _call(f, address, op_type, [op, thread, threads])
        with f.when(f.load(op + 8, I64) > 0), f.when(threads > 1):
            _meet(f, target, sync, threads, give_way)
    f.b.ret_void()
    return module


def _call(f: Fn, address: Val, typ: Any, args: list[Val]) -> None:
    f.b.call(f.b.inttoptr(address.v, typ.as_pointer()), [a.v for a in args])


def _meet(f: Fn, target: Target, sync: Val, threads: Val, give_way: Val) -> None:
    b = f.b
    arrivals = b.inttoptr(sync.v, I64.as_pointer())
    phase = b.inttoptr((sync + 128).v, I64.as_pointer())
    seen = Val(f, b.load_atomic(phase, "acquire", 8, typ=I64))
    before = Val(f, b.atomic_rmw("add", arrivals, ir.Constant(I64, 1), "acq_rel"))
    with f.either(before.eq(threads - 1)) as (then, other):
        with then:
            b.store_atomic(ir.Constant(I64, 0), arrivals, "monotonic", 8)
            b.store_atomic((seen + 1).v, phase, "release", 8)
        with other:
            spins = f.var(f.i64(0))
            look, done = b.append_basic_block("look"), b.append_basic_block("met")
            wait = b.append_basic_block("wait")
            b.branch(look)
            b.position_at_end(look)
            now = Val(f, b.load_atomic(phase, "acquire", 8, typ=I64))
            b.cbranch(now.eq(seen).v, wait, done)
            b.position_at_end(wait)
            spins.set(spins.get() + 1)
            if target.x86:
                f.call("llvm.x86.sse2.pause", ir.VoidType())
            with f.when(spins.get() > SPINS), f.when(give_way > 0):
                _call(f, give_way, ir.FunctionType(ir.VoidType(), []), [])
            b.branch(look)
            b.position_at_end(done)
