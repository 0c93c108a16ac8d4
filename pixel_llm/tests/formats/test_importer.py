"""Importing safetensors into a model file: exactness, quantisation, memory, and that a failure leaves nothing."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from pixel_llm.errors import (
    AlreadyExistsError,
    IntegrityError,
    InvalidArgumentError,
    NotFoundError,
    UnsupportedError,
)
from pixel_llm.formats.encodings import F16
from pixel_llm.formats.importer import import_checkpoint, model_name
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.formats.safetensors_reader import SafetensorsCheckpoint
from pixel_llm.tests.formats.model_file_helpers import (
    SIDE,
    SPEC,
    canonical_tensors,
    import_folder,
    mixed_types,
    write_folder,
)


@pytest.mark.parametrize("shards", [1, 3])
def test_floats_are_kept_bit_for_bit(tmp_path: Path, shards: int) -> None:
    tensors = mixed_types(canonical_tensors())
    folder = write_folder(tmp_path / "src", tensors, shards)
    report = import_folder(folder, tmp_path / "m.pxi")
    with ModelFile.open(tmp_path / "m.pxi") as model:
        assert set(model.tensors) == set(tensors)
        for name, want in tensors.items():
            tensor = model.tensors[name]
            assert tensor.shape == want.shape
            assert tensor.source_name == f"hf.{name}"
            assert tensor.lossless and tensor.max_error == 0
            (plane,) = tensor.planes()
            assert plane.tobytes() == want.tobytes()
            np.testing.assert_array_equal(tensor.rows().reshape(want.shape), want.astype(np.float32))
        assert model.spec_json == SPEC
        assert model.tokenizer_json == {"bos": 1}
        assert model.licence == "Apache License 2.0"
        assert model.source["kind"] == "safetensors"
        assert model.source["quant"] == "none"
        assert model.source["sha256"] == report.sha256
        for name, data in SIDE.items():
            assert model.resource(f"source/{name}") == data
        assert model.resource("tokenizer.json") == SIDE["tokenizer.json"]
    assert {n: e.tensors for n, e in report.encodings.items()} == {"bf16": 7, "f16": 7, "f32": 7}
    assert sum(e.bytes for e in report.encodings.values()) == sum(v.nbytes for v in tensors.values())
    assert report.bytes == (tmp_path / "m.pxi").stat().st_size


def test_sha256_is_the_files_and_of_shards_what_sha256sum_would_say(tmp_path: Path) -> None:
    tensors = canonical_tensors()
    one = write_folder(tmp_path / "one", tensors)
    digest = hashlib.sha256((one / "model.safetensors").read_bytes()).hexdigest()
    assert SafetensorsCheckpoint(one).sha256() == digest
    many = write_folder(tmp_path / "many", tensors, 2)
    listing = "".join(
        f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in sorted(many.glob("*.safetensors"))
    )
    seen: list[tuple[int, int]] = []
    got = SafetensorsCheckpoint(many).sha256(lambda done, total: seen.append((done, total)))
    assert got == hashlib.sha256(listing.encode()).hexdigest()
    assert seen[-1][1] == sum(p.stat().st_size for p in many.glob("*.safetensors"))
    assert max(seen)[0] == seen[-1][1]


def test_q4_quantises_matrices_and_states_its_error(tmp_path: Path) -> None:
    tensors = canonical_tensors()
    folder = write_folder(tmp_path / "src", tensors)
    calls: list[tuple[int, int]] = []
    report = import_folder(folder, tmp_path / "m.pxi", quant="q4", progress=lambda d, t: calls.append((d, t)))
    worst: dict[str, float] = {}
    with ModelFile.open(tmp_path / "m.pxi") as model:
        for name, want in tensors.items():
            tensor = model.tensors[name]
            expected = "f32" if want.ndim == 1 else "q8" if name in ("token_embd.weight", "output.weight") else "q4a"
            assert tensor.encoding.name == expected
            assert tensor.lossless == (expected == "f32")
            error = float(np.abs(tensor.rows().reshape(want.shape) - want).max())
            assert tensor.max_error == pytest.approx(error, rel=1e-6, abs=0)
            worst[expected] = max(worst.get(expected, 0), error)
    for name, entry in report.encodings.items():
        assert entry.max_error == pytest.approx(worst[name], rel=1e-6, abs=0)
    assert 0 < worst["q8"] < worst["q4a"] < 0.03
    assert [d for d, _ in calls] == sorted(d for d, _ in calls)
    assert calls[-1][0] == calls[-1][1] == sum(e.bytes for e in report.encodings.values())


def test_q8_and_rows_that_are_not_whole_groups(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    tensors = {
        "a.weight": rng.standard_normal((8, 64)).astype(np.float16),
        "odd.weight": rng.standard_normal((8, 33)).astype(np.float16),
    }
    import_folder(write_folder(tmp_path / "src", tensors), tmp_path / "m.pxi", quant="q8")
    with ModelFile.open(tmp_path / "m.pxi") as model:
        assert model.tensors["a.weight"].encoding.name == "q8"
        assert model.tensors["odd.weight"].encoding.name == "f16"
        assert model.tensors["odd.weight"].planes()[0].tobytes() == tensors["odd.weight"].tobytes()


def test_tensors_cut_into_many_ranges_equal_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = canonical_tensors()
    folder = write_folder(tmp_path / "src", tensors)
    import_folder(folder, tmp_path / "whole.pxi", quant="q4")
    monkeypatch.setattr("pixel_llm.formats.importer.CHUNK", 1000)
    import_folder(folder, tmp_path / "parts.pxi", quant="q4")
    with ModelFile.open(tmp_path / "whole.pxi") as a, ModelFile.open(tmp_path / "parts.pxi") as b:
        for name in a.tensors:
            for x, y in zip(a.tensors[name].planes(), b.tensors[name].planes(), strict=True):
                np.testing.assert_array_equal(x, y)
            assert a.tensors[name].max_error == b.tensors[name].max_error
        np.testing.assert_array_equal(a.pxi.contact_sheet(), b.pxi.contact_sheet())


def test_not_a_number_survives_unquantised_and_is_refused_quantised(tmp_path: Path) -> None:
    weights = np.zeros((8, 64), np.float32)
    weights[3, 5] = np.nan
    weights[4, 6] = np.inf
    folder = write_folder(tmp_path / "src", {"a.weight": weights})
    import_folder(folder, tmp_path / "m.pxi")
    with ModelFile.open(tmp_path / "m.pxi") as model:
        np.testing.assert_array_equal(model.tensors["a.weight"].rows(), weights)
    with pytest.raises(InvalidArgumentError, match="NaN"):
        import_folder(folder, tmp_path / "q.pxi", quant="q4")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.pxi", "src"]


class Rounded:
    """A source tensor whose native planes are not what it means, as a K-quant's."""

    name, shape, dtype, native, lossless = "odd", (4, 32), "Q9_K", F16, False

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def planes(self, start: int, stop: int) -> tuple[np.ndarray, ...]:
        with np.errstate(over="ignore"):
            return (self.values[start:stop].astype(np.float16),)

    def rows(self, start: int, stop: int) -> np.ndarray:
        return self.values[start:stop].copy()


