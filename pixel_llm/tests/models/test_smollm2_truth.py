"""SmolLM2-135M-Instruct against transformers in float32 (`data/renew_smollm2_goldens.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import pixel_llm
from pixel_llm.backends.base import Chunk
from pixel_llm.generate import score

DATA = Path(__file__).parents[1] / "data"
PROMPTS = 10
STEPS = 24


@pytest.fixture(scope="module")
def goldens() -> dict[str, np.ndarray]:
    with np.load(DATA / "smollm2_goldens.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def model(smollm2_pxi: Path) -> Iterator[pixel_llm.Model]:
    with pixel_llm.open(smollm2_pxi) as opened:
        yield opened


@pytest.fixture(scope="module")
def decoder(model: pixel_llm.Model):
    return model.decoder(backend="reference", slots=PROMPTS)


def test_token_ids_are_transformers(model: pixel_llm.Model, goldens: dict[str, np.ndarray]) -> None:
    text = (DATA / "mixed_text.txt").read_text(encoding="utf-8")
    assert model.tokenizer.encode(text) == goldens["ids"].tolist()


def test_logprobs_are_transformers(decoder, goldens: dict[str, np.ndarray]) -> None:
    ids = goldens["ids"].tolist()
    assert len(ids) > 500
    scores = score(decoder, ids)
    difference = np.abs(scores.logprobs - goldens["logprobs"])
    same = np.mean(scores.argmax == goldens["argmax"])
    print(
        f"log-probabilities: mean difference {difference.mean():.2e}, largest {difference.max():.2e}; same {same:.4f}"
    )
    assert difference.mean() <= 0.002
    assert same >= 0.995


def test_greedy_continuations_are_transformers(decoder, goldens: dict[str, np.ndarray]) -> None:
    """The same tokens, up to the first place where transformers' own lead is within rounding; ten prompts at a time."""
    for slot in range(PROMPTS):
        decoder.truncate(slot, 0)
    next_ids = {i: goldens[f"prompt_ids_{i}"].astype(np.int64) for i in range(PROMPTS)}
    compared = 0
    for step in range(STEPS):
        logits = decoder.forward([Chunk(i, ids) for i, ids in next_ids.items()])
        for i, row in zip(list(next_ids), logits, strict=True):
            gap, token = goldens[f"greedy_gaps_{i}"][step], goldens[f"greedy_ids_{i}"][step]
            if gap < 1e-3:
                del next_ids[i]
                continue
            assert int(row[0].argmax()) == token, f"prompt {i}, step {step}, where the lead was {gap:.4f}"
            next_ids[i] = np.array([token], np.int64)
            compared += 1
    assert compared >= 0.9 * PROMPTS * STEPS
