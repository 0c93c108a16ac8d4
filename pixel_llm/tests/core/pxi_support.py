"""Small .pxi files, and surgery on their bytes with every checksum made good again."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pixel_llm.core.pxi import PxiUpdater, PxiWriter

BLOCK = 4096
INDEX_DOMAIN = b"PXI1 index".ljust(64, b"\0")


def sample_arrays(seed: int = 0) -> dict[str, np.ndarray]:
    """One small array of each sample type, odd shapes, one and several channels."""
    rng = np.random.default_rng(seed)
    return {
        "u8": rng.integers(0, 256, (5, 3), np.uint8),
        "i8": rng.integers(-128, 128, (1, 33), np.int8),
        "u16": rng.integers(0, 65536, (7, 1), np.uint16),
        "f16": rng.standard_normal((3, 5)).astype(np.float16),
        "f32": rng.standard_normal((2, 9)).astype(np.float32),
        "blk.0/scales": rng.standard_normal((4, 3, 2)).astype(np.float16),
        "picture": rng.integers(0, 256, (4, 6, 3), np.uint8),
    }


PAYLOAD = bytes(range(200)) * 2


def write_sample(path: Path, seed: int = 0) -> dict[str, np.ndarray]:
    """A file with the sample arrays, the page of bytes "notes.txt" and one attribute."""
    arrays = sample_arrays(seed)
    with PxiWriter(path) as writer:
        for name, array in arrays.items():
            writer.add_array(name, array, kind="rgb" if name == "picture" else "plane")
        writer.add_bytes("notes.txt", PAYLOAD)
        writer.attributes["answer"] = {"value": 42, "list": [1.5, None, "ü"]}
    return arrays


def write_two_generations(path: Path) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The sample file, and a second generation in which "f16" is replaced and "u8" deleted."""
    old = write_sample(path)
    new = dict(old)
    del new["u8"]
    new["f16"] = np.full((2, 2), 7, np.float16)
    with PxiUpdater(path) as updater:
        updater.replace_array("f16", new["f16"])
        updater.delete("u8")
        updater.commit(label="second")
    return old, new


def newest_slot(data: bytes) -> int:
    """Position of the superblock with the higher generation (assumes a sound file)."""
    generations = [struct.unpack_from("<Q", data, slot + 8)[0] for slot in (BLOCK, 2 * BLOCK)]
    return BLOCK * (1 + generations.index(max(generations)))


def sign_superblock(data: bytearray, slot: int) -> None:
    struct.pack_into("<I", data, slot + 64, zlib.crc32(data[slot : slot + 64]))


def patch_superblock(data: bytearray, **fields: int) -> None:
    """Set fields of the newest superblock and make its CRC good."""
    slot = newest_slot(data)
    places = {"version": ("<I", 4), "generation": ("<Q", 8), "offset": ("<Q", 16), "length": ("<Q", 24)}
    for name, value in fields.items():
        struct.pack_into(places[name][0], data, slot + places[name][1], value)
    sign_superblock(data, slot)


def index_extent(data: bytes) -> tuple[int, int]:
    return struct.unpack_from("<QQ", data, newest_slot(data) + 16)


def index_json(data: bytes) -> dict[str, Any]:
    offset, length = index_extent(data)
    return json.loads(data[offset : offset + length])


def page_record(record: dict[str, Any], name: str) -> dict[str, Any]:
    """A page's record in an index."""
    return next(p for p in record["pages"] if p["name"] == name)


def replace_index(data: bytearray, text: bytes) -> None:
    """Put other bytes in the index's place (the file grows where needed) and sign them."""
    slot = newest_slot(data)
    offset, _ = index_extent(data)
    text = text.ljust(-(-len(text) // 1024) * 1024)
    data[offset:] = text
    struct.pack_into("<Q", data, slot + 24, len(text))
    data[slot + 32 : slot + 64] = hashlib.sha256(INDEX_DOMAIN + text).digest()
    sign_superblock(data, slot)


def patch_index(data: bytearray, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the index's JSON and sign it."""
    record = index_json(data)
    change(record)
    replace_index(data, json.dumps(record, sort_keys=True, separators=(",", ":")).encode())
