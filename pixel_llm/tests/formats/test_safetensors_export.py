"""A model file back to a Hugging Face folder, read by the safetensors package."""

from __future__ import annotations

import json
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import safetensors
from safetensors.numpy import load_file

from pixel_llm.core import durable
from pixel_llm.errors import AlreadyExistsError, IntegrityError, InvalidArgumentError, NotFoundError
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.formats.safetensors_export import export_safetensors
from pixel_llm.formats.safetensors_reader import INDEX_FILE, SafetensorsCheckpoint
from pixel_llm.tests.formats.model_file_helpers import (
    SIDE,
    canonical_tensors,
    import_folder,
    mixed_types,
    write_folder,
)


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    import_folder(write_folder(tmp_path / "src", mixed_types(canonical_tensors())), tmp_path / "m.pxi")
    return ModelFile.open(tmp_path / "m.pxi")


@pytest.mark.parametrize("shard_bytes", [10**9, 30_000, 1])
def test_unquantised_comes_back_bit_for_bit(tmp_path: Path, model: ModelFile, shard_bytes: int) -> None:
    want = mixed_types(canonical_tensors())
    calls: list[tuple[int, int]] = []
    report = export_safetensors(
        model, tmp_path / "out", shard_bytes=shard_bytes, progress=lambda d, t: calls.append((d, t))
    )
    out = tmp_path / "out"
    got: dict[str, tuple[str, list[int], bytes]] = {}
    for file in sorted(out.glob("*.safetensors")):
        for name, value in safetensors.deserialize(file.read_bytes()):
            got[name] = (value["dtype"], value["shape"], bytes(value["data"]))
    types = {np.dtype(ml_dtypes.bfloat16): "BF16", np.dtype(np.float16): "F16", np.dtype(np.float32): "F32"}
    assert got == {f"hf.{n}": (types[v.dtype], list(v.shape), v.tobytes()) for n, v in want.items()}
    for name, data in SIDE.items():
        assert (out / name).read_bytes() == data
    assert sorted(report.files) == sorted(p.name for p in out.iterdir())
    assert report.types == {"BF16": 7, "F16": 7, "F32": 7} and report.decoded == ()
    assert calls[-1] == (report.nbytes, report.nbytes) == (sum(v.nbytes for v in want.values()),) * 2
    shards = list(out.glob("*.safetensors"))
    if shard_bytes > 10**6:
        assert [p.name for p in shards] == ["model.safetensors"]
        assert not (out / INDEX_FILE).exists()
    else:
        assert len(shards) == (21 if shard_bytes == 1 else len(shards)) > 1
        assert json.loads((out / INDEX_FILE).read_text())["metadata"]["total_size"] == report.nbytes
    again = SafetensorsCheckpoint(out)
    assert set(again.tensors) == set(got)
    again.close()


@pytest.mark.parametrize(("dtype", "numpy_type"), [("F32", np.float32), ("F16", np.float16), ("BF16", "bfloat16")])
def test_codes_are_written_as_floats(tmp_path: Path, dtype: str, numpy_type: object) -> None:
    import_folder(write_folder(tmp_path / "src", canonical_tensors()), tmp_path / "m.pxi", quant="q4")
    with ModelFile.open(tmp_path / "m.pxi") as model:
        report = export_safetensors(model, tmp_path / "out", dtype=dtype)
        got = load_file(tmp_path / "out" / "model.safetensors")
        for name, tensor in model.tensors.items():
            values = got[f"hf.{name}"]
            stored = tensor.rows().reshape(tensor.shape)
            assert values.dtype == (np.dtype(numpy_type) if tensor.encoding.group else np.float32)
            np.testing.assert_array_equal(values, stored.astype(values.dtype))
        assert len(report.decoded) == 16


