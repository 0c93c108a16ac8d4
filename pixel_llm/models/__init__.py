"""Architectures: a checkpoint's metadata and names in, a `DecoderSpec` out; one short file an architecture."""

from pixel_llm.models.describe import Description, describe, spec_from_config
from pixel_llm.models.gguf_export import GGUFExport, describe_gguf_export
from pixel_llm.models.names import describe_export
from pixel_llm.models.safetensors_export import SafetensorsExport, describe_safetensors_export
from pixel_llm.models.spec import DecoderSpec, Rotary

__all__ = [
    "DecoderSpec",
    "Description",
    "GGUFExport",
    "Rotary",
    "SafetensorsExport",
    "describe",
    "describe_export",
    "describe_gguf_export",
    "describe_safetensors_export",
    "spec_from_config",
]
