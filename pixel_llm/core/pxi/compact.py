"""Dropping the snapshots of a .pxi file: a new file with the current generation only takes its place."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pixel_llm.core.pxi.layout import BAND
from pixel_llm.core.pxi.locking import open_locked
from pixel_llm.core.pxi.reader import PxiFile
from pixel_llm.core.pxi.writer import PxiWriter


def compact(path: str | os.PathLike[str], *, progress: Callable[[int, int], None] | None = None) -> None:
    """Keep only the current generation (with its number, time, label and permissions).

    Every band is checked on the way: `IntegrityError` when one is damaged, and the file stays as it was. Readers that
    have the old file open keep it. `progress(done_bytes, total_bytes)`.
    """
    target = Path(path)
    old = open_locked(target)
    try:
        with PxiFile(target) as source, PxiWriter(target, overwrite=True) as writer:
            writer.continue_from(source, old)
            total, done = sum(page.nbytes for page in source.pages.values()), 0
            for page in source.pages.values():
                copy = writer.begin_like(page)
                step = max(1, 16 * BAND // page.row_bytes)
                for start in range(0, page.height, step):
                    rows = source.rows(page.name, start, min(start + step, page.height))
                    copy.write_rows(rows)
                    done += rows.nbytes
                    if progress is not None:
                        progress(done, total)
    finally:
        old.close()
