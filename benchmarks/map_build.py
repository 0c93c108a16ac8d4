"""Build the map of a model: seconds, MB/s, peak memory, the atlas's share; beside NumPy and a plain check of the file.

    python benchmarks/map_build.py MODEL.pxi                              any model
    python benchmarks/map_build.py --folder WORK --gb 14 [--encoding bf16|q4a]   a synthetic one of Qwen2.5-7B's shapes

Each program runs in a process of its own, which states its peak resident set (Linux: VmHWM), in turn, `--rounds` times:
ours; `numpy`, which computes the same six statistics of the same blocks with reshape and reductions, in as many threads
(of a sixteenth of the tensors' rows where the model is synthetic, its rate is what counts); `check`, the container's
own verification with SHA-256, which is about the least that a pass over the file costs.
Shapes: https://huggingface.co/Qwen/Qwen2.5-7B/blob/main/config.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from pixel_llm.formats.encodings import ENCODINGS, encode_rows
from pixel_llm.formats.model_writer import ModelWriter

HIDDEN, FFN, KV, VOCAB, LAYERS = 3584, 18944, 512, 152064, 28
ROWS = 512

CHILDREN = {
    "ours": """
from pixel_llm.atlas.build import build_atlas
from pixel_llm.formats.model_file import ModelFile
with ModelFile.open(path) as model:
    report = build_atlas(model, overwrite=True, threads=threads)
    nbytes = sum(t.nbytes for t in model.tensors.values())
extra = {"atlas_bytes": report.bytes, "model_bytes": report.model_bytes, "first_level": report.first_level}
""",
    "numpy": """
