"""The CPU backend beside llama.cpp on synthetic checkpoints of Qwen2.5-0.5B's and 7B's shapes: speed and memory.

    python benchmarks/cpu_shapes.py --folder WORK --peer-python VENV/bin/python [--models 0.5b-q8,0.5b-q4,7b-q4]

For each model a .pxi file of random codes is written (q8 is GGUF's Q8_0, q4 its Q4_0; scaled so that activations keep
their size), exported as GGUF, and both are given to `cpu_vs_llama_cpp.py`: programs in turn, medians, one-token decode
and prefill. What was promised is printed with each figure and "pass" or "FAIL": decode at least 1.5 times llama.cpp's,
and a peak of resident memory of at most the file, the KV cache and 600 MB. Files that lie in WORK already are used
again; they are removed at the end unless `--keep` is given. Ends with 1 where something fails.
Shapes: https://huggingface.co/Qwen/Qwen2.5-0.5B/blob/main/config.json and of 7B likewise
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from pixel_llm.api import export_model, import_model
from pixel_llm.formats.encodings import F32, Q4_FIXED, Q8_FIXED, Encoding, plane_specs
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.formats.model_writer import ModelWriter
from pixel_llm.models.spec import DecoderSpec, Rotary
from pixel_llm.testing.hf_folder import write_hf_folder

LEAST_RATIO = 1.5
MOST_BESIDE = 600_000_000  # bytes of resident memory besides the file and the KV cache
BLOCK = 16 << 20
ENCODINGS: dict[str, tuple[Encoding, float]] = {"q8": (Q8_FIXED, 73.9), "q4": (Q4_FIXED, 4.61)}
"""And the standard deviation of uniform codes."""
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
# What a model's size leaves time for: (tokens decoded in a measurement, tokens of the prompt).
WORK = {"0.5b": (32, 256), "7b": (8, 64)}


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


def tokenizer() -> tuple[dict[str, Any], bytes]:
    """Settings and tokenizer.json of a small vocabulary; ids beyond it have no text, which evaluating does not need."""
    with tempfile.TemporaryDirectory() as folder:
        write_hf_folder(Path(folder) / "hf", "qwen2")
        import_model(Path(folder) / "hf", Path(folder) / "tiny.pxi")
        with ModelFile.open(Path(folder) / "tiny.pxi") as file:
            return dict(file.tokenizer_json), file.resource("tokenizer.json")


def write(path: Path, spec: DecoderSpec, encoding: Encoding, deviation: float) -> None:
    """The model file; each part of a tensor begins elsewhere in a block of random bytes."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 256, 3 * BLOCK, np.uint8)
    noise = rng.uniform(0.9, 1.1, BLOCK // encoding.group).astype(np.float32)
    settings, document = tokenizer()
    with ModelWriter(path) as writer:
        writer.header |= {"spec": spec.to_json(), "source": {"name": path.stem}, "tokenizer": settings}
        writer.add_resource("tokenizer.json", document)
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
                scale = noise[: count * columns // encoding.group] / np.float32(deviation * columns**0.5)
                tensor.write((part.reshape(plane.shape), scale.reshape(count, -1).astype(np.float16)))


def compare(args: argparse.Namespace, label: str, model: Path, gguf: Path, spec: DecoderSpec) -> dict[str, Any]:
    steps, prompt = WORK[label.split("-")[0]]
    script = Path(__file__).with_name("cpu_vs_llama_cpp.py")
    command = [sys.executable, str(script), str(model), str(gguf), "--rounds", str(args.rounds), "--batch", "1"]
    command += ["--threads", str(args.threads), "--contexts", "32", "--steps", str(steps)]
    command += ["--prefill", str(prompt), "--peer-python", args.peer_python]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    cache = 4 * spec.layers * spec.kv_heads * spec.head_dim * -(-found["context"] // 32) * 32
    file = model.stat().st_size
    peak = found["peak_resident_bytes"]
    decode = found["tokens_per_s"]["decode at 32"]
    beside = peak["ours"] - file - cache
    passed = {"decode": decode["ratio"] >= LEAST_RATIO, "memory": beside <= MOST_BESIDE}
    word = {True: "pass", False: "FAIL"}
    for task, row in found["tokens_per_s"].items():
        verdict = f", at least {LEAST_RATIO}: {word[passed['decode']]}" if task.startswith("decode") else ""
        print(f"{label}: {task}: {row['ours']} / {row['peer']} tokens/s = {row['ratio']} ×{verdict}", flush=True)
    print(
        f"{label}: peak {peak['ours'] / 1e6:,.0f} MB resident = file {file / 1e6:,.0f} + KV cache {cache / 1e6:,.0f} "
        f"{beside / 1e6:+,.0f} MB, at most {MOST_BESIDE / 1e6:+,.0f}: {word[passed['memory']]} "
        f"(llama.cpp {peak['peer'] / 1e6:,.0f} MB)",
        flush=True,
    )
    return {**found, "file_bytes": file, "cache_bytes": cache, "beside_bytes": beside, "passed": passed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where the model files go")
    parser.add_argument("--models", default="0.5b-q8,0.5b-q4,7b-q4")
    parser.add_argument("--peer-python", help="a Python that has llama_cpp; without it the files are only made")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="leave the files in the folder")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {"benchmark": "cpu_shapes"}
    for label in args.models.split(","):
        shapes, kind = label.split("-")
        spec = spec_of(shapes)
        model, gguf = args.folder / f"{label}.pxi", args.folder / f"{label}.gguf"
        if not model.exists():
            write(model, spec, *ENCODINGS[kind])
        if not gguf.exists():
            export_model(model, gguf)
        if args.peer_python:
            report[label] = compare(args, label, model, gguf, spec)
        if not args.keep:
            model.unlink()
            gguf.unlink()
    if args.peer_python:
        print(json.dumps(report))
        sys.exit(0 if all(all(report[label]["passed"].values()) for label in args.models.split(",")) else 1)


if __name__ == "__main__":
    main()
