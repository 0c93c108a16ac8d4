"""Claim: a model opens in under 50 ms, whatever its size.

Opens sparse files of 1,000 half-float tensors, 1 GB and 105 GB, in turn, in processes of their own; what is timed is
`ModelFile.open`: the head, the index and its checks. The peer of the claim is the small file: the ratio should be 1.
A real model can be given as well. usage: opening.py [MODEL.pxi] [--rounds 9] [--work DIR]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from pixel_llm.core.pxi import PxiWriter, SampleType

CHILD = """
import sys, time
from pixel_llm.formats.model_file import ModelFile
with ModelFile.open(sys.argv[1]): pass
began = time.perf_counter()
with ModelFile.open(sys.argv[1]) as model: seconds = time.perf_counter() - began
print(seconds)
"""


def sparse(path: Path, rows: int) -> Path:
    """A model file of 1,000 tensors of `rows` x 8192 zeros that takes no room on the disk."""
    entries = []
    with PxiWriter(path, overwrite=True) as writer:
        for i in range(1000):
            name = f"blk.{i}.ffn_up.weight"
            writer.begin_plane(name, SampleType.FLOAT16, 8192, rows).skip_rows(rows)
            entry = {"name": name, "shape": [rows, 8192], "encoding": "f16", "source_name": name}
            entries.append({**entry, "source_dtype": "F16", "lossless": True, "max_error": 0})
        rest = {"spec": {}, "tokenizer": {}, "source": {}, "licence": None, "resources": []}
        writer.attributes["model"] = {"format": 1, "tensors": entries, **rest}
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--work", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        files = {"1 GB": sparse(Path(folder) / "small.pxi", 64), "105 GB": sparse(Path(folder) / "large.pxi", 6400)}
        if args.model:
            files[args.model.name] = args.model
        times: dict[str, list[float]] = {name: [] for name in files}
        for _ in range(args.rounds):
            for name, path in files.items():
                run = subprocess.run([sys.executable, "-c", CHILD, path], capture_output=True, text=True, check=True)
                times[name].append(float(run.stdout))
    rows = {}
    for name, seconds in times.items():
        ms = [1e3 * s for s in seconds]
        rows[name] = {"median_ms": statistics.median(ms), "min_ms": min(ms), "max_ms": max(ms)}
        print(f"{name:>24}  median {rows[name]['median_ms']:6.1f} ms   {min(ms):.1f} to {max(ms):.1f}")
    ratio = statistics.median(b / a for a, b in zip(times["1 GB"], times["105 GB"], strict=True))
    print(f"105 GB / 1 GB: {ratio:.2f}")
    print(json.dumps({"opening": rows, "ratio": ratio}))


if __name__ == "__main__":
    main()
