"""Small checkpoints and imports that tests of the model file share; the safetensors package writes the checkpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

from pixel_llm.formats.importer import ImportReport, import_checkpoint
from pixel_llm.formats.safetensors_reader import INDEX_FILE, SafetensorsCheckpoint

HIDDEN, HEAD_DIM, HEADS, VOCAB, FFN = 64, 16, 4, 96, 128
SPEC = {"layers": 2, "head_dim": HEAD_DIM, "hidden_size": HIDDEN}
SIDE = {
    "config.json": b'{"model_type": "llama",\n "torch_dtype": "bfloat16"}\n',
    "tokenizer.json": json.dumps({"model": {"vocab": {f"t{i}": i for i in range(500)}}}).encode(),
    "LICENSE": b"\nApache License 2.0\nmore",
}


def canonical_tensors(layers: int = 2, seed: int = 0) -> dict[str, np.ndarray]:
    """Float32 weights of a small llama under canonical names."""
    rng = np.random.default_rng(seed)

    def matrix(rows: int, cols: int) -> np.ndarray:
        return (rng.standard_normal((rows, cols)) * 0.05).astype(np.float32)

    out = {"token_embd.weight": matrix(VOCAB, HIDDEN)}
    for i in range(layers):
        out[f"blk.{i}.attn_norm.weight"] = 1 + matrix(1, HIDDEN)[0]
        out[f"blk.{i}.attn_q.weight"] = matrix(HEADS * HEAD_DIM, HIDDEN)
        out[f"blk.{i}.attn_k.weight"] = matrix(2 * HEAD_DIM, HIDDEN)
        out[f"blk.{i}.attn_v.weight"] = matrix(2 * HEAD_DIM, HIDDEN)
        out[f"blk.{i}.attn_output.weight"] = matrix(HIDDEN, HEADS * HEAD_DIM)
        out[f"blk.{i}.ffn_norm.weight"] = 1 + matrix(1, HIDDEN)[0]
        out[f"blk.{i}.ffn_gate.weight"] = matrix(FFN, HIDDEN)
        out[f"blk.{i}.ffn_up.weight"] = matrix(FFN, HIDDEN)
        out[f"blk.{i}.ffn_down.weight"] = matrix(HIDDEN, FFN)
    out["output_norm.weight"] = 1 + matrix(1, HIDDEN)[0]
    out["output.weight"] = matrix(VOCAB, HIDDEN)
    return out


def mixed_types(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same, every third tensor in bfloat16, float16 and float32."""
    types = (ml_dtypes.bfloat16, np.float16, np.float32)
    return {name: value.astype(types[i % 3]) for i, (name, value) in enumerate(tensors.items())}


def write_folder(folder: Path, tensors: dict[str, np.ndarray], shards: int = 1) -> Path:
    """A Hugging Face folder; each tensor is called "hf." and its canonical name."""
    folder.mkdir(parents=True)
    for name, data in SIDE.items():
        (folder / name).write_bytes(data)
    named = {f"hf.{name}": value for name, value in tensors.items()}
    if shards == 1:
        save_file(named, folder / "model.safetensors", {"format": "pt"})
        return folder
    weight_map: dict[str, str] = {}
    for i in range(shards):
        file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
        part = {name: value for j, (name, value) in enumerate(named.items()) if j % shards == i}
        save_file(part, folder / file)
        weight_map |= dict.fromkeys(part, file)
    (folder / INDEX_FILE).write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map}))
    return folder


def import_folder(folder: Path, out: Path, **options: Any) -> ImportReport:
    """Import what `write_folder` wrote."""
    checkpoint = SafetensorsCheckpoint(folder)
    options = {
        "spec": SPEC,
        "names": {name: name.removeprefix("hf.") for name in checkpoint.tensors},
        "tokenizer": {"bos": 1},
        "resources": {"tokenizer.json": SIDE["tokenizer.json"]},
    } | options
    try:
        return import_checkpoint(checkpoint, out, **options)
    finally:
        checkpoint.close()