import numpy as np
from concurrent.futures import ThreadPoolExecutor
from pixel_llm.formats.model_file import ModelFile
model = ModelFile.open(path, verify=False)
def work(job):
    tensor, start, stop = job
    values = tensor.rows(start, stop)
    size = 16
    rows, cols = values.shape[0] // size * size, values.shape[1] // size * size
    if not rows or not cols:
        return 0
    blocks = values[:rows, :cols].reshape(rows // size, size, cols // size, size)
    finite = np.isfinite(blocks)
    blocks = np.where(finite, blocks, 0)
    blocks.mean((1, 3)), np.sqrt(np.square(blocks).mean((1, 3))), blocks.min((1, 3)), blocks.max((1, 3))
    (blocks == 0).mean((1, 3)), finite.mean((1, 3))
    return tensor.nbytes * (stop - start) / tensor.n_rows
step = 256
jobs = [(t, s, min(s + step, t.n_rows)) for t in model.tensors.values() for s in range(0, t.n_rows, step * share)]
with ThreadPoolExecutor(threads) as pool:
    nbytes = sum(pool.map(work, jobs))
extra = {}
""",
    "check": """
from pixel_llm.core.pxi import PxiFile
with PxiFile(path) as file:
    nbytes = file.verify(threads=threads).bytes_checked
extra = {}
""",
}
WRAP = """
import json, sys, time
path, threads, share = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
start = time.perf_counter()
{body}
seconds = time.perf_counter() - start
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
cpu = time.process_time()
found = {{"seconds": seconds, "cpu_seconds": cpu, "bytes": nbytes, "peak_rss_bytes": int(peak) * 1024}}
print(json.dumps({{**found, **extra}}))
"""


def shapes(layers: int) -> dict[str, tuple[int, ...]]:
    """Canonical names and shapes."""
    out: dict[str, tuple[int, ...]] = {"token_embd.weight": (VOCAB, HIDDEN)}
    for i in range(layers):
        b = f"blk.{i}."
        out[b + "attn_norm.weight"] = (HIDDEN,)
        for part, rows in (("q", HIDDEN), ("k", KV), ("v", KV)):
            out[f"{b}attn_{part}.weight"] = (rows, HIDDEN)
            out[f"{b}attn_{part}.bias"] = (rows,)
        out[b + "attn_output.weight"] = (HIDDEN, HIDDEN)
        out[b + "ffn_norm.weight"] = (HIDDEN,)
        out[b + "ffn_gate.weight"] = (FFN, HIDDEN)
        out[b + "ffn_up.weight"] = (FFN, HIDDEN)
        out[b + "ffn_down.weight"] = (HIDDEN, FFN)
    out["output_norm.weight"] = (HIDDEN,)
    out["output.weight"] = (VOCAB, HIDDEN)
    return out


def write(path: Path, gb: float, encoding: str) -> None:
    """A model file of about `gb` GB: 512 rows of normal weights, in another order each time."""
    rng = np.random.default_rng(0)
    matrices = ENCODINGS[encoding]
    per_weight = matrices.bits / 8 + (0 if not matrices.group else (4 if matrices.has_offset else 2) / matrices.group)
    rest = sum(int(np.prod(s)) for n, s in shapes(0).items())
    layer = sum(int(np.prod(s)) for n, s in shapes(1).items()) - rest
    layers = max(1, min(4 * LAYERS, round((gb * 1e9 / per_weight - rest) / layer)))
    rows = {cols: rng.standard_normal((ROWS, cols), np.float32) * np.float32(0.02) for cols in (HIDDEN, FFN)}
    planes = {cols: encode_rows(matrices, values) for cols, values in rows.items()}
    with ModelWriter(path) as writer:
        writer.header["spec"] = {"heads": 28, "kv_heads": 4, "head_dim": 128, "layers": layers}
        writer.header["source"] = {"name": "synthetic"}
        for name, shape in shapes(layers).items():
            enc = matrices if len(shape) == 2 else ENCODINGS["f32"]
            tensor = writer.begin_tensor(name, shape, enc, source_name=name, source_dtype="", lossless=False)
            if len(shape) == 1:
                tensor.write((np.ones((1, shape[0]), np.float32),))
                continue
            for start in range(0, shape[0], ROWS):
                order = rng.permutation(ROWS)[: min(ROWS, shape[0] - start)]
                tensor.write([p[order] for p in planes[shape[1]]])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", type=Path, nargs="?", help="a model file")
    parser.add_argument("--folder", type=Path, help="where a synthetic model goes; it is removed at the end")
    parser.add_argument("--gb", type=float, default=14.0)
    parser.add_argument("--encoding", choices=sorted(ENCODINGS), default="bf16")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=sorted(CHILDREN), action="append")
    parser.add_argument("--keep", action="store_true", help="keep the synthetic model")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if (args.model is None) == (args.folder is None):
        parser.error("give a model, or --folder for a synthetic one")
    path = args.model or args.folder / "synthetic.pxi"
    if args.folder is not None and not path.exists():
        args.folder.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        write(path, args.gb, args.encoding)
        print(f"wrote {path.stat().st_size / 1e9:.2f} GB in {time.perf_counter() - start:.0f} s", flush=True)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in args.only or CHILDREN}
    share = 16 if args.folder is not None else 1
    try:
        for _ in range(args.rounds):
            for name, found in runs.items():
                body = WRAP.format(body=CHILDREN[name])
                command = [sys.executable, "-c", body, str(path), str(args.threads), str(share)]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                found.append(json.loads(done.stdout))
                print(f"  {name}: {found[-1]}", flush=True)
    finally:
        atlas = path.with_name(path.name + ".atlas")
        if args.folder is not None and not args.keep:
            path.unlink(missing_ok=True)
            atlas.unlink(missing_ok=True)
    result: dict[str, object] = {
        "benchmark": "map_build",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "threads": args.threads,
        "encoding": args.encoding if args.folder else "as the model",
    }
    for name, found in runs.items():
        rate = statistics.median(run["bytes"] / 1e6 / run["seconds"] for run in found)
        seconds = statistics.median(run["seconds"] for run in found)
        peak = max(run["peak_rss_bytes"] for run in found)
        result[name] = {"mb_per_second": rate, "seconds": seconds, "peak_rss_bytes": peak, **found[-1]}
        cpu = statistics.median(run["cpu_seconds"] for run in found)
        print(f"{name:6} {seconds:7.1f} s ({cpu:.1f} s of CPU)  {rate:7.0f} MB/s  peak memory {peak / 1e6:.0f} MB")
    if "ours" in runs:
        last = runs["ours"][-1]
        share_of_model = last["atlas_bytes"] / last["model_bytes"]
        print(f"atlas: {share_of_model:.2%} of the model, first level {last['first_level']:.0f}")
    print(json.dumps(result))
    if args.json:
        args.json.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    sys.exit(main())
