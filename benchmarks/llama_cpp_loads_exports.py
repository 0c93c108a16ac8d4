"""Whether llama.cpp loads the GGUF files that Pixel-LLM exports, and computes what the reference backend computes.

For each tiny architecture of `pixel_llm.testing`: a random Hugging Face folder is imported, exported as GGUF and
scored by the reference backend and by llama.cpp. Run it in the project's environment; the peer needs llama-cpp-python
alone:

    python benchmarks/llama_cpp_loads_exports.py --peer /path/to/python-with-llama-cpp [--model M.gguf] [--keep FOLDER]

With `--model`, that GGUF file is imported and exported again too. Prints one line a model: the largest difference of
logits over 24 positions (llama.cpp keeps keys and values as float16), whether the token ids of a text agree, and
"ok". Ends with 1 when a file does not load or differs by more than the tolerance.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

LENGTH = 24
TOLERANCE = 0.02  # of the logits' standard deviation
TEXT = "Hello world, it's 12345 o'clock!\n  naïve <|user|>"


def peer(folder: Path) -> None:
    """In llama.cpp's environment: logits and token ids of every GGUF file in `folder`."""
    import llama_cpp

    for path in sorted(folder.glob("*.gguf")):
        ids = json.loads(path.with_suffix(".ids.json").read_text(encoding="utf-8"))
        try:
            model = llama_cpp.Llama(str(path), n_ctx=256, logits_all=True, verbose=False, n_threads=1)
        except (ValueError, RuntimeError) as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            continue
        model.eval(ids)
        np.save(path.with_suffix(".peer.npy"), np.array(model.scores[: len(ids)], np.float32))
        tokens = model.tokenize(TEXT.encode(), add_bos=True, special=False)
        path.with_suffix(".tokens.json").write_text(json.dumps(tokens), encoding="utf-8")


def prepare(folder: Path, model: Path | None) -> list[str]:
    """In the project's environment: exported files, token ids and the reference backend's logits."""
    from pixel_llm.api import export_model, import_model
    from pixel_llm.errors import UnsupportedError
    from pixel_llm.testing.hf_folder import write_hf_folder
    from pixel_llm.testing.tiny import CONFIGS

    names = []
    for name, config in CONFIGS.items():
        config = dict(config)
        if name.startswith("gemma3"):
            config["query_pre_attn_scalar"] = config["head_dim"]  # GGUF has no key for another
        # A window shorter than the text would be seen: llama.cpp has none for llama and qwen.
        config |= {"sliding_window": 64} if config.get("sliding_window") else {}
        write_hf_folder(folder / name, config)
        pxi = folder / f"{name}.pxi"
        import_model(folder / name, pxi, overwrite=True)
        try:
            export_model(pxi, folder / f"{name}.gguf", overwrite=True)
        except UnsupportedError as error:
            print(f"{name:24} refused: {error}")
            continue
        names.append(name)
    if model is not None:
        import_model(model, folder / "model.pxi", overwrite=True)
        export_model(folder / "model.pxi", folder / "model.gguf", overwrite=True)
        names.append("model")
    for name in names:
        reference(folder / f"{name}.pxi", folder / f"{name}.gguf")
    return names


def reference(pxi: Path, gguf: Path) -> None:
    """The reference backend's side of one model."""
    import pixel_llm
    from pixel_llm.backends.base import Chunk

    with pixel_llm.open(pxi) as model:
        ids = np.random.default_rng(0).integers(0, min(256, model.spec.vocab_size), LENGTH)
        decoder = model.decoder(backend="reference", context_length=LENGTH)
        logits = decoder.forward([Chunk(slot=0, ids=ids.astype(np.int64), logits="all")])
        np.save(gguf.with_suffix(".ours.npy"), np.asarray(logits[0], np.float32).reshape(LENGTH, -1))
        gguf.with_suffix(".ids.json").write_text(json.dumps(ids.tolist()), encoding="utf-8")
        gguf.with_suffix(".text.json").write_text(json.dumps(model.tokenizer.encode(TEXT)), encoding="utf-8")


def compare(folder: Path, names: list[str]) -> bool:
    good = True
    for name in names:
        path = folder / f"{name}.gguf"
        if not path.with_suffix(".peer.npy").is_file():
            print(f"{name:24} llama.cpp did not load it")
            good = False
            continue
        ours, theirs = np.load(path.with_suffix(".ours.npy")), np.load(path.with_suffix(".peer.npy"))
        share = float(np.abs(ours - theirs).max() / ours.std())
        same = path.with_suffix(".text.json").read_text() == path.with_suffix(".tokens.json").read_text()
        ok = same and (share <= TOLERANCE or name == "model")  # llama.cpp rounds activations of quantised models
        good &= ok
        print(
            f"{name:24} logits differ by {share:.5f} of their deviation, token ids {'equal' if same else 'DIFFER'}"
            f"  {'ok' if ok else 'FAILED'}"
        )
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="a Python that has llama-cpp-python")
    parser.add_argument("--model", type=Path, help="a GGUF file to import and export too")
    parser.add_argument("--keep", type=Path, help="folder for the files (default: a temporary one)")
    parser.add_argument("--peer-folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer_folder:
        peer(options.peer_folder)
        return 0
    if not options.peer:
        parser.error("--peer is needed")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        names = prepare(folder, options.model)
        subprocess.run([options.peer, __file__, "--peer-folder", folder], check=True)
        return 0 if compare(folder, names) else 1


if __name__ == "__main__":
    sys.exit(main())
