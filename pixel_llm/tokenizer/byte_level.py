"""The byte alphabet of byte-level BPE (GPT-2, Radford et al. 2019): each of the 256 bytes is one printable character.

Printable Latin-1 bytes stand for themselves; the other 68 are moved, in order, to U+0100 and above.
"""

from __future__ import annotations

_SELF = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
_MOVED = tuple(b for b in range(256) if b not in _SELF)

BYTE_OF_CHAR: dict[str, int] = {chr(b): b for b in _SELF} | {chr(0x100 + i): b for i, b in enumerate(_MOVED)}
CHAR_OF_BYTE: tuple[str, ...] = tuple(sorted(BYTE_OF_CHAR, key=BYTE_OF_CHAR.__getitem__))


def token_to_bytes(token: str) -> bytes:
    """The bytes of a vocabulary entry; an entry that uses characters outside the alphabet is its own UTF-8."""
    try:
        return bytes([BYTE_OF_CHAR[char] for char in token])
    except KeyError:
        return token.encode("utf-8")


def bytes_to_token(data: bytes) -> str:
    """The vocabulary spelling of some bytes."""
    return "".join([CHAR_OF_BYTE[byte] for byte in data])
