"""Tokens chosen on the device are those that `generate.Sampler` chooses, number for number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.buffers import MOST_AHEAD, chunks_of
from pixel_llm.backends.gpu.choices import choice_numbers, seen_bits
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.generate import SamplingParams
from pixel_llm.generate.sampler import Sampler
from pixel_llm.tests.backends.gpu.kernel_harness import poisoned, run_kernel

BROKEN = 0xFFFFFFFF


def choose(
    device: GpuDevice, logits: NDArray[np.float32], params: SamplingParams, count: int, history: Sequence[int] = ()
) -> list[int]:
    """`count` tokens from the same logits, with the random numbers that a `Sampler` would draw."""
    vocabulary = len(logits)
    chunk, chunks = chunks_of(vocabulary)
    choice = Sampler(params, history).choice()
    sizes: dict[str, Any] = {"VOCABULARY": vocabulary, "CHUNKS": chunks, "WORKGROUP": 8}
    arrays: dict[str, Any] = {
        "logits": logits,
        "chunks": poisoned(chunks, 4),
        "choice": np.pad(choice_numbers(choice, vocabulary), (0, 3)),
        "seen": seen_bits(choice.seen, vocabulary),
    }
    scan = shaders.kernel("scan_logits")
    out = run_kernel(device, scan, sizes | {"CHUNK": chunk}, arrays, (-(-chunks // 8), 1, 1))
    scanned = out["chunks"]
    assert not np.isnan(scanned[:, [0, 3]]).any(), "a chunk was left out"
    state = np.zeros(1 + 2 * MOST_AHEAD, np.uint32)
    if params.temperature > 0 and choice.draw is not None:
        state.view(np.float32)[1 + MOST_AHEAD : 1 + MOST_AHEAD + count] = choice.draw(count)
    arrays |= {
        "logits": out["logits"],
        "chunks": scanned,
        "candidates": np.zeros((-(-vocabulary // 8) * 8, 2), np.uint32),
        "state": state,
        "ids": np.zeros(1, np.uint32),
        "rows": np.array([[3, 41, 0, 0]], np.uint32),
    }
    sizes |= {"MOST": MOST_AHEAD, "HIGHEST_BIT": 1 << (vocabulary.bit_length() - 1)}
    out = run_kernel(device, shaders.kernel("choose_token"), sizes, arrays, (1, 1, 1), times=count)
    made: list[int] = out["state"][1 : 1 + count].tolist()
    if params.repetition_penalty != 1:
        np.testing.assert_array_equal(out["seen"], seen_bits({*choice.seen, *made}, vocabulary))
    assert out["rows"].tolist() == [[3, 41 + count, 0, 0]], "the position moves on, the slot stays"
    assert out["ids"][0] == (0 if made[-1] == BROKEN else made[-1]), "the next pass's input"
    return made


PENALISED = {
    "greedy": SamplingParams(repetition_penalty=1.8),
    "drawn": SamplingParams(temperature=1.1, top_k=30, repetition_penalty=1.3, seed=11),
    "preferred": SamplingParams(temperature=0.7, top_p=0.9, repetition_penalty=0.6, seed=12),
}
PARAMS = {
    "greedy": SamplingParams(),
    "temperature": SamplingParams(temperature=0.9, seed=1),
    "hot": SamplingParams(temperature=50.0, seed=2),
    "cold": SamplingParams(temperature=0.05, seed=3),
    "top-k": SamplingParams(temperature=1.3, top_k=7, seed=4),
    "top-k-1": SamplingParams(temperature=1.3, top_k=1, seed=4),
    "top-k-most": SamplingParams(temperature=2.0, top_k=1500, seed=5),
    "top-p": SamplingParams(temperature=1.5, top_p=0.8, seed=6),
    "top-p-all": SamplingParams(temperature=1.0, top_p=0.999999, seed=7),
    "top-p-few": SamplingParams(temperature=1.0, top_p=0.01, seed=8),
    "min-p": SamplingParams(temperature=1.5, min_p=0.1, seed=9),
    "all": SamplingParams(temperature=1.5, top_k=40, top_p=0.9, min_p=0.02, seed=10),
}


@pytest.mark.parametrize("name", list(PARAMS))
@pytest.mark.parametrize("vocabulary", [1, 37, 5003])
def test_it_is_the_samplers_choice(any_gpu_device: GpuDevice, vocabulary: int, name: str) -> None:
    logits = (3 * np.random.default_rng(vocabulary).standard_normal(vocabulary)).astype(np.float32)
    sampler = Sampler(PARAMS[name])
    expected = [sampler.sample(logits) for _ in range(MOST_AHEAD)]
    assert choose(any_gpu_device, logits, PARAMS[name], MOST_AHEAD) == expected


@pytest.mark.parametrize("name", list(PENALISED))
@pytest.mark.parametrize("vocabulary", [1, 37, 5003])
def test_repeated_tokens_are_penalised(any_gpu_device: GpuDevice, vocabulary: int, name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits = (3 * rng.standard_normal(vocabulary)).astype(np.float32)
    likely = np.argsort(-logits)[:5].tolist()
    history = [*likely[::2], *rng.integers(0, vocabulary, 40).tolist(), vocabulary, -1]
    expected = Sampler(PENALISED[name], history).sample(logits)
    assert choose(any_gpu_device, logits, PENALISED[name], 1, history) == [expected]


def test_the_lowest_id_of_equals(any_gpu_device: GpuDevice) -> None:
    logits = np.zeros(3000, np.float32)
    logits[[2999, 1234, 1235]] = 5
    assert choose(any_gpu_device, logits, SamplingParams(), 1) == [1234]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("params", [SamplingParams(), SamplingParams(temperature=1.0, top_p=0.9, seed=1)])
def test_logits_that_are_not_finite_are_told(any_gpu_device: GpuDevice, bad: float, params: SamplingParams) -> None:
    logits = np.linspace(-1, 1, 3000, dtype=np.float32)
    logits[77] = bad
    assert choose(any_gpu_device, logits, params, 1) == [BROKEN]
