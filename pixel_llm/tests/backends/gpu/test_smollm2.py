"""SmolLM2-135M-Instruct on the GPU backend against transformers in float32 (`data/renew_smollm2_goldens.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pixel_llm.backends.base import Choice, Chunk
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.generate import score
from pixel_llm.models.spec import DecoderSpec

DATA = Path(__file__).parents[2] / "data"
PROMPTS = 10
STEPS = 16


@pytest.fixture(scope="module")
def goldens() -> dict[str, np.ndarray]:
    with np.load(DATA / "smollm2_goldens.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def decoder(smollm2_pxi: Path, gpu_device: GpuDevice) -> Iterator[GpuDecoder]:
    with ModelFile.open(smollm2_pxi) as model:
        spec = DecoderSpec.from_json(model.spec_json)
        made = GpuDecoder(model, spec, context_length=1024, slots=PROMPTS, device=gpu_device)
        yield made
        made.close()


def test_logprobs(decoder: GpuDecoder, goldens: dict[str, np.ndarray]) -> None:
    """The first half of the text; `benchmarks/gpu_accuracy.py` compares whole distributions over more."""
    scores = score(decoder, goldens["ids"][:257].tolist())
    count = len(scores.logprobs)
    assert count >= 256
    difference = np.abs(scores.logprobs - goldens["logprobs"][:count])
    same = np.mean(scores.argmax[:count] == goldens["argmax"][:count])
    print(f"mean difference {difference.mean():.2e}, largest {difference.max():.2e}; same {same:.4f}")
    assert difference.mean() <= 0.01
    assert same >= 0.99


def test_greedy_texts_of_ten_slots_at_once(decoder: GpuDecoder, goldens: dict[str, np.ndarray]) -> None:
    """The same tokens, but where transformers' own lead is within 0.05: there a slot goes on with transformers'."""
    for slot in range(PROMPTS):
        decoder.truncate(slot, 0)
    next_ids = [goldens[f"prompt_ids_{i}"].astype(np.int64) for i in range(PROMPTS)]
    for step in range(STEPS):
        logits = decoder.forward([Chunk(i, ids) for i, ids in enumerate(next_ids)])
        for i, row in enumerate(logits):
            gap, token = goldens[f"greedy_gaps_{i}"][step], int(goldens[f"greedy_ids_{i}"][step])
            assert int(row[0].argmax()) == token or gap <= 0.05, f"prompt {i}, step {step}, lead {gap:.4f}"
            next_ids[i] = np.array([token], np.int64)


def test_greedy_text_decoded_ahead(decoder: GpuDecoder, goldens: dict[str, np.ndarray]) -> None:
    gaps = [goldens[f"greedy_gaps_{i}"][: STEPS + 1].min() for i in range(PROMPTS)]
    sure = int(np.argmax(gaps))
    expected = goldens[f"greedy_ids_{sure}"][: STEPS + 1].tolist()
    decoder.truncate(0, 0)
    decoder.forward([Chunk(0, goldens[f"prompt_ids_{sure}"].astype(np.int64), "none")])
    assert list(decoder.decode_ahead(0, expected[0], Choice(), STEPS)) == expected[1:]
