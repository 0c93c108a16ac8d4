"""What transcoding costs: K-quants and 5-bit files in a .pxi against transformers in float32 on the same GGUF.

Claim: mean absolute difference of log-probabilities at most 0.02, the same most likely token in 98 of 100 places.

llama.cpp makes the K-quant files from one GGUF, transformers says the truth, each in an environment of its own:
  python3 -m venv L && L/bin/pip install llama-cpp-python==0.3.36
  python3 -m venv T && T/bin/pip install torch transformers gguf accelerate
usage: transcoded_accuracy.py MODEL.gguf TEXT --llama-python L/bin/python --truth-python T/bin/python [--work DIR]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

KINDS = {"Q4_K_S": 14, "Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18, "Q5_0": 8, "Q5_1": 9, "Q8_0": 7, "Q4_0": 2}


def quantise(source: str, target: str, kind: str) -> None:
    """In the llama.cpp environment."""
    import llama_cpp

    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = KINDS[kind]
    params.allow_requantize = True
    params.nthread = 2
    if llama_cpp.llama_model_quantize(source.encode(), target.encode(), params):
        raise SystemExit(f"llama.cpp could not make {kind}")


def truth(model: str, ids_file: str, out: str) -> None:
    """In the transformers environment: log-probabilities of the following tokens, and the most likely ones."""
    import numpy as np
    import torch
    from transformers import AutoModelForCausalLM

    path = Path(model)
    net = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    ids = torch.tensor([json.loads(Path(ids_file).read_text())])
    with torch.no_grad():
        logits = net(ids).logits[0].double()
    logprob = torch.log_softmax(logits, -1)
    following = logprob[:-1].gather(1, ids[0, 1:, None])[:, 0].numpy()
    np.savez(out, logprobs=following, argmax=logits.argmax(-1).numpy())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("text")
    parser.add_argument("--llama-python", required=True)
    parser.add_argument("--truth-python", required=True)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--kinds", default=",".join(KINDS))
    args = parser.parse_args()

    import numpy as np

    import pixel_llm

    work = args.work or Path(tempfile.mkdtemp(prefix="transcoded-"))
    text = Path(args.text).read_text(encoding="utf-8")
    rows = []
    for kind in args.kinds.split(","):
        gguf = work / f"{kind}.gguf"
        if not gguf.exists():
            child = [args.llama_python, __file__, "--child", "quantise", args.model, str(gguf), kind]
            subprocess.run(child, check=True)
        pxi = work / f"{kind}.pxi"
        pixel_llm.import_model(gguf, pxi, overwrite=True)
        with pixel_llm.open(pxi) as model:
            scored = model.score(text, decoder=model.decoder(backend="reference"))
            ids, scores = list(scored.ids), scored.scores
            (work / "ids.json").write_text(json.dumps(ids))
            encodings = {}
            for tensor in model.file.tensors.values():
                key = f"{tensor.source_dtype}->{tensor.encoding.name}"
                encodings[key] = max(encodings.get(key, 0.0), tensor.max_error)
        out = work / f"{kind}.npz"
        subprocess.run(
            [args.truth_python, __file__, "--child", "truth", str(gguf), str(work / "ids.json"), str(out)], check=True
        )
        said = np.load(out)
        row = {
            "kind": kind,
            "tokens": len(ids),
            "mean_abs_logprob": float(np.abs(scores.logprobs - said["logprobs"]).mean()),
            "same_argmax": float((scores.argmax == said["argmax"]).mean()),
            "size_ratio": pxi.stat().st_size / gguf.stat().st_size,
            "max_error": encodings,
        }
        rows.append(row)
        print(json.dumps(row), flush=True)
    worst = max(rows, key=lambda r: r["mean_abs_logprob"])
    ok = worst["mean_abs_logprob"] <= 0.02 and min(r["same_argmax"] for r in rows) >= 0.98
    print(f"worst: {worst['kind']} {worst['mean_abs_logprob']:.5f}; {'holds' if ok else 'FAILS'}")
    sys.exit(not ok)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        {"quantise": quantise, "truth": truth}[sys.argv[2]](*sys.argv[3:])
    else:
        main()
