"""The header of one safetensors file, checked before anything in it is believed.

Format: 8 bytes (little-endian length n of the header), n bytes of JSON {name: {dtype, shape, data_offsets}},
optionally with "__metadata__" (str -> str), then the data. Tensors must tile the data: no hole, no overlap, nothing
after the last. Source: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pixel_llm.errors import SafetensorsFormatError, StorageError, UnsupportedError

MAX_HEADER = 32 << 20  # the format allows 100 MB; 32 MiB already describe a quarter of a million tensors
MAX_TENSORS = 262_144
MAX_RANK = 8
MAX_NAME = 1024

_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
}


@dataclass(frozen=True, slots=True)
class HeaderEntry:
    """One tensor: its bytes are file[offset : offset + nbytes]."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    nbytes: int


def read_header(path: Path, fd: int) -> tuple[dict[str, HeaderEntry], dict[str, str]]:
    """Tensors in the order of their data, and the "__metadata__", of the open file `fd`.

    Raises `SafetensorsFormatError`, `UnsupportedError` (an unknown dtype), `StorageError`.
    """
    size = os.fstat(fd).st_size
    length = int.from_bytes(pread(path, fd, 8, 0), "little") if size >= 8 else 0
    if size < 10 or length > size - 8:
        _fail(path, "header", f"{length} header bytes do not fit a file of {size}", "the download may be incomplete")
    if not 2 <= length <= MAX_HEADER:
        _fail(path, "header", f"length {length} is not within 2 … {MAX_HEADER}")
    raw = pread(path, fd, length, 8)
    if raw[:1] != b"{":
        _fail(path, "header", "does not begin with '{'")
    value = load_json(raw, path, "header")
    if not isinstance(value, dict):
        _fail(path, "header", "is not a JSON object")
    metadata = value.pop("__metadata__", {})
    if not (isinstance(metadata, dict) and all(isinstance(v, str) for v in metadata.values())):
        _fail(path, "__metadata__", "is not an object of strings")
    if len(value) > MAX_TENSORS:
        _fail(path, "header", f"{len(value)} tensors exceed the cap of {MAX_TENSORS}")
    begin = 8 + length
    entries = sorted((_entry(path, k, v, begin, size) for k, v in value.items()), key=lambda e: (e.offset, e.nbytes))
    end = begin
    for entry in entries:
        if entry.offset != end:
            what = "overlaps the one before it" if entry.offset < end else f"leaves a gap of {entry.offset - end} bytes"
            _fail(path, entry.name, what)
        end += entry.nbytes
    if end != size:
        _fail(path, "data", f"ends at {end}, the file at {size}", "the file may be damaged or of another format")
    return {e.name: e for e in entries}, metadata


def _entry(path: Path, name: str, value: Any, begin: int, size: int) -> HeaderEntry:
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        _fail(path, ascii(name)[:80], f"a name has 1 to {MAX_NAME} printable characters")
    if not isinstance(value, dict) or value.keys() != {"dtype", "shape", "data_offsets"}:
        _fail(path, name, "needs exactly dtype, shape and data_offsets")
    dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(dtype, str):
        _fail(path, name, f"dtype {dtype!r:.40} is not a string")
    if dtype not in _BITS:
        raise UnsupportedError(f"unknown dtype {dtype!r:.40}", file=path, part=name)
    if not _sizes(shape) or len(shape) > MAX_RANK:
        _fail(path, name, f"shape {shape!r:.80} is not a list of at most {MAX_RANK} sizes")
    if not _sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1] or begin + offsets[1] > size:
        _fail(path, name, f"data_offsets {offsets!r:.80} do not lie in the file")
    bits = _BITS[dtype]
    for n in shape:
        bits *= n
        if bits > 1 << 63:  # stop before a hostile shape makes a number of many digits
            _fail(path, name, f"shape {shape!r:.80} is too large")
    nbytes = offsets[1] - offsets[0]
    if bits != nbytes * 8:
        _fail(path, name, f"{dtype} {shape!r:.80} takes {bits / 8:g} bytes, data_offsets hold {nbytes}")
    return HeaderEntry(name, dtype, tuple(shape), begin + offsets[0], nbytes)


def _sizes(value: object) -> bool:
    return isinstance(value, list) and all(type(n) is int and 0 <= n < 1 << 63 for n in value)


def load_json(raw: bytes, path: Path, part: str) -> Any:
    """JSON without repeated keys, NaN or unbounded nesting. Raises `SafetensorsFormatError`."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(items)
        if len(out) != len(items):
            keys = [k for k, _ in items]
            _fail(path, part, f"key {max(keys, key=keys.count)!r:.80} is repeated")
        return out

    def constant(name: str) -> NoReturn:
        _fail(path, part, f"{name} is not JSON")

    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)
    except UnicodeDecodeError:
        _fail(path, part, "is not UTF-8")
    except RecursionError:
        _fail(path, part, "is nested too deeply")
    except SafetensorsFormatError:
        raise
    except ValueError as error:  # a syntax error, or an integer of more digits than Python converts
        _fail(path, part, f"is not JSON ({error!s:.120})")


def pread(path: Path, fd: int, length: int, offset: int) -> bytes:
    """Exactly `length` bytes at `offset`. Raises `StorageError`, `SafetensorsFormatError` at an early end."""
    out = bytearray(length)
    pread_into(path, fd, memoryview(out), offset)
    return bytes(out)


def pread_into(path: Path, fd: int, out: memoryview, offset: int) -> None:
    """Fill `out` from `offset`; one call of the system moves at most 2 GiB, so it may take several."""
    done = 0
    while done < len(out):
        try:
            got = os.preadv(fd, [out[done : done + (1 << 30)]], offset + done)
        except OSError as error:
            raise StorageError(f"cannot be read: {error.strerror}", file=path) from error
        if got == 0:
            _fail(path, "data", f"ends at {offset + done}", "the file was cut short")
        done += got


def _fail(path: Path, part: str, message: str, remedy: str | None = None) -> NoReturn:
    raise SafetensorsFormatError(message, file=path, part=part, remedy=remedy)
