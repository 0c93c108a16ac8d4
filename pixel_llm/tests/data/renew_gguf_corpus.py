"""Renews `corpus/gguf`: one small file for each rule of GGUF that a file can break, and `expected.json` with the part
and a word of the error that each must raise. Needs nothing beyond the project's environment; run it from the root:

    python -m pixel_llm.tests.data.renew_gguf_corpus
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

from pixel_llm.tests.formats import gguf_samples as g

FOLDER = Path(__file__).parent / "corpus" / "gguf"
A = (b"general.architecture", g.STR, g.text(b"llama"))
HUGE = 1 << 62


def u32(value: int) -> bytes:
    return struct.pack("<I", value)


def corpus() -> dict[str, tuple[bytes, str, str]]:
    """name -> (file, part of the error, a phrase of its message)."""
    good = g.every_type()
    one = [(b"a", (4,), 0, 0)]

    def keys(*items: g.Key) -> bytes:
        return g.file([A, *items])

    def counts(tensors: int, keys: int) -> bytes:
        return b"GGUF" + struct.pack("<IQQ", 3, tensors, keys)

    return {
        "empty": (b"", "", "not a GGUF file"),
        "magic": (b"GGML" + good[4:], "", "not a GGUF file"),
        "only_magic": (b"GGUF", "version", "ends at byte"),
        "big_endian": (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "version", "big-endian"),
        "version_1": (b"GGUF" + u32(1) + bytes(16), "version", "version 1"),
        "version_4": (b"GGUF" + u32(4) + bytes(16), "version", "version 4"),
        "tensor_count": (counts(HUGE, 0), "tensor count", "the most is"),
        "key_count": (counts(0, HUGE), "key count", "the most is"),
        "key_count_beyond_the_file": (counts(0, 60_000) + bytes(8), "key 0", "empty"),
        "key_length": (counts(0, 1) + struct.pack("<Q", HUGE), "key 0", "bytes"),
        "key_empty": (keys((b"", g.U8, b"\x00")), "key 1", "empty"),
        "key_not_utf8": (keys((b"\xff\xfe", g.U8, b"\x00")), "key 1", "not UTF-8"),
        "key_twice": (keys(A), "key 'general.architecture'", "twice"),
        "value_type": (keys((b"x", 13, b"")), "key 'x'", "unknown value type 13"),
        "value_bool": (keys((b"x", g.BOOL, b"\x02")), "key 'x'", "boolean is 2"),
        "string_length": (keys((b"x", g.STR, struct.pack("<Q", HUGE))), "key 'x'", "ends at byte"),
        "string_not_utf8": (keys((b"x", g.STR, g.text(b"\xc3("))), "key 'x'", "not UTF-8"),
        "array_count": (keys((b"x", g.ARR, g.array(g.U8, HUGE, b""))), "key 'x'", "array elements"),
        "array_beyond_the_file": (keys((b"x", g.ARR, g.array(g.F32, 1 << 20, b""))), "key 'x'", "ends at byte"),
        "array_strings_beyond_the_file": (keys((b"x", g.ARR, g.array(g.STR, 1 << 20, b""))), "key 'x'", "ends at byte"),
        "array_string_length": (
            keys((b"x", g.ARR, g.array(g.STR, 2, g.text(b"a") + struct.pack("<Q", HUGE)))),
            "key 'x'",
            "ends at byte",
        ),
        "array_string_not_utf8": (keys((b"x", g.ARR, g.array(g.STR, 1, g.text(b"\x80")))), "key 'x'", "string 0"),
        "array_value_type": (keys((b"x", g.ARR, g.array(77, 1, b"\x00"))), "key 'x'", "unknown value type 77"),
        "array_bool": (keys((b"x", g.ARR, g.array(g.BOOL, 2, b"\x01\x09"))), "key 'x'", "boolean is 9"),
        "array_depth": (
            keys((b"x", g.ARR, g.array(g.ARR, 1, g.array(g.ARR, 1, g.array(g.ARR, 1, g.array(g.U8, 0, b"")))))),
            "key 'x'",
            "nested",
        ),
        "alignment_zero": (keys((b"general.alignment", g.U32, u32(0))), "key 'general.alignment'", "power of two"),
        "alignment_odd": (keys((b"general.alignment", g.U32, u32(24))), "key 'general.alignment'", "power of two"),
        "alignment_huge": (keys((b"general.alignment", g.U32, u32(1 << 31))), "key 'general.alignment'", "power of"),
        "alignment_type": (keys((b"general.alignment", g.STR, g.text(b"32"))), "key 'general.alignment'", "uint32"),
        "tensor_name_twice": (g.file([A], one * 2, bytes(32)), "tensor 'a'", "twice"),
        "tensor_name_empty": (g.file([A], [(b"", (4,), 0, 0)], bytes(32)), "tensor 0", "empty"),
        "tensor_name_long": (g.file([A], [(b"n" * 65, (4,), 0, 0)], bytes(32)), "tensor 0", "the most is"),
        "tensor_no_axes": (g.file([A], [(b"a", (), 0, 0)], bytes(32)), "tensor 'a'", "0 axes"),
        "tensor_five_axes": (g.file([A], [(b"a", (1, 1, 1, 1, 1), 0, 0)], bytes(32)), "tensor 'a'", "5 axes"),
        "tensor_axis_zero": (g.file([A], [(b"a", (4, 0), 0, 0)], bytes(32)), "tensor 'a'", "size 0"),
        "tensor_axis_huge": (g.file([A], [(b"a", (HUGE, HUGE), 0, 0)], bytes(32)), "tensor 'a'", "ends at byte"),
        "tensor_type": (g.file([A], [(b"a", (4,), 4, 0)], bytes(32)), "tensor 'a'", "unknown tensor type 4"),
        "tensor_blocks": (g.file([A], [(b"a", (33,), 2, 0)], bytes(64)), "tensor 'a'", "whole Q4_0 blocks"),
        "tensor_misaligned": (g.file([A], [(b"a", (4,), 0, 8)], bytes(32)), "tensor 'a'", "alignment"),
        "tensor_offset_huge": (g.file([A], [(b"a", (4,), 0, HUGE)], bytes(32)), "tensor 'a'", "ends at byte"),
        "tensor_cut_off": (g.file([A], [(b"a", (16,), 0, 0)], bytes(60)), "tensor 'a'", "ends at byte"),
        "tensor_overlap": (
            g.file([A], [(b"a", (16,), 0, 0), (b"b", (16,), 0, 32)], bytes(96)),
            "tensor 'b'",
            "overlaps that of 'a'",
        ),
        "tensor_infos_cut_off": (g.header([A], one)[:-4], "tensor 'a'", "ends at byte"),
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    expected = {}
    for name, (data, part, phrase) in corpus().items():
        (FOLDER / f"{name}.gguf").write_bytes(data)
        expected[name] = [part, phrase]
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
