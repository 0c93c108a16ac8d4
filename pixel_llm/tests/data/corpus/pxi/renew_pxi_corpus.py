"""Writes the corpus of .pxi files anew: `python -m pixel_llm.tests.data.corpus.pxi.renew_pxi_corpus`, no other needs.

Renew it only when the format's version changes: `good_*` proves that files written earlier are still read.
`expected.json` holds, for each good file, its root hash and the SHA-256 of each page's pixels, and for each bad file a
part of the error's text.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from pixel_llm.core.pxi import PxiFile, PxiUpdater, PxiWriter
from pixel_llm.tests.core.pxi_support import (
    BLOCK,
    newest_slot,
    patch_index,
    patch_superblock,
    replace_index,
    sign_superblock,
)

HERE = Path(__file__).parent


def write_small(path: Path) -> None:
    """Every sample type and kind of page, a contact sheet of 2x2 pixels."""
    with PxiWriter(path, overwrite=True) as writer:
        for name in ("uint8", "int8", "uint16", "float16", "float32"):
            writer.add_array(name, (np.arange(15).reshape(3, 5) - 4).astype(name))
        writer.add_array("scales", (np.arange(12).reshape(3, 2, 2) / 8).astype(np.float16))
        writer.add_array("picture", np.arange(18, dtype=np.uint8).reshape(2, 3, 3), kind="rgb")
        writer.add_bytes("text", b"pixels that talk")
        writer.set_contact_sheet(np.full((2, 2, 3), 200, np.uint8))
        writer.attributes["language"] = "en"


def write_second(path: Path) -> None:
    with PxiUpdater(path) as updater:
        updater.replace_array("float16", np.full((2, 2), 0.5, np.float16))
        updater.delete("uint16")
        updater.commit(label="second")


def renew() -> None:
    expected: dict[str, object] = {}
    one, two = HERE / "good_one_generation.pxi", HERE / "good_two_generations.pxi"
    write_small(one)
    two.write_bytes(one.read_bytes())
    pointer = one.read_bytes()[8:16]
    write_second(two)
    lagging = bytearray(two.read_bytes())
    lagging[8:16] = pointer
    (HERE / "good_cut_off_before_the_pointer.pxi").write_bytes(lagging)
    torn = bytearray(lagging)
    torn[BLOCK + 30 : 2 * BLOCK] = bytes(BLOCK - 30)
    (HERE / "good_cut_off_inside_the_superblock.pxi").write_bytes(torn)
    for path in sorted(HERE.glob("good_*.pxi")):
        with PxiFile(path) as file:
            pages = {name: hashlib.sha256(file.array(name).tobytes()).hexdigest() for name in file.pages}
            expected[path.name] = {"generation": file.generation, "root": file.root_hash.hex(), "pages": pages}

    def bad(name: str, message: str, data: bytearray) -> None:
        (HERE / f"bad_{name}.pxi").write_bytes(data)
        expected[f"bad_{name}.pxi"] = message

    data = bytearray(one.read_bytes())
    patch_index(data, lambda r: r["pages"][0].update(offset=r["pages"][1]["offset"]))
    bad("overlap", "overlaps page", data)
    data = bytearray(one.read_bytes())
    patch_index(data, lambda r: r["pages"][0].update(height=2**31 - 1, width=2**31 - 1, channels=4))
    bad("huge_page", "bytes are more than", data)
    data = bytearray(one.read_bytes())
    replace_index(data, b'{"a":' + b"[" * 900 + b"]" * 900 + b"}")
    bad("deep_json", "nested more than 64 deep", data)
    data = bytearray(one.read_bytes())
    patch_superblock(data, length=1 << 40)
    bad("huge_index", "an index of 1099511627776 bytes", data)
    data = bytearray(two.read_bytes())
    slot = newest_slot(data)
    data[slot + 8] ^= 64
    bad("lost_generation", "newer than 1 is damaged", data)
    data = bytearray(two.read_bytes())
    data[newest_slot(data) + 40] ^= 1
    sign_superblock(data, newest_slot(data))
    bad("index_hash", "its SHA-256 does not match", data)
    bad("cut_off", "cut off before the end of its index", bytearray(one.read_bytes()[:-1500]))
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    renew()
