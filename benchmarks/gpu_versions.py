"""A token on the GPU, of this checkout beside another one's, in turn; a table and a line of JSON.

    python benchmarks/gpu_versions.py --other CHECKOUT (--model M.pxi | --folder WORK) [--forms texture,buffer]
        [--rounds 9] [--tokens 6] [--prompt 16] [--adapter NAME|INDEX] [--keep]

The peer is another version of Pixel-LLM: a folder with its sources, such as `git worktree add CHECKOUT COMMIT` makes.
Each version and form runs in a process of its own, which waits while another one decodes; medians of the rounds are
given, and median and quartiles of the ratios round by round. Without a model one of Gemma 3 1B's shapes is written to
the folder (4-bit codes from random bytes, see `qwen_shapes.py`), which has norms behind products.
Shapes: https://huggingface.co/google/gemma-3-1b-pt/blob/main/config.json
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Choice, Chunk
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec, Rotary

GLOBAL = Rotary(kind="half", base=1_000_000.0, dims=256)
GEMMA = DecoderSpec(
    architecture="gemma3",
    vocab_size=262_144,
    hidden_size=1_152,
    intermediate_size=6_912,
    layers=26,
    heads=4,
    kv_heads=1,
    head_dim=256,
    context_length=32_768,
    norm_eps=1e-6,
    rotary=GLOBAL,
    local_rotary=Rotary(kind="half", base=10_000.0, dims=256),
    attention_scale=256**-0.5,
    post_norms=True,
    qk_norm=True,
    activation="gelu_tanh",
    embedding_scale=1_152**0.5,
    tied_output=True,
    sliding_window=512,
    sliding_layers=tuple((layer + 1) % 6 != 0 for layer in range(26)),
)


def worker(args: argparse.Namespace) -> None:
    """Loads, then decodes at each line of standard input and answers with the milliseconds of a token."""
    with ModelFile.open(args.model) as model:
        options: dict[str, Any] = {"backend": "gpu", "adapter": args.adapter, "form": args.form}
        decoder: Any = load_decoder(model, context_length=args.prompt + args.tokens + 1, **options)
        ids = np.random.default_rng(0).integers(0, decoder.spec.vocab_size, args.prompt)
        decoder.forward([Chunk(0, ids, "none")])
        print(json.dumps({"adapter": decoder.info.label}), flush=True)
        for _ in sys.stdin:
            decoder.truncate(0, args.prompt)
            before, start = decoder.counters.copy(), time.perf_counter()
            chosen = list(decoder.decode_ahead(0, 1, Choice(), args.tokens))
            seconds = time.perf_counter() - start
            dispatches = decoder.counters.since(before).dispatches / args.tokens
            found = {"ms": 1000 * seconds / args.tokens, "dispatches": dispatches, "chosen": chosen}
            print(json.dumps(found), flush=True)
        decoder.close()


def start(args: argparse.Namespace, checkout: Path, form: str) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--worker", "--model", str(args.model), "--form", form]
    command += ["--tokens", str(args.tokens), "--prompt", str(args.prompt)]
    if args.adapter is not None:
        command += ["--adapter", args.adapter]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)


def answer(process: subprocess.Popen[str], ask: bool = True) -> dict[str, Any]:
    assert process.stdin is not None and process.stdout is not None
    if ask:
        process.stdin.write("\n")
        process.stdin.flush()
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def compare(args: argparse.Namespace, form: str) -> dict[str, Any]:
    here = Path(__file__).resolve().parent.parent
    processes = {"other": start(args, args.other.resolve(), form), "this": start(args, here, form)}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in processes}
    try:
        adapters = [answer(process, ask=False) for process in processes.values()]
        for process in processes.values():
            answer(process)  # warms up
        for number in range(args.rounds):
            for name in list(processes)[:: 1 if number % 2 else -1]:
                found[name].append(answer(processes[name]))
    finally:
        for process in processes.values():
            if process.stdin is not None:
                process.stdin.close()
            process.wait()
    times = {name: [each["ms"] for each in rounds] for name, rounds in found.items()}
    ratios = [ours / theirs for ours, theirs in zip(times["this"], times["other"], strict=True)]
    return {
        "adapter": adapters[0]["adapter"],
        "dispatches": {name: rounds[0]["dispatches"] for name, rounds in found.items()},
        "ms": {name: round(statistics.median(values), 2) for name, values in times.items()},
        "ratio": round(statistics.median(ratios), 4),
        "quartiles": [round(value, 4) for value in statistics.quantiles(ratios)],
        "same_tokens": found["this"][0]["chosen"] == found["other"][0]["chosen"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--other", type=Path, help="the other version's sources")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--folder", type=Path, help="where a synthetic model goes")
    parser.add_argument("--keep", action="store_true", help="leave it there, and use one that is there")
    parser.add_argument("--forms", default="texture,buffer")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--tokens", type=int, default=6, help="a round")
    parser.add_argument("--prompt", type=int, default=16, help="positions before them")
    parser.add_argument("--adapter")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--form", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        worker(args)
        return
    if args.other is None or (args.model is None) == (args.folder is None):
        parser.error("--other and one of --model and --folder are needed")
    written = None
    if args.model is None:
        from qwen_shapes import write

        from pixel_llm.formats.encodings import Q4_AFFINE

        args.model = args.folder / "gemma3-1b.pxi"
        if not args.model.exists():
            args.folder.mkdir(parents=True, exist_ok=True)
            write(args.model, GEMMA, Q4_AFFINE, None)
            written = args.model
    report: dict[str, Any] = {"benchmark": "gpu_versions", "model": args.model.name, "prompt": args.prompt}
    for form in args.forms.split(","):
        report[form] = compare(args, form)
        ms, dispatches = report[form]["ms"], report[form]["dispatches"]
        print(f"{form}: {ms['other']} -> {ms['this']} ms a token, ratio {report[form]['ratio']}", end="; ")
        print(f"{dispatches['other']:g} -> {dispatches['this']:g} dispatches", flush=True)
    if written is not None and not args.keep:
        written.unlink()
    print(json.dumps(report))


if __name__ == "__main__":
    main()
