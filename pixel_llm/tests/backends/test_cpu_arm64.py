"""The portable path's code for ARM64, executed by an emulator (QEMU's user mode) on a host of another kind.

A decoder of this host plans the passes. Each is then run by a small ARM64 program that is linked with the kernels as
LLVM lowers them to that architecture: the memory that the op records point to goes into a file, the pointers are moved
to where the program maps it, and what it has changed comes back. The team of threads, with its meetings and its mail,
runs in a program of its own, with threads of ARM64's.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pixel_llm.backends.base import Chunk
from pixel_llm.backends.cpu.compiler import optimise
from pixel_llm.backends.cpu.decoder import CpuDecoder
from pixel_llm.backends.cpu.kernels import _EXPORTS, UNITS
from pixel_llm.backends.cpu.kernels_run import MAIL_LINE, SYNC_BYTES
from pixel_llm.backends.cpu.target import Target
from pixel_llm.formats.encodings import F16, Q4_AFFINE, Q4_FIXED, Q8_FIXED, Encoding
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import GEMMA_LIKE, PLAIN

ARM64 = Target("portable", 8, "aarch64-unknown-linux-gnu", "generic", "", x86=False, native_half=True)
PROGRAMS = ("qemu-aarch64", "aarch64-linux-gnu-gcc")
BASE = 0x10_0000_0000  # where the ARM64 program maps the memory
WINDOW = 1 << 20  # bytes behind a pointer that are handed over
POINTERS_FROM = 1 << 36  # numbers in op records are smaller, addresses larger
MAIN = """
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
typedef void kernel(int64_t, int64_t, int64_t);
%(declarations)s
static kernel *kernels[] = {%(names)s};
int main(int n, char **a) {
    int file = open(a[1], O_RDWR);
    int64_t at = atoll(a[3]), count = atoll(a[4]), stride = atoll(a[5]);
    char *base = (char *)%(base)dLL;
    if (mmap(base, atoll(a[2]), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) != base) return 2;
    for (int64_t i = 0; i < count; i++) {
        int64_t *op = (int64_t *)(base + at + i * stride);
        kernels[op[0]]((int64_t)op, 0, 1);
    }
    return 0;
}
"""

# Each op marks its thread's place in the program; one behind a meeting sees that every other thread has come as far.
# Now and then the first thread waits until a worker has run out of patience.
TEAM = """
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
void run(int64_t ops, int64_t count, int64_t stride, int64_t thread, int64_t threads, int64_t sync, int64_t give_way);
int64_t serve(int64_t mail, int64_t seen, int64_t thread, int64_t threads, int64_t sync, int64_t give_way, int64_t);
int64_t post(int64_t mail, int64_t threads);
enum { THREADS = %(threads)d, OPS = 7, PROGRAMS = 300, LINE = %(line)d };
static struct { int64_t at[64]; } marks[THREADS] __attribute__((aligned(128)));
static int64_t mail[(THREADS + 2) * LINE / 8] __attribute__((aligned(128)));
static int64_t sync_[%(sync)d / 8] __attribute__((aligned(128)));
static int64_t ops[OPS][4];
static int64_t wrong, slept;
static void work(int64_t op, int64_t thread, int64_t threads) {
    int64_t *record = (int64_t *)op;
    for (int64_t t = 0; t < threads; t++)  /* the op before this one ended with a meeting if word 3 says so */
        if (record[3] && marks[t].at[0] < marks[thread].at[0]) __atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
    marks[thread].at[0]++;
}
static void *worker(void *which) {
    int64_t thread = (int64_t)which, seen = 0;
    for (;;) {
        int64_t last = serve((int64_t)mail, seen, thread, THREADS, (int64_t)sync_, (int64_t)sched_yield, 500);
        if (last < 0) return 0;
        __atomic_fetch_add(&slept, 1, __ATOMIC_SEQ_CST);
        seen = last;
        usleep(100);  /* no bell: it looks again by itself, as one that was rung for would */
    }
}
static void announce(int64_t count) {
    int64_t *program = mail + LINE / 8;
    program[0] = (int64_t)ops, program[1] = count, program[2] = sizeof ops[0];
    post((int64_t)mail, THREADS);
}
int main(void) {
    pthread_t workers[THREADS];
    for (int i = 0; i < OPS; i++) {
        ops[i][0] = (int64_t)work;
        ops[i][1] = i == OPS - 1 || i %% 3 == 1;
        ops[i][3] = i == 0 || ops[i - 1][1];
    }
    for (int64_t t = 1; t < THREADS; t++) pthread_create(&workers[t], 0, worker, (void *)t);
    for (int p = 0; p < PROGRAMS; p++) {
        int64_t before = __atomic_load_n(&slept, __ATOMIC_SEQ_CST);
        while (p %% 100 == 50 && __atomic_load_n(&slept, __ATOMIC_SEQ_CST) == before) usleep(1000);
        announce(OPS);
        run((int64_t)ops, OPS, sizeof ops[0], 0, THREADS, (int64_t)sync_, (int64_t)sched_yield);
    }
    announce(0);
    for (int64_t t = 1; t < THREADS; t++) pthread_join(workers[t], 0);
    for (int t = 0; t < THREADS; t++) if (marks[t].at[0] != PROGRAMS * OPS) wrong++;
    printf("%%d wrong", (int)wrong);
    return 0;
}
"""


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for ARM64 code; skips where the emulator or the cross linker is missing."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        message = f"{', '.join(missing)} missing (Debian: qemu-user, gcc-aarch64-linux-gnu, libc6-dev-arm64-cross)"
        if os.environ.get("PIXEL_LLM_REQUIRE_TOOLS") == "1":
            pytest.fail(message)
        pytest.skip(message)
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    return tmp_path_factory.mktemp("arm64")


class Arm64Team:
    """Stands in for a decoder's team of threads: one thread, on an emulated ARM64 processor."""

    def __init__(self, decoder: CpuDecoder, folder: Path) -> None:
        self.decoder, self.folder = decoder, folder
        self.programs: dict[int, tuple[Path, list[str]]] = {}

    def close(self) -> None:
        pass

    def _program(self, table: NDArray[np.int64]) -> tuple[Path, list[str]]:
        """An ARM64 program with the kernels that `table` uses, and their names by op."""
        compiled = next(c for c in (self.decoder._one, self.decoder._many) if c is not None and c.table is table)
        names = compiled.planner.program._names
        key = id(table)
        if key not in self.programs:
            kernels = sorted(set(names))
            linked = [_object(self.folder, unit) for unit in UNITS if any(_belongs(k, unit) for k in kernels)]
            source, program = self.folder / f"{key}.c", self.folder / f"{key}"
            declarations = "\n".join(f"kernel {k};" for k in kernels)
            source.write_text(MAIN % {"declarations": declarations, "names": ", ".join(kernels), "base": BASE})
            command = ["aarch64-linux-gnu-gcc", "-static", "-O1", "-o", program, source, *linked, "-lm"]
            subprocess.run(command, check=True, timeout=120)
            self.programs[key] = (program, [str(kernels.index(n)) for n in names])
        return self.programs[key]

    def run(self, table: NDArray[np.int64], count: int) -> None:
        program, indices = self._program(table)
        pointers = {int(v) for v in table[:count, 2:].reshape(-1) if v >= POINTERS_FROM}
        places, image = _snapshot(pointers)
        moved = table[:count].copy()
        moved[:, 0] = [int(i) for i in indices[:count]]
        fields = moved[:, 2:]
        for value in pointers:
            start, offset = next((s, o) for s, e, o in places if s <= value < e)
            fields[table[:count, 2:] == value] = BASE + offset + value - start
        at = len(image)
        path = self.folder / "memory"
        path.write_bytes(image + moved.tobytes())
        size = path.stat().st_size
        command = ["qemu-aarch64", program, path, *(str(n) for n in (size, at, count, moved.strides[0]))]
        subprocess.run(command, check=True, timeout=120)
        before = np.frombuffer(image, np.uint8)
        after = np.fromfile(path, np.uint8)[:at]
        assert not (after == before).all(), "the emulated program changed nothing"
        for start, end, offset in places:
            part = slice(offset, offset + end - start)
            changed = np.flatnonzero(after[part] != before[part])
            target = np.frombuffer((ctypes.c_uint8 * (end - start)).from_address(start), np.uint8)
            target[changed] = after[part][changed]


