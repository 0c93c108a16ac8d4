"""The CPU backend beside llama.cpp on the same weights, as one line of JSON and a table.

    python benchmarks/cpu_vs_llama_cpp.py MODEL.pxi MODEL.gguf --peer-python VENV/bin/python [--rounds 5] [--threads 2]

VENV is an environment of its own with `llama-cpp-python`. Each program stays loaded in a process and they are asked
in turn, task by task and round by round, so that a busy moment of the machine meets both; medians and their ratio are
given. Both are fed given token ids and only evaluate (no sampling, no text). Tasks: one-token decode behind a context
of so many tokens, prefill of so many tokens; for the CPU backend also a batch of sequences that decode together. Of
several contexts each one's cost, time a token, is given relative to the first one's. With `--kv-bits 16,8` the CPU
backend runs in two processes, one for each form of its KV cache. Peak resident memory is each process's at its end.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol

VOCABULARY = 20_000  # ids below this are ordinary tokens in the models compared


class Program(Protocol):
    def evaluate(self, ids: list[int], keep: int) -> None:
        """Forget all positions from `keep` on, then evaluate ids; the last one's logits are at hand afterwards."""


class LlamaCpp:
    def __init__(self, path: str, threads: int, context: int) -> None:
        from llama_cpp import Llama  # type: ignore[import-not-found]

        self.model = Llama(path, n_ctx=context, n_threads=threads, n_threads_batch=threads, verbose=False)

    def evaluate(self, ids: list[int], keep: int) -> None:
        self.model.n_tokens = keep  # `eval` drops what lies behind it from the cache
        self.model.eval(ids)


class PixelLLM:
    def __init__(self, path: str, threads: int, context: int, batch: int, kv_bits: int) -> None:
        from pixel_llm.backends import load_decoder
        from pixel_llm.formats.model_file import ModelFile

        self.file = ModelFile.open(path)
        self.decoder = load_decoder(
            self.file, backend="cpu", context_length=context, slots=max(batch, 1), threads=threads, kv_bits=kv_bits
        )

    def evaluate(self, ids: list[int], keep: int) -> None:
        import numpy as np

        from pixel_llm.backends.base import Chunk

        self.decoder.truncate(0, keep)
        self.decoder.forward([Chunk(0, np.array(ids, np.int64))])

    def batch(self, sequences: int, context: int, steps: int) -> float:
        import numpy as np

        from pixel_llm.backends.base import Chunk

        for slot in range(sequences):
            self.decoder.truncate(slot, 0)
            self.decoder.forward([Chunk(slot, np.array(given_ids(context, slot)), "none")])
        start = time.perf_counter()
        for step in range(steps):
            self.decoder.forward([Chunk(slot, np.array([100 + step + slot])) for slot in range(sequences)])
        return sequences * steps / (time.perf_counter() - start)


def given_ids(n: int, seed: int = 0) -> list[int]:
    return [random.Random(seed * 1_000_003 + i).randrange(100, VOCABULARY) for i in range(n)]


def measure(program: Any, task: dict[str, int | str]) -> float:
    """Tokens a second."""
    n, steps = int(task["tokens"]), int(task.get("steps", 1))
    if task["kind"] == "prefill":
        ids = given_ids(n)
        start = time.perf_counter()
        program.evaluate(ids, 0)
        return n / (time.perf_counter() - start)
    if task["kind"] == "batch":
        return float(program.batch(int(task["sequences"]), n, steps))
    program.evaluate(given_ids(n), 0)
    ids = given_ids(steps, 1)
    start = time.perf_counter()
    for i, token in enumerate(ids):
        program.evaluate([token], n + i)
    return steps / (time.perf_counter() - start)


