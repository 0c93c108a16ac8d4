"""The safetensors reader against the format's own package, and against hostile files and folders."""

from __future__ import annotations

import json
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from pixel_llm.errors import (
    FormatError,
    InvalidArgumentError,
    NotFoundError,
    PixelLLMError,
    SafetensorsFormatError,
    StorageError,
    UnsupportedError,
)
from pixel_llm.formats.checkpoint import Checkpoint, SourceTensor, open_checkpoint
from pixel_llm.formats.gguf_checkpoint import GGUFCheckpoint
from pixel_llm.formats.safetensors_reader import INDEX_FILE, SafetensorsCheckpoint
from pixel_llm.tests.formats.model_file_helpers import canonical_tensors, mixed_types, write_folder


def test_reads_what_safetensors_wrote(tmp_path: Path) -> None:
    tensors = mixed_types(canonical_tensors())
    checkpoint = open_checkpoint(write_folder(tmp_path / "src", tensors, 3))
    assert isinstance(checkpoint, Checkpoint)
    assert checkpoint.kind == "safetensors"
    for name, want in tensors.items():
        tensor = checkpoint.tensors[f"hf.{name}"]
        assert isinstance(tensor, SourceTensor)
        rows = want.shape[0] if want.ndim == 2 else 1
        assert tensor.lossless
        assert b"".join(tensor.planes(i, i + 1)[0].tobytes() for i in range(rows)) == want.tobytes()
        np.testing.assert_array_equal(tensor.rows(0, rows).reshape(want.shape), want.astype(np.float32))
    with pytest.raises(InvalidArgumentError, match="rows"):
        tensor.planes(0, rows + 1)
    assert checkpoint.metadata["config"]["model_type"] == "llama"
    assert "tokenizer_config" not in checkpoint.metadata
    assert checkpoint.licence() == "Apache License 2.0"
    checkpoint.close()


