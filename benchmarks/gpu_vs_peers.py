"""The GPU backend beside tinygrad (WebGPU through Dawn) on the same adapter and weights: a table and one line of JSON.

    python benchmarks/gpu_vs_peers.py MODEL.pxi MODEL.gguf --peer-python T/bin/python [--rounds 5] [--cpu]

T is an environment of its own: `python3 -m venv T && T/bin/pip install 'tinygrad<0.13' dawn-python`. Each program stays
loaded in a process of its own; they are asked in turn, round by round, so that a busy moment of the machine meets all.
Medians and ratios are given. Every program decodes greedily, on the device, what follows the same few tokens. Ours are
asked for a prompt of `--prefill` tokens as well. `--cpu` adds the CPU backend, for comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROMPT = [504, 3575, 282, 4649, 314]  # "The capital of France is"
LIBRARIES = {"linux": "libwebgpu_dawn_x86_64.so", "darwin": "libwebgpu_dawn_arm64.dylib", "win32": "libwebgpu_dawn.dll"}


class Tinygrad:
    """One generator runs on through all rounds: starting it anew would compile anew."""

    def __init__(self, path: str, context: int) -> None:
        from tinygrad import Tensor  # type: ignore[import-not-found]
        from tinygrad.apps.llm import Transformer  # type: ignore[import-not-found]

        model, _ = Transformer.from_gguf(Tensor(Path(path)), context)
        self.tokens: Iterator[int] = model.generate(list(PROMPT))
        for _ in range(8):  # the first calls compile and capture
            next(self.tokens)

    def decode(self, count: int) -> float:
        start = time.perf_counter()
        for _ in range(count):
            next(self.tokens)
        return count / (time.perf_counter() - start)


class PixelLLM:
    """A backend; "texture" and "buffer" are forms of the gpu backend."""

    def __init__(self, path: str, kind: str, context: int, adapter: str | None) -> None:
        import numpy as np

        from pixel_llm.backends import load_decoder
        from pixel_llm.formats.model_file import ModelFile

        options: dict[str, Any] = {"backend": "cpu"}
        if kind != "cpu":
            options = {"backend": "gpu", "form": kind, "adapter": adapter}
        self.file = ModelFile.open(path)
        self.decoder = load_decoder(self.file, context_length=context, **options)
        self.np = np
        self.decode(8)

    def decode(self, count: int) -> float:
        from pixel_llm.generate import SamplingParams, generate_ids

        params = SamplingParams(max_tokens=count + 1, speculate=False)
        tokens = generate_ids(self.decoder, PROMPT, params, eos=frozenset())
        next(tokens)  # with the prompt
        start = time.perf_counter()
        made = sum(1 for _ in tokens)
        return made / (time.perf_counter() - start)

    def prefill(self, count: int) -> float:
        from pixel_llm.backends.base import Chunk

        ids = self.np.arange(1, count + 1, dtype=self.np.int64) * 7919 % self.decoder.spec.vocab_size
        self.decoder.truncate(0, 0)
        start = time.perf_counter()
        self.decoder.forward([Chunk(0, ids)])
        return count / (time.perf_counter() - start)


def worker(args: argparse.Namespace) -> None:
    if args.worker == "tinygrad":
        program: Any = Tinygrad(args.gguf, args.context)
    else:
        program = PixelLLM(args.model, args.worker, args.context, args.adapter)
    print("ready", flush=True)
    for line in sys.stdin:
        task, count = json.loads(line)
        print(json.dumps(getattr(program, task)(count)), flush=True)


class Process:
    def __init__(self, python: str, kind: str, args: argparse.Namespace, environment: dict[str, str]) -> None:
        command = [python, __file__, args.model, args.gguf, "--worker", kind, "--context", str(args.context)]
        if args.adapter is not None:
            command += ["--adapter", args.adapter]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )
        self._line()

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a program ended early: {self.process.args}")
        return line

    def ask(self, task: str, count: int) -> float:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([task, count]) + "\n")
        self.process.stdin.flush()
        return float(json.loads(self._line()))

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def dawn(python: str, folder: str) -> dict[str, str]:
    """The environment in which tinygrad finds the Dawn library that `dawn-python` carries under another name."""
    code = "import pydawn; print(list(pydawn.__path__)[0])"
    package = subprocess.run([python, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    library = Path(folder) / "libwebgpu_dawn.so"
    library.symlink_to(Path(package) / "lib" / LIBRARIES[sys.platform])
    found = {"DEV": "WEBGPU", "WEBGPU": "1", "LD_LIBRARY_PATH": folder, "WEBGPU_PATH": str(library)}
    return found | {"NODEVICE_SELECT": "1"}  # a layer of Mesa's that complains where there is no desktop


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="the .pxi file")
    parser.add_argument("gguf", help="the same weights for the peer")
    parser.add_argument("--peer-python", help="a Python that has tinygrad; without it only ours are measured")
    parser.add_argument("--adapter", help="ours: a part of the adapter's name, or its index")
    parser.add_argument("--forms", default="texture,buffer")
    parser.add_argument("--cpu", action="store_true", help="measure the CPU backend too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=32, help="tokens ours decode in a round")
    parser.add_argument("--peer-steps", type=int, default=8, help="tokens the peer decodes in a round")
    parser.add_argument("--prefill", type=int, default=256)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--context", type=int, default=512, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        worker(args)
        return
    ours = [form for form in args.forms.split(",") if form] + (["cpu"] if args.cpu else [])
    seen: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        programs = {kind: Process(sys.executable, kind, args, {}) for kind in ours}
        if args.peer_python:
            environment = dawn(args.peer_python, folder)
            programs["tinygrad"] = Process(args.peer_python, "tinygrad", args, environment)
        for number in range(args.rounds):
            for kind in list(programs)[:: 1 if number % 2 else -1]:
                steps = args.peer_steps if kind == "tinygrad" else args.steps
                seen.setdefault(f"decode, {kind}", []).append(programs[kind].ask("decode", steps))
                if kind != "tinygrad" and args.prefill:
                    speed = programs[kind].ask("prefill", args.prefill)
                    seen.setdefault(f"prefill of {args.prefill}, {kind}", []).append(speed)
        for program in programs.values():
            program.end()
    medians = {name: round(statistics.median(values), 2) for name, values in seen.items()}
    peer = medians.get("decode, tinygrad")
    for name, value in medians.items():
        kind = name.rpartition(", ")[2]
        notes = [f"{value / medians[f'decode, {kind}']:.1f} × its decode"] if name.startswith("prefill") else []
        if peer and name.startswith("decode") and kind != "tinygrad":
            notes.append(f"{value / peer:.2f} × tinygrad")
        print(f"{name:26} {value:8.2f} tokens/s  {', '.join(notes)}")
    print(json.dumps({"benchmark": "gpu_vs_peers", "rounds": args.rounds, "tokens_per_s": medians}))


if __name__ == "__main__":
    main()
