"""The reference backend against the suite that every backend inherits."""

from __future__ import annotations

from pixel_llm.backends.base import Decoder
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.conformance import DecoderConformance


class TestReference(DecoderConformance):
    tolerance = 1e-4  # chunks of another size sum in another order
    self_tolerance = 1e-4

    def make(self, model: ModelFile, spec: DecoderSpec, *, context_length: int, slots: int) -> Decoder:
        return ReferenceDecoder(model, spec, context_length=context_length, slots=slots)


class TestReferenceWithoutKeptWeights(DecoderConformance):
    """Every weight dequantised anew each time, as for models beyond the budget."""

    tolerance = 1e-4
    self_tolerance = 1e-4

    def make(self, model: ModelFile, spec: DecoderSpec, *, context_length: int, slots: int) -> Decoder:
        return ReferenceDecoder(model, spec, context_length=context_length, slots=slots, weight_budget=0)
