"""Synthetic models of Qwen2.5's shapes, which `cpu_shapes.py` and `gpu_large.py` measure on.

Shapes: https://huggingface.co/Qwen/Qwen2.5-0.5B/blob/main/config.json and of 7B likewise
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pixel_llm.formats.encodings import F32, Encoding, plane_specs
from pixel_llm.formats.model_writer import ModelWriter
from pixel_llm.models.spec import DecoderSpec, Rotary

BLOCK = 16 << 20
SIZES: dict[str, dict[str, Any]] = {
    "0.5b": {
        "vocab_size": 151_936,
        "hidden_size": 896,
        "intermediate_size": 4_864,
        "layers": 24,
        "heads": 14,
        "kv_heads": 2,
        "head_dim": 64,
        "tied_output": True,
    },
    "7b": {
        "vocab_size": 152_064,
        "hidden_size": 3_584,
        "intermediate_size": 18_944,
        "layers": 28,
        "heads": 28,
        "kv_heads": 4,
        "head_dim": 128,
        "tied_output": False,
    },
}
DEVIATION = {4: 4.61, 8: 73.9}  # of uniform codes of so many bits


def spec_of(shapes: str) -> DecoderSpec:
    sizes = SIZES[shapes]
    head = sizes["head_dim"]
    return DecoderSpec(
        architecture="qwen2",
        context_length=32_768,
        norm_eps=1e-6,
        rotary=Rotary(kind="half", base=1_000_000.0, dims=head),
        attention_scale=head**-0.5,
        qkv_bias=True,
        **sizes,
    )


def write(path: Path, spec: DecoderSpec, encoding: Encoding, tokenizer: tuple[dict[str, Any], bytes] | None) -> None:
    """The model file, with the tokenizer's settings and document where given.

    Each part of a tensor begins elsewhere in a block of random bytes; scales keep the size of activations.
    """
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 256, 3 * BLOCK, np.uint8)
    noise = rng.uniform(0.9, 1.1, BLOCK // encoding.group).astype(np.float32)
    with ModelWriter(path) as writer:
        writer.header |= {"spec": spec.to_json(), "source": {"name": path.stem}}
        if tokenizer:
            writer.header["tokenizer"] = tokenizer[0]
            writer.add_resource("tokenizer.json", tokenizer[1])
        for name, shape in spec.tensor_shapes().items():
            of = encoding if len(shape) == 2 else F32
            tensor = writer.begin_tensor(name, shape, of, source_name=name, source_dtype="synthetic", lossless=True)
            if of is F32:
                values = rng.standard_normal((1, shape[0]), np.float32) * np.float32(0.1)
                tensor.write((values + np.float32("norm" in name),))
                continue
            rows, columns = shape
            step = max(1, BLOCK // columns)
            for start in range(0, rows, step):
                count = min(step, rows - start)
                plane = plane_specs(encoding, (count, columns))[0]
                begin = int(rng.integers(0, BLOCK))
                part = codes[begin : begin + count * columns * encoding.bits // 8].view(plane.sample.dtype)
                scale = noise[: count * columns // encoding.group].reshape(count, -1)
                scale = scale / np.float32(DEVIATION[encoding.bits] * columns**0.5)
                if encoding.has_offset:  # the codes' mean becomes 0
                    scale = np.stack([scale, np.float32(0.5 - 2 ** (encoding.bits - 1)) * scale], axis=2)
                tensor.write((part.reshape(plane.shape), scale.astype(np.float16)))
