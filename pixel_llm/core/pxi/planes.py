"""Writing the pixels of one page: positioned writes and band hashes, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pixel_llm.core.durable import DurableFile
from pixel_llm.core.pxi import hashing
from pixel_llm.core.pxi.layout import BAND, HASH, Page
from pixel_llm.errors import InvalidArgumentError

if TYPE_CHECKING:
    from hashlib import _Hash

_INLINE = 256 << 10  # below this a thread costs more than it saves
_ZEROS = bytes(BAND)


class PlaneWriter:
    """Writes one page's rows in order; made by `begin_plane`. Several may be open at once, each used by one thread.

    A row's bytes are written and hashed before `write_rows` returns, so the caller may reuse the array. The page is
    complete when its last row is written; there is nothing to close.
    """

    def __init__(self, file: DurableFile, page: Page, executor: Executor) -> None:
        self._file = file
        self._page = page
        self._executor = executor
        self._done = 0
        self._table = bytearray(page.bands * HASH)
        self._partial: _Hash | None = None  # hash of the band that is being filled

    @property
    def page(self) -> Page:
        """What is being written; its root is not known yet."""
        return self._page

    @property
    def name(self) -> str:
        return self._page.name

    @property
    def rows_left(self) -> int:
        return self._page.height - self._done // self._page.row_bytes

    @property
    def complete(self) -> bool:
        return self._done == self._page.nbytes

    @property
    def table(self) -> bytes:
        """The band hashes of a complete page, 32 bytes each."""
        return bytes(self._table)

    def sealed(self, hashes_offset: int) -> Page:
        """The complete page with its root, its band hashes being at `hashes_offset`."""
        p = self._page
        root = hashing.page_root(p.kind, p.sample, p.width, p.height, p.channels, p.length, self.table)
        return replace(p, root=root, hashes_offset=hashes_offset)

    def write_rows(self, rows: np.ndarray[Any, Any]) -> None:
        """Append rows: shape (n, width), or (n, width, channels) when there are several channels; dtype exactly the
        page's sample type. `InvalidArgumentError` for any other shape or dtype and for more rows than are left."""
        page = self._page
        if rows.dtype != page.sample.dtype:
            raise InvalidArgumentError(f"rows are {rows.dtype}, the page is {page.sample}", part=page.name)
        if rows.shape[1:] != page.shape[1:]:
            raise InvalidArgumentError(f"rows have shape {rows.shape}, the page {page.shape}", part=page.name)
        self._check_left(rows.shape[0])
        self.feed(np.ascontiguousarray(rows).reshape(-1).view(np.uint8).data)

    def skip_rows(self, count: int) -> None:
        """Leave `count` rows zero without writing them: the file stays sparse there (synthetic checkpoints)."""
        if count < 0:
            raise InvalidArgumentError(f"cannot skip {count} rows", part=self.name)
        self._check_left(count)
        self.skip(count * self._page.row_bytes)

    def _check_left(self, count: int) -> None:
        if count > self.rows_left:
            raise InvalidArgumentError(f"{count} rows are too many, {self.rows_left} are left", part=self.name)

    def feed(self, data: memoryview) -> None:
        """Append bytes; the caller has checked that they fit."""
        if not len(data):
            return
        jobs = list(self._pieces(data))
        if len(data) < _INLINE:
            self._file.write(data, self._page.offset + self._done)
            for hasher, piece in jobs:
                hasher.update(piece)
        else:
            futures = [self._executor.submit(hasher.update, piece) for hasher, piece in jobs]
            try:
                self._file.write(data, self._page.offset + self._done)
            finally:
                wait(futures)
        self._settle(jobs, len(data))

    def skip(self, size: int) -> None:
        """Count `size` bytes as zeros; the region was never written, so the file has zeros or a hole there."""
        while size:
            start, full = hashing.band_extent(self._page.nbytes, self._done // BAND)
            step = min(size, start + full - self._done)
            if step == full:
                self._record(self._done // BAND, hashing.zero_band_hash(full))
                self._done += step
            else:
                jobs = list(self._pieces(memoryview(_ZEROS)[:step]))
                jobs[0][0].update(jobs[0][1])
                self._settle(jobs, step)
            size -= step

    def _pieces(self, data: memoryview) -> Iterator[tuple[_Hash, memoryview]]:
        """Cut `data` at band borders; each piece with the hash that takes it."""
        position, taken = self._done, 0
        while taken < len(data):
            start, full = hashing.band_extent(self._page.nbytes, position // BAND)
            step = min(len(data) - taken, start + full - position)
            hasher = self._partial if position > start else None
            yield hasher or hashing.band_hasher(), data[taken : taken + step]
            position, taken = position + step, taken + step

    def _settle(self, jobs: list[tuple[_Hash, memoryview]], size: int) -> None:
        first = self._done // BAND
        self._done += size
        for number, (hasher, _) in enumerate(jobs, first):
            start, full = hashing.band_extent(self._page.nbytes, number)
            if self._done >= start + full:
                self._record(number, hasher.digest())
            else:
                self._partial = hasher

    def _record(self, band: int, digest: bytes) -> None:
        self._table[band * HASH : (band + 1) * HASH] = digest
