"""Renews tiny_goldens.npz: what transformers, in float32, computes on the tiny random models of `pixel_llm.testing`.

Two steps, since the second needs torch and transformers (made with torch 2.13.0 and transformers 5.23.0), which the
project itself does not:

    python pixel_llm/tests/data/renew_tiny_goldens.py write FOLDER     # in the project's environment
    python pixel_llm/tests/data/renew_tiny_goldens.py run FOLDER       # in one with torch and transformers

Only logits are kept; the weights come from a seed. Of every model: `ids` (24,), the positions in `POSITIONS`, and
`NAME`: float32 (positions, vocabulary).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

SEED = 7
POSITIONS = (0, 1, 2, 5, 6, 7, 11, 16, 22, 23)
OUT = Path(__file__).parent / "tiny_goldens.npz"


def token_ids() -> np.ndarray:
    """24 ids below 256, with repetitions, so that attention has something to find."""
    return np.array([(i * i * 37 + i * 11) % 251 if i % 5 else 42 for i in range(24)], np.int64)


def write(folder: Path) -> None:
    from pixel_llm.testing.hf_folder import write_hf_folder
    from pixel_llm.testing.tiny import CONFIGS

    for name in CONFIGS:
        write_hf_folder(folder / name, name, seed=SEED)


def run(folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(1)
    ids = token_ids()
    out = {"ids": ids, "positions": np.array(POSITIONS)}
    for path in sorted(p for p in folder.iterdir() if p.is_dir()):
        # Eager attention, since the fused kernels leave out what they cannot express.
        model, info = AutoModelForCausalLM.from_pretrained(
            path, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
        )
        if info["missing_keys"] or info["unexpected_keys"] or info["mismatched_keys"]:
            raise SystemExit(f"{path.name}: {info}")
        model.eval()
        with torch.no_grad():
            logits = model(torch.from_numpy(ids)[None], use_cache=False).logits[0].numpy()
        out[path.name] = logits[list(POSITIONS)].astype(np.float32)
        print(f"{path.name}: logits {logits.shape}, deviation {logits.std():.3f}, largest {abs(logits).max():.2f}")
    np.savez_compressed(OUT, **out)
    print(f"{OUT.name}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("write", "run"):
        raise SystemExit(__doc__)
    (write if sys.argv[1] == "write" else run)(Path(sys.argv[2]))
