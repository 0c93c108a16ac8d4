"""GGUFCheckpoint: rows and planes against the `gguf` package, what is refused, what is kept for export."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
from pathlib import Path

import gguf
import numpy as np
import pytest

from pixel_llm.errors import InvalidArgumentError, NotFoundError, StorageError, UnsupportedError
from pixel_llm.formats.checkpoint import Checkpoint, SourceTensor, open_checkpoint
from pixel_llm.formats.encodings import F32, Q4_AFFINE, decode_rows
from pixel_llm.formats.ggml_blocks import BY_NAME
from pixel_llm.formats.gguf_checkpoint import GGUFCheckpoint
from pixel_llm.tests.formats import gguf_samples as g

ROWS, WIDTH = 6, 512


def one_tensor(kind: str, raw: bytes, dims: tuple[int, ...] = (WIDTH, ROWS)) -> bytes:
    keys = [(b"general.license", g.STR, g.text(b"mit"))]
    return g.file(keys, [(b"w", dims, BY_NAME[kind].number, 0)], raw)


def q4_k(super_scale: float) -> np.ndarray:
    """Q4_K rows with the same super-scale and minimum everywhere."""
    kind = BY_NAME["Q4_K"]
    raw = np.random.default_rng(1).integers(0, 256, (ROWS, WIDTH // 256, kind.nbytes), np.uint8)
    raw[..., :4] = np.array([super_scale, super_scale], "<f2").view(np.uint8)
    return raw.reshape(ROWS, -1)


@pytest.mark.parametrize("kind", [t.name for t in BY_NAME.values() if t.encoding is not None])
def test_rows_and_planes(kind: str, tmp_path: Path) -> None:
    nbytes = BY_NAME[kind].row_bytes(WIDTH)
    raw = np.random.default_rng(2).integers(0, 60, (ROWS, nbytes), np.uint8)  # below 60: finite, normal scales
    path = tmp_path / "a.gguf"
    path.write_bytes(one_tensor(kind, raw.tobytes()))
    want = gguf.quants.dequantize(raw, gguf.GGMLQuantizationType[kind])
    with GGUFCheckpoint(path) as checkpoint:
        assert isinstance(checkpoint, Checkpoint)
        tensor = checkpoint.tensors["w"]
        assert isinstance(tensor, SourceTensor)
        assert (tensor.name, tensor.shape, tensor.dtype) == ("w", (ROWS, WIDTH), kind)
        np.testing.assert_array_equal(tensor.rows(0, ROWS), want)
        np.testing.assert_array_equal(tensor.rows(2, 5), want[2:5])
        stored = decode_rows(tensor.native, tensor.planes(2, 5))
        if tensor.lossless:
            np.testing.assert_array_equal(stored, want[2:5])
        else:
            np.testing.assert_allclose(stored, want[2:5], rtol=0, atol=2.0**-8 * np.abs(want).max())
        with pytest.raises(InvalidArgumentError, match="not within 0:6"):
            tensor.rows(2, 7)


@pytest.mark.parametrize("super_scale", [2.0**-24, 3_000.0])
def test_k_quants_whose_scales_overflow_become_floats(super_scale: float, tmp_path: Path) -> None:
    raw = q4_k(super_scale)
    raw[0, :2] = np.array([super_scale * 3], "<f2").view(np.uint8)
    path = tmp_path / "a.gguf"
    path.write_bytes(one_tensor("Q4_K", raw.tobytes()))
    with GGUFCheckpoint(path) as checkpoint:
        tensor = checkpoint.tensors["w"]
        exact = gguf.quants.dequantize(raw, gguf.GGMLQuantizationType.Q4_K)
        stored = decode_rows(tensor.native, tensor.planes(0, ROWS))
        np.testing.assert_array_equal(stored, exact)  # products of the smallest float16 are exact
        assert tensor.native is (F32 if super_scale > 1 else Q4_AFFINE)
        assert not tensor.lossless


def test_vectors_are_one_row(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(one_tensor("F32", np.arange(8, dtype="<f4").tobytes(), (8,)))
    with open_checkpoint(path) as checkpoint:  # type: ignore[attr-defined]
        tensor = checkpoint.tensors["w"]
        assert tensor.shape == (8,)
        np.testing.assert_array_equal(tensor.rows(0, 1), np.arange(8, dtype=np.float32)[None])
        np.testing.assert_array_equal(tensor.planes(0, 1)[0], np.arange(8, dtype=np.float32)[None])


def test_types_and_ranks_beyond_us_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    tensors = [(b"iq", (256,), 23, 0), (b"cube", (2, 2, 2), 0, 160)]
    path.write_bytes(g.file((), tensors, bytes(192)))
    with GGUFCheckpoint(path) as checkpoint:
        for attempt in (
            lambda t: t.rows(0, 1),
            lambda t: t.planes(0, 1),
            lambda t: t.native,
            lambda t: t.lossless,
        ):
            with pytest.raises(UnsupportedError, match=r"tensor 'iq': has type IQ4_XS"):
                attempt(checkpoint.tensors["iq"])
            with pytest.raises(UnsupportedError, match=r"tensor 'cube': has 3 axes"):
                attempt(checkpoint.tensors["cube"])


def test_split_models_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a-00001-of-00002.gguf"
    path.write_bytes(g.file([(b"split.count", g.U16, struct.pack("<H", 2))]))
    with pytest.raises(UnsupportedError, match="--merge"):
        GGUFCheckpoint(path)


def test_missing_unreadable_and_closed(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        GGUFCheckpoint(tmp_path / "absent.gguf")
    with pytest.raises(StorageError):
        GGUFCheckpoint(tmp_path)
    path = tmp_path / "a.gguf"
    path.write_bytes(g.every_type())
    checkpoint = GGUFCheckpoint(path)
    checkpoint.close()
    checkpoint.close()
    with pytest.raises(InvalidArgumentError, match="closed"):
        checkpoint.tensors["output.weight"].rows(0, 1)


def test_metadata_licence_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    data = one_tensor("F32", bytes(4 * WIDTH * ROWS))
    path.write_bytes(data)
    seen: list[tuple[int, int]] = []
    with GGUFCheckpoint(path) as checkpoint:
        assert checkpoint.licence() == "mit"
        assert checkpoint.metadata == {"general.license": "mit"}
        assert checkpoint.sha256(lambda done, total: seen.append((done, total))) == hashlib.sha256(data).hexdigest()
    assert seen[-1] == (len(data), len(data))
    path.write_bytes(g.file([(b"general.license", g.STR, g.text(b"\nMy licence\n" + b"and so on " * 1000))]))
    with GGUFCheckpoint(path) as checkpoint:
        assert checkpoint.licence() == "My licence"
    path.write_bytes(g.file([(b"general.license", g.STR, g.text(b" "))]))
    with GGUFCheckpoint(path) as checkpoint:
        assert checkpoint.licence() is None


def test_layout_keeps_odd_bytes_between_tensors(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    data = bytearray(g.every_type() + b"tail")
    with_tail = len(data)
    path.write_bytes(data)
    with GGUFCheckpoint(path) as checkpoint:
        kept = checkpoint.resources()
        layout = json.loads(kept["source/gguf_layout"])
        assert kept["source/gguf_header"] == checkpoint.header.raw
    assert layout["size"] == with_tail
    (gap,) = layout["gaps"]
    assert gap[0] + 28 == with_tail - 4  # the padding of the last tensor, then the tail
    path.write_bytes(bytes(data) + b"x" * (2 << 20))
    with GGUFCheckpoint(path) as checkpoint:
        assert json.loads(checkpoint.resources()["source/gguf_layout"])["gaps"] is None
    with path.open("r+b") as file:
        file.truncate(1 << 29)  # sparse
    with GGUFCheckpoint(path) as checkpoint:
        assert json.loads(checkpoint.resources()["source/gguf_layout"])["gaps"] is None


def test_memory_does_not_grow_with_the_model(tmp_path: Path) -> None:
    """A sparse 6 GB file, read from end to end in a process of its own."""
    path = tmp_path / "large.gguf"
    head = g.header((), [(b"w", (8192, 400_000), 2, 0)])
    with path.open("wb") as file:
        file.write(head)
        file.truncate(-(-len(head) // 32) * 32 + 8192 // 32 * 18 * 400_000)
    script = """
import resource, sys
from pixel_llm.formats.gguf_checkpoint import GGUFCheckpoint
with GGUFCheckpoint(sys.argv[1]) as checkpoint:
    tensor = checkpoint.tensors["w"]
    tensor.planes(0, 256)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for start in range(0, 400_000, 40_000):
        tensor.planes(start, start + 256)
        tensor.rows(start, start + 256)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    out = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert int(out.stdout) < 64 << 10  # KiB
