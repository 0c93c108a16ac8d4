"""Hugging Face folders of tiny random models: config.json, model.safetensors (one or several), tokenizer.json."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from pixel_llm.models.describe import spec_from_config
from pixel_llm.models.names import describe_export
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.tiny import CONFIGS, random_tensors

FloatType = Literal["F32", "F16", "BF16"]
MERGES: Final = ("h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "l d", "Ġwor ld", "t h")
SPECIALS: Final = ("<|bos|>", "<|eos|>", "<|user|>", "<|assistant|>")
CHAT_TEMPLATE: Final = (
    "{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def write_hf_folder(
    path: Path,
    config: str | Mapping[str, Any],
    *,
    seed: int = 0,
    dtype: FloatType = "F32",
    shards: int = 1,
    tensors: Mapping[str, NDArray[np.float32]] | None = None,
) -> DecoderSpec:
    """Write a folder that transformers and `open_checkpoint` read; returns its spec.

    `config` is a name in `CONFIGS` or a config.json object. `tensors` (canonical name -> float32) replaces the random
    weights. With several `shards` there is a model.safetensors.index.json.
    """
    if isinstance(config, str):
        config = CONFIGS[config]
    spec = spec_from_config(config)
    tensors = random_tensors(spec, seed) if tensors is None else tensors
    named = {hf: tensors[name] for name, hf in describe_export(spec).items()}
    path.mkdir(parents=True, exist_ok=True)
    torch_type = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}[dtype]
    _dump(path / "config.json", {**config, "torch_dtype": torch_type})
    _dump(path / "tokenizer.json", tiny_tokenizer())
    _dump(
        path / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": SPECIALS[0],
            "eos_token": SPECIALS[1],
            "chat_template": CHAT_TEMPLATE,
        },
    )
    if shards == 1:
        write_safetensors(path / "model.safetensors", named, dtype)
        return spec
    weight_map: dict[str, str] = {}
    for i in range(shards):
        part = dict(list(named.items())[i::shards])
        file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
        write_safetensors(path / file, part, dtype)
        weight_map |= dict.fromkeys(part, file)
    total = sum(v.size for v in named.values()) * (4 if dtype == "F32" else 2)
    _dump(path / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": weight_map})
    return spec


def write_safetensors(path: Path, tensors: Mapping[str, NDArray[np.float32]], dtype: FloatType = "F32") -> None:
    """A safetensors file (github.com/huggingface/safetensors, "Format") of float32 arrays rounded to `dtype`."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    blobs = []
    offset = 0
    for name, values in tensors.items():
        blob = _cast(values, dtype)
        header[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    path.write_bytes(struct.pack("<Q", len(head)) + head + b"".join(blobs))


def tiny_tokenizer() -> dict[str, Any]:
    """A byte-level BPE tokenizer.json: ids 0 to 255 are bytes (in GPT-2's order), then specials, then merges."""
    symbols = _byte_symbols()
    vocab = {symbol: i for i, symbol in enumerate(symbols)}
    vocab |= {text: len(symbols) + i for i, text in enumerate(SPECIALS)}
    first = len(vocab)
    for i, merge in enumerate(MERGES):
        vocab[merge.replace(" ", "")] = first + i
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": 256 + i, "content": text, **flags} for i, text in enumerate(SPECIALS)],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": vocab,
            "merges": list(MERGES),
        },
    }


def _byte_symbols() -> list[str]:
    """GPT-2's 256 symbols: printable Latin-1 first, then code points from 256 on for the other bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]


def _cast(values: NDArray[np.float32], dtype: FloatType) -> bytes:
    if dtype == "F32":
        return values.astype("<f4").tobytes()
    if dtype == "F16":
        return values.astype("<f2").tobytes()
    bits = values.astype("<f4").view("<u4")
    # To nearest, ties to even.
    return ((bits + np.uint32(0x7FFF) + ((bits >> 16) & np.uint32(1))) >> 16).astype("<u2").tobytes()


def _dump(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
