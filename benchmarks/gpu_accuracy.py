"""The GPU backend against the reference on a real model: log-probabilities of a text, and greedy texts.

    python benchmarks/gpu_accuracy.py MODEL.pxi [--tokens 500] [--prompts 10] [--length 64] [--forms texture,buffer]

Both ways of the GPU backend are measured, with each form of weights: many rows in a pass (a prompt; all greedy texts
side by side in slots) and one token a pass (the text token by token, beyond 256 positions with attention in splits; the
greedy texts as generation makes them, chosen on the device). The text is the README. Greedy texts are followed along
the reference's: where the GPU's most likely token differs, the lead of the reference's best logit there is printed, and
both go on with its token. Figures for people, and one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pixel_llm
from pixel_llm.backends.base import Chunk, Decoder
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.generate import SamplingParams, Session
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


Ids = NDArray[np.int64]
Logits = NDArray[np.float32]


def log_softmax(logits: Logits) -> NDArray[np.float64]:
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    return wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))


def logits_of(decoder: Decoder, ids: Ids, step: int) -> Logits:
    """Logits after each of `ids`, so many in a pass: float32 (ids, vocabulary)."""
    decoder.truncate(0, 0)
    parts = [decoder.forward([Chunk(0, ids[i : i + step], "all")])[0] for i in range(0, len(ids), step)]
    return np.concatenate(parts)


def compare_text(expected: Logits, found: Logits) -> dict[str, float]:
    differences, same = [], []
    for start in range(0, len(expected), 100):
        a, b = (log_softmax(logits[start : start + 100]) for logits in (expected, found))
        differences.append(np.abs(a - b))
        same.append(a.argmax(-1) == b.argmax(-1))
    difference = np.concatenate(differences)
    figures = {"mean": difference.mean(), "largest": difference.max(), "same_token": np.concatenate(same).mean()}
    return {name: round(float(value), 5) for name, value in figures.items()}


def reference_texts(reference: Decoder, prompts: list[Ids], length: int) -> tuple[list[list[int]], list[list[float]]]:
    """Greedy texts, and the lead of each token's logit over the next best one."""
    texts: list[list[int]] = [[] for _ in prompts]
    leads: list[list[float]] = [[] for _ in prompts]
    for slot in range(len(prompts)):
        reference.truncate(slot, 0)
    for step in range(length):
        given = [prompt if step == 0 else np.array(text[-1:]) for prompt, text in zip(prompts, texts, strict=True)]
        rows = reference.forward([Chunk(slot, ids) for slot, ids in enumerate(given)])
        for text, lead, row in zip(texts, leads, rows, strict=True):
            second, best = np.sort(row[0])[-2:]
            text.append(int(row[0].argmax()))
            lead.append(float(best - second))
    return texts, leads


def greedy_together(gpu: Decoder, prompts: list[Ids], texts: list[list[int]]) -> list[tuple[int, int]]:
    """Places (text, token) where the most likely token is not the text's, all texts side by side."""
    differ = []
    for slot in range(len(prompts)):
        gpu.truncate(slot, 0)
    for step in range(len(texts[0])):
        given = [
            prompt if step == 0 else np.array([text[step - 1]]) for prompt, text in zip(prompts, texts, strict=True)
        ]
        rows = gpu.forward([Chunk(slot, ids) for slot, ids in enumerate(given)])
        differ += [(number, step) for number, row in enumerate(rows) if int(row[0].argmax()) != texts[number][step]]
    return differ


def greedy_generated(gpu: Decoder, prompts: list[Ids], texts: list[list[int]]) -> list[tuple[int, int]]:
    """The same, as generation makes them: one text after the other, chosen on the device."""
    differ = []
    for number, (prompt, text) in enumerate(zip(prompts, texts, strict=True)):
        session, right = Session(gpu), 0
        while right < len(text):
            params = SamplingParams(max_tokens=len(text) - right)
            for token in session.generate([*prompt.tolist(), *text[:right]], params, eos=frozenset()):
                right += 1
                if token != text[right - 1]:
                    differ.append((number, right - 1))
                    break
    return differ


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="the .pxi file")
    parser.add_argument("--tokens", type=int, default=500)
    parser.add_argument("--prompts", type=int, default=len(PROMPTS))
    parser.add_argument("--length", type=int, default=64, help="tokens of each greedy text")
    parser.add_argument("--forms", default="texture,buffer")
    parser.add_argument("--adapter", help="a part of the adapter's name, or its index")
    options = parser.parse_args()
    start = time.perf_counter()
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    with pixel_llm.open(options.model) as model:
        text = np.array(model.tokenizer.encode(readme)[: options.tokens], np.int64)
        prompts = [np.array(model.tokenizer.encode(p), np.int64) for p in PROMPTS[: options.prompts]]
    result: dict[str, Any] = {"benchmark": "gpu_accuracy", "tokens": len(text), "greedy_tokens": 0, "found": {}}
    with ModelFile.open(options.model) as file, GpuDevice.open(options.adapter) as device:
        spec, slots = DecoderSpec.from_json(file.spec_json), len(prompts)
        context = max(len(text), options.length + max(map(len, prompts)))
        reference = ReferenceDecoder(file, spec, context_length=context, slots=slots)
        expected = logits_of(reference, text, 100)
        texts, leads = reference_texts(reference, prompts, options.length)
        result |= {"adapter": device.info.label, "greedy_tokens": slots * options.length}
        print(f"{device.info.label}; the reference took {time.perf_counter() - start:.0f} s")
        for form in options.forms.split(","):
            gpu = GpuDecoder(file, spec, context_length=context, slots=slots, device=device, form=form)
            for way, step, greedy in (("many rows", 100, greedy_together), ("one token", 1, greedy_generated)):
                found = compare_text(expected, logits_of(gpu, text, step))
                differ = [leads[number][place] for number, place in greedy(gpu, prompts, texts)]
                result["found"][f"{form}, {way}"] = found | {"greedy_leads_where_not_equal": differ}
                listed = ", ".join(f"{lead:.4f}" for lead in differ) or "none"
                print(
                    f"{form}, {way}: {len(text)} tokens: mean |difference of log-probabilities| {found['mean']:.5f}, "
                    f"largest {found['largest']:.4f}, same most likely token in {found['same_token']:.2%}; greedy: "
                    f"{slots * options.length - len(differ)} of {slots * options.length} tokens equal, the reference's "
                    f"lead where not: {listed}"
                )
            gpu.close()
    print(f"{time.perf_counter() - start:.0f} s")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
