"""VNNI where a target has it: every product of integers is one instruction that accumulates.

What the code for AVX-VNNI computes is checked with the other paths, in the tests of kernels, decoder and conformance.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from pixel_llm.backends.cpu.compiler import optimise
from pixel_llm.backends.cpu.kernels import UNITS
from pixel_llm.backends.cpu.target import Target
from pixel_llm.formats.encodings import ENCODINGS
from pixel_llm.tests.backends.avx_vnni import avx_vnni, target_with

AVX512 = ("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vnni", "avx2", "f16c", "fma")
GROUPED = [name for name, enc in ENCODINGS.items() if enc.group]
WITH_BYTES = {"attention_8", *(f"matvec_{name}" for name in GROUPED if ENCODINGS[name].bits == 4)}
MULTIPLYING = [f"{kind}_{name}" for kind in ("matvec", "matmul") for name in GROUPED] + ["attention_8"]


def _x86() -> bool:
    import platform

    return platform.machine().lower() in ("x86_64", "amd64")


pytestmark = pytest.mark.skipif(not _x86(), reason="the instructions of x86-64")


# Intel's CPUs by name: for these LLVM would rather take VPDPWSSD apart.
@pytest.mark.parametrize("cpu", ["avx_vnni", "icelake-server"])
@pytest.mark.parametrize("unit", MULTIPLYING)
def test_products_accumulate_in_one_instruction(unit: str, cpu: str) -> None:
    target = avx_vnni() if cpu == "avx_vnni" else target_with(AVX512, "avx512vnni", cpu)
    found = _instructions(unit, target)
    wanted = "vpdpbusd" if unit in WITH_BYTES else "vpdpwssd"
    assert found[wanted] >= 5, found
    assert found["vpmaddwd"] == 0, found
    assert target.vnni


def test_without_vnni() -> None:
    target = target_with(("avx2", "f16c", "fma"), "avx2")
    found = _instructions("matvec_q8", target)
    assert not target.vnni
    assert found["vpmaddwd"] >= 5
    assert not any(name.startswith("vpdp") for name in found)


def _instructions(unit: str, target: Target) -> Counter[str]:
    module, machine = optimise(str(UNITS[unit](target)), target)
    return Counter(re.findall(r"^\s+(?:\{vex\}\s+)?(v\w+)\b", machine.emit_assembly(module), re.MULTILINE))
