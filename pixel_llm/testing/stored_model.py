"""Small random model files in any mix of encodings, for tests of what reads files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixel_llm.formats.encodings import ENCODINGS, F32, Encoding, encode_rows
from pixel_llm.formats.model_writer import ModelWriter
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.tiny import random_tensors

ALL_ENCODINGS = tuple(ENCODINGS.values())


def write_model(
    path: Path,
    spec: DecoderSpec,
    *,
    encodings: Sequence[Encoding] = ALL_ENCODINGS,
    seed: int = 0,
    extra: Mapping[str, NDArray[np.float32]] | None = None,
    change: Callable[[str, NDArray[np.float32]], NDArray[np.float32]] | None = None,
) -> Path:
    """A model file of `spec` with random weights and no tokenizer; returns `path`.

    Matrices take the `encodings` in turn, those that fit their rows; vectors are float32. `extra` adds tensors as
    float32; `change(name, weights)` may alter any before it is stored.
    """
    tensors = {**random_tensors(spec, seed), **(extra or {})}
    with ModelWriter(path) as writer:
        writer.header["spec"] = spec.to_json()
        writer.header["source"] = {"name": path.stem}
        for number, (name, values) in enumerate(tensors.items()):
            weights = values if change is None else change(name, values.copy())
            enc = encodings[number % len(encodings)]
            plain = weights.ndim == 1 or name in (extra or {}) or not enc.fits(weights.shape)
            enc = F32 if plain or (enc.group and not np.isfinite(weights).all()) else enc
            tensor = writer.begin_tensor(
                name, weights.shape, enc, source_name=name, source_dtype="F32", lossless=enc is F32
            )
            tensor.write(encode_rows(enc, weights.reshape(-1, weights.shape[-1])))
    return path
