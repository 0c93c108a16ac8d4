"""The CPU decoder beyond the conformance suite: threads, long contexts, paths, accuracy."""

from __future__ import annotations

import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

import pixel_llm
from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Chunk
from pixel_llm.backends.cpu.cores import usable_cores
from pixel_llm.backends.cpu.decoder import CpuDecoder
from pixel_llm.backends.cpu.kernels import UNITS
from pixel_llm.backends.cpu.target import PATHS, Target, available_paths, choose_target, host_features
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.errors import BackendError, InvalidArgumentError
from pixel_llm.formats.encodings import Q4_AFFINE, Q8_FIXED
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import GEMMA_LIKE, PLAIN
from pixel_llm.tests.backends import avx_vnni


def _ids(n: int, seed: int = 0) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, PLAIN.vocab_size, n)


def _steps(decoder: CpuDecoder, ids: NDArray[np.int64], slot: int = 0) -> NDArray[np.float32]:
    return np.concatenate([decoder.forward([Chunk(slot, ids[i : i + 1])])[0] for i in range(len(ids))])


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_thread_counts_agree(threads: int) -> None:
    """More threads than cores, rows or heads included."""
    model, ids = memory_model(GEMMA_LIKE, encoding=Q4_AFFINE), _ids(40)
    with_one = CpuDecoder(model, GEMMA_LIKE, context_length=64, threads=1)
    with_many = CpuDecoder(model, GEMMA_LIKE, context_length=64, threads=threads)
    for decoder in (with_one, with_many):
        decoder.forward([Chunk(0, ids[:33], "none")])
    np.testing.assert_allclose(_steps(with_many, ids[33:]), _steps(with_one, ids[33:]), atol=2e-3)
    with_one.close()
    with_many.close()


@pytest.mark.parametrize("path", avx_vnni.paths())
@pytest.mark.parametrize(
    ("window", "kv_bits", "tolerance"), [(0, 16, 0.03), (150, 16, 0.03), (0, 8, 0.3), (150, 8, 0.3)]
)
def test_long_context(
    path: str, window: int, kv_bits: Literal[16, 8], tolerance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One token over many chunks and blocks of the cache, its ends inside and at the borders of both."""
    avx_vnni.install(monkeypatch)
    spec = replace(PLAIN, context_length=700, heads=8, kv_heads=1, layers=1, sliding_window=window)
    spec = replace(spec, sliding_layers=(True,) if window else ())
    model, ids = memory_model(spec, encoding=Q8_FIXED), _ids(520)
    reference = ReferenceDecoder(model, spec, context_length=700)
    expected = reference.forward([Chunk(0, ids, "all")])[0]
    decoder = CpuDecoder(model, spec, context_length=700, threads=3, path=path, kv_bits=kv_bits)
    for start in (31, 32, 127, 128, 159, 383, 511):
        decoder.truncate(0, min(start, decoder.length(0)))
        if decoder.length(0) < start:
            decoder.forward([Chunk(0, ids[decoder.length(0) : start], "none")])
        difference = np.abs(_steps(decoder, ids[start : start + 3]) - expected[start : start + 3])
        assert difference.max() < tolerance
        assert difference.mean() < tolerance / 4
    decoder.close()


@pytest.mark.parametrize("path", avx_vnni.paths())
@pytest.mark.parametrize(("head", "kv_bits", "tolerance"), [(64, 16, 0.03), (80, 16, 0.03), (80, 8, 0.3)])
def test_wide_heads(path: str, head: int, kv_bits: int, tolerance: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Heads that fill several vectors, in whole fours of them or not; seven query heads a KV head."""
    avx_vnni.install(monkeypatch)
    spec = replace(PLAIN, context_length=200, heads=14, kv_heads=2, layers=1, head_dim=head, attention_scale=head**-0.5)
    spec = replace(spec, rotary=replace(spec.rotary, dims=head))
    model, ids = memory_model(spec, encoding=Q8_FIXED), _ids(170)
    expected = ReferenceDecoder(model, spec, context_length=200).forward([Chunk(0, ids, "all")])[0]
    decoder = CpuDecoder(model, spec, context_length=200, threads=2, path=path, kv_bits=kv_bits)
    many = decoder.forward([Chunk(0, ids[:165], "all")])[0]
    difference = np.abs(np.concatenate([many, _steps(decoder, ids[165:])]) - expected)
    decoder.close()
    assert difference.max() < tolerance
    assert difference.mean() < tolerance / 4


@pytest.mark.parametrize("path", available_paths())
@pytest.mark.parametrize("kv_bits", [16, 8])
def test_slots_and_layers_keep_to_their_memory(path: str, kv_bits: int) -> None:
    """Three slots filled to the last position, in turn, say what each says alone; heads are padded."""
    spec = replace(PLAIN, context_length=70, heads=6, kv_heads=3, layers=2)
    model, texts = memory_model(spec, encoding=Q8_FIXED), [_ids(70, seed) for seed in range(3)]
    alone = []
    for text in texts:
        decoder = CpuDecoder(model, spec, context_length=70, threads=2, path=path, kv_bits=kv_bits)
        decoder.forward([Chunk(0, text[:60], "none")])
        alone.append(_steps(decoder, text[60:]))
        decoder.close()
    decoder = CpuDecoder(model, spec, context_length=70, slots=3, threads=2, path=path, kv_bits=kv_bits)
    for slot, text in enumerate(texts):
        decoder.forward([Chunk(slot, text[:60], "none")])
    found = [[decoder.forward([Chunk(slot, texts[slot][i : i + 1])])[0] for slot in range(3)] for i in range(60, 70)]
    decoder.close()
    for slot in range(3):
        np.testing.assert_array_equal(np.concatenate([step[slot] for step in found]), alone[slot])


def test_several_python_threads() -> None:
    """Each caller has a slot of its own; calls interleave, and every result is what it is alone."""
    model = memory_model(PLAIN, encoding=Q4_AFFINE)
    decoder = CpuDecoder(model, PLAIN, context_length=48, slots=4, threads=2)
    texts = [_ids(20, seed) for seed in range(4)]
    alone = []
    for text in texts:
        alone.append(_steps(decoder, text))
        decoder.truncate(0, 0)
    barrier = threading.Barrier(4)

    def work(slot: int) -> NDArray[np.float32]:
        barrier.wait()
        return _steps(decoder, texts[slot], slot)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, range(4)))
    for a, b in zip(found, alone, strict=True):
        np.testing.assert_array_equal(a, b)
    decoder.close()


