"""The code for AVX-VNNI, run on hosts that have AVX512-VNNI instead.

Both sets have the same instructions on 256 bits and differ in how these are encoded. So the assembly that LLVM makes
for AVX-VNNI, with its sixteen registers, is assembled once more without the prefix that asks for AVX-VNNI's encoding.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pixel_llm.backends.cpu import compiler
from pixel_llm.backends.cpu.target import Target, available_paths, choose_target, host_features

NAME = "avx_vnni"


def target_with(features: tuple[str, ...], path: str, cpu: str = "generic") -> Target:
    """The target of a path on an x86-64 host that has just these features."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("llvmlite.binding.get_host_cpu_features", lambda: dict.fromkeys(features, True))
        patch.setattr("llvmlite.binding.get_host_cpu_name", lambda: cpu)
        host_features.cache_clear()
        target = choose_target(path)
    host_features.cache_clear()
    return target


def avx_vnni() -> Target:
    """The avx2 path of a host with AVX-VNNI. Named once more, AVX2 keeps what is assembled here apart in the cache."""
    target = target_with(("avx2", "avxvnni", "f16c", "fma"), "avx2")
    return replace(target, features=target.features + ",+avx2")


def paths() -> tuple[str, ...]:
    """The host's paths, and NAME where it can run that code."""
    have = host_features()
    return available_paths() + ((NAME,) if have.get("avx512vnni") and have.get("avx512vl") else ())


def choose(path: str | None = None) -> Target:
    """`choose_target`, which knows NAME too."""
    return avx_vnni() if path == NAME else choose_target(path)


class _Assembler:
    """A target machine for AVX-VNNI whose object code has AVX512-VNNI's encodings."""

    def __init__(self, machine: Any, target: Target) -> None:
        self.machine, self.target = machine, target

    def emit_object(self, module: Any) -> bytes:
        import llvmlite.binding as llvm

        llvm.initialize_native_asmparser()
        text = self.machine.emit_assembly(module).replace("{vex}", "")
        for character in '\\"\n':
            text = text.replace(character, f"\\{ord(character):02X}")
        source = llvm.parse_assembly(f'target triple = "{self.target.triple}"\nmodule asm "{text}"\n')
        features = "+avx512vnni,+avx512vl"
        return bytes(compiler._machine(replace(self.target, features=features)).emit_object(source))


def install(patch: pytest.MonkeyPatch) -> None:
    """While `patch` lasts, decoders take NAME as a path and its code is made to run here."""
    optimise = compiler.optimise
    key = avx_vnni().key

    def patched(text: str, target: Target) -> tuple[Any, Any]:
        module, machine = optimise(text, target)
        return module, _Assembler(machine, target) if target.key == key else machine

    patch.setattr(compiler, "optimise", patched)
    patch.setattr("pixel_llm.backends.cpu.decoder.choose_target", choose)
