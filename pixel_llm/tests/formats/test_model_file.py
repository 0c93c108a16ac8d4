"""The model index: everything that a stranger could put into it is either right or an error of our tree."""

from __future__ import annotations

import copy
import dataclasses
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.core import durable
from pixel_llm.core.pxi import PxiFile, PxiUpdater, PxiWriter, SampleType
from pixel_llm.errors import FormatError, InvalidArgumentError, NotFoundError, PixelLLMError, UnsupportedError
from pixel_llm.formats.encodings import BF16, F16, F32, Q4_AFFINE, Q4_FIXED, Q8_FIXED, encode_rows
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.formats.model_index import IndexParser
from pixel_llm.formats.model_writer import ModelWriter

Index = dict[str, Any]


def write_model(path: Path) -> None:
    rng = np.random.default_rng(0)
    with ModelWriter(path) as writer:
        writer.header |= {"spec": {"layers": 1}, "tokenizer": {}, "source": {"kind": "gguf"}, "licence": "MIT"}
        for name, enc in (("norm", F32), ("a", Q4_AFFINE), ("b", Q8_FIXED), ("c", Q4_FIXED), ("d", BF16), ("e", F16)):
            shape = (64,) if name == "norm" else (8, 64)
            tensor = writer.begin_tensor(name, shape, enc, source_name=name, source_dtype="X", lossless=True)
            rows = rng.standard_normal((tensor.n_rows, 64)).astype(np.float32)
            tensor.write(encode_rows(enc, rows[:4]))
            if len(rows) > 4:
                tensor.write(encode_rows(enc, rows[4:]))
        writer.add_resource("text.json", b"[" + b"1," * 5000 + b"1]")
        writer.add_resource("source/noise", rng.bytes(3000))
        writer.add_resource("empty", b"")


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "m.pxi"
    write_model(path)
    return path


@pytest.fixture(scope="module")
def pristine(model_path: Path) -> tuple[Index, dict[str, Any]]:
    with PxiFile(model_path) as pxi:
        return copy.deepcopy(pxi.attributes["model"]), dict(pxi.pages)


def test_what_is_written_is_read(model_path: Path) -> None:
    with ModelFile.open(model_path) as model:
        assert list(model.tensors) == ["norm", "a", "b", "c", "d", "e"]
        assert model.licence == "MIT"
        assert dict(model.resources) == {"text.json": 10_003, "source/noise": 3000, "empty": 0}
        assert json.loads(model.resource("text.json")) == [1] * 5001
        assert len(model.resource("source/noise")) == 3000
        assert model.resource("empty") == b""
        tensor = model.tensors["a"]
        assert (tensor.n_rows, tensor.nbytes, tensor.pages) == (8, 8 * 32 + 8 * 2 * 4, ("a/codes", "a/scales"))
        np.testing.assert_array_equal(tensor.rows(3, 5), tensor.rows()[3:5])
        codes, scales = tensor.planes()
        assert codes.shape == (8, 32) and scales.shape == (8, 2, 2)
        assert not codes.flags.writeable and not scales.flags.owndata
        assert tensor.rows(2, 2).shape == (0, 64)
        for start, stop in ((-1, 2), (0, 9), (5, 4)):
            with pytest.raises(InvalidArgumentError, match="rows"):
                tensor.rows(start, stop)
        with pytest.raises(NotFoundError, match=r"text\.json"):
            model.resource("other")
        assert "6 tensors" in repr(model) and "q4a" in repr(tensor)


def test_text_is_deflated_and_noise_is_not(model_path: Path) -> None:
    with PxiFile(model_path) as pxi:
        entries = {e["name"]: e for e in pxi.attributes["model"]["resources"]}
        assert entries["text.json"]["compression"] == "deflate"
        assert pxi.pages["resource/text.json"].length < 200
        assert entries["source/noise"]["compression"] == "none"


def tensor(i: int) -> Callable[[Index], Index]:
    return lambda index: index["tensors"][i]


def resource(i: int) -> Callable[[Index], Index]:
    return lambda index: index["resources"][i]


def top(index: Index) -> Index:
    return index


