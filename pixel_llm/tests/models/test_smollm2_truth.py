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
    return model.decoder(backend="reference")


def test_token_ids_are_transformers(model: pixel_llm.Model, goldens: dict[str, np.ndarray]) -> None:
    text = (DATA / "mixed_text.txt").read_text(encoding="utf-8")
    assert model.tokenizer.encode(text) == goldens["ids"].tolist()


def test_logprobs_are_transformers(decoder, goldens: dict[str, np.ndarray]) -> None:
    ids = goldens["ids"].tolist()
    assert len(ids) > 500
    scores = score(decoder, ids)
    difference = np.abs(scores.logprobs - goldens["logprobs"])
    same = np.mean(scores.argmax == goldens["argmax"])
    print(f"log-probabilities: mean difference {difference.mean():.2e}, largest {difference.max():.2e}; same {same:.4f}")
    assert difference.mean() <= 0.002
    assert same >= 0.995


@pytest.mark.parametrize("index", range(10))
def test_greedy_continuations_are_transformers(decoder, goldens: dict[str, np.ndarray], index: int) -> None:
    """The same tokens, up to the first place where transformers' own lead is within rounding."""
    expected, gaps = goldens[f"greedy_ids_{index}"][:STEPS], goldens[f"greedy_gaps_{index}"][:STEPS]
    decoder.truncate(0, 0)
    ids = goldens[f"prompt_ids_{index}"].astype(np.int64)
    for step, (token, gap) in enumerate(zip(expected, gaps, strict=True)):
        best = int(decoder.forward([Chunk(0, ids)])[0][0].argmax())
        if gap < 1e-3:
            return
        assert best == token, f"step {step}, where the lead was {gap:.4f}"
        ids = np.array([best], np.int64)
