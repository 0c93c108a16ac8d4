"""A stored page as a seekable file."""

from __future__ import annotations

import io
import mmap
from typing import TYPE_CHECKING, Any

from pixel_llm.core.pxi.layout import BAND

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from pixel_llm.core.pxi import Page, PxiFile

_BUFFER = 1 << 16
_RESIDENT = 16 << 20  # bytes after which the map's pages are given back


class StoredReader(io.BufferedReader):
    """The payload of a "bytes" page as a seekable file of `size` bytes; owns `pxi` and closes it."""

    def __init__(self, pxi: PxiFile, page: Page) -> None:
        super().__init__(_PageReader(pxi, page), _BUFFER)
        self.size = page.length


class _PageReader(io.RawIOBase):
    def __init__(self, pxi: PxiFile, page: Page) -> None:
        super().__init__()
        self._pxi = pxi
        self._page = page
        self._at = 0
        self._resident = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._page.length}.get(whence)
        if base is None or base + offset < 0:
            raise ValueError(f"cannot seek to {offset} from {whence}")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fills `buffer`, at most to the end of the band: reading ahead must not run into another band's damage."""
        view = memoryview(buffer).cast("B")
        left = min(self._page.length - self._at, BAND - self._at % BAND)
        data = self._pxi.read_bytes(self._page.name, self._at, max(0, min(len(view), left)))
        view[: len(data)] = data
        self._at += len(data)
        self._resident += len(data)
        if self._resident >= _RESIDENT:
            self._release()
        return len(data)

    def _release(self) -> None:
        """Lets go of the pages of the map that were read; they stay in the system's cache."""
        base: Any = self._pxi.rows(self._page.name, 0, 0)
        while not isinstance(base, mmap.mmap):
            base = base.obj if isinstance(base, memoryview) else base.base
        base.madvise(mmap.MADV_DONTNEED)
        self._resident = 0

    def close(self) -> None:
        if not self.closed:
            self._pxi.close()
        super().close()