BROKEN: list[tuple[Callable[[Index], Index], str, Any, str]] = [
    (top, "format", "1", "format version"),
    (top, "format", True, "format version"),
    (top, "format", 0, "format version"),
    (top, "spec", [], "spec"),
    (top, "tokenizer", None, "tokenizer"),
    (top, "source", "gguf", "source"),
    (top, "licence", 3, "licence"),
    (top, "tensors", {}, "not a JSON array"),
    (top, "tensors", [], "empty"),
    (top, "tensors", [None], "not a JSON object"),
    (top, "resources", [{}], "missing"),
    (top, "extra", 1, "unknown field 'extra'"),
    (tensor(1), "name", "x/../y", "cannot name"),
    (tensor(1), "name", "", "cannot name"),
    (tensor(1), "name", "a" * 201, "cannot name"),
    (tensor(1), "name", "norm", "two tensors|used twice|is "),
    (tensor(1), "name", "zz", "page 'zz/codes' is missing"),
    (tensor(1), "shape", [], "shape"),
    (tensor(1), "shape", [8, 64, 1], "shape"),
    (tensor(1), "shape", [8, -64], "shape"),
    (tensor(1), "shape", [8, 64.0], "shape"),
    (tensor(1), "shape", [True, 64], "shape"),
    (tensor(1), "shape", [8, 1 << 40], "shape"),
    (tensor(1), "shape", [8, 33], "whole groups"),
    (tensor(1), "shape", [9, 64], "needs"),
    (tensor(1), "shape", [8, 96], "needs"),
    (tensor(1), "encoding", "q3", "unknown encoding 'q3'"),
    (tensor(1), "encoding", ["q4a"], "unknown encoding"),
    (tensor(1), "encoding", "q4", "needs"),
    (tensor(1), "encoding", "q8", "needs"),
    (tensor(1), "encoding", "f32", "page 'a' is missing"),
    (tensor(4), "encoding", "f16", "needs"),
    (tensor(1), "source_name", 5, "source_name"),
    (tensor(1), "source_dtype", "x" * 2000, "source_dtype"),
    (tensor(1), "max_error", -1, "max_error"),
    (tensor(1), "max_error", "0", "max_error"),
    (tensor(1), "max_error", 0.5, "lossless"),
    (tensor(1), "lossless", 1, "lossless"),
    (tensor(1), "more", 1, "unknown field 'more'"),
    (resource(0), "name", "../up", "cannot name"),
    (resource(0), "name", "source/noise", "length|page"),
    (resource(0), "name", "a/b/c", "cannot name"),
    (resource(0), "compression", "zstd", "compression"),
    (resource(0), "length", -1, "length"),
    (resource(0), "length", 1 << 40, "length"),
    (resource(1), "length", 2999, "length"),
]


@pytest.mark.parametrize(("where", "field", "value", "message"), BROKEN)
def test_each_broken_rule_has_its_error(
    pristine: tuple[Index, dict[str, Any]], where: Callable[[Index], Index], field: str, value: Any, message: str
) -> None:
    index, pages = copy.deepcopy(pristine[0]), pristine[1]
    where(index)[field] = value
    with pytest.raises(FormatError, match=message) as caught:
        IndexParser("m.pxi", pages).parse(index)
    assert "m.pxi" in str(caught.value)


def test_a_missing_field_is_named(pristine: tuple[Index, dict[str, Any]]) -> None:
    for where in (top, tensor(0), resource(0)):
        for field in where(pristine[0]):
            index = copy.deepcopy(pristine[0])
            del where(index)[field]
            with pytest.raises(FormatError, match=field):
                IndexParser("m.pxi", pristine[1]).parse(index)


def test_a_newer_format_says_so(pristine: tuple[Index, dict[str, Any]]) -> None:
    with pytest.raises(UnsupportedError, match="newer"):
        IndexParser("m.pxi", pristine[1]).parse(pristine[0] | {"format": 2})


def test_a_resource_whose_page_is_enormous(pristine: tuple[Index, dict[str, Any]]) -> None:
    index, pages = pristine[0], dict(pristine[1])
    name = next(f"resource/{r['name']}" for r in index["resources"] if r["compression"] == "deflate")
    pages[name] = dataclasses.replace(pages[name], length=1 << 40)  # a sparse file can have it
    with pytest.raises(FormatError, match="more than 268435456"):
        IndexParser("m.pxi", pages).parse(index)


