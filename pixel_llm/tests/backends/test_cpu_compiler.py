"""Compiled code on disk: kept, repaired, shared by processes, and never taken for code of another version or host."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pixel_llm.backends.base import Chunk
from pixel_llm.backends.cpu import compiler
from pixel_llm.backends.cpu.decoder import CpuDecoder
from pixel_llm.backends.cpu.target import choose_target
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import PLAIN
from pixel_llm.tests.backends.avx_vnni import target_with

IDS = np.array([3, 5, 7])


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache folder, and a process that has loaded no code yet."""
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(tmp_path / "cache"))
    _forget(monkeypatch)
    return tmp_path / "cache"


def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "_ENGINES", {})
    monkeypatch.setattr(compiler, "_UNKEPT", {})


def _count_compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    compiled: list[str] = []
    optimise = compiler.optimise
    monkeypatch.setattr(compiler, "optimise", lambda text, target: compiled.append(text) or optimise(text, target))
    return compiled


def _answer(path: str | None = None) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A prompt and a token on its own: both programs."""
    decoder = CpuDecoder(memory_model(PLAIN), PLAIN, context_length=16, threads=1, path=path)
    rows = [decoder.forward([Chunk(0, ids, "last")])[0] for ids in (IDS[:2], IDS[2:])]
    decoder.close()
    return np.concatenate(rows)


def test_code_is_kept_and_damage_is_repaired(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A start with an empty folder fills it, the next one compiles nothing, and one that finds torn files does."""
    results = []
    compiled = _count_compiled(monkeypatch)
    for damage in (b"", b"", b"torn"):
        _forget(monkeypatch)
        objects = sorted(folder.rglob("*.o"))
        if damage:
            for path in objects:
                path.write_bytes(path.read_bytes()[:100] + damage)
        results.append((_answer("portable"), len(compiled)))
        assert len(list(folder.rglob("*.o"))) == results[0][1]
    counts = [count for _, count in results]
    assert counts[0] > 0, "nothing was compiled"
    assert counts[1] == counts[0], "compiled again although it lay on disk"
    assert counts[2] == 2 * counts[0], "damaged code was used"
    assert not compiler.unkept()
    np.testing.assert_array_equal(results[0][0], results[1][0])
    np.testing.assert_array_equal(results[0][0], results[2][0])


def test_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(blocked))
    _forget(monkeypatch)
    assert _answer().shape == (2, PLAIN.vocab_size)
    assert list(compiler.unkept()) == [compiler.code_folder(choose_target())]


def test_processes_may_share_the_folder(tmp_path: Path) -> None:
    """Several start at once on an empty folder; all answer what this process does, and no half-written file stays."""
    program = "from pixel_llm.tests.backends.test_cpu_compiler import _answer\nprint(_answer().tobytes().hex())\n"
    env = os.environ | {"PIXEL_LLM_CACHE": str(tmp_path)}
    running = [subprocess.Popen([sys.executable, "-c", program], env=env, stdout=subprocess.PIPE) for _ in range(2)]
    answers = {p.communicate(timeout=120)[0].decode().strip() for p in running}
    assert all(p.returncode == 0 for p in running)
    assert answers == {_answer().tobytes().hex()}
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert files
    assert all(p.suffix == ".o" for p in files)
    assert {p.parent for p in files} == {tmp_path / "cpu-kernels" / compiler.code_folder(choose_target()).name}


def test_each_source_changes_the_folder(monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path) -> None:
    files = compiler.sources()
    copies = [tmp_path / str(i) / path.name for i, path in enumerate(files)]
    for path, copy in zip(files, copies, strict=True):
        copy.parent.mkdir()
        shutil.copyfile(path, copy)
    monkeypatch.setattr(compiler, "sources", lambda: copies)
    target, seen = choose_target(), {compiler.code_folder(choose_target()).name}
    for copy in copies:
        copy.write_bytes(copy.read_bytes() + b"#")
        compiler._sources_digest.cache_clear()
        seen.add(compiler.code_folder(target).name)
    monkeypatch.undo()
    compiler._sources_digest.cache_clear()
    assert len(seen) == len(copies) + 1
    assert compiler.code_folder(target).name in seen


def test_sources_are_all_that_kernels_are_made_from() -> None:
    """What the modules of kernels import from elsewhere in the project belongs to the key too."""
    files = compiler.sources()
    modules = {_module(path) for path in files} | {"pixel_llm.errors"}
    for path in files:
        if path.name.startswith("kernels") or path.name in ("ir.py", "vector.py", "target.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pixel_llm"):
                    names = {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
                    assert names & modules, f"{path.name} imports {node.module}"


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[len(parts) - 1 - parts[::-1].index("pixel_llm") :])


def test_versions_change_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    target = choose_target()
    names = [compiler.code_folder(target).name]
    monkeypatch.setattr("llvmlite.__version__", "0.1")
    names.append(compiler.code_folder(target).name)
    monkeypatch.setattr("llvmlite.binding.llvm_version_info", (99, 0, 0))
    names.append(compiler.code_folder(target).name)
    assert len(set(names)) == 3


def test_hosts_and_paths_have_folders_of_their_own() -> None:
    avx512 = ("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vnni", "avx2", "f16c", "fma")
    targets = [
        target_with(avx512, "avx512vnni", "icelake-server"),
        target_with(avx512, "avx512vnni", "znver4"),
        target_with((*avx512, "avx512bf16"), "avx512vnni", "znver4"),
        target_with(("avx2", "f16c", "fma"), "avx2"),
        target_with(("avx2", "f16c", "fma", "avxvnni"), "avx2"),
        target_with(avx512, "portable"),
    ]
    one = targets[0]
    changes = {"path": "portable", "triple": "x86_64-apple-darwin", "cpu": "znver5", "features": "+sse2"}
    targets += [replace(one, **{name: value}) for name, value in changes.items()]
    assert len({compiler.code_folder(target).name for target in targets}) == len(targets)
    # The same code serves hosts that differ in what it does not use.
    other = target_with(("avx2", "f16c", "fma", "avx512f"), "avx2")
    assert compiler.code_folder(other) == compiler.code_folder(targets[3])
