"""GGUF to .pxi and back: byte for byte where nothing was lost, and honestly changed where something was."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from pixel_llm.core import durable
from pixel_llm.errors import AlreadyExistsError, IntegrityError, InvalidArgumentError, NotFoundError, PxiFormatError
from pixel_llm.formats.encodings import BF16, F16, F32, Q4_AFFINE, Q4_FIXED, Q8_AFFINE, Encoding, encode_rows
from pixel_llm.formats.ggml_blocks import BY_NAME
from pixel_llm.formats.gguf_checkpoint import GGUFCheckpoint
from pixel_llm.formats.gguf_export import export_gguf
from pixel_llm.formats.gguf_reader import read_header
from pixel_llm.formats.gguf_writer import pack_key_value, write_pieces
from pixel_llm.formats.importer import import_checkpoint
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.formats.model_writer import ModelWriter
from pixel_llm.tests.formats import gguf_samples as g

LOSSLESS = ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0")
K_QUANTS = ("Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K")
ROWS, WIDTH = 3, 256


def pxi_of(source: Path, names: Mapping[str, str] | None = None, quant: str = "none") -> Path:
    out = source.with_suffix(f".{quant}.pxi")
    with GGUFCheckpoint(source) as checkpoint:
        names = {name: name for name in checkpoint.tensors} if names is None else names
        import_checkpoint(checkpoint, out, spec={}, names=names, tokenizer={}, resources={}, quant=quant)
    return out


def sample(path: Path, kinds: tuple[str, ...], *, alignment: int = 32, gap: bytes = b"", reverse: bool = False) -> Path:
    """One tensor a type, random bytes below 60 (finite scales), `gap` after each, the last one first if `reverse`."""
    rng = np.random.default_rng(1)
    infos: list[g.Info] = []
    data = b""
    for kind in kinds[::-1] if reverse else kinds:
        infos.append((kind.encode(), (WIDTH, ROWS), BY_NAME[kind].number, len(data)))
        data += rng.integers(0, 60, ROWS * BY_NAME[kind].row_bytes(WIDTH), np.uint8).tobytes() + gap
        data += bytes(-len(data) % alignment)
    keys = [
        (b"general.architecture", g.STR, g.text(b"llama")),
        (b"general.alignment", g.U32, struct.pack("<I", alignment)),
        (b"general.file_type", g.U32, struct.pack("<I", 15)),
        (b"tokenizer.ggml.tokens", g.ARR, g.array(g.STR, 2, g.text(b"a") + g.text(b"b"))),
    ]
    path.write_bytes(g.file(keys, infos[::-1] if reverse else infos, data, alignment=alignment))
    return path


@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"alignment": 256},
        {"gap": b"left over"},
        {"reverse": True},
        {"gap": bytes(3 << 20)},
    ],
    ids=["plain", "alignment", "gaps", "reverse", "zeros"],
)
def test_lossless_files_come_back_byte_for_byte(tmp_path: Path, layout: dict[str, Any]) -> None:
    source = sample(tmp_path / "a.gguf", LOSSLESS, **layout)
    with ModelFile.open(pxi_of(source)) as model:
        report = export_gguf(model, tmp_path / "b.gguf")
    assert report.identical
    assert report.types == dict.fromkeys(LOSSLESS, 1)
    assert (tmp_path / "b.gguf").read_bytes() == source.read_bytes()


def test_random_bytes_with_nan_payloads_come_back(tmp_path: Path) -> None:
    source = sample(tmp_path / "a.gguf", LOSSLESS)
    header = read_header(source)
    data = bytearray(source.read_bytes())
    rng = np.random.default_rng(2)
    for info in header.tensors.values():
        data[info.offset : info.offset + info.nbytes] = rng.integers(0, 256, info.nbytes, np.uint8).tobytes()
    source.write_bytes(data)
    with ModelFile.open(pxi_of(source)) as model:
        assert export_gguf(model, tmp_path / "b.gguf").identical
    assert (tmp_path / "b.gguf").read_bytes() == bytes(data)


def test_smollm2_comes_back_byte_for_byte(smollm2_gguf: Path, tmp_path: Path) -> None:
    with GGUFCheckpoint(smollm2_gguf) as checkpoint:
        names = {name: name for name in checkpoint.tensors}
        pxi = tmp_path / "a.pxi"
        report = import_checkpoint(checkpoint, pxi, spec={}, names=names, tokenizer={}, resources={})
    assert {name: e.max_error for name, e in report.encodings.items()} == {"q8": 0.0, "f32": 0.0, "q4a": 0.0}
    assert pxi.stat().st_size <= 1.03 * smollm2_gguf.stat().st_size
    seen: list[tuple[int, int]] = []
    with ModelFile.open(pxi) as model:
        exported = export_gguf(model, tmp_path / "b.gguf", progress=lambda done, total: seen.append((done, total)))
        # The exporter compares this hash with what it wrote; equal hashes are equal files.
        assert exported.identical
        assert model.source["sha256"] == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    size = smollm2_gguf.stat().st_size
    assert exported.nbytes == (tmp_path / "b.gguf").stat().st_size == size
    assert seen[-1] == (size, size)
    with smollm2_gguf.open("rb") as a, (tmp_path / "b.gguf").open("rb") as b:
        while block := a.read(1 << 22):
            assert b.read(1 << 22) == block


def values(path: Path) -> dict[str, np.ndarray]:
    with GGUFCheckpoint(path) as checkpoint:
        return {n: t.rows(0, 1 if len(t.shape) == 1 else t.shape[0]) for n, t in checkpoint.tensors.items()}


def test_k_quants_export_with_their_metadata(tmp_path: Path) -> None:
    source = sample(tmp_path / "a.gguf", K_QUANTS)
    with ModelFile.open(pxi_of(source)) as model:
        stored = {name: t.rows() for name, t in model.tensors.items()}
        errors = {name: t.max_error for name, t in model.tensors.items()}
        report = export_gguf(model, tmp_path / "b.gguf")
    assert not report.identical
    header = read_header(tmp_path / "b.gguf")
    types = {name: t.type.name for name, t in header.tensors.items()}
    assert types == {"Q2_K": "F16", "Q3_K": "F16", "Q4_K": "Q4_1", "Q5_K": "Q5_1", "Q6_K": "F16"}
    assert report.decoded == ("Q2_K", "Q3_K", "Q6_K")
    assert list(header.keys) == [*read_header(source).keys, "general.quantization_version"]
    assert header.metadata["general.file_type"] == 1
    assert header.metadata["tokenizer.ggml.tokens"] == ["a", "b"]
    before, after = values(source), values(tmp_path / "b.gguf")
    for name in K_QUANTS:
        assert 0 < np.abs(stored[name] - before[name]).max() == errors[name]
        if types[name] == "F16":
            np.testing.assert_allclose(after[name], stored[name], rtol=2.0**-11, atol=2.0**-25)
        else:
            np.testing.assert_array_equal(after[name], stored[name])
    peer = gguf.GGUFReader(tmp_path / "b.gguf")
    assert [t.name for t in peer.tensors] == list(K_QUANTS)


def test_requantised_files_keep_the_metadata(tmp_path: Path) -> None:
    source = sample(tmp_path / "a.gguf", ("F32", "F16", "BF16", "Q4_0"), alignment=64)
    with ModelFile.open(pxi_of(source, quant="q4")) as model:
        stored = {name: t.rows() for name, t in model.tensors.items()}
        report = export_gguf(model, tmp_path / "b.gguf")
    assert (report.identical, report.types) == (False, {"Q4_1": 3, "Q4_0": 1})
    header = read_header(tmp_path / "b.gguf")
    assert header.metadata["general.file_type"] == 3
    assert header.alignment == 64
    for name, rows in values(tmp_path / "b.gguf").items():
        np.testing.assert_array_equal(rows, stored[name])


def test_tensors_that_were_left_out_make_another_file(tmp_path: Path) -> None:
    source = sample(tmp_path / "a.gguf", LOSSLESS)
    names = {name: f"canonical.{name}" for name in LOSSLESS[2:]}
    with ModelFile.open(pxi_of(source, names)) as model:
        report = export_gguf(model, tmp_path / "b.gguf")
    assert not report.identical
    before, after = values(source), values(tmp_path / "b.gguf")
    assert set(after) == set(LOSSLESS[2:])
    for name, rows in after.items():
        np.testing.assert_array_equal(rows, before[name])


def test_too_many_odd_bytes_make_another_file(tmp_path: Path) -> None:
    source = sample(tmp_path / "a.gguf", ("F32",), gap=b"x" * (2 << 20))
    with ModelFile.open(pxi_of(source)) as model:
        assert not export_gguf(model, tmp_path / "b.gguf").identical
    np.testing.assert_array_equal(values(tmp_path / "b.gguf")["F32"], values(source)["F32"])


def test_a_wrong_hash_is_not_put_in_place(tmp_path: Path) -> None:
    source = sample(tmp_path / "a.gguf", ("F32",))
    with ModelFile.open(pxi_of(source)) as model:
        model.source["sha256"] = "0" * 64
        with pytest.raises(IntegrityError, match="not the one that was imported"):
            export_gguf(model, tmp_path / "b.gguf")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.gguf", "a.none.pxi"]


def test_existing_files_and_missing_folders(tmp_path: Path) -> None:
    source = sample(tmp_path / "a.gguf", ("F32",))
    with ModelFile.open(pxi_of(source)) as model:
        (tmp_path / "b.gguf").write_bytes(b"precious")
        with pytest.raises(AlreadyExistsError):
            export_gguf(model, tmp_path / "b.gguf")
        assert (tmp_path / "b.gguf").read_bytes() == b"precious"
        export_gguf(model, tmp_path / "b.gguf", overwrite=True)
        assert (tmp_path / "b.gguf").read_bytes() == source.read_bytes()
        with pytest.raises(NotFoundError):
            export_gguf(model, tmp_path / "absent" / "b.gguf")
        with pytest.raises(InvalidArgumentError, match="its own metadata"):
            export_gguf(model, tmp_path / "c.gguf", metadata={})


def test_an_interrupted_export_leaves_nothing(tmp_path: Path) -> None:
    source = sample(tmp_path / "a.gguf", ("F32", "Q4_0"))
    operations: list[str] = []
    with ModelFile.open(pxi_of(source)) as model:
        with durable.watched(lambda operation: operations.append(operation.kind)):
            export_gguf(model, tmp_path / "b.gguf")
        (tmp_path / "b.gguf").unlink()
        assert operations[-4:] == ["write", "sync", "rename", "sync_directory"]
        for stop in range(1, len(operations) - 1):
            seen = 0

            def fail(operation: durable.Operation, stop: int = stop) -> None:
                nonlocal seen
                if operation.kind == "unlink":
                    return
                seen += 1
                if seen > stop:
                    raise KeyboardInterrupt

            with durable.watched(fail), pytest.raises(KeyboardInterrupt):
                export_gguf(model, tmp_path / "b.gguf")
            assert sorted(p.name for p in tmp_path.iterdir()) == ["a.gguf", "a.none.pxi"]


def write_model(path: Path, tensors: dict[str, tuple[Encoding, np.ndarray]], **resources: bytes) -> Path:
    """A model file that did not come from GGUF."""
    with ModelWriter(path) as writer:
        for name, (enc, rows) in tensors.items():
            shape = rows.shape
            tensor = writer.begin_tensor(name, shape, enc, source_name=name, source_dtype="F32", lossless=False)
            tensor.write(encode_rows(enc, rows.reshape(-1, shape[-1])))
        for name, data in resources.items():
            writer.add_resource(name.replace("__", "/"), data)
        writer.header.update(spec={}, tokenizer={}, source={"kind": "safetensors"}, licence=None)
        writer.finish()
    return path


METADATA = {"general.architecture": "llama", "llama.block_count": 1, "general.name": "t", "llama.rope.freq_base": 1e4}


def test_models_from_elsewhere(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)

    def random(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    small = rng.integers(0, 32, (4, 64)).astype(np.float32)
    small[:, ::32], small[:, 1::32] = 0, 255
    tensors = {
        "token_embd.weight": (Q4_AFFINE, random(8, 64)),
        "blk.0.attn_q.weight": (Q4_FIXED, random(8, 64)),
        "blk.0.attn_q.bias": (BF16, random(8)),
        "blk.0.ffn_up.weight": (Q8_AFFINE, small),
        "blk.0.attn_norm.weight": (F16, random(64)),
        "output.weight": (BF16, random(8, 64)),
    }
    order = np.array([3, 1, 2, 0, 7, 6, 5, 4])
    factors = random(4)
    with ModelFile.open(write_model(tmp_path / "a.pxi", tensors)) as model:
        stored = {name: t.rows() for name, t in model.tensors.items()}
        report = export_gguf(
            model,
            tmp_path / "b.gguf",
            metadata=METADATA,
            row_order={"blk.0.attn_q.weight": order, "blk.0.attn_q.bias": order},
            added={"blk.0.attn_norm.weight": 1.0},
            extra={"rope_freqs.weight": factors},
        )
        for wrong in ({"row_order": {"x": order}}, {"added": {"x": 1.0}}):
            with pytest.raises(InvalidArgumentError, match="no such tensor"):
                export_gguf(model, tmp_path / "c.gguf", metadata=METADATA, **wrong)  # type: ignore[arg-type]
        with pytest.raises(InvalidArgumentError, match="metadata must be given"):
            export_gguf(model, tmp_path / "c.gguf")
    assert report.decoded == ("blk.0.ffn_up.weight",)
    header = read_header(tmp_path / "b.gguf")
    assert {name: t.type.name for name, t in header.tensors.items()} == {
        "token_embd.weight": "Q4_1",
        "blk.0.attn_q.weight": "Q4_0",
        "blk.0.attn_q.bias": "F32",
        "blk.0.ffn_up.weight": "F16",
        "blk.0.attn_norm.weight": "F32",
        "output.weight": "BF16",
        "rope_freqs.weight": "F32",
    }
    assert header.metadata == METADATA | {"general.file_type": 3, "general.quantization_version": 2}
    after = values(tmp_path / "b.gguf")
    np.testing.assert_array_equal(after["blk.0.attn_q.weight"], stored["blk.0.attn_q.weight"][order])
    np.testing.assert_array_equal(after["blk.0.attn_q.bias"], stored["blk.0.attn_q.bias"][:, order])
    np.testing.assert_array_equal(after["blk.0.attn_norm.weight"], stored["blk.0.attn_norm.weight"] + 1)
    np.testing.assert_array_equal(after["rope_freqs.weight"], factors[None])
    for name in ("token_embd.weight", "output.weight", "blk.0.ffn_up.weight"):
        np.testing.assert_array_equal(after[name], stored[name])
    peer = gguf.GGUFReader(tmp_path / "b.gguf")
    theirs = {t.name: gguf.quants.dequantize(t.data, t.tensor_type) for t in peer.tensors}
    for name, rows in after.items():
        np.testing.assert_array_equal(theirs[name].reshape(rows.shape), rows)


def test_weights_beyond_float16_become_float32(tmp_path: Path) -> None:
    rows = np.zeros((1, 256), np.float32)
    rows[0, 0] = 1e6
    path = write_model(tmp_path / "a.pxi", {"w": (Q8_AFFINE, rows)})
    with ModelFile.open(path) as model:
        export_gguf(model, tmp_path / "b.gguf", metadata=METADATA)
    assert read_header(tmp_path / "b.gguf").tensors["w"].type.name == "F32"


@pytest.mark.parametrize(
    ("layout", "phrase"),
    [
        (b"[", "malformed"),
        (b"[1]", "malformed"),
        (b'{"size": -1, "gaps": []}', "not a count"),
        (b'{"size": 100, "gaps": [[0, "!"]]}', "malformed"),
        (b'{"size": 100, "gaps": [[0]]}', "malformed"),
        (b'{"size": 100, "gaps": [[Infinity, ""]]}', "malformed"),
    ],
)
def test_damaged_layouts_are_refused(tmp_path: Path, layout: bytes, phrase: str) -> None:
    tensors = {"w": (F32, np.zeros((2, 4), np.float32))}
    head = g.header((), [(b"w", (4, 2), 0, 0)])
    path = write_model(tmp_path / "a.pxi", tensors, source__gguf_header=head, source__gguf_layout=layout)
    with ModelFile.open(path) as model, pytest.raises(PxiFormatError, match=phrase):
        export_gguf(model, tmp_path / "b.gguf")


def test_headers_that_contradict_the_model_are_refused(tmp_path: Path) -> None:
    tensors = {"w": (F32, np.zeros((2, 4), np.float32))}
    layout = json.dumps({"size": 256, "gaps": []}).encode()
    for i, (info, phrase) in enumerate(
        [((b"w", (2, 4), 0, 0), "has shape"), ((b"v", (4, 2), 0, 0), "not in the kept GGUF header")]
    ):
        head = g.header((), [info])
        path = write_model(tmp_path / f"{i}.pxi", tensors, source__gguf_header=head, source__gguf_layout=layout)
        with ModelFile.open(path) as model, pytest.raises(PxiFormatError, match=phrase):
            export_gguf(model, tmp_path / "b.gguf")


@pytest.mark.parametrize("at", [0, 30, 64, 250])
def test_bytes_that_are_not_in_a_gap_are_refused(tmp_path: Path, at: int) -> None:
    tensors = {"w": (F32, np.zeros((2, 4), np.float32))}
    head = g.header((), [(b"w", (4, 2), 0, 0)])  # 61 bytes; the tensor lies at 64 to 96
    layout = json.dumps({"size": 256, "gaps": [[at, base64.b64encode(b"x" * 10).decode()]]}).encode()
    path = write_model(tmp_path / "a.pxi", tensors, source__gguf_header=head, source__gguf_layout=layout)
    with ModelFile.open(path) as model, pytest.raises(PxiFormatError, match="where a tensor is"):
        export_gguf(model, tmp_path / "b.gguf")


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (True, struct.pack("<I?", g.BOOL, True)),
        (7, struct.pack("<II", g.U32, 7)),
        (-7, struct.pack("<Ii", g.I32, -7)),
        (1 << 40, struct.pack("<IQ", g.U64, 1 << 40)),
        (-(1 << 40), struct.pack("<Iq", g.I64, -(1 << 40))),
        (0.5, struct.pack("<If", g.F32, 0.5)),
        ("é", struct.pack("<I", g.STR) + g.text("é".encode())),
        ([True, False], struct.pack("<I", g.ARR) + g.array(g.BOOL, 2, b"\x01\x00")),
        ([1, -1], struct.pack("<I", g.ARR) + g.array(g.I32, 2, struct.pack("<2i", 1, -1))),
        ((0.5,), struct.pack("<I", g.ARR) + g.array(g.F32, 1, struct.pack("<f", 0.5))),
        (["a"], struct.pack("<I", g.ARR) + g.array(g.STR, 1, g.text(b"a"))),
    ],
)
def test_packed_values(value: object, want: bytes) -> None:
    assert pack_key_value("k", value) == g.text(b"k") + want


@pytest.mark.parametrize("value", [None, {}, [], [1, "a"], [None], 1 << 70, "\ud800", [1 << 31], [[1]]])
def test_values_that_gguf_cannot_hold(value: object) -> None:
    with pytest.raises(InvalidArgumentError, match="key 'k'"):
        pack_key_value("k", value)


def test_pieces_that_overlap_are_refused(tmp_path: Path) -> None:
    pieces = [(0, lambda: [b"abcdef"]), (3, lambda: [b"x"])]
    with pytest.raises(InvalidArgumentError, match="overlap"):
        write_pieces(tmp_path / "a", pieces, 10)
    assert not list(tmp_path.iterdir())


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.pxi", {"w": (F32, np.zeros((2, 4), np.float32))})
    out = tmp_path / "b.gguf"

    def appear(done: int, total: int) -> None:
        out.write_bytes(b"somebody else's")

    with ModelFile.open(path) as model, pytest.raises(AlreadyExistsError):
        export_gguf(model, out, metadata=METADATA, progress=appear)
    assert out.read_bytes() == b"somebody else's" and len(list(tmp_path.iterdir())) == 2
    (tmp_path / "folder").mkdir()
    with ModelFile.open(path) as model, pytest.raises(AlreadyExistsError, match="folder"):
        export_gguf(model, tmp_path / "folder", metadata=METADATA, overwrite=True)
