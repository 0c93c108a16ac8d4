"""`run`: the loop that every thread of the team is in while a program runs; `serve` and `post`, how it gets programs.

A program is a table of op records (see `ir.py`). Each thread calls every op; after an op whose word 1 is set, all
threads meet at a barrier: one word counts arrivals, the last one to arrive raises the other word, which the rest
watch. They spin, because a meeting comes every few microseconds, but soon give the processor away between looks: on a
busy machine the thread that is waited for may need just this processor.
"""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir

from pixel_llm.backends.cpu.ir import I64, Fn, Val
from pixel_llm.backends.cpu.target import Target
from pixel_llm.backends.cpu.vector import new_module

SPINS: Final = 200  # some microseconds; more costs dearly on a busy machine (benchmarks/LOG.md)
MAIL_LINE: Final = (
    128  # the mail: sequence number; ops, count, stride; one sleep flag a thread; each on lines of its own
)
SYNC_BYTES: Final = 256  # arrivals at byte 0, phase at byte 128: one cache line each


def build_run(target: Target) -> Any:
    """`run(ops, count, stride, thread, threads, sync, give_way)`; `give_way` is the address of a `void()` function."""
    module = new_module("run", target)
    typ = ir.FunctionType(ir.VoidType(), [I64] * 7)
    f = Fn(module, ir.Function(module, typ, "run"), target)
    ops, count, stride, thread, threads, sync, give_way = f.args
    op_type = ir.FunctionType(ir.VoidType(), [I64, I64, I64])
    with f.loop(0, count) as i:
        op = ops + i * stride
        address = f.load(op, I64)
        _call(f, address, op_type, [op, thread, threads])
        with f.when(f.load(op + 8, I64) > 0), f.when(threads > 1):
            _meet(f, target, sync, threads, give_way)
    f.b.ret_void()
    _serve(module, target, f.function)
    _post(module, target)
    return module


def _serve(module: ir.Module, target: Target, run: ir.Function) -> None:
    """`serve(mail, seen, thread, threads, sync, give_way, patience)`: run programs as they are posted.

    Returns the number of the last program seen when none came for `patience` looks (its flag then says that it
    sleeps), and -1 for an empty program, which ends the thread. Between two tokens a thread so waits without the
    interpreter.
    """
    f = Fn(module, ir.Function(module, ir.FunctionType(I64, [I64] * 7), "serve"), target)
    b = f.b
    mail, first, thread, threads, sync, give_way, patience = f.args
    sequence = b.inttoptr(mail.v, I64.as_pointer())
    asleep = b.inttoptr((mail + (thread * MAIL_LINE + 2 * MAIL_LINE)).v, I64.as_pointer())
    seen = f.var(first)
    begin, look, wait, idle, quit_, work = (
        b.append_basic_block(n) for n in ("begin", "look", "wait", "idle", "quit", "work")
    )
    spins = f.var(f.i64(0))
    b.branch(begin)
    b.position_at_end(begin)
    spins.set(f.i64(0))
    b.branch(look)
    b.position_at_end(look)
    now = Val(f, b.load_atomic(sequence, "acquire", 8, typ=I64))
    b.cbranch(now.eq(seen.get()).v, wait, work)
    b.position_at_end(wait)
    _pause(f, target)
    spins.set(spins.get() + 1)
    with f.when(spins.get() > SPINS), f.when(give_way > 0):
        _call(f, give_way, ir.FunctionType(ir.VoidType(), []), [])
    b.cbranch((spins.get() < patience).v, look, idle)
    b.position_at_end(idle)
    b.atomic_rmw("xchg", asleep, ir.Constant(I64, 1), "seq_cst")
    again = Val(f, b.load_atomic(sequence, "seq_cst", 8, typ=I64))
    with f.when(again.eq(seen.get())):
        b.ret(seen.get().v)
    b.atomic_rmw("xchg", asleep, ir.Constant(I64, 0), "seq_cst")
    b.branch(begin)
    b.position_at_end(quit_)
    b.ret(ir.Constant(I64, -1))
    b.position_at_end(work)
    seen.set(seen.get() + 1)
    ops, count, stride = (f.load(mail + MAIL_LINE + 8 * i, I64) for i in range(3))
    go = b.append_basic_block("go")
    b.cbranch(count.eq(0).v, quit_, go)
    b.position_at_end(go)
    b.call(run, [v.v for v in (ops, count, stride, thread, threads, sync, give_way)])
    b.branch(begin)


def _post(module: ir.Module, target: Target) -> None:
    """`post(mail, threads)`: announce the program that lies in the mail; returns a bit for each thread that sleeps."""
    f = Fn(module, ir.Function(module, ir.FunctionType(I64, [I64] * 2), "post"), target)
    mail, threads = f.args
    f.b.atomic_rmw("add", f.b.inttoptr(mail.v, I64.as_pointer()), ir.Constant(I64, 1), "seq_cst")
    sleeping = f.var(f.i64(0))
    with f.loop(1, threads) as t:
        flag = f.b.inttoptr((mail + (t * MAIL_LINE + 2 * MAIL_LINE)).v, I64.as_pointer())
        old = Val(f, f.b.atomic_rmw("xchg", flag, ir.Constant(I64, 0), "seq_cst"))
        sleeping.set(sleeping.get() | (old << t))
    f.b.ret(sleeping.get().v)


def _pause(f: Fn, target: Target) -> None:
    if target.x86:
        f.call("llvm.x86.sse2.pause", ir.VoidType())


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
            _pause(f, target)
            with f.when(spins.get() > SPINS), f.when(give_way > 0):
                _call(f, give_way, ir.FunctionType(ir.VoidType(), []), [])
            b.branch(look)
            b.position_at_end(done)
