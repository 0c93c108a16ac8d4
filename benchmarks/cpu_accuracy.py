"""The CPU backend and llama.cpp, how far each is from the reference on a text of 500 tokens.

    python benchmarks/cpu_accuracy.py MODEL.pxi MODEL.gguf [--peer-python VENV/bin/python] [--tokens 500]

The text is the README, prose and code. Compared are the log-probability of the token that follows, as a mean absolute
difference, and how often the most likely token is the reference's. The CPU backend decodes it token by token and takes
it as a prompt, with each form of the KV cache; llama.cpp takes it as a prompt. VENV has `llama-cpp-python`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_PEER = """
import sys, numpy as np
from llama_cpp import Llama
ids = np.load(sys.argv[2]).tolist()
model = Llama(sys.argv[1], n_ctx=len(ids) + 8, n_threads=2, n_threads_batch=2, logits_all=True, verbose=False)
model.eval(ids)
np.save(sys.argv[3], np.array(model.scores[: len(ids)], np.float32))
"""


def log_probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = logits.astype(np.float64)
    return wide - np.logaddexp.reduce(wide, axis=1, keepdims=True)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", help="the .pxi file")
    p.add_argument("gguf", help="the same weights for llama.cpp")
    p.add_argument("--peer-python", help="a Python that has llama_cpp")
    p.add_argument("--tokens", type=int, default=500)
    a = p.parse_args()

    import pixel_llm
    from pixel_llm.backends import load_decoder
    from pixel_llm.backends.base import Chunk
    from pixel_llm.formats.model_file import ModelFile

    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    with pixel_llm.open(a.model) as model:
        ids = np.array(model.tokenizer.encode(readme)[: a.tokens], np.int64)
    found: dict[str, NDArray[np.float32]] = {}
    with ModelFile.open(a.model) as file:
        reference = load_decoder(file, backend="reference", context_length=len(ids))
        parts = [reference.forward([Chunk(0, part, "all")])[0] for part in np.array_split(ids, 10)]
        expected = log_probabilities(np.concatenate(parts))
        for bits in (16, 8):
            decoder = load_decoder(file, backend="cpu", context_length=len(ids), kv_bits=bits)
            found[f"prompt, {bits}-bit cache"] = decoder.forward([Chunk(0, ids, "all")])[0]
            decoder.truncate(0, 0)
            steps = [decoder.forward([Chunk(0, ids[i : i + 1])])[0] for i in range(len(ids))]
            found[f"token by token, {bits}-bit cache"] = np.concatenate(steps)
            decoder.close()
    if a.peer_python:
        with tempfile.TemporaryDirectory() as folder:
            given, answer = Path(folder, "ids.npy"), Path(folder, "logits.npy")
            np.save(given, ids)
            subprocess.run([a.peer_python, "-c", _PEER, a.gguf, str(given), str(answer)], check=True)
            found["llama.cpp"] = np.load(answer)
    result = {}
    following = (np.arange(len(ids) - 1), ids[1:])
    for name, logits in found.items():
        own = log_probabilities(logits)
        distance = float(np.abs(own - expected)[following].mean())
        same = float((own.argmax(1) == expected.argmax(1)).mean())
        result[name] = {"distance": round(distance, 5), "same_token": round(same, 4)}
        print(f"{name:30s} {distance:.5f} of log-probability, same most likely token {same:.1%}", file=sys.stderr)
    print(json.dumps({"benchmark": "cpu_accuracy", "tokens": len(ids), "found": result}))


if __name__ == "__main__":
    main()
