"""What a model file keeps beside tokenizer.json, checked when it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

from pixel_llm.errors import TokenizerFormatError


@dataclass(frozen=True, slots=True)
class TokenizerSettings:
    """`kind`: how an entry of the vocabulary spells its bytes. `vocab_size`: one more than the highest token id.

    `bos`, `unk`, `pad`: token ids or None. `eos`: the ids that end a text, the one that `add_eos` appends first.
    `specials`: the ids of control and unknown tokens, which text never becomes and decoding hides. `strip_space`:
    decoding drops one leading space, because encoding adds one. `chat_template`: Jinja source or None.
    """

    kind: Literal["byte_level", "sentencepiece"]
    vocab_size: int
    bos: int | None
    eos: tuple[int, ...]
    unk: int | None
    pad: int | None
    specials: frozenset[int]
    add_bos: bool
    add_eos: bool
    strip_space: bool
    chat_template: str | None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TokenizerSettings:
        """Check a model file's tokenizer settings; raises `TokenizerFormatError` naming the field."""
        if not isinstance(data, Mapping):
            raise TokenizerFormatError("the tokenizer's settings are not an object", part="tokenizer")
        size = data.get("vocab_size")
        if not _is_int(size) or not 0 < size <= 1 << 24:
            raise _wrong("vocab_size", "a count of tokens")

        def token_id(value: object, name: str) -> int | None:
            if value is None:
                return None
            if not (_is_int(value) and 0 <= value < size):
                raise _wrong(name, f"a token id below {size}")
            return value

        def ids(name: str) -> tuple[int, ...]:
            values = data.get(name)
            if not isinstance(values, list) or len(values) > size or None in values:
                raise _wrong(name, f"a list of token ids below {size}")
            return tuple(i for value in values if (i := token_id(value, name)) is not None)

        def flag(name: str) -> bool:
            value = data.get(name)
            if not isinstance(value, bool):
                raise _wrong(name, "true or false")
            return value

        kind, template = data.get("kind"), data.get("chat_template")
        if kind not in ("byte_level", "sentencepiece"):
            raise _wrong("kind", '"byte_level" or "sentencepiece"')
        if template is not None and not isinstance(template, str):
            raise _wrong("chat_template", "a string or null")
        single = {name: token_id(data.get(name), name) for name in ("bos", "unk", "pad")}
        settings = cls(
            kind=kind,
            vocab_size=size,
            eos=ids("eos"),
            specials=frozenset(ids("specials")),
            add_bos=flag("add_bos"),
            add_eos=flag("add_eos"),
            strip_space=flag("strip_space"),
            chat_template=template,
            **single,
        )
        if settings.add_bos and settings.bos is None:
            raise _wrong("bos", "a token id, because add_bos is true")
        if settings.add_eos and not settings.eos:
            raise _wrong("eos", "a list with a token id, because add_eos is true")
        return settings


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong(name: str, wanted: str) -> TokenizerFormatError:
    return TokenizerFormatError(f"is not {wanted}", part=f"tokenizer settings, {name}")
