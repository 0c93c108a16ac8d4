"""Small GGUF files put together byte by byte, right or wrong as asked, independently of Pixel-LLM's writer."""

from __future__ import annotations

import struct
from collections.abc import Sequence

U8, I8, U16, I16, U32, I32, F32, BOOL, STR, ARR, U64, I64, F64 = range(13)

Key = tuple[bytes, int, bytes]
Info = tuple[bytes, Sequence[int], int, int]


def text(data: bytes) -> bytes:
    return struct.pack("<Q", len(data)) + data


def array(kind: int, count: int, payload: bytes) -> bytes:
    return struct.pack("<IQ", kind, count) + payload


def header(keys: Sequence[Key] = (), tensors: Sequence[Info] = (), *, version: int = 3) -> bytes:
    """Magic to the end of the tensor infos. A tensor is (name, ggml dims (fastest first), type, offset)."""
    out = [b"GGUF", struct.pack("<IQQ", version, len(tensors), len(keys))]
    out += [text(key) + struct.pack("<I", kind) + payload for key, kind, payload in keys]
    for name, dims, kind, offset in tensors:
        out.append(text(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, offset))
    return b"".join(out)


def file(
    keys: Sequence[Key] = (),
    tensors: Sequence[Info] = (),
    data: bytes = b"",
    *,
    version: int = 3,
    alignment: int = 32,
) -> bytes:
    """A whole file: the header, padding, `data`."""
    head = header(keys, tensors, version=version)
    return head + bytes(-len(head) % alignment) + data


def every_type() -> bytes:
    """A valid file with each kind of metadata value, nested arrays, and four tensors of three types."""
    keys: list[Key] = [
        (b"general.architecture", STR, text(b"llama")),
        (b"u8", U8, b"\x07"),
        (b"i8", I8, b"\xf9"),
        (b"u16", U16, struct.pack("<H", 65_000)),
        (b"i16", I16, struct.pack("<h", -300)),
        (b"u32", U32, struct.pack("<I", 4_000_000_000)),
        (b"i32", I32, struct.pack("<i", -2_000_000_000)),
        (b"f32", F32, struct.pack("<f", 0.5)),
        (b"bool", BOOL, b"\x01"),
        (b"u64", U64, struct.pack("<Q", 1 << 63)),
        (b"i64", I64, struct.pack("<q", -(1 << 62))),
        (b"f64", F64, struct.pack("<d", 0.1)),
        (b"tokenizer.ggml.tokens", ARR, array(STR, 3, text(b"a") + text("é".encode()) + text(b""))),
        (b"tokenizer.ggml.scores", ARR, array(F32, 2, struct.pack("<2f", -1.0, 2.0))),
        (b"tokenizer.ggml.token_type", ARR, array(I32, 2, struct.pack("<2i", 1, 3))),
        (b"flags", ARR, array(BOOL, 2, b"\x00\x01")),
        (b"empty", ARR, array(U32, 0, b"")),
        (b"nested", ARR, array(ARR, 2, array(U8, 2, b"\x01\x02") + array(STR, 1, text(b"x")))),
    ]
    tensors: list[Info] = [
        (b"token_embd.weight", (32, 2), 2, 0),
        (b"blk.0.attn_norm.weight", (4,), 0, 64),
        (b"blk.0.attn_q.weight", (2, 3), 1, 96),
        (b"output.weight", (32, 2), 2, 128),
    ]
    data = bytes(range(36)) + bytes(28) + struct.pack("<4f", 1, 2, 3, 4) + bytes(16)
    data += struct.pack("<6e", *range(6)) + bytes(20) + bytes(range(36)) + bytes(28)
    return file(keys, tensors, data)