def _object(folder: Path, unit: str) -> Path:
    path = folder / f"{unit}.o"
    if not path.exists():
        module, machine = optimise(str(UNITS[unit](ARM64)), ARM64)
        path.write_bytes(machine.emit_object(module))
    return path


def _belongs(kernel: str, unit: str) -> bool:
    return kernel in _EXPORTS[unit]


def _snapshot(pointers: set[int]) -> tuple[list[tuple[int, int, int]], bytes]:
    """The memory behind `pointers` as (start, end, offset in the bytes), and the bytes.

    Nothing that these small models use reaches further than WINDOW; the emulated program would fail if it did.
    """
    page = os.sysconf("SC_PAGE_SIZE")
    lines = Path("/proc/self/maps").read_text().splitlines()
    mapped = [tuple(int(n, 16) for n in line.split()[0].split("-")) for line in lines]
    spans: list[list[int]] = []
    for pointer in sorted(pointers):
        limit = next(end for start, end in mapped if start <= pointer < end)
        start, end = pointer // page * page, min(-(-(pointer + WINDOW) // page) * page, limit)
        if spans and start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], end)
        else:
            spans.append([start, end])
    places, parts, offset = [], [], 0
    for start, end in spans:
        places.append((start, end, offset))
        parts.append(ctypes.string_at(start, end - start))
        offset += end - start
    return places, b"".join(parts)


