"""Renews smollm2_goldens.npz: what transformers says, in float32, on the dequantised SmolLM2-135M-Instruct GGUF.

Needs torch, transformers and gguf (made with torch 2.13.0, transformers 5.23.0, gguf 0.19.0), which the project itself
does not, and the GGUF file that `pixel-llm pull smollm2-135m` fetches:

    python pixel_llm/tests/data/renew_smollm2_goldens.py PATH/TO/SmolLM2-135M-Instruct.Q4_1.gguf

Of `mixed_text.txt`: `ids` int32 (n,), `logprobs` float64 (n - 1,) of each following token, `argmax` int32 (n,).
Of each of `PROMPTS`, continued greedily, past end tokens too: `prompt_ids_I` int32, `greedy_ids_I` int32 (64,), and
`greedy_gaps_I` float32 (64,), by how much the best logit led the second best at each step: where that is tiny, another
order of summation may decide.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
OUT = HERE / "smollm2_goldens.npz"
STEPS = 64
PROMPTS = (
    "The capital of France is",
    "Once upon a time, in a small village by the sea,",
    "def fibonacci(n):\n",
    "1, 2, 3, 5, 8, 13,",
    "Water is made of",
    "Dear Sir or Madam,\n\n",
    "The three laws of motion are:\n1.",
    "<html>\n  <head>\n",
    "Q: Why is the sky blue?\nA:",
    "La vie est",
)


def main(path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(2)
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    text = (HERE / "mixed_text.txt").read_text(encoding="utf-8")
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        logprobs = torch.log_softmax(model(ids).logits[0].double(), dim=-1)
    following = logprobs[:-1].gather(1, ids[0, 1:, None])[:, 0]
    out = {
        "ids": ids[0].numpy().astype(np.int32),
        "logprobs": following.numpy(),
        "argmax": logprobs.argmax(dim=-1).numpy().astype(np.int32),
    }
    for i, prompt in enumerate(PROMPTS):
        start = tokenizer(prompt, return_tensors="pt")["input_ids"]
        step, cache, found, gaps = start, None, [], []
        with torch.no_grad():
            for _ in range(STEPS):
                result = model(step, past_key_values=cache, use_cache=True)
                cache = result.past_key_values
                best = result.logits[0, -1].double().topk(2)
                found.append(int(best.indices[0]))
                gaps.append(float(best.values[0] - best.values[1]))
                step = best.indices[None, :1]
        out[f"prompt_ids_{i}"] = start[0].numpy().astype(np.int32)
        out[f"greedy_ids_{i}"] = np.array(found, np.int32)
        out[f"greedy_gaps_{i}"] = np.array(gaps, np.float32)
        print(f"{prompt!r} -> {tokenizer.decode(found)!r}, smallest gap {min(gaps):.4f}")
    np.savez_compressed(OUT, **out)
    print(f"{ids.shape[1]} tokens, mean logprob {following.mean():.4f}; {OUT.name}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
