"""What llama.cpp or transformers makes of the texts; run by renew_tokenizer_goldens.py in their environments."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """tokenizer_peer.py PEER FOLDER: reads FOLDER/asked.json, writes FOLDER/PEER.json."""
    peer, folder = sys.argv[1], Path(sys.argv[2])
    asked = json.loads((folder / "asked.json").read_text())
    (folder / f"{peer}.json").write_text(
        json.dumps({"llama_cpp": _llama_cpp, "transformers": _transformers}[peer](asked))
    )


def _llama_cpp(asked: dict[str, Any]) -> dict[str, Any]:
    import llama_cpp

    parameters = llama_cpp.llama_model_default_params()
    parameters.vocab_only = True
    found: dict[str, Any] = {"version": llama_cpp.__version__, "cases": {}}
    for name, path in asked["cases"].items():
        vocabulary = llama_cpp.llama_model_get_vocab(llama_cpp.llama_model_load_from_file(path.encode(), parameters))

        def ids(text: str, special: bool, vocabulary: Any = vocabulary) -> list[int]:
            data = text.encode()
            room = (llama_cpp.llama_token * (len(data) + 8))()
            count = llama_cpp.llama_tokenize(vocabulary, data, len(data), room, len(room), special, special)
            return list(room[:count])

        found["cases"][name] = {"plain": [ids(text, False) for text in asked["texts"]]}
        if name in asked["special_cases"]:
            found["cases"][name]["special"] = [ids(text, True) for text in asked["texts"]]
    return found


def _transformers(asked: dict[str, Any]) -> dict[str, Any]:
    import transformers
    from transformers import AutoTokenizer

    path = Path(asked["cases"]["smollm2"])
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    special = [tokenizer(text, add_special_tokens=False).input_ids for text in asked["texts"]]
    chat: dict[str, Any] = {}
    for name, template in asked["templates"].items():
        chat[name] = []
        for conversation in asked["conversations"]:
            try:
                chat[name].append(
                    tokenizer.apply_chat_template(
                        conversation,
                        chat_template=template,
                        tokenize=False,
                        add_generation_prompt=True,
                        bos_token="<s>",
                        eos_token="</s>",
                    )
                )
            except Exception as error:  # noqa: BLE001 (whatever the template raises)
                chat[name].append({"error": str(error)})
    smollm2 = [
        tokenizer.apply_chat_template(conversation, add_generation_prompt=True, return_dict=False)
        for conversation in asked["conversations"]
    ]
    vocabulary = asked["vocabularies"]["byte_level"]
    qwen2 = transformers.Qwen2Tokenizer(
        vocab={token: i for i, token in enumerate(vocabulary["tokens"])},
        merges=[tuple(merge.split(" ")) for merge in vocabulary["merges"]],
    )
    plain = [qwen2(text, split_special_tokens=True).input_ids for text in asked["texts"]]
    return {
        "version": transformers.__version__,
        "qwen2": plain,
        "special": special,
        "smollm2_chat": smollm2,
        "chat": chat,
    }


if __name__ == "__main__":
    main()
