"""The GGUF reader: files of the `gguf` package parse equal; hostile bytes raise our errors in bounded memory."""

from __future__ import annotations

import json
import os
import resource
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixel_llm.errors import GGUFFormatError, NotFoundError, StorageError
from pixel_llm.formats import gguf_reader
from pixel_llm.formats.gguf_reader import GGUFHeader, parse_header, read_header
from pixel_llm.tests.data import renew_gguf_corpus
from pixel_llm.tests.formats import gguf_samples as g

CORPUS = Path(renew_gguf_corpus.__file__).parent / "corpus" / "gguf"
EXPECTED = json.loads((CORPUS / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_each_broken_rule_has_its_error(name: str) -> None:
    path = CORPUS / f"{name}.gguf"
    part, phrase = EXPECTED[name]
    tracemalloc.start()
    try:
        with pytest.raises(GGUFFormatError) as caught:
            read_header(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (caught.value.part or "", caught.value.file) == (part, str(path))
    assert phrase in caught.value.message
    assert peak < 1 << 20


def test_corpus_is_what_its_script_makes() -> None:
    made = renew_gguf_corpus.corpus()
    assert {p.stem for p in CORPUS.glob("*.gguf")} == made.keys() == EXPECTED.keys()
    for name, (data, *_) in made.items():
        assert (CORPUS / f"{name}.gguf").read_bytes() == data


def test_every_kind_of_value() -> None:
    header = parse_header(g.every_type())
    assert header.metadata == {
        "general.architecture": "llama",
        "u8": 7,
        "i8": -7,
        "u16": 65_000,
        "i16": -300,
        "u32": 4_000_000_000,
        "i32": -2_000_000_000,
        "f32": 0.5,
        "bool": True,
        "u64": 1 << 63,
        "i64": -(1 << 62),
        "f64": 0.1,
        "tokenizer.ggml.tokens": ["a", "é", ""],
        "tokenizer.ggml.scores": [-1.0, 2.0],
        "tokenizer.ggml.token_type": [1, 3],
        "flags": [False, True],
        "empty": [],
        "nested": [[1, 2], ["x"]],
    }
    shapes = {name: (t.shape, t.type.name, t.nbytes) for name, t in header.tensors.items()}
    assert shapes == {
        "token_embd.weight": ((2, 32), "Q4_0", 36),
        "blk.0.attn_norm.weight": ((4,), "F32", 16),
        "blk.0.attn_q.weight": ((3, 2), "F16", 12),
        "output.weight": ((2, 32), "Q4_0", 36),
    }


def test_raw_entries_are_the_file_s_bytes() -> None:
    header = parse_header(g.every_type())
    kv = header.keys["u16"]
    assert header.raw[kv.start : kv.stop] == g.text(b"u16") + struct.pack("<IH", g.U16, 65_000)
    assert g.every_type().startswith(header.raw)
    assert header.data_offset == -(-len(header.raw) // 32) * 32


def test_version_2_and_alignment() -> None:
    keys = [(b"general.alignment", g.U32, struct.pack("<I", 256))]
    tensors = [(b"a", (4,), 0, 256), (b"b", (3, 5, 2), 1, 0)]
    header = parse_header(g.file(keys, tensors, bytes(272), version=2, alignment=256))
    assert (header.version, header.alignment, header.data_offset % 256) == (2, 256, 0)
    assert header.tensors["a"].offset == header.data_offset + 256
    assert header.tensors["b"].shape == (2, 5, 3)


def fill(writer: gguf.GGUFWriter) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    tokens = [f"▁token{i}" for i in range(300)]
    writer.add_context_length(128)
    writer.add_rope_freq_base(10_000.0)
    writer.add_bool("tokenizer.ggml.add_bos_token", True)
    writer.add_token_list(tokens)
    writer.add_token_scores([float(-i) for i in range(300)])
    writer.add_token_types([1] * 300)
    tensors = {
        "token_embd.weight": rng.standard_normal((300, 64)).astype(np.float32),
        "output_norm.weight": rng.standard_normal(64).astype(np.float32),
        "blk.0.attn_q.weight": rng.standard_normal((64, 64)).astype(np.float16),
    }
    for name, array in tensors.items():
        writer.add_tensor(name, array)
    quantised = gguf.quants.quantize(tensors["token_embd.weight"], gguf.GGMLQuantizationType.Q5_1)
    writer.add_tensor("output.weight", quantised, raw_dtype=gguf.GGMLQuantizationType.Q5_1)
    return {**tensors, "output.weight": quantised}


def test_files_of_the_gguf_package_parse_equal(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    tensors = fill(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = read_header(path)
    peer = gguf.GGUFReader(path)
    data = path.read_bytes()
    for field in peer.fields.values():
        if not field.name.startswith("GGUF."):
            assert header.metadata[field.name] == field.contents(), field.name
    assert len(header.tensors) == len(peer.tensors)
    for theirs in peer.tensors:
        ours = header.tensors[theirs.name]
        assert (ours.offset, ours.nbytes, ours.type.number) == (theirs.data_offset, theirs.n_bytes, theirs.tensor_type)
        assert list(ours.shape[::-1]) == list(theirs.shape)
        assert data[ours.offset : ours.offset + ours.nbytes] == tensors[theirs.name].tobytes()


def test_a_large_vocabulary_parses() -> None:
    count = 152_000
    tokens = b"".join(g.text(f"Ġtok{i}".encode()) for i in range(count))
    merges = b"".join(g.text(f"tok {i}".encode()) for i in range(count))
    data = g.header(
        [
            (b"tokenizer.ggml.tokens", g.ARR, g.array(g.STR, count, tokens)),
            (b"tokenizer.ggml.merges", g.ARR, g.array(g.STR, count, merges)),
            (b"tokenizer.ggml.token_type", g.ARR, g.array(g.I32, count, bytes(4 * count))),
        ]
    )
    header = parse_header(data)
    assert header.metadata["tokenizer.ggml.tokens"][-1] == f"Ġtok{count - 1}"
    assert len(header.metadata["tokenizer.ggml.merges"]) == count


def test_a_header_longer_than_the_first_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(g.every_type())
    whole = read_header(path)
    for first in (4, 64, 200):
        monkeypatch.setattr(gguf_reader, "_FIRST_READ", first)
        assert read_header(path) == whole
    monkeypatch.setattr(gguf_reader, "MAX_HEADER_BYTES", 256)
    with pytest.raises(GGUFFormatError, match="longer than 256 bytes"):
        read_header(path)


def test_a_header_alone_must_be_whole() -> None:
    header = parse_header(g.every_type())
    assert parse_header(header.raw, header.file_size).tensors == header.tensors
    with pytest.raises(GGUFFormatError, match="cut off"):
        parse_header(header.raw[:-1], header.file_size)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_header(tmp_path / "absent.gguf")
    with pytest.raises(StorageError):
        read_header(tmp_path)


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"x" * 100)
    with path.open("rb") as file, pytest.raises(StorageError, match="became shorter"):
        gguf_reader.pread(file.fileno(), 50, 100, path)
    reading, writing = os.pipe()
    os.close(writing)
    with pytest.raises(StorageError, match="cannot be read"):
        gguf_reader.pread(reading, 0, 10, path)
    os.close(reading)


def consistent(header: GGUFHeader) -> None:
    """What a caller may rely on."""
    end = 0
    for info in sorted(header.tensors.values(), key=lambda t: t.offset):
        assert end <= info.offset
        assert info.offset % header.alignment == 0
        end = info.offset + info.nbytes
        assert header.data_offset <= info.offset
        assert end <= header.file_size
        assert info.shape[-1] % info.type.weights == 0
        assert min(info.shape) > 0


SEED = g.every_type()
INTERESTING = [0, 1, 7, 8, 9, 31, 64, 255, 1 << 16, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 40, 1 << 63, (1 << 64) - 1]
place = st.integers(0, len(SEED) - 1)
mutation = st.one_of(
    st.tuples(st.just("flip"), place, st.integers(1, 255)),
    st.tuples(st.just("u64"), place, st.sampled_from(INTERESTING)),
    st.tuples(st.just("u32"), place, st.sampled_from(INTERESTING[:11])),
    st.tuples(st.just("cut"), place, st.just(0)),
    st.tuples(st.just("drop"), place, st.integers(1, 40)),
    st.tuples(st.just("twice"), place, st.integers(1, 80)),
)


def mutate(data: bytes, kind: str, at: int, value: int) -> bytes:
    at %= max(len(data), 1)
    match kind:
        case "flip":
            return data[:at] + bytes([data[at] ^ value]) + data[at + 1 :] if data else data
        case "u64":
            return data[:at] + struct.pack("<Q", value) + data[at + 8 :]
        case "u32":
            return data[:at] + struct.pack("<I", value) + data[at + 4 :]
        case "cut":
            return data[:at]
        case "drop":
            return data[:at] + data[at + value :]
        case _:
            return data[: at + value] + data[at:]


outcomes = {"files": 0, "accepted": 0}


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.lists(mutation, min_size=5, max_size=8))
def test_mutated_files(mutations: list[tuple[str, int, int]]) -> None:
    """Each step of each series is a file of its own, alone and on top of the steps before it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data = SEED
    for step in mutations:
        data = mutate(data, *step)
        for candidate in (data, mutate(SEED, *step)):
            outcomes["files"] += 1
            try:
                consistent(parse_header(candidate))
                outcomes["accepted"] += 1
            except GGUFFormatError as e:
                assert e.message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB


def test_enough_of_them_were_tried() -> None:
    if outcomes["files"]:  # another worker may have run them
        assert outcomes["files"] >= 4000
        assert outcomes["accepted"] < outcomes["files"]


def test_every_truncation() -> None:
    needed = max(t.offset + t.nbytes for t in parse_header(SEED).tensors.values())
    for length in range(needed):
        with pytest.raises(GGUFFormatError):
            parse_header(SEED[:length])
    consistent(parse_header(SEED[:needed]))  # only padding is gone
