"""What is written is read: every sample type, every shape, streamed or whole."""

from __future__ import annotations

import os
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixel_llm.core import durable
from pixel_llm.core.pxi import PxiFile, PxiUpdater, PxiWriter, SampleType
from pixel_llm.errors import (
    AlreadyExistsError,
    InvalidArgumentError,
    NotFoundError,
    PxiFormatError,
    StorageError,
)
from pixel_llm.tests.core.pxi_support import PAYLOAD, write_sample

MIB = 1 << 20


def test_every_sample_type_comes_back_as_a_read_only_view(tmp_path: Path) -> None:
    arrays = write_sample(tmp_path / "a.pxi")
    with PxiFile.open(tmp_path / "a.pxi") as file:
        assert list(file.pages) == [*arrays, "notes.txt"]
        for name, array in arrays.items():
            got = file.array(name)
            assert got.dtype == array.dtype and np.array_equal(got, array)
            assert not got.flags.writeable and not got.flags.owndata
            assert file.pages[name].offset % 64 == 0
        assert file.read_bytes("notes.txt") == PAYLOAD
        assert file.attributes == {"answer": {"value": 42, "list": [1.5, None, "ü"]}}
        assert file.generation == 1 and len(file.root_hash) == 32
        assert [s.root_hash for s in file.snapshots()] == [file.root_hash]
        report = file.verify()
        assert report.ok and not report.notes
        assert report.bytes_checked > 12288 + sum(a.nbytes for a in arrays.values())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sample=st.sampled_from(list(SampleType)),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    channels=st.integers(1, 4),
    cuts=st.lists(st.integers(0, 40), max_size=4),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_shape_in_any_pieces(tmp_path, sample, height, width, channels, cuts, seed) -> None:
    shape = (height, width) if channels == 1 else (height, width, channels)
    raw = np.random.default_rng(seed).integers(0, 256, height * width * channels * sample.size, np.uint8)
    array = raw.view(sample.dtype).reshape(shape)
    with PxiWriter(tmp_path / "a.pxi", overwrite=True) as writer:
        plane = writer.begin_plane("p", sample, width, height, channels)
        edges = sorted({0, height, *(min(c, height) for c in cuts)})
        for start, stop in pairwise(edges):
            plane.write_rows(array[start:stop])
        assert plane.complete and plane.rows_left == 0
    with PxiFile(tmp_path / "a.pxi") as file:
        assert file.array("p").shape == shape
        assert file.array("p").tobytes() == array.tobytes()
        assert file.rows("p", height // 3, height).tobytes() == array[height // 3 :].tobytes()


@pytest.mark.parametrize("step", [1, 7, 100, 3000])
def test_pages_of_many_bands_streamed_and_interleaved(tmp_path: Path, step: int) -> None:
    rng = np.random.default_rng(1)
    left = rng.integers(0, 256, (3000, 1111), np.uint8)
    right = rng.standard_normal((3000, 300)).astype(np.float32)
    with PxiWriter(tmp_path / "a.pxi") as writer:
        one = writer.begin_plane("left", SampleType.UINT8, 1111, 3000)
        two = writer.begin_plane("right", SampleType.FLOAT32, 300, 3000)
        buffer = np.empty((step, 1111), np.uint8)  # reused: write_rows must be done with it when it returns
        for start in range(0, 3000, step):
            part = buffer[: min(step, 3000 - start)]
            part[:] = left[start : start + step]
            one.write_rows(part)
            two.write_rows(right[start : start + step])
    with PxiFile(tmp_path / "a.pxi") as file:
        assert file.pages["left"].offset % 4096 == 0
        assert np.array_equal(file.rows("left", 1234, 1300), left[1234:1300])
        assert np.array_equal(file.array("left"), left)
        assert np.array_equal(file.array("right"), right)
        assert file.verify(threads=2).ok


def test_arrays_of_any_memory_layout(tmp_path: Path) -> None:
    base = np.arange(60, dtype=np.uint16).reshape(6, 10)
    with PxiWriter(tmp_path / "a.pxi") as writer:
        writer.add_array("transposed", base.T)
        writer.add_array("strided", base[::2, ::-1])
    with PxiFile(tmp_path / "a.pxi") as file:
        assert np.array_equal(file.array("transposed"), base.T)
        assert np.array_equal(file.array("strided"), base[::2, ::-1])


def test_skipped_rows_are_zeros_and_take_no_space(tmp_path: Path) -> None:
    with PxiWriter(tmp_path / "a.pxi") as writer:
        plane = writer.begin_plane("p", SampleType.UINT8, 1000, 200_000)
        plane.skip_rows(100_000)
        plane.write_rows(np.ones((1, 1000), np.uint8))
        plane.skip_rows(99_999)
    assert (tmp_path / "a.pxi").stat().st_blocks * 512 < 2 * MIB
    with PxiFile(tmp_path / "a.pxi") as file:
        assert file.verify().ok
        array = file.array("p")
        assert array[100_000].all() and not array[99_999].any() and not array[100_001:100_100].any()


def test_bytes_pages(tmp_path: Path) -> None:
    data = np.random.default_rng(2).bytes(3 * MIB + 5)
    with PxiWriter(tmp_path / "a.pxi") as writer:
        writer.add_bytes("empty", b"")
        writer.add_bytes("3600", b"x" * 3600)
        writer.add_bytes("streamed", (data[i : i + 70_001] for i in range(0, len(data), 70_001)), len(data))
        writer.add_bytes("view", memoryview(np.arange(5, dtype=np.uint32)))
    with PxiFile(tmp_path / "a.pxi") as file:
        assert file.read_bytes("empty") == b"" and file.pages["empty"].height == 1
        assert (file.pages["3600"].width, file.pages["3600"].height) == (1024, 2)
        assert file.read_bytes("streamed") == data
        assert file.read_bytes("streamed", 3 * MIB, 100) == data[3 * MIB :]
        assert file.read_bytes("streamed", 10, 20) == data[10:30]
        assert file.read_bytes("streamed", len(data) + 7) == b""
        assert file.read_bytes("view") == np.arange(5, dtype=np.uint32).tobytes()


def test_padding_stays_under_one_percent_of_large_pages(tmp_path: Path) -> None:
    with PxiWriter(tmp_path / "a.pxi") as writer:
        for number in range(40):
            writer.add_array(f"large {number}", np.zeros((1, 409_600 + 1), np.uint8))
    assert (tmp_path / "a.pxi").stat().st_size < 1.03 * 40 * 409_601
    with PxiFile(tmp_path / "a.pxi") as file:
        pages = list(file.pages.values())
        assert all(p.offset % 4096 == 0 for p in pages)
        for one, following in pairwise(pages):
            assert following.offset - one.offset - one.nbytes < 0.01 * one.nbytes


def test_opening_does_not_depend_on_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What opening reads is counted, not timed; `benchmarks/opening.py` measures the time."""
    sizes: list[int] = []
    read = durable.read
    monkeypatch.setattr(durable, "read", lambda fd, size, offset: sizes.append(size) or read(fd, size, offset))
    opened = {}
    for name, rows in (("small.pxi", 1), ("huge.pxi", 25_600)):
        path = tmp_path / name
        with PxiWriter(path) as writer:
            for number in range(1000):
                page = f"blk.{number}.ffn_down.weight/codes"
                writer.begin_plane(page, SampleType.UINT8, 4096, rows).skip_rows(rows)
        sizes.clear()
        with PxiFile(path) as file:
            opened[name] = sum(sizes)
            assert len(file.pages) == 1000
            assert not file.rows("blk.999.ffn_down.weight/codes", 0, 1).any()
    assert (tmp_path / "huge.pxi").stat().st_size > 100e9
    # The index has longer numbers in it, nothing else.
    assert opened["huge.pxi"] < 1.1 * opened["small.pxi"] < 1 << 20


def test_closed_files_and_views_that_outlive_them(tmp_path: Path) -> None:
    arrays = write_sample(tmp_path / "a.pxi")
    file = PxiFile(tmp_path / "a.pxi")
    view = file.array("f32")
    file.close()
    file.close()
    assert np.array_equal(view, arrays["f32"])
    with pytest.raises(InvalidArgumentError, match="closed"):
        file.array("f32")
    with pytest.raises(InvalidArgumentError, match="closed"):
        file.verify()


def test_reading_from_many_threads(tmp_path: Path) -> None:
    array = np.random.default_rng(3).integers(0, 256, (64, 262_144), np.uint8)
    with PxiWriter(tmp_path / "a.pxi") as writer:
        writer.add_array("p", array)
    wrong: list[int] = []
    with PxiFile(tmp_path / "a.pxi") as file:

        def work(seed: int) -> None:
            order = np.random.default_rng(seed).permutation(64)
            wrong.extend(r for r in order if not np.array_equal(file.rows("p", r, r + 1), array[r : r + 1]))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.zeros((1, 4), np.uint16), "rows are uint16"),
        (np.zeros((1, 4), ">f4"), "rows are >f4"),
        (np.zeros((1, 5), np.float32), "shape"),
        (np.zeros((4,), np.float32), "shape"),
        (np.zeros((1, 4, 1), np.float32), "shape"),
        (np.zeros((4, 4), np.float32), "too many, 3 are left"),
    ],
)
def test_wrong_rows(tmp_path: Path, rows: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message), PxiWriter(tmp_path / "a.pxi") as writer:
        writer.begin_plane("p", SampleType.FLOAT32, 4, 3).write_rows(rows)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda w: w.begin_plane("p", SampleType.UINT8, 4, 3), "p: 3 rows were never written"),
        (lambda w: w.begin_plane("p", "float64", 4, 3), "'float64' is no sample type"),
        (lambda w: w.begin_plane("p", SampleType.UINT8, 0, 3), "0x3 pixels"),
        (lambda w: w.begin_plane("p", SampleType.UINT8, 4, 3, 5), "5 channels"),
        (lambda w: w.begin_plane("p", SampleType.FLOAT32, 2**31 - 1, 2**31 - 1), "bytes are more than"),
        (lambda w: w.begin_plane("", SampleType.UINT8, 4, 3), "name is empty"),
        (lambda w: w.begin_plane("a\nb", SampleType.UINT8, 4, 3), "control characters"),
        (lambda w: w.begin_plane("a\u2028b", SampleType.UINT8, 4, 3), "control characters"),
        (lambda w: w.begin_plane("x" * 513, SampleType.UINT8, 4, 3), "longer than"),
        (lambda w: w.begin_plane("ü" * 300, SampleType.UINT8, 4, 3), "longer than"),
        (lambda w: w.begin_plane("p", SampleType.UINT8, 4, 3).skip_rows(-1), "cannot skip"),
        (lambda w: w.begin_plane("p", SampleType.UINT8, 4, 3).skip_rows(4), "too many"),
        (lambda w: w.add_array("p", np.zeros((2, 2), np.int64)), "no sample type holds int64"),
        (lambda w: w.add_array("p", np.zeros(4, np.uint8)), "is no page"),
        (lambda w: w.add_array("p", np.zeros((2, 2), np.uint8), kind="bytes"), "add_bytes"),
        (lambda w: w.add_array("p", np.zeros((2, 2), np.uint8), kind="rgb"), "must be uint8 with 3"),
        (lambda w: w.add_array("p", np.zeros((2, 2), np.uint8), kind="film"), "none of plane, rgb, bytes"),
        (lambda w: w.add_bytes("p", iter([b"ab"])), "needed in advance"),
        (lambda w: w.add_bytes("p", [b"ab", b"c"], 2), "more than the 2 bytes"),
        (lambda w: w.add_bytes("p", [b"ab"], 3), "2 bytes instead of the 3"),
        (lambda w: w.set_contact_sheet(np.zeros((2, 2), np.uint8)), "contact sheet is uint8"),
        (lambda w: w.attributes.update(x=float("nan")), "no NaN"),
        (lambda w: w.attributes.update(x=1 << 64), "64 bits"),
        (lambda w: w.attributes.update({"x": {1: 2}}), "not a string"),
        (lambda w: w.attributes.update(x=b"bytes"), "bytes is not a JSON type"),
    ],
)
def test_wrong_use_is_refused_and_leaves_nothing(tmp_path: Path, action, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message), PxiWriter(tmp_path / "a.pxi") as writer:
        action(writer)
    assert list(tmp_path.iterdir()) == []


def test_deep_attributes_are_refused_when_written(tmp_path: Path) -> None:
    deep: list = []
    for _ in range(70):
        deep = [deep]
    with pytest.raises(InvalidArgumentError, match="too deeply"), PxiWriter(tmp_path / "a.pxi") as writer:
        writer.attributes["deep"] = deep


def test_deepest_allowed_attributes_come_back(tmp_path: Path) -> None:
    deep: list = []
    for _ in range(60):
        deep = [deep]
    with PxiWriter(tmp_path / "a.pxi") as writer:
        writer.attributes["deep"] = deep
    with PxiFile(tmp_path / "a.pxi") as file:
        assert file.attributes["deep"] == deep


def test_a_failed_page_is_withdrawn(tmp_path: Path) -> None:
    with PxiWriter(tmp_path / "a.pxi") as writer:
        with pytest.raises(InvalidArgumentError):
            writer.add_bytes("p", [b"ab"], 3)
        writer.add_bytes("p", b"good")
        with pytest.raises(AlreadyExistsError, match="a page of this name"):
            writer.add_bytes("p", b"again")
    with PxiFile(tmp_path / "a.pxi") as file:
        assert file.read_bytes("p") == b"good"


def test_targets(tmp_path: Path) -> None:
    target = tmp_path / "a.pxi"
    target.write_bytes(b"precious")
    with pytest.raises(AlreadyExistsError, match="overwrite"):
        PxiWriter(target)
    with pytest.raises(AlreadyExistsError, match="folder"):
        PxiWriter(tmp_path, overwrite=True)
    with pytest.raises(NotFoundError, match="folder does not exist"):
        PxiWriter(tmp_path / "none" / "a.pxi")
    with pytest.raises(KeyboardInterrupt), PxiWriter(target, overwrite=True) as writer:
        writer.add_bytes("p", b"x" * 100_000)
        assert target.read_bytes() == b"precious"
        raise KeyboardInterrupt
    assert target.read_bytes() == b"precious" and list(tmp_path.iterdir()) == [target]
    link = tmp_path / "link.pxi"
    link.symlink_to(target)
    with PxiWriter(link, overwrite=True) as writer:
        writer.add_bytes("p", b"new")
    with PxiFile(target) as file:
        assert file.read_bytes("p") == b"new" and link.is_symlink()


def test_a_target_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "a.pxi"
    with pytest.raises(AlreadyExistsError), PxiWriter(target):
        target.write_bytes(b"somebody else's")
    assert target.read_bytes() == b"somebody else's" and list(tmp_path.iterdir()) == [target]


def test_an_abandoned_writer_removes_its_temporary_file(tmp_path: Path) -> None:
    writer = PxiWriter(tmp_path / "a.pxi")
    (temporary,) = tmp_path.iterdir()
    assert temporary.name.startswith(f".pxi-{os.getpid()}-") and temporary.suffix == ".tmp"
    del writer
    assert list(tmp_path.iterdir()) == []


def test_a_finished_writer_is_closed(tmp_path: Path) -> None:
    with PxiWriter(tmp_path / "a.pxi") as writer:
        writer.finish()
        with pytest.raises(InvalidArgumentError, match="closed"):
            writer.add_bytes("p", b"")


def test_bad_requests_to_the_reader(tmp_path: Path) -> None:
    write_sample(tmp_path / "a.pxi")
    with PxiFile(tmp_path / "a.pxi") as file:
        with pytest.raises(NotFoundError, match="no such page"):
            file.array("none")
        for start, stop in ((-1, 2), (2, 1), (0, 99)):
            with pytest.raises(InvalidArgumentError, match="outside 0 to 5"):
                file.rows("u8", start, stop)
        assert file.rows("u8", 2, 2).shape == (0, 3)
        with pytest.raises(InvalidArgumentError, match="kind plane"):
            file.read_bytes("u8")
        with pytest.raises(InvalidArgumentError, match="negative"):
            file.read_bytes("notes.txt", -1)
        with pytest.raises(InvalidArgumentError, match="0 threads"):
            file.verify(threads=0)
    with pytest.raises(NotFoundError, match="no such file"):
        PxiFile(tmp_path / "none.pxi")
    with pytest.raises(NotFoundError, match="no such file"):
        PxiUpdater(tmp_path / "none.pxi")


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    with pytest.raises(PxiFormatError, match="not a regular file"):
        PxiFile(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    for opener in (PxiFile, PxiUpdater):
        with pytest.raises((PxiFormatError, StorageError)):
            opener(tmp_path / "pipe")
    with pytest.raises(StorageError):
        PxiUpdater(tmp_path)


def test_the_contact_sheet(tmp_path: Path) -> None:
    sheet = np.random.default_rng(4).integers(0, 256, (30, 20, 3), np.uint8)
    with PxiWriter(tmp_path / "a.pxi") as writer:
        writer.set_contact_sheet(sheet)
        writer.add_array("contact sheet", np.zeros((2, 2), np.uint8))  # its name is not reserved
    with PxiFile(tmp_path / "a.pxi") as file:
        assert np.array_equal(file.contact_sheet(), sheet)
        assert file.array("contact sheet").shape == (2, 2)