def test_a_native_encoding_that_is_not_exact_states_its_error(tmp_path: Path) -> None:
    checkpoint = SafetensorsCheckpoint(write_folder(tmp_path / "src", canonical_tensors()))
    values = np.random.default_rng(5).standard_normal((4, 32)).astype(np.float32)
    values[0, 0], values[1, 1], values[2, 2] = 1.0003, np.nan, np.inf
    checkpoint.tensors = {"odd": Rounded(values)}
    arguments = {"spec": {}, "names": {"odd": "odd"}, "tokenizer": {}, "resources": {}}
    report = import_checkpoint(checkpoint, tmp_path / "m.pxi", **arguments)
    finite = np.isfinite(values)
    error = np.abs(values[finite].astype(np.float16).astype(np.float32) - values[finite]).max()
    assert report.encodings["f16"].max_error == error > 0
    with ModelFile.open(tmp_path / "m.pxi") as model:
        assert not model.tensors["odd"].lossless and model.tensors["odd"].max_error == error
    values[3, 3] = 1e6
    with pytest.raises(InvalidArgumentError, match="odd"):
        import_checkpoint(checkpoint, tmp_path / "n.pxi", **arguments)
    assert not (tmp_path / "n.pxi").exists()
    checkpoint.close()


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"general.name": "Fine Model"}, "Fine Model"),
        ({"config": {"_name_or_path": "org/nice-7b/"}}, "nice-7b"),
        ({"config": {}}, "src"),
        ({"general.name": "  "}, "src"),
        ({"general.name": "a\x1b[31mb"}, "a [31mb"),
    ],
)
def test_the_models_name(tmp_path: Path, metadata: dict[str, object], name: str) -> None:
    checkpoint = SafetensorsCheckpoint(write_folder(tmp_path / "src", {"a": np.zeros((1, 1), np.float32)}))
    checkpoint.metadata = metadata
    assert model_name(checkpoint) == name
    checkpoint.close()


