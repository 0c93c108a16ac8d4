"""Claim: the first answer of a fresh install comes within 20 s, that of a warm one within 1 s of opening the model.

    python benchmarks/first_answers.py MODEL.pxi [MODEL.gguf --peer-python VENV/bin/python] [--rounds 5] [--path avx2]

Each answer is given by a process of its own, in turn: one whose cache folder is empty, so that it compiles its kernels,
and one that finds them there. Timed are the whole, from the start of the process to the first token of an answer to a
prompt of 32 tokens, and the part of it behind the import, from opening the file. The model's bytes are in memory, as
they are after a download. The peer is llama.cpp on the same weights: VENV has `llama-cpp-python`.
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
from pathlib import Path

_OWN = """
import sys, time
import numpy as np
import pixel_llm
from pixel_llm.generate import SamplingParams
began = time.perf_counter()
with pixel_llm.open(sys.argv[1]) as model:
    decoder = model.decoder(backend="cpu", context_length=64)
    prompt = "The sea was calm that morning, and the boats lay still. " * 2
    for event in model.stream(prompt, SamplingParams(temperature=0.0, max_tokens=1), decoder=decoder):
        if event.token is not None:
            print(time.perf_counter() - began, time.time(), flush=True)
            break
    decoder.close()
"""
_PEER = """
import sys, time
from llama_cpp import Llama
began = time.perf_counter()
model = Llama(sys.argv[1], n_ctx=64, n_threads=2, n_threads_batch=2, verbose=False)
prompt = "The sea was calm that morning, and the boats lay still. " * 2
for part in model(prompt, max_tokens=1, temperature=0.0, stream=True):
    print(time.perf_counter() - began, time.time(), flush=True)
    break
"""


def answer(python: str, program: str, model: str, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds to the first token, from the process's start and from opening the model."""
    began = time.time()
    command = [python, "-c", program, model]
    run = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    opened, at = (float(word) for word in run.stdout.split()[:2])
    return at - began, opened


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", help="the .pxi file")
    p.add_argument("gguf", nargs="?", help="the same weights for llama.cpp")
    p.add_argument("--peer-python", help="a Python that has llama_cpp")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--path", help="the CPU path; the host's best where nothing is said")
    a = p.parse_args()
    forced = {"PIXEL_LLM_CPU_PATH": a.path} if a.path else {}
    times: dict[str, list[tuple[float, float]]] = {"fresh": [], "warm": []}
    with tempfile.TemporaryDirectory() as folder:
        warm = forced | {"PIXEL_LLM_CACHE": str(Path(folder, "warm"))}
        answer(sys.executable, _OWN, a.model, warm)
        for n in range(a.rounds):
            fresh = forced | {"PIXEL_LLM_CACHE": str(Path(folder, str(n)))}
            times["fresh"].append(answer(sys.executable, _OWN, a.model, fresh))
            times["warm"].append(answer(sys.executable, _OWN, a.model, warm))
            if a.peer_python and a.gguf:
                times.setdefault("llama.cpp", []).append(answer(a.peer_python, _PEER, a.gguf, {}))
    report = {}
    for name, runs in times.items():
        whole, opened = (statistics.median(part) for part in zip(*runs, strict=True))
        report[name] = {"from_start_s": round(whole, 3), "from_opening_s": round(opened, 3)}
        worst = max(part[0] for part in runs)
        print(f"{name:10s} {whole:6.2f} s from the start (at most {worst:.2f}), {opened:6.2f} s from opening",
              file=sys.stderr)  # fmt: skip
    print(json.dumps({"benchmark": "first_answers", "rounds": a.rounds, "path": a.path, "found": report}))


if __name__ == "__main__":
    main()