def _logits(decoder: CpuDecoder, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """A prompt, then two tokens on their own, which use another program."""
    rows = decoder.forward([Chunk(0, ids[:-2], "all")])
    rows += [decoder.forward([Chunk(0, ids[i : i + 1])])[0] for i in (len(ids) - 2, len(ids) - 1)]
    return np.concatenate(rows)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads its own memory map")
@pytest.mark.parametrize(
    ("spec", "encoding", "kv_bits"),
    [(PLAIN, Q4_AFFINE, 16), (GEMMA_LIKE, Q8_FIXED, 8), (PLAIN, Q4_FIXED, 8), (GEMMA_LIKE, F16, 16)],
    ids=["q4a", "q8", "q4", "f16"],
)
def test_arm64_says_what_this_host_says(objects: Path, spec: Any, encoding: Encoding, kv_bits: Any) -> None:
    model = memory_model(spec, encoding=encoding)
    ids = np.random.default_rng(3).integers(0, spec.vocab_size, 9)
    decoders = [
        CpuDecoder(model, spec, context_length=16, threads=1, path="portable", kv_bits=kv_bits) for _ in range(2)
    ]
    own, emulated = decoders
    expected = _logits(own, ids)
    team = emulated._team
    emulated._team = Arm64Team(emulated, objects)  # type: ignore[assignment]
    found = _logits(emulated, ids)
    emulated._team = team
    for decoder in decoders:
        decoder.close()
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(found, expected, atol=1e-3 if kv_bits == 16 else 4e-3)


@pytest.mark.parametrize("threads", [2, 3])
def test_arm64_threads_meet_and_take_programs(objects: Path, threads: int) -> None:
    source, program = objects / f"team{threads}.c", objects / f"team{threads}"
    source.write_text(TEAM % {"threads": threads, "line": MAIL_LINE, "sync": SYNC_BYTES})
    command = ["aarch64-linux-gnu-gcc", "-static", "-O1", "-pthread", "-o", program, source, _object(objects, "run")]
    subprocess.run(command, check=True, timeout=120)
    ran = subprocess.run(["qemu-aarch64", program], check=True, timeout=60, capture_output=True, text=True)
    assert ran.stdout == "0 wrong"