def test_a_lone_file_and_readme_licence(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(save({"a": np.ones((2, 3), np.float32)}))
    checkpoint = open_checkpoint(tmp_path / "m.safetensors")
    assert dict(checkpoint.metadata) == {"config": {}}
    assert checkpoint.licence() is None
    assert checkpoint.resources() == {}
    (tmp_path / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# Hi\nlicense: other\n")
    assert checkpoint.licence() == "apache-2.0"
    checkpoint.close()


def test_what_it_is_the_content_says(tmp_path: Path) -> None:
    for data, error, message in [
        (b"II\x2b\x00" + bytes(20), UnsupportedError, "TIFF"),
        (b"PK\x03\x04" + bytes(20), UnsupportedError, "pickle"),
        (b"hello", UnsupportedError, "neither"),
        (b"", UnsupportedError, "neither"),
    ]:
        (tmp_path / "x.gguf").write_bytes(data)
        with pytest.raises(error, match=message):
            open_checkpoint(tmp_path / "x.gguf")
    with pytest.raises(NotFoundError):
        open_checkpoint(tmp_path / "none")
    with pytest.raises(NotFoundError, match=r"config\.json.*x\.gguf"):
        open_checkpoint(tmp_path)


def entry(dtype: Any = "F32", shape: Any = (2, 2), offsets: Any = (0, 16)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def raw_file(header: bytes | dict[str, Any], data: bytes = bytes(16), length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


GOOD = {"a": entry()}
HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "header"),
    "seven bytes": (bytes(7), "header"),
    "header longer than the file": (raw_file(GOOD, length=10_000), "do not fit"),
    "header of 2**63": (raw_file(GOOD, length=1 << 63), "do not fit"),
    "header of no bytes": (raw_file(b""), "length 0|begin"),
    "not an object": (raw_file(b"[1]             "), "begin"),
    "space first": (raw_file(b" {}"), "begin"),
    "broken JSON": (raw_file(b'{"a": '), "not JSON"),
    "not UTF-8": (raw_file(b'{"\xff": 1}'), "UTF-8"),
    "NaN": (raw_file(b'{"a": NaN}'), "NaN"),
    "deep": (raw_file(b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"), "deep|JSON|exactly"),
    "huge number": (raw_file(b'{"a": ' + b"9" * 10_000 + b"}"), "JSON"),
    "twice": (raw_file(b'{"a": 1, "a": 2}'), "repeated"),
    "metadata not strings": (raw_file(GOOD | {"__metadata__": {"x": 1}}), "strings"),
    "entry not an object": (raw_file({"a": 1}), "exactly"),
    "a field more": (raw_file({"a": entry() | {"x": 1}}), "exactly"),
    "no name": (raw_file({"": entry()}), "name"),
    "control characters": (raw_file({"a\n": entry()}), "printable"),
    "lone surrogate": (raw_file(b'{"\\ud800": {}}'), "printable"),
    "dtype not a string": (raw_file({"a": entry(3)}), "dtype"),
    "shape not a list": (raw_file({"a": entry() | {"shape": 4}}), "shape"),
    "negative size": (raw_file({"a": entry(shape=(-2, -2))}), "shape"),
    "fractional size": (raw_file({"a": entry(shape=(2.0, 2))}), "shape"),
    "boolean size": (raw_file({"a": entry(shape=(True, 4))}), "shape"),
    "product overflows": (raw_file({"a": entry(shape=(1 << 62, 1 << 62, 0, 4))}), "too large"),
    "rank": (raw_file({"a": entry(shape=(1,) * 9)}), "shape"),
    "three offsets": (raw_file({"a": entry(offsets=(0, 8, 16))}), "offsets"),
    "backwards": (raw_file({"a": entry(offsets=(16, 0))}), "offsets"),
    "beyond the end": (raw_file({"a": entry(offsets=(0, 1000))}), "offsets"),
    "size differs": (raw_file({"a": entry(shape=(2, 3))}), "takes 24 bytes"),
    "overlap": (raw_file({"a": entry(), "b": entry(shape=(1, 2), offsets=(8, 16))}), "overlaps"),
    "gap": (raw_file({"a": entry(offsets=(8, 24))}, bytes(24)), "gap of 8"),
    "tail": (raw_file(GOOD, bytes(17)), "ends at"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(tmp_path: Path, name: str) -> None:
    data, message = HOSTILE[name]
    path = tmp_path / "m.safetensors"
    path.write_bytes(data)
    with pytest.raises(SafetensorsFormatError, match=message) as caught:
        SafetensorsCheckpoint(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 600


def test_unknown_dtype_is_unsupported(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(raw_file({"a": entry("F1")}))
    with pytest.raises(UnsupportedError, match="F1"):
        SafetensorsCheckpoint(tmp_path / "m.safetensors")


def _open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def test_files_are_closed_after_an_error(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(HOSTILE["gap"][0])
    before = _open_files()
    for _ in range(3):
        with pytest.raises(FormatError):
            SafetensorsCheckpoint(tmp_path / "m.safetensors")
    if before:
        assert _open_files() == before


def test_cut_short_while_open(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(save({"a": np.ones((2000, 3), np.float32)}))
    checkpoint = SafetensorsCheckpoint(path)
    os.truncate(path, 1000)
    with pytest.raises(SafetensorsFormatError, match="cut short"):
        checkpoint.tensors["a"].rows(0, 2000)
    checkpoint.close()


def _edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    index = json.loads((folder / INDEX_FILE).read_text())
    change(index)
    (folder / INDEX_FILE).write_text(json.dumps(index))


FOLDERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "shard missing": (lambda f: (f / "model-00002-of-00003.safetensors").unlink(), "model-00002-of-00003.*missing"),
    "two missing": (lambda f: [p.unlink() for p in sorted(f.glob("*.safetensors"))[:2]], "and 1 more"),
    "no index": (lambda f: (f / INDEX_FILE).unlink(), INDEX_FILE),
    "no weights": (lambda f: [p.unlink() for p in f.glob("model*")], "no .safetensors"),
    "map not an object": (lambda f: _edit(f, lambda i: i.update(weight_map=[])), "weight_map"),
    "index not an object": (lambda f: (f / INDEX_FILE).write_text("[]"), "weight_map"),
    "tensor not in the map": (lambda f: _edit(f, lambda i: i["weight_map"].popitem()), "not in weight_map"),
    "tensor elsewhere": (
        lambda f: _edit(f, lambda i: i["weight_map"].update({next(iter(i["weight_map"])): _last(f)})),
        "where weight_map says",
    ),
    "tensor nowhere": (lambda f: _edit(f, lambda i: i["weight_map"].update(zz=_last(f))), "zz"),
    "a path": (lambda f: _edit(f, lambda i: i["weight_map"].update(zz="../x.safetensors")), "not the name"),
    "a hidden file": (lambda f: _edit(f, lambda i: i["weight_map"].update(zz=".x.safetensors")), "not the name"),
    "not a string": (lambda f: _edit(f, lambda i: i["weight_map"].update(zz=3)), "not the name"),
    "in two shards": (
        lambda f: (f / "model-00002-of-00003.safetensors").write_bytes(
            (f / "model-00001-of-00003.safetensors").read_bytes()
        ),
        "is also in",
    ),
    "config not an object": (lambda f: (f / "config.json").write_text("3"), "config"),
    "config not JSON": (lambda f: (f / "config.json").write_text("{"), "not JSON"),
}


def _last(folder: Path) -> str:
    return sorted(folder.glob("*.safetensors"))[-1].name


@pytest.mark.parametrize("name", FOLDERS)
def test_inconsistent_folders(tmp_path: Path, name: str) -> None:
    folder = write_folder(tmp_path / "src", canonical_tensors(), 3)
    change, message = FOLDERS[name]
    change(folder)
    with pytest.raises((SafetensorsFormatError, NotFoundError), match=message):
        open_checkpoint(folder)


def test_one_shard_of_several(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "src", canonical_tensors(), 3)
    with pytest.raises(SafetensorsFormatError, match="folder"):
        open_checkpoint(folder / "model-00001-of-00003.safetensors")


BASE = save(
    {
        "a": np.arange(12, dtype=np.float32).reshape(3, 4),
        "b": np.ones(5, np.float16),
        "c": np.ones((2, 3), ml_dtypes.bfloat16),
    },
    {"format": "pt"},
)
HEADER = json.loads(BASE[8 : 8 + struct.unpack("<Q", BASE[:8])[0]])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["F32", "BF16"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    if draw(st.booleans()):
        data = bytearray(BASE)
        for _ in range(draw(st.integers(1, 6))):
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
        return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)
    header = json.loads(json.dumps(HEADER))
    name = draw(st.sampled_from(sorted(header)))
    field = draw(st.sampled_from(sorted(header[name])))
    header[name][field] = draw(JUNK)
    if draw(st.booleans()):
        header[draw(st.text(max_size=5))] = draw(JUNK)
    return raw_file(header, BASE[8 + struct.unpack("<Q", BASE[:8])[0] :])


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated())
def test_mutated_files_read_or_raise_ours(tmp_path: Path, data: bytes) -> None:
    """And what we accept, the safetensors package accepts, with the same shapes and bytes."""
    path = tmp_path / "m.safetensors"
    path.write_bytes(data)
    try:
        checkpoint = SafetensorsCheckpoint(path)
    except PixelLLMError:
        return
    try:
        values: dict[str, np.ndarray] = {}
        for name, tensor in checkpoint.tensors.items():
            try:
                rows = tensor.shape[0] if len(tensor.shape) == 2 else 1
                values[name] = tensor.rows(0, rows).reshape(tensor.shape)
            except UnsupportedError:
                continue
        try:
            with safe_open(path, "np") as peer:
                assert set(peer.keys()) == set(checkpoint.tensors)
                for name, value in values.items():
                    np.testing.assert_array_equal(peer.get_tensor(name).astype(np.float32), value)
        except SafetensorError as error:
            # The package refuses names and dtypes by its own rules; it must not be about where bytes lie.
            assert "ffset" not in str(error) and "overlap" not in str(error).lower()
    finally:
        checkpoint.close()


def test_a_readme_cannot_hold_up_the_reader(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(save({"a": np.ones((2, 3), np.float32)}))
    checkpoint = open_checkpoint(tmp_path / "m.safetensors")
    for text in ("---\n" + "\n" * 1_000_000, "---" + " \n" * 1_000_000, "---\n" + "license: \n" * 300_000):
        (tmp_path / "README.md").write_text(text)
        start = time.perf_counter()
        assert checkpoint.licence() is None
        assert time.perf_counter() - start < 5
    for line, want in (("license: mit # sure", "mit"), ('license:\t"mit"', "mit"), ("license: #", None)):
        (tmp_path / "README.md").write_text(f"---\r\n{line}\r\n---\r\n")
        assert checkpoint.licence() == want
    checkpoint.close()


def test_what_is_no_file_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UnsupportedError, match="regular"):
        open_checkpoint(tmp_path / "fifo")
    for reader in (SafetensorsCheckpoint, GGUFCheckpoint):
        with pytest.raises(FormatError):
            reader(tmp_path / "fifo")
    with pytest.raises(StorageError):
        open_checkpoint(tmp_path / ("x" * 300))