def test_threads_end_with_the_decoder() -> None:
    def workers() -> int:
        return sum(t.name.startswith("pixel-llm-cpu") for t in threading.enumerate())

    before = workers()
    decoder = CpuDecoder(memory_model(PLAIN), PLAIN, context_length=16, threads=3)
    assert workers() == before + 2
    decoder.close()
    assert workers() == before
    CpuDecoder(memory_model(PLAIN), PLAIN, context_length=16, threads=3)  # dropped unclosed
    assert workers() == before


def test_waking_sleeping_workers() -> None:
    """Pauses longer than a worker's patience, so that it has to be rung for."""
    decoder = CpuDecoder(memory_model(PLAIN), PLAIN, context_length=32, threads=2)
    pause = threading.Event()
    for token in _ids(6):
        pause.wait(0.02)
        decoder.forward([Chunk(0, np.array([token]))])
    assert decoder.length(0) == 6
    decoder.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_forked_process_is_refused() -> None:
    decoder = CpuDecoder(memory_model(PLAIN), PLAIN, context_length=16, threads=2)
    child = os.fork()
    if child == 0:
        try:
            decoder.forward([Chunk(0, _ids(1))])
        except BackendError:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    decoder.close()


def test_sizes() -> None:
    spec = replace(PLAIN, tied_output=False)
    model = memory_model(spec, encoding=Q8_FIXED)
    decoder = CpuDecoder(model, spec, context_length=33, slots=2)
    matrices = [t for name, t in model.tensors.items() if len(t.shape) == 2 and name != "token_embd.weight"]
    assert decoder.weight_bytes == sum(t.nbytes for t in matrices)
    # Two of keys and values, float16, 64 positions (33 in whole blocks), heads padded to two vectors.
    padded = 2 * decoder.target.width
    assert decoder.cache_bytes == spec.layers * 2 * 64 * 2 * 2 * spec.kv_heads * padded
    # With 8 bits: a byte an element, and a float32 a position and head.
    halved = CpuDecoder(model, spec, context_length=33, slots=2, kv_bits=8)
    assert halved.cache_bytes == spec.layers * 2 * 64 * 2 * spec.kv_heads * (padded + 4)
    halved.close()
    assert decoder.threads == usable_cores() >= 1
    decoder.close()
    with pytest.raises(InvalidArgumentError, match="threads"):
        CpuDecoder(model, spec, context_length=8, threads=63)
    with pytest.raises(InvalidArgumentError, match="4 bits"):
        CpuDecoder(model, spec, context_length=8, kv_bits=4)