def peak_resident() -> int:
    """Bytes. Linux's getrusage would also count what the parent held when this process began."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(next(li for li in status.read_text().splitlines() if li.startswith("VmHWM")).split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def worker(arguments: argparse.Namespace) -> None:
    start = time.perf_counter()
    if arguments.worker == "peer":
        program: Any = LlamaCpp(arguments.model, arguments.threads, arguments.context)
    else:
        program = PixelLLM(
            arguments.model, arguments.threads, arguments.context, arguments.batch, int(arguments.kv_bits)
        )
    program.evaluate([100], 0)
    print(json.dumps(time.perf_counter() - start), flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(program, json.loads(line))), flush=True)
    print(json.dumps(peak_resident()), flush=True)


class Process:
    def __init__(
        self, python: str, kind: str, model: str, a: argparse.Namespace, context: int, bits: str = "16"
    ) -> None:
        command = [python, __file__, model, "-", "--worker", kind, "--threads", str(a.threads)]
        command += ["--context", str(context), "--batch", str(a.batch), "--kv-bits", bits]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first_answer_s = self._read()

    def _read(self) -> float:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a program ended early: {self.process.args}")
        return float(json.loads(line))

    def ask(self, task: dict[str, int | str]) -> float:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        return self._read()

    def end(self) -> float:
        assert self.process.stdin is not None
        self.process.stdin.close()
        peak = self._read()
        self.process.wait()
        return peak


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", help="the .pxi file")
    p.add_argument("gguf", help="the same weights for llama.cpp")
    p.add_argument("--peer-python", help="a Python that has llama_cpp; without it only the CPU backend is measured")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--contexts", default="32,512", help="tokens before the decoded ones")
    p.add_argument("--prefill", default="256,1024", help="tokens of a prompt")
    p.add_argument("--steps", type=int, default=64, help="tokens decoded in a measurement")
    p.add_argument("--batch", type=int, default=8, help="sequences that decode together; 0: none")
    p.add_argument("--kv-bits", default="16", help="the CPU backend's KV cache: 16, 8, or 16,8 for both in turn")
    p.add_argument("--worker", choices=("ours", "peer"), help=argparse.SUPPRESS)
    p.add_argument("--context", type=int, help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.worker:
        worker(a)
        return
    contexts, prefills = ([int(n) for n in text.split(",") if n] for text in (a.contexts, a.prefill))
    tasks: dict[str, dict[str, int | str]] = {}
    for n in contexts:
        tasks[f"decode at {n}"] = {"kind": "decode", "tokens": n, "steps": a.steps}
    for n in prefills:
        tasks[f"prefill of {n}"] = {"kind": "prefill", "tokens": n}
    context = max([c + a.steps for c in contexts] + prefills) + 8
    first_bits, *other_bits = a.kv_bits.split(",")
    programs = {"ours": Process(sys.executable, "ours", a.model, a, context, first_bits)}
    for bits in other_bits:
        programs[f"ours, {bits}-bit cache"] = Process(sys.executable, "ours", a.model, a, context, bits)
    if a.peer_python:
        programs["peer"] = Process(a.peer_python, "peer", a.gguf, a, context)
    seen: dict[str, dict[str, list[float]]] = {task: {name: [] for name in programs} for task in tasks}
    batches: list[float] = []
    for number in range(a.rounds):
        order = list(programs)[:: 1 if number % 2 else -1]
        for label, task in tasks.items():
            for name in order:
                seen[label][name].append(programs[name].ask(task))
        if a.batch > 1:
            steps = max(a.steps // 4, 1)
            task = {"kind": "batch", "tokens": contexts[0], "sequences": a.batch, "steps": steps}
            batches.append(programs["ours"].ask(task))
    result: dict[str, Any] = {
        "threads": a.threads,
        "rounds": a.rounds,
        "context": context,
        "kv_bits": a.kv_bits,
        "tokens_per_s": {},
    }
    result["first_answer_s"] = {name: round(program.first_answer_s, 3) for name, program in programs.items()}
    result["peak_resident_bytes"] = {name: int(program.end()) for name, program in programs.items()}
    for label, by_name in seen.items():
        row = {name: round(statistics.median(values), 1) for name, values in by_name.items()}
        if "peer" in row:
            row["ratio"] = round(row["ours"] / row["peer"], 2)
        result["tokens_per_s"][label] = row
        print(f"{label:16s}", "  ".join(f"{k} {v}" for k, v in row.items()), file=sys.stderr)
    first, *later = (f"decode at {n}" for n in contexts) if contexts else ("",)
    for label in later:
        speeds = result["tokens_per_s"]
        cost = {name: round(speeds[first][name] / speeds[label][name], 2) for name in programs}
        result.setdefault("cost_of_a_token", {})[f"{label} of {first}"] = cost
        print(f"a token's cost, {label} of {first}:", "  ".join(f"{k} {v}" for k, v in cost.items()), file=sys.stderr)
    if batches:
        one = result["tokens_per_s"][f"decode at {contexts[0]}"]["ours"]
        row = {"ours": round(statistics.median(batches), 1)}
        row["of one sequence"] = round(row["ours"] / one, 2)
        result["tokens_per_s"][f"batch of {a.batch}"] = row
        print(f"{'batch of ' + str(a.batch):16s}", "  ".join(f"{k} {v}" for k, v in row.items()), file=sys.stderr)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
