"""Import a synthetic checkpoint of Qwen2.5-7B's shapes (bfloat16, 15.2 GB in shards): time, MB/s, peak memory.

    python benchmarks/import_large.py --folder WORK [--gb 15.3] [--quant q4|q8|none] [--keep] [--json OUT.json]

The checkpoint is one block of 64 MiB of normal weights, repeated; `--gb` below 15 takes fewer layers,
below 3 a small vocabulary too. The import runs in a child process, which states its peak resident set (Linux: VmHWM;
getrusage would count what the parent held before exec).
Shapes: https://huggingface.co/Qwen/Qwen2.5-7B/blob/main/config.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

HIDDEN, FFN, KV, VOCAB, LAYERS = 3584, 18944, 512, 152064, 28
BLOCK = 64 << 20
SHARD = 4_000_000_000

CHILD = """
import json, sys, time
from pathlib import Path
from pixel_llm.formats.checkpoint import open_checkpoint
from pixel_llm.formats.importer import import_checkpoint
folder, out, quant = sys.argv[1:]
start = time.perf_counter()
checkpoint = open_checkpoint(folder)
report = import_checkpoint(checkpoint, out, spec={"layers": int(checkpoint.metadata["config"]["num_hidden_layers"]),
    "head_dim": 128}, names={n: n for n in checkpoint.tensors}, tokenizer={}, resources={}, quant=quant)
seconds = time.perf_counter() - start
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"seconds": seconds, "bytes": report.bytes, "peak_rss_bytes": int(peak) * 1024,
    "encodings": {n: [e.tensors, e.bytes, e.max_error] for n, e in report.encodings.items()}}))
"""


def shapes(layers: int, vocab: int) -> dict[str, tuple[int, ...]]:
    """Canonical names, so that no architecture needs to be known."""
    out: dict[str, tuple[int, ...]] = {"token_embd.weight": (vocab, HIDDEN)}
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
    out["output.weight"] = (vocab, HIDDEN)
    return out


def write(folder: Path, layers: int, vocab: int) -> int:
    """The checkpoint; returns its bytes."""
    rng = np.random.default_rng(0)
    block = (rng.standard_normal(BLOCK // 2, np.float32) * np.float32(0.02)).view(np.uint32)
    data = memoryview((block >> 16).astype("<u2").tobytes())
    tensors = {name: (shape, 2 * int(np.prod(shape))) for name, shape in shapes(layers, vocab).items()}
    groups: list[list[str]] = [[]]
    filled = 0
    for name, (_, size) in tensors.items():
        if groups[-1] and filled + size > SHARD:
            groups.append([])
            filled = 0
        groups[-1].append(name)
        filled += size
    weight_map = {}
    folder.mkdir(parents=True)
    for i, names in enumerate(groups, 1):
        file = f"model-{i:05}-of-{len(groups):05}.safetensors"
        header, offset = {}, 0
        for name in names:
            shape, size = tensors[name]
            header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, offset + size]}
            offset += size
            weight_map[name] = file
        raw = json.dumps(header).encode()
        with (folder / file).open("wb") as f:
            f.write(len(raw).to_bytes(8, "little") + raw)
            for start in range(0, offset, BLOCK):
                f.write(data[: min(BLOCK, offset - start)])
    total = sum(size for _, size in tensors.values())
    (folder / "config.json").write_text(json.dumps({"_name_or_path": "synthetic", "num_hidden_layers": layers}))
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--folder", type=Path, required=True, help="where the files go; created, and removed at the end"
    )
    parser.add_argument("--gb", type=float, default=15.3, help="stop at this size of the checkpoint")
    parser.add_argument("--quant", choices=("q4", "q8", "none"), default="q4")
    parser.add_argument("--keep", action="store_true", help="keep the files")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    layer = 2 * sum(int(np.prod(s)) for n, s in shapes(1, 1).items() if n.startswith("blk."))
    vocab = VOCAB if args.gb >= 3 else 1024
    rest = 2 * 2 * vocab * HIDDEN
    layers = max(1, min(LAYERS, int((args.gb * 1e9 - rest) / layer)))
    source, out = args.folder / "source", args.folder / "model.pxi"
    args.folder.mkdir(parents=True)
    try:
        start = time.perf_counter()
        total = write(source, layers, vocab)
        print(f"wrote {total / 1e9:.2f} GB ({layers} layers) in {time.perf_counter() - start:.0f} s", flush=True)
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(source), str(out), args.quant],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    finally:
        if not args.keep:
            shutil.rmtree(args.folder)
    report = json.loads(done.stdout)
    rate = total / 1e6 / report["seconds"]
    result = {
        "benchmark": "import_large",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "quant": args.quant,
        "source_bytes": total,
        "mb_per_second": rate,
        **report,
    }
    print(
        f"--quant {args.quant}: {report['seconds']:.1f} s, {rate:.0f} MB/s of source, "
        f"peak memory {report['peak_rss_bytes'] / 1e6:.0f} MB, file {report['bytes'] / 1e9:.2f} GB"
    )
    for name, (count, size, error) in report["encodings"].items():
        print(f"  {name:6} {count:4} tensors {size / 1e6:10.1f} MB  largest error {error:.3g}")
    print(json.dumps(result))
    if args.json:
        args.json.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    sys.exit(main())