# Paths


def test_path_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for path in available_paths():
        monkeypatch.setenv("PIXEL_LLM_CPU_PATH", path)
        decoder = load_decoder(memory_model(PLAIN), backend="cpu")
        assert isinstance(decoder, CpuDecoder)
        assert decoder.target.path == path
        decoder.close()
    monkeypatch.setenv("PIXEL_LLM_CPU_PATH", "mmx")
    with pytest.raises(InvalidArgumentError, match=r"'mmx'.*avx2"):
        choose_target()


def test_path_that_the_host_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("llvmlite.binding.get_host_cpu_features", lambda: {"sse2": True})
        host_features.cache_clear()
        assert available_paths() == ("portable",)
        assert choose_target().path == "portable"
        with pytest.raises(BackendError, match=r"lacks avx2.*portable"):
            choose_target("avx2")
    host_features.cache_clear()
    assert set(available_paths()) <= set(PATHS)


def test_code_for_arm64_is_self_contained() -> None:
    """Every kernel lowers to ARM64 without calls into a run-time library, which might be missing there."""
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = Target("portable", 8, "aarch64-unknown-linux-gnu", "generic", "", x86=False, native_half=True)
    try:
        machine = llvm.Target.from_triple(target.triple).create_target_machine(cpu="generic")
    except RuntimeError as error:
        pytest.skip(f"this llvmlite has no ARM64 ({error})")
    for name, build in UNITS.items():
        module = llvm.parse_assembly(str(build(target)))
        module.verify()
        called = re.findall(r"^\tbl\t(\S+)", machine.emit_assembly(module), re.MULTILINE)
        assert set(called) <= {"run"}, name


def test_cache_that_does_not_fit() -> None:
    spec = replace(PLAIN, context_length=1 << 30)
    with pytest.raises(BackendError, match="shorter context"):
        CpuDecoder(memory_model(spec), spec, context_length=1 << 30, slots=4096)


# A real model

TOKENS, STEPS = 500, 300


@pytest.mark.parametrize(("bits", "most", "least"), [(16, 0.030, 0.981), (8, 0.060, 0.962)])
def test_accuracy_on_smollm2(smollm2_pxi: Path, bits: Literal[16, 8], most: float, least: float) -> None:
    """On 500 tokens of mixed text: half of llama.cpp's distance from the reference, and no more with an 8-bit cache.

    llama.cpp is 0.060 away and finds the same most likely token in 96.2 % (`benchmarks/cpu_accuracy.py`). The truth is
    transformers in float32, from which the reference is held to 0.002 (`models/test_smollm2_truth.py`).
    """
    with np.load(Path(__file__).parents[1] / "data" / "smollm2_goldens.npz") as goldens:
        ids, expected, best = (goldens[name][:TOKENS] for name in ("ids", "logprobs", "argmax"))
    ids = ids.astype(np.int64)
    with pixel_llm.open(smollm2_pxi) as model:
        decoder = model.decoder(backend="cpu", context_length=len(ids), kv_bits=bits)
        assert isinstance(decoder, CpuDecoder)
        found = {"prompt": _log_probabilities(decoder.forward([Chunk(0, ids, "all")])[0])}
        decoder.truncate(0, 0)
        found["steps"] = _log_probabilities(_steps(decoder, ids[:STEPS]))
        decoder.close()
    same: list[bool] = []
    for kind, own in found.items():
        n = min(len(own), len(ids) - 1)
        distance = np.abs(own[np.arange(n), ids[1 : n + 1]] - expected[:n]).mean()
        same += (own.argmax(1) == best[: len(own)]).tolist()
        print(f"{kind}, {bits}-bit cache: {distance:.5f} away, {np.mean(same):.2%} the same so far")
        assert distance < most, kind
    assert np.mean(same) > least


def _log_probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = logits.astype(np.float64)
    return wide - np.logaddexp.reduce(wide, axis=1, keepdims=True)
