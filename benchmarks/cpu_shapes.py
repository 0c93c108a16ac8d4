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

from qwen_shapes import spec_of, write

from pixel_llm.api import export_model, import_model
from pixel_llm.formats.encodings import Q4_FIXED, Q8_FIXED, Encoding
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.hf_folder import write_hf_folder

LEAST_RATIO = 1.5
MOST_BESIDE = 600_000_000  # bytes of resident memory besides the file and the KV cache
ENCODINGS: dict[str, Encoding] = {"q8": Q8_FIXED, "q4": Q4_FIXED}
# What a model's size leaves time for: (tokens decoded in a measurement, tokens of the prompt).
WORK = {"0.5b": (32, 256), "7b": (8, 64)}


def tokenizer() -> tuple[dict[str, Any], bytes]:
    """Settings and tokenizer.json of a small vocabulary; ids beyond it have no text, which evaluating does not need."""
    with tempfile.TemporaryDirectory() as folder:
        write_hf_folder(Path(folder) / "hf", "qwen2")
        import_model(Path(folder) / "hf", Path(folder) / "tiny.pxi")
        with ModelFile.open(Path(folder) / "tiny.pxi") as file:
            return dict(file.tokenizer_json), file.resource("tokenizer.json")


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
            write(model, spec, ENCODINGS[kind], tokenizer())
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