def test_wrong_arguments(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "src", canonical_tensors())
    out = tmp_path / "m.pxi"
    with pytest.raises(InvalidArgumentError, match="q5"):
        import_folder(folder, out, quant="q5")
    with pytest.raises(NotFoundError, match="nobody"):
        import_folder(folder, out, names={"nobody": "a"})
    with pytest.raises(InvalidArgumentError, match="two tensors"):
        import_folder(folder, out, names={"hf.blk.0.attn_q.weight": "a", "hf.blk.0.attn_k.weight": "a"})
    with pytest.raises(InvalidArgumentError, match="no tensor"):
        import_folder(folder, out, names={})
    with pytest.raises(InvalidArgumentError, match="tensor name"):
        import_folder(folder, out, names={"hf.output.weight": "a/b"})
    assert [p.name for p in tmp_path.iterdir()] == ["src"]
    import_folder(folder, out)
    before = out.read_bytes()
    with pytest.raises(AlreadyExistsError):
        import_folder(folder, out)
    assert out.read_bytes() == before
    files = {path: path.read_bytes() for path in folder.iterdir()}
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        with pytest.raises(InvalidArgumentError, match="checkpoint itself"):
            import_folder(folder, folder / name, overwrite=True)
    assert {path: path.read_bytes() for path in folder.iterdir()} == files
    import_folder(folder, out, overwrite=True, quant="q8")
    assert out.read_bytes() != before


def test_tensor_types_that_cannot_be_held_are_named(tmp_path: Path) -> None:
    tensors = {"ids": np.arange(4), "cube": np.zeros((2, 2, 2), np.float32), "w": np.zeros((2, 32), np.float32)}
    folder = write_folder(tmp_path / "src", tensors)
    import_folder(folder, tmp_path / "m.pxi", names={"hf.w": "w"})
    for name in ("ids", "cube"):
        with pytest.raises(UnsupportedError, match=f"hf.{name}"):
            import_folder(folder, tmp_path / "n.pxi", names={f"hf.{name}": "x"})


