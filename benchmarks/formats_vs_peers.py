"""Import, open and full read of the same tensors: .pxi against safetensors and gguf-py, in the same run.

    python benchmarks/formats_vs_peers.py MODEL.gguf [--rounds 7] [--json OUT.json]

The GGUF's weights, as float16, are written as one safetensors file and imported into a .pxi (nothing quantised); the
GGUF itself is imported into another. Then, programs in turn, `rounds` times from a warm page cache:

- open: until names, types and shapes are known (safetensors: safe_open; gguf: GGUFReader).
- read: every tensor's stored bytes as arrays, each touched once by a sum over 64-bit words (.pxi with and without its
  hashes checked).
- import: into .pxi, against gguf-py reading and rewriting the same tensors with GGUFWriter, and safetensors' load_file
  and save_file; all are synchronised to the disk. Only .pxi hashes what it reads and writes, and draws its picture.

A table with medians, the ratio to .pxi, then one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np


def touch(array: np.ndarray) -> int:
    """Read every byte once, as fast as memory allows."""
    raw = array.reshape(-1).view(np.uint8)
    words = raw[: raw.size // 8 * 8].view(np.uint64)
    return int(words.sum(dtype=np.uint64)) + int(raw[raw.size // 8 * 8 :].sum())


def open_pxi(path: Path, *, verify: bool = True, read: bool = False) -> None:
    from pixel_llm.formats.model_file import ModelFile

    with ModelFile.open(path, verify=verify) as model:
        shapes = [(t.name, t.shape, t.encoding.name) for t in model.tensors.values()]
        assert shapes
        if read:
            for tensor in model.tensors.values():
                for plane in tensor.planes():
                    touch(plane)


def open_safetensors(path: Path, *, read: bool = False) -> None:
    from safetensors import safe_open

    with safe_open(path, "np") as file:
        names = list(file.keys())
        shapes = [(n, s.get_shape(), s.get_dtype()) for n in names for s in (file.get_slice(n),)]
        assert shapes
        if read:
            for name in names:
                touch(file.get_tensor(name))


def open_gguf(path: Path, *, read: bool = False) -> None:
    from gguf import GGUFReader

    reader = GGUFReader(path)
    shapes = [(t.name, tuple(t.shape), t.tensor_type.name) for t in reader.tensors]
    assert shapes
    if read:
        for tensor in reader.tensors:
            touch(tensor.data)


def import_pxi(source: Path, out: Path) -> None:
    from pixel_llm.formats.checkpoint import open_checkpoint
    from pixel_llm.formats.importer import import_checkpoint

    checkpoint = open_checkpoint(source)
    try:
        names = {name: name for name in checkpoint.tensors}
        import_checkpoint(checkpoint, out, spec={}, names=names, tokenizer={}, resources={}, overwrite=True)
    finally:
        checkpoint.close()


def rewrite_gguf(source: Path, out: Path) -> None:
    from gguf import GGUFReader, GGUFWriter

    writer = GGUFWriter(out, "llama")
    for tensor in GGUFReader(source).tensors:
        writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    sync(out)


def rewrite_safetensors(source: Path, out: Path) -> None:
    from safetensors.numpy import load_file, save_file

    save_file(load_file(source), out)
    sync(out)


def sync(path: Path) -> None:
    fd = os.open(path, os.O_RDWR)
    os.fsync(fd)
    os.close(fd)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.rounds < 5:
        parser.error("medians need at least 5 rounds")
    from gguf import GGUFReader
    from gguf.quants import dequantize
    from safetensors.numpy import save_file

    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        work = Path(folder)
        floats = {t.name: dequantize(t.data, t.tensor_type).astype(np.float16) for t in GGUFReader(args.model).tensors}
        tensors = work / "model.safetensors"
        save_file(floats, tensors)
        del floats
        codes, halves = work / "codes.pxi", work / "halves.pxi"
        import_pxi(args.model, codes)
        import_pxi(tensors, halves)
        out = work / "out"
        groups: dict[str, dict[str, Callable[[], None]]] = {
            "open (f16)": {"pxi": lambda: open_pxi(halves), "safetensors": lambda: open_safetensors(tensors)},
            "open (gguf types)": {"pxi": lambda: open_pxi(codes), "gguf-py": lambda: open_gguf(args.model)},
            "read (f16)": {
                "pxi": lambda: open_pxi(halves, read=True),
                "pxi, no check": lambda: open_pxi(halves, verify=False, read=True),
                "safetensors": lambda: open_safetensors(tensors, read=True),
            },
            "read (gguf types)": {
                "pxi": lambda: open_pxi(codes, read=True),
                "pxi, no check": lambda: open_pxi(codes, verify=False, read=True),
                "gguf-py": lambda: open_gguf(args.model, read=True),
            },
            "import (f16)": {
                "pxi": lambda: import_pxi(tensors, out),
                "safetensors": lambda: rewrite_safetensors(tensors, out),
            },
            "import (gguf types)": {
                "pxi": lambda: import_pxi(args.model, out),
                "gguf-py": lambda: rewrite_gguf(args.model, out),
            },
        }
        times: dict[str, dict[str, list[float]]] = {g: {p: [] for p in programs} for g, programs in groups.items()}
        for turn in range(args.rounds + 1):
            for group, programs in groups.items():
                for program, run in programs.items():
                    out.unlink(missing_ok=True)
                    start = time.perf_counter()
                    run()
                    if turn:  # the first turn warms caches and imports modules
                        times[group][program].append(time.perf_counter() - start)
        sizes = {p.name: p.stat().st_size for p in (args.model, codes, tensors, halves)}
    result: dict[str, object] = {
        "benchmark": "formats_vs_peers",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "rounds": args.rounds,
        "bytes": sizes,
        "median_seconds": {g: {p: statistics.median(t) for p, t in ps.items()} for g, ps in times.items()},
    }
    print(f"{'':22}{'program':16}{'median ms':>10}{'min ms':>10}{'/ pxi':>8}")
    for group, programs in times.items():
        base = statistics.median(programs["pxi"])
        for program, seconds in programs.items():
            middle = statistics.median(seconds)
            print(f"{group:22}{program:16}{middle * 1e3:10.1f}{min(seconds) * 1e3:10.1f}{middle / base:8.2f}")
    ratio = sizes["codes.pxi"] / sizes[args.model.name]
    print(
        f"size: {sizes['codes.pxi']:,} bytes, {ratio:.4f} x the GGUF; f16: {sizes['halves.pxi']:,} bytes, "
        f"{sizes['halves.pxi'] / sizes['model.safetensors']:.4f} x the safetensors"
    )
    print(json.dumps(result))
    if args.json:
        args.json.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    sys.exit(main())
