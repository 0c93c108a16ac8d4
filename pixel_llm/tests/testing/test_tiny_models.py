"""The tiny-model builder: what it writes, independent programs read."""

from __future__ import annotations

import json
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import tokenizers
from safetensors import safe_open
from safetensors.numpy import load_file

from pixel_llm.formats.checkpoint import open_checkpoint
from pixel_llm.formats.encodings import ENCODINGS
from pixel_llm.models import describe, describe_export
from pixel_llm.testing.hf_folder import write_hf_folder, write_safetensors
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import PLAIN
from pixel_llm.testing.tiny import VOCAB, random_tensors


@pytest.mark.parametrize(("dtype", "kind"), [("F32", np.float32), ("F16", np.float16), ("BF16", ml_dtypes.bfloat16)])
def test_safetensors_of_every_float_type(tmp_path: Path, dtype: str, kind: type) -> None:
    values = np.random.default_rng(0).standard_normal((5, 7)).astype(np.float32)
    write_safetensors(tmp_path / "a.safetensors", {"x": values}, dtype)
    with safe_open(tmp_path / "a.safetensors", "numpy") as file:
        found = file.get_tensor("x")
    assert np.array_equal(found.astype(np.float32), values.astype(kind).astype(np.float32))


def test_folder(tmp_path: Path) -> None:
    spec = write_hf_folder(tmp_path, "qwen3", seed=1)
    tensors = load_file(tmp_path / "model.safetensors")
    expected = random_tensors(spec, 1)
    assert {n: tensors[hf].tobytes() for n, hf in describe_export(spec).items()} == {
        n: v.tobytes() for n, v in expected.items()
    }
    assert json.loads((tmp_path / "config.json").read_text())["torch_dtype"] == "float32"
    tokenizer = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    ids = tokenizer.encode("hello world, ünï ☃<|eos|>").ids
    assert max(ids) < VOCAB and ids[-1] == 257
    assert tokenizer.decode(ids) == "hello world, ünï ☃"


def test_shards(tmp_path: Path) -> None:
    spec = write_hf_folder(tmp_path, "llama", shards=3, dtype="BF16")
    assert len(list(tmp_path.glob("*.safetensors"))) == 3
    checkpoint = open_checkpoint(tmp_path)
    try:
        assert describe(checkpoint).spec == spec
    finally:
        checkpoint.close()


@pytest.mark.parametrize("name", ENCODINGS)
def test_memory_model_holds_the_weights(name: str) -> None:
    encoding = ENCODINGS[name]
    model = memory_model(PLAIN, encoding=encoding, seed=2)
    expected = random_tensors(PLAIN, 2)
    for tensor, values in expected.items():
        stored = model.tensors[tensor]
        assert stored.encoding is (encoding if values.ndim == 2 or not encoding.group else ENCODINGS["f32"])
        step = {"f32": 0, "f16": 1e-3, "bf16": 1e-2}.get(name, 0.04 if encoding.bits == 8 else 0.3)
        assert np.abs(stored.rows().reshape(values.shape) - values).max() <= step * np.abs(values).max()
        assert all(not plane.flags.writeable for plane in stored.planes())
        assert sum(plane.nbytes for plane in stored.planes()) == stored.nbytes
