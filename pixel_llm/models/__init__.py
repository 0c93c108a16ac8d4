"""Architectures: a checkpoint's metadata and names in, a `DecoderSpec` out; one short file an architecture."""

from pixel_llm.models.describe import Description, describe, spec_from_config
from pixel_llm.models.names import describe_export
from pixel_llm.models.spec import DecoderSpec, Rotary

__all__ = ["DecoderSpec", "Description", "Rotary", "describe", "describe_export", "spec_from_config"]
