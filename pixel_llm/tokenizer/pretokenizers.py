"""Pre-tokenizers of byte-level BPE by the name that a GGUF file gives in `tokenizer.ggml.pre`.

The name says how text is cut into words before merging. The cuts are those of the models' published tokenizer.json; the
grouping of names follows llama.cpp (`src/llama-vocab.cpp`, `llama_vocab::impl::load`). Two things differ from
llama.cpp on purpose, because the published tokenizers (and so the models' training) do them: `qwen2` normalises to
NFC, and `tekken` counts combining marks as letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pixel_llm.errors import UnsupportedError

Json = dict[str, Any]

_CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_WORD = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_TAIL = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_LLAMA3 = rf"{_CONTRACTIONS}|{_WORD}|\p{{N}}{{1,3}}|{_TAIL}"
_QWEN2 = rf"{_CONTRACTIONS}|{_WORD}|\p{{N}}|{_TAIL}"
_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_CASED = rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*"
_TEKKEN = rf"{_CASED}|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


@dataclass(frozen=True, slots=True)
class PreTokenizer:
    """`splits`: the patterns that cut the text, in order, each on the pieces that the one before left.

    `nfc`: text is normalised to NFC first. `ignore_merges`: a word that is in the vocabulary is not merged from bytes.
    `add_bos`: what `add_bos_token` is where the metadata does not say.
    """

    splits: tuple[str, ...]
    nfc: bool = False
    ignore_merges: bool = False
    add_bos: bool = False

    def normalizer(self) -> Json | None:
        """The `normalizer` entry of a tokenizer.json."""
        return {"type": "NFC"} if self.nfc else None

    def pre_tokenizer(self) -> Json:
        """The `pre_tokenizer` entry of a tokenizer.json."""
        # ByteLevel's own pattern is the last cut where it can be: it is compiled into the library and quicker.
        own = self.splits[-1] == _GPT2
        cuts: list[Json] = [
            {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
            for pattern in (self.splits[:-1] if own else self.splits)
        ]
        byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": own}
        return {"type": "Sequence", "pretokenizers": [*cuts, byte_level]} if cuts else byte_level


_GPT2_STYLE = PreTokenizer((_GPT2,))
_DIGIT_STYLE = PreTokenizer((r"\p{N}", _GPT2))
_LLAMA3_STYLE = PreTokenizer((_LLAMA3,), ignore_merges=True, add_bos=True)

_STYLES: dict[PreTokenizer, tuple[str, ...]] = {
    # llama.cpp's rule for files that do not say; no published tokenizer has it.
    PreTokenizer((r"[\p{P}\$\+<=>\^~\|]+", _GPT2, r"\p{N}+", "[0-9][0-9][0-9]")): ("", "default"),
    _GPT2_STYLE: ("gpt-2", "phi-2", "olmo", "mpt", "exaone4"),
    _DIGIT_STYLE: ("smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"),
    _LLAMA3_STYLE: ("llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "lfm2", "pixtral"),
    PreTokenizer((_LLAMA3,)): ("smaug-bpe", "dbrx"),
    PreTokenizer((_QWEN2,), nfc=True): ("qwen2", "stablelm2"),
    PreTokenizer((_QWEN2,)): ("deepseek-r1-qwen", "megrez", "hunyuan"),
    PreTokenizer((_TEKKEN,), ignore_merges=True, add_bos=True): ("tekken",),
}
PRE_TOKENIZERS: dict[str, PreTokenizer] = {name: style for style, names in _STYLES.items() for name in names}


def pre_tokenizer(name: str) -> PreTokenizer:
    """The pre-tokenizer with the name that `tokenizer.ggml.pre` gives; raises `UnsupportedError` for another name."""
    try:
        return PRE_TOKENIZERS[name]
    except KeyError:
        known = ", ".join(sorted(filter(None, PRE_TOKENIZERS)))
        raise UnsupportedError(
            f"the pre-tokenizer {name[:80]!r} is unknown", part="tokenizer.ggml.pre", remedy=f"known are {known}"
        ) from None
