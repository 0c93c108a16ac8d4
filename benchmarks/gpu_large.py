"""Models of Qwen2.5-0.5B's and 7B's shapes on the GPU: memory beside what was predicted, tokens beside the CPU's.

    python benchmarks/gpu_large.py --folder WORK [--shapes 0.5b,7b] [--form texture] [--adapter NAME|INDEX] [--tokens 3]
        [--keep]

The weights are synthetic: 4-bit codes (q4a) from one block of random bytes, scaled so that activations keep their size.
A model that lies in the folder already is used; `--keep` leaves it there. Each backend runs in a process of its own, on
the same few ids; the peer is the CPU backend, whose log-probabilities and most likely tokens are compared. On a
software adapter the device's memory is the process's own and is counted (Linux: anonymous and shared resident pages,
without the mapped file). Speeds are given for a GPU; there the share of the memory's
bandwidth follows from `pixel-llm bench`.
Shapes: https://huggingface.co/Qwen/Qwen2.5-7B/blob/main/config.json
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from qwen_shapes import spec_of, write

from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Chunk
from pixel_llm.backends.gpu import GpuDevice
from pixel_llm.formats.encodings import Q4_AFFINE
from pixel_llm.formats.model_file import ModelFile

CONTEXT = 256
IDS = [9707, 11, 1879, 0]


def resident() -> int:
    """Bytes of this process's memory that no file backs."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return sum(1024 * int(fields[name].split()[0]) for name in ("RssAnon", "RssShmem"))


def worker(args: argparse.Namespace) -> None:
    options: dict[str, Any] = {"backend": args.worker}
    if args.worker == "gpu":
        options |= {"adapter": args.adapter, "form": args.form}
        with GpuDevice.open(args.adapter) as device:  # what the driver's own code takes is not the model's
            device.flush()
    before = resident()
    start = time.perf_counter()
    with ModelFile.open(args.model) as model:
        decoder = load_decoder(model, context_length=CONTEXT, **options)
        loaded = time.perf_counter() - start
        (logits,) = decoder.forward([Chunk(0, np.array(IDS, np.int64))])
        rows, chosen, seconds = [logits[-1]], [], []
        for _ in range(args.tokens):
            # The same tokens for both, whoever would have chosen others.
            token = args.ids.pop(0) if args.ids else int(np.argmax(rows[-1]))
            chosen.append(token)
            start = time.perf_counter()
            (logits,) = decoder.forward([Chunk(0, np.array([token], np.int64))])
            seconds.append(time.perf_counter() - start)
            rows.append(logits[-1])
        taken = resident() - before
        result: dict[str, Any] = {"load_s": loaded, "token_s": min(seconds), "bytes": taken, "chosen": chosen}
        if args.worker == "gpu":
            result |= {"predicted": decoder.need.total, "weights": decoder.need.weights}  # type: ignore[attr-defined]
        decoder.close()
    np.save(args.out, np.stack(rows))
    print(json.dumps(result))


def run(args: argparse.Namespace, backend: str, model: Path, out: Path, ids: list[int]) -> dict[str, Any]:
    command = [sys.executable, __file__, "--folder", str(args.folder), "--worker", backend, "--model", str(model)]
    command += ["--out", str(out), "--form", args.form, "--tokens", str(args.tokens)]
    command += ["--ids", json.dumps(ids)]
    if args.adapter is not None:
        command += ["--adapter", args.adapter]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def log_softmax(rows: np.ndarray) -> np.ndarray:
    shifted = rows.astype(np.float64) - rows.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where the model files go")
    parser.add_argument("--keep", action="store_true", help="leave the model files there")
    parser.add_argument("--shapes", default="0.5b,7b")
    parser.add_argument("--form", choices=("texture", "buffer"), default="texture")
    parser.add_argument("--adapter")
    parser.add_argument("--tokens", type=int, default=3)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    parser.add_argument("--ids", type=json.loads, default=[], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        worker(args)
        return
    args.folder.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {"benchmark": "gpu_large", "form": args.form}
    for shapes in args.shapes.split(","):
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            model = args.folder / f"{shapes}.pxi"
            if not model.exists():
                write(model, spec_of(shapes), Q4_AFFINE, None)
            size = model.stat().st_size
            cpu = run(args, "cpu", model, Path(folder) / "cpu.npy", [])
            gpu = run(args, "gpu", model, Path(folder) / "gpu.npy", cpu["chosen"])
            a, b = (np.load(Path(folder) / f"{name}.npy") for name in ("cpu", "gpu"))
            if not args.keep:
                model.unlink()
        difference = np.abs(log_softmax(a) - log_softmax(b))
        agree = int((a.argmax(axis=1) == b.argmax(axis=1)).sum())
        report[shapes] = {"file_bytes": size, "cpu": cpu, "gpu": gpu, "mean_difference": float(difference.mean())}
        print(
            f"{shapes}: file {size / 1e9:.2f} GB, loaded in {gpu['load_s']:.1f} s; memory {gpu['bytes'] / 1e9:.3f} GB, "
            f"predicted {gpu['predicted'] / 1e9:.3f} ({gpu['bytes'] / gpu['predicted'] - 1:+.1%}); "
            f"a token {gpu['token_s']:.2f} s, CPU {cpu['token_s']:.2f}; log-probabilities differ by "
            f"{difference.mean():.5f} on average, {difference.max():.4f} at most; "
            f"same most likely token {agree} of {len(a)}",
            flush=True,
        )
    print(json.dumps(report))


if __name__ == "__main__":
    main()
