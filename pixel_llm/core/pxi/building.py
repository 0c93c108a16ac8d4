"""What creating and updating a .pxi file have in common: placing pages, and writing the tail of a generation."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from pixel_llm.core import durable
from pixel_llm.core.durable import Buffer, DurableFile
from pixel_llm.core.pxi import hashing, layout
from pixel_llm.core.pxi.index import SHEET_NAME, Index, SnapshotRecord, check_attributes, dump_index
from pixel_llm.core.pxi.layout import HASH, Page, SampleType, Superblock, align, alignment
from pixel_llm.core.pxi.planes import PlaneWriter
from pixel_llm.core.pxi.tiff import build_ifds
from pixel_llm.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError

_NO_HASH = bytes(HASH)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def default_sheet() -> np.ndarray[Any, Any]:
    """The picture of a file that was given none: 64x64, red grows to the right, green downwards."""
    ramp = np.arange(64, dtype=np.uint8) * 4
    sheet = np.full((64, 64, 3), 96, np.uint8)
    sheet[..., 0], sheet[..., 1] = ramp[None, :], ramp[:, None]
    return sheet


class Builder:
    """Base of `PxiWriter` and `PxiUpdater`. `begin_plane` and `add_*` may be called from several threads."""

    def __init__(self, path: Path, file: DurableFile, end: int) -> None:
        self.path = path
        self.attributes: dict[str, Any] = {}
        self._file = file
        self._end = end
        self._pages: dict[str, Page | PlaneWriter] = {}
        self._sheet: Page | np.ndarray[Any, Any] = default_sheet()
        self._executor = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "pxi-hash")
        self._lock = threading.Lock()
        self._open = True

    def add_array(self, name: str, array: np.ndarray[Any, Any], *, kind: str = "plane") -> None:
        """Add a whole page.

        `array`: (height, width) or (height, width, channels), one of the sample types' dtypes; `kind` "rgb" marks a
        picture (uint8, 3 channels). Raises `AlreadyExistsError` for a name in use and `InvalidArgumentError` for what
        a page cannot hold.
        """
        sample = layout.sample_of(array.dtype)
        if sample is None:
            known = ", ".join(SampleType)
            raise InvalidArgumentError(f"no sample type holds {array.dtype}; there are {known}", part=name)
        if array.ndim not in (2, 3) or array.shape[2:] == (1,):
            raise InvalidArgumentError(
                f"an array of shape {array.shape} is no page",
                part=name,
                remedy="give it the shape (height, width), or (height, width, 2 to 4 channels)",
            )
        height, width, channels = (*array.shape, 1)[:3]
        if kind == "bytes":
            raise InvalidArgumentError("bytes are added with add_bytes", part=name)
        writer = self._begin(name, kind, sample, width, height, channels, array.nbytes)
        with self._withdrawn_on_error(name):
            writer.write_rows(array)

    def begin_plane(self, name: str, sample: SampleType, width: int, height: int, channels: int = 1) -> PlaneWriter:
        """Reserve a page and return the writer of its rows. Several may be open at once."""
        if sample not in layout.SAMPLES:
            raise InvalidArgumentError(f"{sample!r} is no sample type; there are {', '.join(SampleType)}", part=name)
        sample = SampleType(sample)
        return self._begin(name, "plane", sample, width, height, channels, width * height * channels * sample.size)

    def add_bytes(self, name: str, data: Buffer | Iterable[Buffer], length: int | None = None) -> None:
        """Add bytes as an RGB8 page 1024 pixels wide, padded with zeros to a whole row.

        An iterable of pieces streams; it needs `length`, the sum of its pieces.
        """
        if isinstance(data, bytes | bytearray | memoryview):
            length = memoryview(data).nbytes if length is None else length
            data = (data,)
        if length is None or not 0 <= length <= layout.MAX_INT:
            raise InvalidArgumentError("the length of the bytes is needed in advance", part=name)
        height = layout.bytes_height(length)
        writer = self._begin(name, "bytes", SampleType.UINT8, layout.BYTES_WIDTH, height, 3, length)
        with self._withdrawn_on_error(name):
            total = 0
            for piece in data:
                view = memoryview(piece).cast("B")
                total += len(view)
                if total > length:
                    raise InvalidArgumentError(f"more than the {length} bytes that were announced", part=name)
                writer.feed(view)
            if total != length:
                raise InvalidArgumentError(f"{total} bytes instead of the {length} that were announced", part=name)
            writer.feed(memoryview(bytes(height * layout.BYTES_ROW - length)))

    @contextmanager
    def _withdrawn_on_error(self, name: str) -> Iterator[None]:
        try:
            yield
        except BaseException:
            del self._pages[name]
            raise

    def read_raw(self, name: str, offset: int, length: int) -> bytes:
        """Bytes of a page that was added or is kept, as `PxiFile.read_raw` gives them, before they are committed."""
        page = self._page(name)
        page = page.page if isinstance(page, PlaneWriter) else page
        size = min(length, page.nbytes - offset)
        if size <= 0:
            return b""
        try:
            return durable.read(self._file.fd, size, page.offset + offset)
        except OSError as error:
            raise durable.storage_error(error, self.path, "read") from error

    def set_contact_sheet(self, rgb: np.ndarray[Any, Any]) -> None:
        """The picture that image viewers show first: uint8, (height, width, 3)."""
        if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
            raise InvalidArgumentError(
                f"a contact sheet is uint8 (height, width, 3), not {rgb.dtype} {rgb.shape}", part=SHEET_NAME
            )
        self._sheet = np.array(rgb, np.uint8, order="C")

    def _begin(
        self, name: str, kind: str, sample: SampleType, width: int, height: int, channels: int, length: int
    ) -> PlaneWriter:
        fault = layout.name_fault(name) or layout.geometry_fault(kind, sample, width, height, channels, length)
        if fault is not None:
            raise InvalidArgumentError(fault, part=name or None)
        nbytes = width * height * channels * sample.size
        with self._lock:
            self._check_open()
            if name in self._pages:
                raise AlreadyExistsError("the file has a page of this name already", file=self.path, part=name)
            if len(self._pages) >= layout.MAX_PAGES:
                raise InvalidArgumentError(f"a file holds at most {layout.MAX_PAGES} pages", file=self.path)
            self._prepare()
            offset = align(self._end, alignment(nbytes))
            page = Page(name, kind, sample, width, height, channels, offset, nbytes, length, _NO_HASH, 0)
            writer = PlaneWriter(self._file, page, self._executor)
            self._end = offset + nbytes
            self._pages[name] = writer
        return writer

    def _prepare(self) -> None:
        """Called before the first byte of new data is written."""

    def _check_open(self) -> None:
        if not self._open:
            raise InvalidArgumentError("the writer is closed", file=self.path)

    def _page(self, name: str) -> Page | PlaneWriter:
        try:
            return self._pages[name]
        except KeyError:
            raise NotFoundError("the file has no such page", file=self.path, part=name) from None

    def _write_tail(
        self, generation: int, created: str, label: str | None, snapshots: Sequence[SnapshotRecord]
    ) -> tuple[Index, Superblock]:
        """Write contact sheet, hash tables, IFDs and index after the pages; nothing refers to them yet."""
        unfinished = [n for n, p in self._pages.items() if isinstance(p, PlaneWriter) and not p.complete]
        if unfinished:
            writer = self._pages[unfinished[0]]
            assert isinstance(writer, PlaneWriter)
            raise InvalidArgumentError(
                f"{writer.rows_left} rows were never written (unfinished pages: {len(unfinished)})",
                file=self.path,
                part=unfinished[0],
            )
        check_attributes(self.attributes)
        if isinstance(self._sheet, Page):
            new_sheet = None
        else:
            new_sheet = self._place_sheet(self._sheet)
        pages, sheet = self._place_tables(new_sheet)
        self._end = align(self._end, 8)
        size = len(build_ifds(generation, sheet, pages.values(), 0, 0, 0))
        index = Index(
            generation=generation,
            created=created,
            label=label,
            attributes=self.attributes,
            contact_sheet=sheet,
            pages=pages,
            ifds_offset=self._end,
            ifds_length=size,
            ifds_hash=_NO_HASH,
            snapshots=tuple(snapshots),
        )
        offset = align(self._end + size, layout.ALIGN_SMALL)
        length = len(dump_index(index))  # the hash's width is fixed, so the real index is as long
        ifds = build_ifds(generation, sheet, pages.values(), offset, length, self._end)
        index = replace(index, ifds_hash=hashing.ifds_hash(ifds))
        data = dump_index(index)
        self._file.write(ifds, self._end)
        self._file.sync()
        self._file.write(data, offset)
        self._end = offset + len(data)
        return index, Superblock(generation, offset, len(data), hashing.index_root(data))

    def _place_sheet(self, rgb: np.ndarray[Any, Any]) -> PlaneWriter:
        height, width, _ = rgb.shape
        offset = align(self._end, alignment(rgb.nbytes))
        page = Page(SHEET_NAME, "rgb", SampleType.UINT8, width, height, 3, offset, rgb.nbytes, rgb.nbytes, _NO_HASH, 0)
        writer = PlaneWriter(self._file, page, self._executor)
        writer.write_rows(rgb)
        self._end = offset + rgb.nbytes
        return writer

    def _place_tables(self, new_sheet: PlaneWriter | None) -> tuple[dict[str, Page], Page]:
        """Write the band hashes of all new pages in one piece; return every page with its root."""
        self._end = align(self._end, layout.ALIGN_SMALL)
        tables = bytearray()

        def settled(page: Page | PlaneWriter) -> Page:
            if isinstance(page, Page):
                return page
            result = page.sealed(self._end + len(tables))
            tables.extend(page.table)
            return result

        pages = {name: settled(page) for name, page in self._pages.items()}
        sheet = settled(new_sheet if new_sheet is not None else self._sheet)  # type: ignore[arg-type]
        if tables:
            self._file.write(tables, self._end)
            self._end += len(tables)
        return pages, sheet

    def _shut(self) -> None:
        self._open = False
        self._executor.shutdown()
