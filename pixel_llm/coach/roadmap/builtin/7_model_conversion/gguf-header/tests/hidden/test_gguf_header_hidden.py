import random
import struct
import time

import pytest

from tinypixel.gguf import GGUFError, read_header


def string(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<Q", len(raw)) + raw


def value(key, kind, raw):
    return string(key) + struct.pack("<I", kind) + raw


def tensor(name, axes, kind=2, offset=64):
    return string(name) + struct.pack(f"<I{len(axes)}QIQ", len(axes), *axes, kind, offset)


def whole(values=(), tensors=(), version=3, counts=None):
    n, m = counts or (len(tensors), len(values))
    return b"GGUF" + struct.pack("<IQQ", version, n, m) + b"".join(values) + b"".join(tensors)


NUMBERS = {0: ("B", 200), 1: ("b", -5), 2: ("H", 60000), 3: ("h", -300), 4: ("I", 2**32 - 1), 5: ("i", -7), 6: ("f", 0.5), 10: ("Q", 2**63), 11: ("q", -(2**62)), 12: ("d", 0.1)}
GOOD = whole(
    [value(f"k{kind}", kind, struct.pack("<" + code, n)) for kind, (code, n) in NUMBERS.items()]
    + [value("yes", 7, b"\1"), value("text", 8, string("é")), value("list", 9, struct.pack("<IQ3h", 3, 3, 1, -2, 3))]
    + [value("words", 9, struct.pack("<IQ", 8, 2) + string("a") + string("")), value("general.alignment", 4, struct.pack("<I", 64))],
    [tensor("a.weight", [32, 5, 2]), tensor("b", [7], 0, 0)],
)


def test_every_type():
    metadata, tensors, start = read_header(GOOD + bytes(100))
    assert {k: metadata[f"k{k}"] for k in NUMBERS} == {k: n for k, (_, n) in NUMBERS.items()}
    assert metadata["yes"] is True and metadata["text"] == "é" and metadata["list"] == [1, -2, 3] and metadata["words"] == ["a", ""]
    assert tensors == [("a.weight", (2, 5, 32), 2, 64), ("b", (7,), 0, 0)]
    assert start == -(-len(GOOD) // 64) * 64


def test_every_cut_is_an_error():
    for end in range(len(GOOD)):
        with pytest.raises(GGUFError):
            read_header(GOOD[:end])


def test_random_damage_never_does_anything_else():
    rng = random.Random(0)
    for _ in range(3000):
        data = bytearray(GOOD)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            read_header(bytes(data))
        except GGUFError:
            pass


@pytest.mark.parametrize(
    "data",
    [
        whole(version=2), whole(counts=(2**40, 0)), whole(counts=(0, 2**60)), whole(counts=(2**63, 2**63)), whole([string(b"\xff") + struct.pack("<IB", 0, 1)]),
        whole([value("a", 0, b"1")] * 2), whole([value("a", 7, b"\2")]), whole([value("a", 13, b"1234")]), whole([value("a", 9, struct.pack("<IQ", 9, 0))]),
        whole([value("a", 9, struct.pack("<IQ", 0, 2**62))]), whole([value("a", 8, struct.pack("<Q", 2**63) + b"x")]),
        whole([value("general.alignment", 4, struct.pack("<I", 24))]), whole([value("general.alignment", 4, bytes(4))]), whole([value("general.alignment", 10, struct.pack("<Q", 32))]),
        whole(tensors=[tensor("t", [1])] * 2), whole(tensors=[tensor("t", [])]), whole(tensors=[tensor("t", [1] * 5)]), whole(tensors=[tensor("t", [0])]),
        whole(tensors=[tensor("t", [2**40, 2**40])]), b"", b"GGUF",
    ],
)  # fmt: skip
def test_refused(data):
    with pytest.raises(GGUFError):
        read_header(data)


def test_a_lie_costs_no_time():
    start = time.monotonic()
    with pytest.raises(GGUFError):
        read_header(whole([value("a", 9, struct.pack("<IQ", 8, 10**12) + bytes(10**6))]))
    assert time.monotonic() - start < 5
