"""Renew tokenizer_goldens.json and chat_goldens.json.

    python renew_tokenizer_goldens.py MODEL.gguf --llama-python PYTHON --transformers-python PYTHON

MODEL.gguf is SmolLM2-135M-Instruct. This program runs in the project's own environment; PYTHON are the interpreters of
two others: one with llama-cpp-python (0.3.36 made what is kept), one with transformers (5.23), torch and gguf. Each is
handed a folder of small vocabularies and the texts, and gives back the ids that it makes of them; nothing here is
computed by Pixel-LLM.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BYTE_PRE = ("default", "gpt-2", "smollm", "llama-bpe", "qwen2", "deepseek-r1-qwen", "tekken", "smaug-bpe")


def main() -> None:
    """Make vocabularies, ask the peers, write the goldens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--llama-python", required=True)
    parser.add_argument("--transformers-python", required=True)
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    from chat_templates import CONVERSATIONS, TEMPLATES
    from hard_texts import HARD_TEXTS

    # Training is not the same each time (equal counts): the vocabularies stay, unless the file is deleted first.
    kept = HERE / "tokenizer_goldens.json"
    if kept.exists():
        vocabularies = json.loads(kept.read_text())["vocabularies"]
    else:
        vocabularies = {"byte_level": _byte_level(HARD_TEXTS), "sentencepiece": _sentencepiece(HARD_TEXTS)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = {"smollm2": str(options.model.resolve())}
        for pre in BYTE_PRE:
            cases[f"byte_level/{pre}"] = _write_gguf(folder, vocabularies["byte_level"], {"pre": pre})
        for prefix in (True, False):
            settings = {"add_space_prefix": prefix}
            cases[f"sentencepiece/{prefix}"] = _write_gguf(folder, vocabularies["sentencepiece"], settings)
        special = ("smollm2", "byte_level/gpt-2", "sentencepiece/True", "sentencepiece/False")
        asked = {
            "vocabularies": vocabularies,
            "special_cases": special,
            "texts": HARD_TEXTS,
            "cases": cases,
            "templates": TEMPLATES,
            "conversations": CONVERSATIONS,
        }
        (folder / "asked.json").write_text(json.dumps(asked))
        answers = {}
        for peer, python in (("llama_cpp", options.llama_python), ("transformers", options.transformers_python)):
            subprocess.run([python, HERE / "tokenizer_peer.py", peer, folder], check=True)
            answers[peer] = json.loads((folder / f"{peer}.json").read_text())
    chat = answers["transformers"].pop("chat")
    _write("chat_goldens.json", {"made_by": answers["transformers"]["version"], "rendered": chat})
    _write("tokenizer_goldens.json", {"texts": HARD_TEXTS, "vocabularies": vocabularies, **answers})


def _byte_level(texts: tuple[str, ...]) -> dict[str, Any]:
    """A vocabulary whose merges cross the borders of words, so that every cut of a pre-tokenizer shows in the ids."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    library = Tokenizer(models.BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    plain = [text for text in texts if "<" not in text]
    library.train_from_iterator(plain * 3, trainers.BpeTrainer(vocab_size=1100, initial_alphabet=alphabet))
    model = json.loads(library.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    types = [1] * len(tokens)
    for token, kind in (("<|endoftext|>", 3), ("<|im_start|>", 3), ("<|im_end|>", 3), ("<tool_call>", 4), ("  ", 4)):
        tokens.append(token)
        types.append(kind)
    end = tokens.index("<|endoftext|>")
    return {
        "model": "gpt2",
        "tokens": tokens,
        "token_type": types,
        "merges": [" ".join(pair) for pair in model["merges"]],
        "bos_token_id": end,
        "eos_token_id": end,
    }


def _sentencepiece(texts: tuple[str, ...]) -> dict[str, Any]:
    from tokenizers import Tokenizer, models, normalizers, trainers

    library = Tokenizer(models.BPE())
    library.normalizer = normalizers.Replace(" ", "▁")
    plain = [text for text in texts if not set(text) & set("<\n\0")]
    library.train_from_iterator(plain * 3, trainers.BpeTrainer(vocab_size=900, limit_alphabet=300))
    model = json.loads(library.to_str())["model"]
    alphabet = sorted(token for token in model["vocab"] if len(token) == 1)
    merged = list(dict.fromkeys("".join(pair) for pair in model["merges"]))
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *merged, *alphabet]
    tokens += ["<start_of_turn>", "<end_of_turn>", "<table>", "    "]
    types = [2, 3, 3, *[6] * 256, *[1] * len(merged + alphabet), 3, 3, 4, 4]
    scores = [0.0] * 259 + [-float(i) for i in range(len(merged + alphabet))] + [-1000.0] * 4
    return {"model": "llama", "tokens": tokens, "token_type": types, "scores": scores}


def _write_gguf(folder: Path, vocabulary: dict[str, Any], more: dict[str, Any]) -> str:
    import gguf

    path = folder / f"{len(list(folder.iterdir()))}.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    for key, value in {**vocabulary, **more}.items():
        key = f"tokenizer.ggml.{key}"
        if isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        elif isinstance(value, str):
            writer.add_string(key, value)
        else:
            writer.add_array(key, value)
    for key, number in (
        ("block_count", 1),
        ("context_length", 64),
        ("embedding_length", 64),
        ("feed_forward_length", 64),
    ):
        writer.add_uint32(f"llama.{key}", number)
    writer.add_uint32("llama.attention.head_count", 1)
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return str(path)


def _write(name: str, data: dict[str, Any]) -> None:
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    (HERE / name).write_text(text.replace("],[", "],\n[") + "\n")


if __name__ == "__main__":
    main()
