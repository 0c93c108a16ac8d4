"""A model file with every encoding, heads, vectors, an adapter, odd sizes and odd numbers, over several tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pixel_llm.formats.model_file import ModelFile
from pixel_llm.testing.specs import SPECS
from pixel_llm.testing.stored_model import write_model

WIDE = replace(SPECS["qkv-bias"], vocab_size=300, layers=2)


def odd_numbers(name: str, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Zeros, NaN, infinities, huge and tiny weights in float tensors."""
    if name == "blk.0.attn_norm.weight":
        weights[:8] = [0, -0.0, np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-42]
    elif name == "output_norm.weight":
        weights[:] = np.nan
    elif name == "blk.1.ffn_norm.weight":
        weights[:] = 0
    return weights


@pytest.fixture(scope="session")
def mixed_pxi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every encoding, and numbers of every kind."""
    rng = np.random.default_rng(5)
    extra = {
        "blk.0.wide.weight": rng.standard_normal((40, 9001)).astype(np.float32),
        "blk.0.attn_q.weight.lora_a": rng.standard_normal((4, 64)).astype(np.float32),
    }
    return write_model(tmp_path_factory.mktemp("mixed") / "mixed.pxi", WIDE, change=odd_numbers, extra=extra)


@pytest.fixture
def mixed(mixed_pxi: Path) -> Iterator[ModelFile]:
    with ModelFile.open(mixed_pxi) as model:
        yield model
