"""Other programs open a .pxi file: tifffile, Pillow, libtiff's tools and ImageMagick."""

from __future__ import annotations

import os
import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from pixel_llm.core.pxi import PxiFile, PxiWriter, SampleType
from pixel_llm.tests.core.pxi_support import PAYLOAD, write_sample, write_two_generations

PAGE_NAME = 285


@pytest.fixture
def sample(tmp_path: Path) -> tuple[Path, dict[str, np.ndarray]]:
    path = tmp_path / "a.pxi"
    return path, write_two_generations(path)[1]


def tool(*command: str) -> subprocess.CompletedProcess[str]:
    if shutil.which(command[0]) is None:
        message = f"{command[0]} is missing: install libtiff-tools and imagemagick"
        if os.environ.get("PIXEL_LLM_REQUIRE_TOOLS") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_tifffile_reads_every_page(sample, caplog) -> None:
    path, arrays = sample
    with tifffile.TiffFile(path) as tiff, PxiFile(path) as file:
        assert tiff.is_bigtiff and tiff.byteorder == "<"
        names = [page.tags[PAGE_NAME].value for page in tiff.pages]
        assert names == ["contact sheet", "index", *arrays, "notes.txt"]
        for page, name in zip(tiff.pages, names, strict=True):
            got = page.asarray()
            if name in arrays:
                assert got.dtype == arrays[name].dtype and np.array_equal(got, arrays[name])
            elif name == "notes.txt":
                assert got.tobytes()[: len(PAYLOAD)] == PAYLOAD
            elif name == "contact sheet":
                assert np.array_equal(got, file.contact_sheet())
            else:
                assert got.tobytes().startswith(b'{"attributes":')
            assert len(page.dataoffsets) == 1 and page.rowsperstrip == page.imagelength
    assert not caplog.records


def test_tifffile_reads_float16_of_many_bands(tmp_path: Path) -> None:
    array = np.random.default_rng(5).standard_normal((3000, 500)).astype(np.float16)
    with PxiWriter(tmp_path / "a.pxi") as writer:
        writer.add_array("w", array)
    assert np.array_equal(tifffile.imread(tmp_path / "a.pxi", key=2), array)


def test_an_independent_writer_is_not_taken_for_ours(tmp_path: Path) -> None:
    from pixel_llm.errors import PxiFormatError

    for big in (False, True):
        tifffile.imwrite(tmp_path / "plain.tif", np.zeros((64, 64), np.uint8), bigtiff=big)
        with pytest.raises(PxiFormatError, match="a TIFF file without the mark PXI1"):
            PxiFile(tmp_path / "plain.tif")


def test_pillow_reads_every_page_that_it_has_a_mode_for(tmp_path: Path) -> None:
    """Pillow 11 to 13 have no mode for half floats and for gray with unnamed extra channels; the rest it must read."""
    arrays = write_sample(tmp_path / "a.pxi")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Image.open(tmp_path / "a.pxi") as image:
            assert image.format == "TIFF" and image.mode == "RGB" and image.size == (64, 64)
            image.load()
    read = set()
    names = ["contact sheet", "index", *arrays, "notes.txt"]
    for number, name in enumerate(names):
        array = arrays.get(name)
        if array is not None and (array.dtype == np.float16 or array.shape[2:] == (2,)):
            continue
        with Image.open(tmp_path / "a.pxi") as image:
            image.seek(number)
            assert image.tag_v2[PAGE_NAME] == name
            got = np.asarray(image)
        if array is not None:
            assert np.array_equal(got.astype(array.dtype), array), name
        read.add(name)
    assert read == {"contact sheet", "index", "u8", "i8", "u16", "f32", "picture", "notes.txt"}


def test_tiffinfo_is_silent_and_sees_every_page(sample) -> None:
    path, arrays = sample
    result = tool("tiffinfo", "-d", str(path))  # -d reads the pixels, too
    assert result.returncode == 0 and result.stderr == ""
    lines = (line.strip() for line in result.stdout.splitlines())
    pages = [line.removeprefix("PageName: ") for line in lines if line.startswith("PageName: ")]
    assert pages == ["contact sheet", "index", *arrays, "notes.txt"]
    assert result.stdout.count("Image Width:") == len(arrays) + 3


def test_tiffdump_is_silent(sample) -> None:
    path, arrays = sample
    result = tool("tiffdump", str(path))
    assert result.returncode == 0 and result.stderr == ""
    assert result.stdout.count("Directory ") == len(arrays) + 3


def test_imagemagick_identifies_every_page(sample) -> None:
    path, arrays = sample
    result = tool("identify", "-regard-warnings", str(path))
    assert result.returncode == 0 and result.stderr == ""
    assert len(result.stdout.splitlines()) == len(arrays) + 3


def test_imagemagick_reads_the_pixels(tmp_path: Path) -> None:
    arrays = write_sample(tmp_path / "a.pxi")
    out = tmp_path / "out.gray"
    result = tool("convert", "-regard-warnings", f"{tmp_path}/a.pxi[2]", "-depth", "8", f"gray:{out}")
    assert result.returncode == 0 and result.stderr == ""
    assert out.read_bytes() == arrays["u8"].tobytes()


def test_pages_wider_and_taller_than_small_integers(tmp_path: Path) -> None:
    with PxiWriter(tmp_path / "a.pxi") as writer:
        writer.begin_plane("wide", SampleType.UINT8, 150_000, 3).skip_rows(3)
        writer.begin_plane("tall", SampleType.FLOAT32, 3, 150_000).skip_rows(150_000)
        writer.begin_plane("four", SampleType.UINT16, 3, 5, 4).skip_rows(5)
    with tifffile.TiffFile(tmp_path / "a.pxi") as tiff:
        assert [page.shape for page in tiff.pages[2:]] == [(3, 150_000), (150_000, 3), (5, 3, 4)]
    result = tool("tiffinfo", str(tmp_path / "a.pxi"))
    assert result.returncode == 0 and result.stderr == ""


def test_all_of_unicode_in_a_name(tmp_path: Path) -> None:
    names = ["größe/ключ", "名前 🎨", "a b", "x" * 512]
    with PxiWriter(tmp_path / "a.pxi") as writer:
        for name in names:
            writer.add_array(name, np.zeros((1, 1), np.uint8))
    with PxiFile(tmp_path / "a.pxi") as file:
        assert list(file.pages) == names and file.verify().ok
    assert tool("tiffinfo", str(tmp_path / "a.pxi")).stderr == ""