def test_names_order_and_added(tmp_path: Path, model: ModelFile) -> None:
    want = canonical_tensors()
    order = np.random.default_rng(0).permutation(64)
    names = {"blk.0.attn_q.weight": "q", "output_norm.weight": "norm", "token_embd.weight": "e"}
    export_safetensors(
        model,
        tmp_path / "out",
        names=names,
        files={"config.json": b"{}"},
        row_order={"blk.0.attn_q.weight": order, "output_norm.weight": order},
        added={"output_norm.weight": -1.0},
    )
    got = load_file(tmp_path / "out" / "model.safetensors")
    types = mixed_types(want)
    np.testing.assert_array_equal(got["q"], types["blk.0.attn_q.weight"][order])
    np.testing.assert_array_equal(
        got["norm"].astype(np.float32),
        (types["output_norm.weight"].astype(np.float32)[order] - 1).astype(got["norm"].dtype).astype(np.float32),
    )
    assert sorted(got) == ["e", "norm", "q"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["config.json", "model.safetensors"]


def test_wrong_arguments(tmp_path: Path, model: ModelFile) -> None:
    out = tmp_path / "out"
    for options, message in [
        ({"dtype": "F64"}, "F64"),
        ({"shard_bytes": 0}, "positive"),
        ({"names": {"zz": "a"}}, "zz"),
        ({"names": {}}, "no tensor"),
        ({"names": {"output.weight": "a", "token_embd.weight": "a"}}, "two tensors"),
        ({"row_order": {"output_norm.weight": np.zeros(64, np.intp)}}, "order"),
        ({"files": {"../x": b""}}, "cannot name"),
        ({"files": {"model.safetensors": b""}}, "cannot name"),
    ]:
        with pytest.raises(InvalidArgumentError, match=message):
            export_safetensors(model, out, **options)
    with pytest.raises(NotFoundError):
        export_safetensors(model, tmp_path / "none" / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.pxi", "src"]


def test_a_model_from_elsewhere_needs_names(tmp_path: Path, model: ModelFile) -> None:
    model.source["kind"] = "gguf"
    with pytest.raises(InvalidArgumentError, match="names"):
        export_safetensors(model, tmp_path / "out")


def test_overwriting_replaces_an_export_and_nothing_else(tmp_path: Path, model: ModelFile) -> None:
    out = tmp_path / "out"
    out.mkdir()
    export_safetensors(model, out, shard_bytes=1)
    with pytest.raises(AlreadyExistsError, match="exists"):
        export_safetensors(model, out)
    export_safetensors(model, out, overwrite=True)
    assert len(list(out.glob("*.safetensors"))) == 1
    (out / "thesis.tex").write_text("years of work")
    with pytest.raises(AlreadyExistsError, match=r"thesis\.tex"):
        export_safetensors(model, out, overwrite=True)
    assert (out / "thesis.tex").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(AlreadyExistsError, match="not a folder"):
        export_safetensors(model, tmp_path / "file", overwrite=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "m.pxi", "out", "src"]


def test_any_failure_leaves_the_old_or_nothing(tmp_path: Path, model: ModelFile) -> None:
    """An exception before each durable operation, without and with an earlier export in place."""

    class Stop(BaseException):
        pass

    for present in (False, True):
        out = tmp_path / f"out{present}"
        if present:
            export_safetensors(model, out, shard_bytes=1)
        before = sorted(p.name for p in out.iterdir()) if present else None
        count = 0
        for stop_at in range(1000):
            seen = 0

            def watch(operation: durable.Operation, stop_at: int = stop_at) -> None:
                nonlocal seen
                seen += 1
                if seen == stop_at + 1:
                    raise Stop

            try:
                with durable.watched(watch):
                    export_safetensors(model, out, overwrite=True)
                break
            except Stop:
                count += 1
            names = sorted(p.name for p in out.iterdir()) if out.exists() else None
            assert names == before or names == sorted([*SIDE, "model.safetensors"])
        assert count > 20
        assert not [p for p in tmp_path.iterdir() if p.name.startswith(".") and not p.name.endswith(".old")]


def test_damage_stops_the_export(tmp_path: Path, model: ModelFile) -> None:
    offset = model.pxi.pages["output.weight"].offset
    model.close()
    data = bytearray((tmp_path / "m.pxi").read_bytes())
    data[offset] ^= 1
    (tmp_path / "m.pxi").write_bytes(data)
    with ModelFile.open(tmp_path / "m.pxi") as damaged, pytest.raises(IntegrityError, match=r"output\.weight"):
        export_safetensors(damaged, tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.pxi", "src"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_appears_in_the_folder_meanwhile_is_kept(tmp_path: Path, model: ModelFile, overwrite: bool) -> None:
    out = tmp_path / "out"

    def appear(done: int, total: int) -> None:
        out.mkdir(exist_ok=True)
        (out / "thesis.txt").write_text("years of work")

    with pytest.raises(AlreadyExistsError):
        export_safetensors(model, out, overwrite=overwrite, progress=appear)
    assert (out / "thesis.txt").read_text() == "years of work"
    assert not list(tmp_path.glob(".out-*"))
