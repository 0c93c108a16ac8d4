"""The GPU backend against the reference on a real model: log-probabilities of a text, and greedy texts.

    python benchmarks/gpu_accuracy.py MODEL.pxi [--tokens 500] [--prompts 10] [--length 64] [--form texture]

The text is the README, in chunks of one pass. Greedy texts, all prompts side by side in slots, are followed along the
reference's: where the GPU's most likely token differs, the lead of the reference's best logit there is printed, and
both go on with its token.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import pixel_llm
from pixel_llm.backends.base import Chunk, Decoder
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec

PROMPTS = (
    "The capital of France is",
    "Once upon a time there was a",
    "To sort a list in Python,",
    "Water boils at",
    "The quick brown fox",
    "In the year 1969,",
    "A good recipe for bread begins with",
    "The theory of evolution says that",
    "def fibonacci(n):",
    "My favourite season is",
)


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    return wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))


def compare_text(reference: Decoder, gpu: Decoder, ids: NDArray[np.int64]) -> None:
    differences, same = [], []
    for start in range(0, len(ids), 100):
        chunk = [Chunk(0, ids[start : start + 100], "all")]
        expected, found = (log_softmax(decoder.forward(chunk)[0]) for decoder in (reference, gpu))
        differences.append(np.abs(expected - found))
        same.append(expected.argmax(-1) == found.argmax(-1))
    difference, agree = np.concatenate(differences), np.concatenate(same)
    print(
        f"{len(ids)} tokens: mean |difference of log-probabilities| {difference.mean():.5f}, largest "
        f"{difference.max():.4f}; same most likely token in {agree.mean():.2%}"
    )


def compare_greedy(reference: Decoder, gpu: Decoder, prompts: list[NDArray[np.int64]], length: int) -> None:
    for decoder in (reference, gpu):
        for slot in range(len(prompts)):
            decoder.truncate(slot, 0)
    next_ids, equal, gaps = prompts, 0, []
    for _ in range(length):
        chunks = [Chunk(slot, ids) for slot, ids in enumerate(next_ids)]
        rows = [decoder.forward(chunks) for decoder in (reference, gpu)]
        next_ids = []
        for expected, found in zip(*rows, strict=True):
            best = int(expected[0].argmax())
            next_ids.append(np.array([best], np.int64))
            if best == int(found[0].argmax()):
                equal += 1
            else:
                two = np.sort(expected[0])[-2:]
                gaps.append(float(two[1] - two[0]))
    listed = ", ".join(f"{gap:.4f}" for gap in gaps) or "none"
    print(f"greedy: {equal} of {len(prompts) * length} tokens equal; the reference's lead where not: {listed}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--tokens", type=int, default=500)
    parser.add_argument("--prompts", type=int, default=len(PROMPTS))
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--form", default="texture")
    parser.add_argument("--adapter")
    options = parser.parse_args()
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    with pixel_llm.open(options.model) as model:
        tokenizer = model.tokenizer
        text = np.array(tokenizer.encode(readme)[: options.tokens], np.int64)
        prompts = [np.array(tokenizer.encode(p), np.int64) for p in PROMPTS[: options.prompts]]
    with ModelFile.open(options.model) as file, GpuDevice.open(options.adapter) as device:
        spec = DecoderSpec.from_json(file.spec_json)
        print(f"{device.info.label}, {options.form}")
        slots = len(prompts)
        gpu = GpuDecoder(file, spec, context_length=1024, slots=slots, device=device, form=options.form)
        reference = ReferenceDecoder(file, spec, context_length=1024, slots=slots)
        start = time.perf_counter()
        compare_text(reference, gpu, text)
        compare_greedy(reference, gpu, prompts, options.length)
        print(f"{time.perf_counter() - start:.0f} s")
        gpu.close()


if __name__ == "__main__":
    main()