@pytest.mark.parametrize("when", ["reading", "progress", "resources"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_exception_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, error: type[BaseException]
) -> None:
    folder = write_folder(tmp_path / "src", canonical_tensors())
    calls = 0

    def fail(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 5 or when == "resources":
            raise error

    options = {}
    if when == "progress":
        options["progress"] = fail
    elif when == "reading":
        monkeypatch.setattr("pixel_llm.formats.safetensors_reader.pread_into", fail)
    else:
        monkeypatch.setattr(SafetensorsCheckpoint, "resources", fail)
    with pytest.raises(error):
        import_folder(folder, tmp_path / "m.pxi", **options)
    assert [p.name for p in tmp_path.iterdir()] == ["src"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_process_leaves_no_model(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C cleans up; kill -9 cannot, and leaves a temporary file that says whose it was."""
    folder = write_folder(tmp_path / "src", canonical_tensors(layers=40))
    code = f"""
        import sys, time
        from pathlib import Path
        from pixel_llm.tests.formats.model_file_helpers import import_folder
        def slow(done, total):
            print(done, flush=True)
            time.sleep(0.05)
        import_folder(Path({str(folder)!r}), Path({str(tmp_path / "m.pxi")!r}), quant="q4", progress=slow)
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    for _ in range(5):
        assert child.stdout.readline()
    child.send_signal(number)
    _, message = child.communicate(timeout=30)
    assert child.returncode != 0
    left = {p.name for p in tmp_path.iterdir()} - {"src"}
    if number == signal.SIGINT:
        assert "KeyboardInterrupt" in message
        assert left == set()
    else:
        assert all(name.startswith(f".pxi-{child.pid}-") and name.endswith(".tmp") for name in left)


def test_damage_names_the_tensor_and_spares_the_others(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "src", canonical_tensors())
    import_folder(folder, tmp_path / "m.pxi", quant="q4")
    with ModelFile.open(tmp_path / "m.pxi") as model:
        page = model.pxi.pages["blk.1.ffn_up.weight/codes"]
    data = bytearray((tmp_path / "m.pxi").read_bytes())
    data[page.offset + 7] ^= 16
    (tmp_path / "m.pxi").write_bytes(data)
    with ModelFile.open(tmp_path / "m.pxi") as model:
        for name, tensor in model.tensors.items():
            if name == "blk.1.ffn_up.weight":
                for read in (tensor.planes, tensor.rows, lambda t=tensor: t.rows(0, 1)):
                    with pytest.raises(IntegrityError, match=r"blk\.1\.ffn_up\.weight"):
                        read()
            else:
                assert np.isfinite(tensor.rows()).all()
        report = model.pxi.verify()
        assert not report.ok
        assert [f.page for f in report.failures] == ["blk.1.ffn_up.weight/codes"]
    with ModelFile.open(tmp_path / "m.pxi", verify=False) as model:
        model.tensors["blk.1.ffn_up.weight"].rows()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize(("quant", "tensors"), [("none", 5), ("q4", 1)])
def test_memory_does_not_grow_with_the_checkpoint(tmp_path: Path, quant: str, tensors: int) -> None:
    """Sparse tensors of 64 MiB each, imported within 100 MB beyond what Python with its modules takes."""
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    shape, header = [8192, 4096], {}
    size = 2 * shape[0] * shape[1]
    for i in range(tensors):
        header[f"blk.{i}.ffn_up.weight"] = {
            "dtype": "BF16",
            "shape": shape,
            "data_offsets": [i * size, (i + 1) * size],
        }
    raw = json.dumps(header).encode()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(raw).to_bytes(8, "little") + raw)
        file.truncate(8 + len(raw) + tensors * size)
    code = f"""
        import sys
        def peak():  # not getrusage: that counts what the parent held before exec
            return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
        from pixel_llm.formats.importer import import_checkpoint
        from pixel_llm.formats.safetensors_reader import SafetensorsCheckpoint
        from PIL import Image, ImageDraw, ImageFont
        if {quant!r} == "q4":
            from pixel_llm.formats import encodings, quantise_kernels
            quantise_kernels.kernel(encodings.Q4_AFFINE)
        ckpt = SafetensorsCheckpoint({str(folder)!r})
        before = peak()
        import_checkpoint(ckpt, {str(tmp_path / "m.pxi")!r}, spec={{}}, names={{n: n for n in ckpt.tensors}},
                          tokenizer={{}}, resources={{}}, quant={quant!r})
        print(peak() - before, "llvmlite" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    grown, compiler = done.stdout.split()
    assert int(grown) < 100_000
    assert compiler == str(quant == "q4")  # keeping weights as they are costs no compiler
    with ModelFile.open(tmp_path / "m.pxi") as model:
        last = model.tensors[f"blk.{tensors - 1}.ffn_up.weight"]
        assert last.encoding.name == {"none": "bf16", "q4": "q4a"}[quant]
        assert not last.rows(8000).any()
