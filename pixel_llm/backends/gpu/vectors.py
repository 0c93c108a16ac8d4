"""Vectors: a model's norm weights and biases in the arena, each kept once."""

from __future__ import annotations

import numpy as np

from pixel_llm.backends.gpu.arena import Arena
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec


class Vectors:
    """Says where a vector begins in the arena, in elements; `arena` is filled on the way."""

    def __init__(self, model: ModelFile, spec: DecoderSpec) -> None:
        self.arena = Arena()
        self._model, self._offset = model, np.float32(spec.norm_weight_offset)
        self._places: dict[str, int] = {}

    def norm(self, name: str) -> int:
        """A norm's weights, with the spec's offset added."""
        if name not in self._places:
            values = self._model.tensors[name].rows().reshape(-1)
            self._places[name] = self.arena.vector(values + self._offset)
        return self._places[name]

    def biases(self, prefix: str, names: tuple[str, ...]) -> int:
        """The biases of stacked tensors, one behind the other."""
        key = prefix + "+".join(names)
        if key not in self._places:
            values = [self._model.tensors[f"{prefix}{name}.bias"].rows().reshape(-1) for name in names]
            self._places[key] = self.arena.vector(np.concatenate(values))
        return self._places[key]
