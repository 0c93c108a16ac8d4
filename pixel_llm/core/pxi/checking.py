"""Checking bands against the Merkle tree: lazily, the first time they are read."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pixel_llm.core import durable
from pixel_llm.core.pxi import hashing
from pixel_llm.core.pxi.layout import BAND, HASH, Page
from pixel_llm.errors import IntegrityError, PxiFormatError

_PARALLEL = 8  # bands from which several threads pay


def default_threads() -> int:
    return min(8, os.cpu_count() or 1)


def read_table(fd: int, path: Path, page: Page) -> bytes:
    """A page's band hashes, checked against its root."""
    size = page.bands * HASH
    try:
        table = durable.read(fd, size, page.hashes_offset)
    except OSError as error:
        raise durable.storage_error(error, path, "read") from error
    if len(table) < size:
        raise PxiFormatError("the file is cut off inside its band hashes", file=path, part=page.name)
    p = page
    if hashing.page_root(p.kind, p.sample, p.width, p.height, p.channels, p.length, table) != p.root:
        raise IntegrityError("its band hashes do not match its root", file=path, part=page.name)
    return table


def check_band(fd: int, path: Path, page: Page, table: bytes, band: int) -> None:
    """Read one band and compare its hash. Reading, and not the map: a file cut off meanwhile is an error, no signal."""
    start, size = hashing.band_extent(page.nbytes, band)
    try:
        data = durable.read(fd, size, page.offset + start)
    except OSError as error:
        raise durable.storage_error(error, path, "read") from error
    if len(data) < size:
        raise PxiFormatError(f"the file is cut off inside band {band}", file=path, part=page.name)
    if hashing.band_hash(data) != table[band * HASH : (band + 1) * HASH]:
        raise IntegrityError(
            f"band {band} (bytes {start} to {start + size} of the page) does not match its SHA-256",
            file=path,
            part=page.name,
            remedy="restore the file from a copy",
        )


class BandChecker:
    """Remembers which bands of a file were checked. Safe to use from several threads: a band may be checked twice, and
    is marked only after it was found right."""

    def __init__(self, fd: int, path: Path) -> None:
        self._fd = fd
        self._path = path
        self._tables: dict[int, bytes] = {}
        self._checked: dict[int, bytearray] = {}

    def check(self, page: Page, start: int, stop: int) -> None:
        """Check the bands that hold the bytes start..stop of a page."""
        if start >= stop:
            return
        checked = self._checked.setdefault(page.offset, bytearray(page.bands))
        first, last = start // BAND, (stop - 1) // BAND + 1
        missing = [band for band in range(first, last) if not checked[band]]
        if not missing:
            return
        table = self._tables.get(page.offset)
        if table is None:
            table = self._tables[page.offset] = read_table(self._fd, self._path, page)

        def one(band: int, table: bytes = table) -> None:
            check_band(self._fd, self._path, page, table, band)
            checked[band] = 1

        if len(missing) < _PARALLEL:
            for band in missing:
                one(band)
            return
        with ThreadPoolExecutor(default_threads()) as pool:
            for _ in pool.map(one, missing):
                pass
