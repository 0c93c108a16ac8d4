"""Blocks: rows of one pass. A block is a list of parts of chunks: (number of a chunk, start, stop)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Chunk


def attention_blocks(block: Sequence[tuple[int, int, int]], most: int, threads: int) -> NDArray[np.uint32]:
    """First row, and tokens, of each block of at most `most` neighbouring tokens of a text: uint32 (blocks, 2)."""
    made: list[tuple[int, int]] = []
    row = 0
    for _, start, stop in block:
        made.extend((row + at, min(most, stop - start - at)) for at in range(0, stop - start, most))
        row += stop - start
    # A software adapter cuts the list into one part for each thread, and later tokens attend to more.
    parts = max(1, threads)
    return np.array([each for part in range(parts) for each in made[part::parts]], np.uint32)


def wanted_rows(chunks: Sequence[Chunk], block: Sequence[tuple[int, int, int]]) -> tuple[list[int], list[int]]:
    """Rows of a block whose logits are wanted, and the chunk that wants each."""
    picked: list[int] = []
    owners: list[int] = []
    row = 0
    for number, start, stop in block:
        chunk = chunks[number]
        for at in range(start, stop):
            if chunk.logits == "all" or (chunk.logits == "last" and at == len(chunk.ids) - 1):
                picked.append(row)
                owners.append(number)
            row += 1
    return picked, owners
