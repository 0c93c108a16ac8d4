"""Which instructions the kernels may use: chosen from the host's features when a decoder is made, or forced.

`avx512vnni`  512-bit vectors, dot products that accumulate (VPDPWSSD of 16-bit pairs, VPDPBUSD of four bytes)
`avx2`        256-bit vectors, multiply-add of 16-bit pairs (VPMADDWD), or AVX-VNNI's VPDPWSSD and VPDPBUSD
`portable`    plain LLVM vectors for the architecture's baseline, such as NEON on ARM64 or SSE2 on x86-64

The environment variable PIXEL_LLM_CPU_PATH, or the argument `path`, forces one of them.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache
from typing import Final

from pixel_llm.errors import BackendError, InvalidArgumentError

PATHS: Final = ("avx512vnni", "avx2", "portable")
PATH_VARIABLE: Final = "PIXEL_LLM_CPU_PATH"
_NEEDS: Final = {
    "avx512vnni": ("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vnni", "f16c", "fma"),
    "avx2": ("avx2", "f16c", "fma"),
    "portable": (),
}
# Without it LLVM takes VPDPWSSD apart again, even where it was asked for, wherever its model of the CPU says that a
# chain of them ends sooner so. Here many chains run side by side, and instructions are what is scarce.
_FUSED: Final = "+fast-dpwssd"


@dataclass(frozen=True)
class Target:
    """A path on a host: `width` 32-bit lanes a vector, LLVM's `triple`, `cpu` and `features`, native float16 or not."""

    path: str
    width: int
    triple: str
    cpu: str
    features: str
    x86: bool
    native_half: bool

    @property
    def key(self) -> str:
        """What compiled code depends on."""
        return "|".join((self.path, self.triple, self.cpu, self.features))

    @property
    def vnni(self) -> bool:
        """Whether dot products of bytes and of 16-bit numbers accumulate in one instruction (AVX-VNNI, AVX512-VNNI)."""
        return not {"+avxvnni", "+avx512vnni"}.isdisjoint(self.features.split(","))


@cache
def host_features() -> dict[str, bool]:
    """LLVM's name of each instruction-set feature -> whether this host has it; empty where LLVM cannot tell."""
    import llvmlite.binding as llvm

    try:
        return dict(llvm.get_host_cpu_features())
    except RuntimeError:
        return {}


def available_paths() -> tuple[str, ...]:
    """The paths that this host can run, best first."""
    have = host_features()
    return tuple(path for path in PATHS if all(have.get(name, False) for name in _NEEDS[path]))


def choose_target(path: str | None = None) -> Target:
    """The target for `path`; for None, what PIXEL_LLM_CPU_PATH says, else the host's best.

    Raises `InvalidArgumentError` for an unknown path and `BackendError` for one that this host cannot run.
    """
    import llvmlite.binding as llvm

    wanted = path or os.environ.get(PATH_VARIABLE) or available_paths()[0]
    if wanted not in PATHS:
        raise InvalidArgumentError(
            f"unknown CPU path {wanted!r}", part=PATH_VARIABLE, remedy=f"one of {', '.join(PATHS)}"
        )
    have = host_features()
    missing = [name for name in _NEEDS[wanted] if not have.get(name, False)]
    if missing:
        raise BackendError(
            f"this host lacks {', '.join(missing)}, which the CPU path {wanted!r} needs",
            remedy=f"one of {', '.join(available_paths())}",
        )
    triple = llvm.get_process_triple()
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    if wanted == "avx512vnni":
        # Some CPUs tune for 256-bit vectors; these kernels keep few enough registers busy to gain from 512.
        names = [f"+{name}" for name, on in sorted(have.items()) if on] + ["-prefer-256-bit", _FUSED]
        return Target(wanted, 16, triple, llvm.get_host_cpu_name(), ",".join(names), True, True)
    if wanted == "avx2":
        extra = f"+avxvnni,{_FUSED}" if have.get("avxvnni", False) else ""
        return Target(wanted, 8, triple, "x86-64-v3", extra, True, True)
    if x86:
        return Target(wanted, 8, triple, "x86-64", "", True, False)
    return Target(
        wanted,
        8,
        triple,
        llvm.get_host_cpu_name(),
        ",".join(f"{'+' if on else '-'}{name}" for name, on in sorted(have.items())),
        False,
        "aarch64" in triple,
    )
