"""The header of a GGUF file, version 3 (ggml's docs/gguf.md), read without trusting it."""

import struct
from typing import NamedTuple

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 10: "Q", 11: "q", 12: "d"}
_BOOL, _STRING, _ARRAY = 7, 8, 9


class GGUFError(ValueError):
    """The bytes are not a GGUF header."""


class TensorInfo(NamedTuple):
    """A tensor as the header describes it; `offset` counts from where the data begins."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def fail(self, message: str) -> GGUFError:
        return GGUFError(f"at byte {self.at}: {message}")

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise self.fail(f"{count} bytes are wanted and {len(self.data) - self.at} are left")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, code: str):
        return struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0]

    def count(self, least: int, what: str) -> int:
        count = self.number("Q")
        if count * least > len(self.data) - self.at:
            raise self.fail(f"{count} {what} do not fit the {len(self.data) - self.at} bytes that are left")
        return count

    def text(self) -> str:
        try:
            return self.take(self.count(1, "bytes of a string")).decode()
        except UnicodeDecodeError:
            raise self.fail("a string is not UTF-8") from None

    def value(self, kind: int):
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        if kind == _BOOL:
            byte = self.number("B")
            if byte > 1:
                raise self.fail(f"a bool is {byte}")
            return bool(byte)
        if kind == _STRING:
            return self.text()
        raise self.fail(f"there is no type {kind} here")

    def any_value(self, kind: int):
        if kind != _ARRAY:
            return self.value(kind)
        inner = self.number("I")
        if inner not in _NUMBERS and inner not in (_BOOL, _STRING):
            raise self.fail(f"an array of type {inner}")
        return [self.value(inner) for _ in range(self.count(8 if inner == _STRING else 1, "elements"))]


def read_header(data: bytes) -> tuple[dict[str, object], list[TensorInfo], int]:
    """Metadata, tensors, and where their data begins."""
    reader = _Reader(data)
    if reader.take(4) != b"GGUF":
        raise GGUFError("at byte 0: the magic is not GGUF")
    if (version := reader.number("I")) != 3:
        raise GGUFError(f"at byte 4: version {version} is not 3")
    tensor_count = reader.count(24, "tensors")
    value_count = reader.count(13, "key-values")
    metadata: dict[str, object] = {}
    alignment = 32
    for _ in range(value_count):
        key = reader.text()
        if key in metadata:
            raise reader.fail(f"key {key!r} occurs twice")
        kind = reader.number("I")
        metadata[key] = reader.any_value(kind)
        if key == "general.alignment":
            alignment = metadata[key]
            if kind != 4 or not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1):
                raise reader.fail(f"an alignment of {alignment!r}")
    tensors: list[TensorInfo] = []
    names: set[str] = set()
    for _ in range(tensor_count):
        name = reader.text()
        if name in names:
            raise reader.fail(f"tensor {name!r} occurs twice")
        names.add(name)
        axes = reader.number("I")
        if not 1 <= axes <= 4:
            raise reader.fail(f"tensor {name!r} has {axes} axes")
        shape = tuple(reader.number("Q") for _ in range(axes))[::-1]
        elements = 1
        for axis in shape:
            elements *= axis
        if not 1 <= elements <= 1 << 60:
            raise reader.fail(f"tensor {name!r} has shape {shape}")
        tensors.append(TensorInfo(name, shape, reader.number("I"), reader.number("Q")))
    return metadata, tensors, -(-reader.at // alignment) * alignment
