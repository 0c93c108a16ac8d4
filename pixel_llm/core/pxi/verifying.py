"""Checking a whole file: every byte that a generation of it refers to, several threads at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pixel_llm.core import durable
from pixel_llm.core.pxi import hashing
from pixel_llm.core.pxi.checking import check_band, default_threads, read_table
from pixel_llm.core.pxi.hashing import band_extent
from pixel_llm.core.pxi.index import SHEET_NAME, Index
from pixel_llm.core.pxi.layout import BLOCK, SLOT_OFFSETS, Page, Superblock
from pixel_llm.core.pxi.loading import Loaded, read_head, read_index
from pixel_llm.core.pxi.tiff import build_ifds
from pixel_llm.errors import PixelLLMError

_BANDS_A_JOB = 8


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is wrong. `page` and `band` are None where it is not a page's pixels."""

    page: str | None
    band: int | None
    message: str


@dataclass(slots=True)
class VerifyReport:
    """Result of `PxiFile.verify`. `notes` says what is harmless, such as a commit that a crash cut off."""

    bytes_checked: int = 0
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.failures


@dataclass(frozen=True, slots=True)
class _Job:
    page: Page
    label: str | None
    table: bytes
    first: int
    stop: int


class _Verification:
    def __init__(self, fd: int, path: Path) -> None:
        self.fd = fd
        self.path = path
        self.report = VerifyReport()
        self.lock = threading.Lock()

    def fail(self, message: str, page: str | None = None, band: int | None = None) -> None:
        with self.lock:
            self.report.failures.append(Failure(page, band, message))

    def guarded(self, action: Callable[[], None], page: str | None = None, band: int | None = None) -> None:
        """Run a check; an error of ours is a failure in the report."""
        try:
            action()
        except PixelLLMError as error:
            self.fail(str(error), page, band)

    def read(self, size: int, offset: int, what: str) -> bytes | None:
        try:
            data = durable.read(self.fd, size, offset)
        except OSError as error:
            self.fail(f"{what}: cannot read: {error.strerror}")
            return None
        if len(data) < size:
            self.fail(f"{what}: the file is cut off")
            return None
        self.report.bytes_checked += size
        return data

    def check_head(self, loaded: Loaded) -> None:
        head = read_head(self.fd, self.path)
        self.report.bytes_checked += len(head.data)
        if head.data[24:BLOCK].strip(b"\0"):
            self.fail("head: the reserved bytes 24 to 4095 are not zero")
        for slot in filter(None, (head.superblock, head.other)):
            start = SLOT_OFFSETS[slot.slot]
            if head.data[start : start + BLOCK] != slot.pack():
                self.fail(f"superblock {slot.slot}: the reserved bytes after it are not zero")
        if head.other_damaged:
            self.report.notes.append(
                f"superblock {1 - head.superblock.slot} is not whole: a commit was cut off; the next one replaces it"
            )
        self.check_pointer(head.first_ifd, loaded)

    def check_pointer(self, first_ifd: int, loaded: Loaded) -> None:
        newest_is_whole = loaded.newest.generation == loaded.head.superblock.generation
        if first_ifd == loaded.newest.ifds_offset or not newest_is_whole:  # a damaged index is reported as such
            return
        if loaded.head.other is None and first_ifd > loaded.newest.ifds_offset:
            self.fail(f"the superblock of a generation newer than {loaded.newest.generation} is damaged")
            return
        previous = loaded.head.other  # whether or not it was kept as a snapshot
        if (
            previous is not None
            and previous.generation < loaded.newest.generation
            and first_ifd == read_index(self.fd, self.path, previous).ifds_offset
        ):
            self.report.notes.append(
                "the TIFF chain still shows the generation before: a commit was cut off after it had taken effect; "
                "the next one repairs the pointer"
            )
            return
        self.fail(f"head: the first IFD is said to be at {first_ifd}, it is at {loaded.newest.ifds_offset}")

    def check_ifds(self, index: Index, superblock: Superblock, what: str) -> None:
        stored = self.read(index.ifds_length, index.ifds_offset, f"{what}IFDs")
        if stored is None:
            return
        if hashing.ifds_hash(stored) != index.ifds_hash:
            self.fail(f"{what}IFDs: they do not match their SHA-256")
            return
        built = build_ifds(
            index.generation,
            index.contact_sheet,
            index.pages.values(),
            superblock.index_offset,
            superblock.index_length,
            index.ifds_offset,
        )
        if built != stored:
            self.fail(f"{what}IFDs: they are not those of the index")

    def generations(self, loaded: Loaded) -> Iterator[tuple[Index, Superblock, str]]:
        """Every generation, newest first, its index read again."""
        newest, head = loaded.newest, loaded.head
        places = [Superblock(s.generation, s.offset, s.length, s.root) for s in reversed(newest.snapshots)]
        if head.other is not None and newest.generation == head.other.generation:
            places.insert(0, head.other)  # opened by its number
        for place in (head.superblock, *places):
            what = "" if place.generation == newest.generation else f"generation {place.generation}: "
            try:
                index = read_index(self.fd, self.path, place)
            except PixelLLMError as error:
                self.fail(str(error))
                continue
            self.report.bytes_checked += place.index_length
            yield index, place, what

    def jobs(self, pages: list[tuple[Page, str | None]]) -> Iterator[_Job]:
        for page, label in pages:
            try:
                table = read_table(self.fd, self.path, page)
            except PixelLLMError as error:
                self.fail(str(error), label)
                continue
            with self.lock:
                self.report.bytes_checked += len(table)
            for first in range(0, page.bands, _BANDS_A_JOB):
                yield _Job(page, label, table, first, min(first + _BANDS_A_JOB, page.bands))

    def run(self, job: _Job) -> int:
        for band in range(job.first, job.stop):
            self.guarded(lambda band=band: check_band(self.fd, self.path, job.page, job.table, band), job.label, band)  # type: ignore[misc]
        first, _ = band_extent(job.page.nbytes, job.first)
        last, size = band_extent(job.page.nbytes, job.stop - 1)
        return last + size - first


def verify_file(
    fd: int, path: Path, loaded: Loaded, threads: int | None, progress: Callable[[int, int], None] | None
) -> VerifyReport:
    """Check everything that any generation of the file refers to; each page's pixels once."""
    check = _Verification(fd, path)
    check.guarded(lambda: check.check_head(loaded))
    pages: dict[tuple[int, bytes], tuple[Page, str | None]] = {}
    for index, superblock, what in check.generations(loaded):
        check.check_ifds(index, superblock, what)
        for page in (*index.pages.values(), index.contact_sheet):
            label = None if page.name == SHEET_NAME and page is index.contact_sheet else page.name
            pages.setdefault((page.offset, page.root), (page, label))
    total = sum(page.nbytes for page, _ in pages.values())
    done = 0
    count = threads or default_threads()
    jobs = check.jobs(list(pages.values()))
    with ThreadPoolExecutor(count, "pxi-verify") as pool:
        running: set[Future[int]] = {pool.submit(check.run, job) for job in islice(jobs, 4 * count)}
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(check.run, job) for job in islice(jobs, len(finished))}
            done += sum(future.result() for future in finished)
            if progress is not None:
                progress(done, total)
    report = check.report
    report.bytes_checked += done
    report.failures.sort(key=lambda f: (f.page or "", -1 if f.band is None else f.band))
    return report
