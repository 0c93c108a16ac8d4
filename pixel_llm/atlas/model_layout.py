"""The layout of an open model file."""

from __future__ import annotations

from pixel_llm.atlas.layout import Layout
from pixel_llm.atlas.layout_plan import Heads, plan_layout
from pixel_llm.formats.model_file import ModelFile

_LARGEST = 1 << 31


def layout_of(model: ModelFile) -> Layout:
    """Where the model's weights lie. Heads that its spec does not state soundly are not drawn."""
    counts = [model.spec_json.get(name) for name in ("heads", "kv_heads", "head_dim")]
    known = [n for n in counts if type(n) is int and 0 < n <= _LARGEST]
    shapes = {name: tensor.shape for name, tensor in model.tensors.items()}
    return plan_layout(shapes, Heads(*known) if len(known) == 3 else None)
