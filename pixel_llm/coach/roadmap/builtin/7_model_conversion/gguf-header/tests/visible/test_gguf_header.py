import struct

import pytest

from tinypixel.gguf import GGUFError, read_header


def string(text):
    return struct.pack("<Q", len(text.encode())) + text.encode()


def test_small_file():
    data = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + string("general.name") + struct.pack("<I", 8) + string("tiny")
    data += string("w") + struct.pack("<IQIQ", 1, 64, 0, 0)
    assert read_header(data) == ({"general.name": "tiny"}, [("w", (64,), 0, 0)], -(-len(data) // 32) * 32)


def test_magic():
    with pytest.raises(GGUFError):
        read_header(b"GGML" + bytes(40))