def test_two_entries_of_one_name(pristine: tuple[Index, dict[str, Any]]) -> None:
    for part in ("tensors", "resources"):
        index = copy.deepcopy(pristine[0])
        index[part].append(index[part][0])
        with pytest.raises(FormatError, match="twice"):
            IndexParser("m.pxi", pristine[1]).parse(index)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["q4a", "f32", "a"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_indexes_parse_or_raise_ours(pristine: tuple[Index, dict[str, Any]], data: st.DataObject) -> None:
    index = copy.deepcopy(pristine[0])
    for _ in range(data.draw(st.integers(1, 3))):
        node: Any = index
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(node[key], (dict, list)) and data.draw(st.booleans()):
                node = node[key]
                continue
            if data.draw(st.integers(0, 3)) == 0:
                del node[key]
            else:
                node[key] = data.draw(VALUES)
            break
    try:
        parsed = IndexParser("m.pxi", pristine[1]).parse(index)
    except PixelLLMError:
        return
    claimed = [page for t in parsed.tensors.values() for page in t.pages]
    assert len(claimed) == len(set(claimed))
    for t in parsed.tensors.values():
        assert sum(pristine[1][page].nbytes for page in t.pages) * 8 >= int(np.prod(t.shape)) * t.encoding.bits


def test_a_container_without_a_model(tmp_path: Path) -> None:
    with PxiWriter(tmp_path / "x.pxi") as writer:
        writer.add_array("a", np.zeros((4, 4), np.uint8))
    with pytest.raises(FormatError, match="holds no model"):
        ModelFile.open(tmp_path / "x.pxi")
    with pytest.raises(NotFoundError):
        ModelFile.open(tmp_path / "none.pxi")


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"not zlib",
        zlib.compress(b"x" * 10_000_000),  # a bomb
        zlib.compress(b"[" + b"1," * 4000),
        zlib.compress(b"x" * 10_003)[:-3],
        zlib.compress(b"x" * 10_003) + b"tail",
    ],
    ids=["nothing", "not zlib", "bomb", "short", "cut", "tail"],
)
def test_a_resource_that_does_not_inflate_to_its_length(tmp_path: Path, packed: bytes) -> None:
    write_model(tmp_path / "m.pxi")
    with PxiUpdater(tmp_path / "m.pxi") as updater:
        updater.replace_bytes("resource/text.json", packed)
        updater.commit()
    with ModelFile.open(tmp_path / "m.pxi") as model, pytest.raises(FormatError, match=r"inflate|zlib"):
        model.resource("text.json")


def test_the_writer_refuses_what_the_reader_would(tmp_path: Path) -> None:
    path = tmp_path / "m.pxi"

    def attempt(use: Callable[[ModelWriter], object], message: str) -> None:
        with pytest.raises(InvalidArgumentError, match=message), ModelWriter(path) as writer:
            use(writer)
        assert list(tmp_path.iterdir()) == []

    def begin(writer: ModelWriter, name: str = "a") -> Any:
        return writer.begin_tensor(name, (4, 64), Q4_AFFINE, source_name="s", source_dtype="F32", lossless=False)

    planes = encode_rows(Q4_AFFINE, np.zeros((4, 64), np.float32))
    attempt(lambda w: begin(w, "a b"), "tensor name")
    attempt(lambda w: (begin(w), begin(w)), "twice")
    attempt(lambda w: begin(w).write(planes[:1]), "planes")
    attempt(lambda w: begin(w).write((planes[0], planes[1][:2])), "rows are")
    attempt(lambda w: begin(w).write((planes[0].astype(np.int8), planes[1])), "rows are")
    attempt(lambda w: (t := begin(w)).write(planes) or t.write(planes), "more than")
    attempt(begin, "rows are missing")
    attempt(lambda w: w.add_resource("../x", b""), "resource name")

    def error_is_nan(writer: ModelWriter) -> None:
        tensor = begin(writer)
        tensor.write(planes)
        tensor.max_error = float("nan")

    attempt(error_is_nan, "max_error")


def test_opening_reads_little_whatever_the_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sparse file of 105 GB with 1,000 tensors."""
    path = tmp_path / "large.pxi"
    entries = []
    with PxiWriter(path) as writer:
        for i in range(1000):
            name = f"blk.{i}.ffn_up.weight"
            writer.begin_plane(name, SampleType.FLOAT16, 8192, 6400).skip_rows(6400)
            entries.append(
                {
                    "name": name,
                    "shape": [6400, 8192],
                    "encoding": "f16",
                    "source_name": name,
                    "source_dtype": "F16",
                    "lossless": True,
                    "max_error": 0,
                }
            )
        parts = {"spec": {}, "tokenizer": {}, "source": {}, "licence": None, "resources": []}
        writer.attributes["model"] = {"format": 1, "tensors": entries, **parts}
    assert path.stat().st_size > 100e9
    read = durable.read
    sizes: list[int] = []
    monkeypatch.setattr(durable, "read", lambda fd, size, offset: sizes.append(size) or read(fd, size, offset))
    with ModelFile.open(path) as model:
        assert len(model.tensors) == 1000
    # Counted and not timed: the head and the index. `benchmarks/opening.py` measures the time.
    assert sum(sizes) < 1 << 20
    with ModelFile.open(path) as model:
        assert not model.tensors["blk.999.ffn_up.weight"].rows(6390).any()
