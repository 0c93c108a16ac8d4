"""Commands that make, show and change files."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixel_llm.backends.cpu.target import host_features
from pixel_llm.core.pxi import PxiFile, PxiUpdater
from pixel_llm.tests.cli.conftest import Cli


@pytest.fixture
def copy(tiny_pxi: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tiny_pxi, tmp_path / "copy.pxi"))


def test_import_reports_encodings(cli: Cli, tiny_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.pxi"
    ran = cli("import", tiny_folder, "-o", out, "--quant", "q8", "--json")
    assert ran.code == 0 and ran.json["path"] == str(out) and ran.json["bytes"] == out.stat().st_size
    assert set(ran.json) == {"path", "bytes", "quant", "source_sha256", "encodings", "seconds"}
    assert ran.json["encodings"]["f32"]["max_error"] == 0 < ran.json["encodings"]["q8"]["max_error"] < 0.1
    again = cli("import", tiny_folder, "-o", out)
    assert again.code == 2 and "exists" in again.err
    forced = cli("import", tiny_folder, "-o", out, "--force")
    assert forced.code == 0 and "lossless" in forced.out and str(out) in forced.out


def test_import_says_what_is_wrong(cli: Cli, tiny_folder: Path, tmp_path: Path) -> None:
    assert cli("import", tmp_path / "gone", "-o", tmp_path / "m.pxi").code == 4
    assert cli("import", tiny_folder, "-o", tmp_path / "no" / "m.pxi").code == 4
    assert cli("import", tiny_folder, "-o", tmp_path / "m.pxi", "--quant", "q3").code == 2
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "config.json").write_text('{"model_type": "mamba"}', encoding="utf-8")
    shutil.copy(tiny_folder / "model.safetensors", tmp_path / "bad")
    ran = cli("import", tmp_path / "bad", "-o", tmp_path / "m.pxi")
    assert ran.code == 3 and "mamba" in ran.err
    assert not (tmp_path / "m.pxi").exists()


def test_info(cli: Cli, tiny_pxi: Path) -> None:
    report = cli("info", tiny_pxi, "--json").json
    assert report["spec"]["layers"] == 2 and report["spec"]["architecture"] == "llama"
    assert report["parameters"] == sum(int(np.prod(t["shape"])) for t in report["tensors"])
    assert report["encodings"]["f32"]["tensors"] == len(report["tensors"]) == 21
    assert report["bytes"] == tiny_pxi.stat().st_size and len(report["root_hash"]) == 64
    assert "assistant" in report["chat_template"] and report["generation"] == 1
    shown = cli("info", tiny_pxi, "--tensors")
    assert shown.code == 0 and "blk.1.ffn_down.weight" in shown.out and "lossless" in shown.out
    assert "blk.1" not in cli("info", tiny_pxi).out


def test_verify_a_sound_file(cli: Cli, tiny_pxi: Path) -> None:
    ran = cli("verify", tiny_pxi, "--json")
    assert ran.code == 0 and ran.json["ok"] and ran.json["failures"] == [] and ran.json["bytes_checked"] > 100_000
    assert "sound" in cli("verify", tiny_pxi, "--threads", 2).out


def test_verify_names_the_damaged_tensor(cli: Cli, copy: Path) -> None:
    with PxiFile(copy) as file:
        page = file.pages["blk.1.ffn_up.weight"]
    data = bytearray(copy.read_bytes())
    data[page.offset + 1000] ^= 4
    copy.write_bytes(data)
    ran = cli("verify", copy, "--json")
    assert ran.code == 1 and not ran.json["ok"]
    assert [(f["page"], f["band"]) for f in ran.json["failures"]] == [("blk.1.ffn_up.weight", 0)]
    shown = cli("verify", copy)
    assert shown.code == 1 and "blk.1.ffn_up.weight" in shown.out and "damaged" in shown.out
    assert cli("picture", copy, "-o", copy.with_suffix(".png"), "--tensor", "blk.1.ffn_up.weight").code == 1


def test_verify_a_damaged_head(cli: Cli, copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    data[16:4096] = bytes(4080)
    copy.write_bytes(data)
    assert cli("verify", copy).code in (1, 3)


def test_picture_of_the_model_and_of_a_tensor(cli: Cli, tiny_pxi: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    report = cli("picture", tiny_pxi, "-o", sheet, "--size", 600, "--json").json
    with Image.open(sheet) as image:
        assert image.size == (report["width"], report["height"]) and image.size[0] <= 600
    tensor = tmp_path / "q.webp"
    ran = cli("picture", tiny_pxi, "-o", tensor, "--tensor", "blk.0.attn_q.weight")
    assert ran.code == 0 and "pixels" in ran.out
    with Image.open(tensor) as image:
        assert image.size[0] % 64 == 0
    assert cli("picture", tiny_pxi, "-o", sheet).code == 2
    assert cli("picture", tiny_pxi, "-o", sheet, "--force").code == 0


def test_picture_says_what_is_wrong(cli: Cli, tiny_pxi: Path, tmp_path: Path) -> None:
    missing = cli("picture", tiny_pxi, "-o", tmp_path / "x.png", "--tensor", "attn_q")
    assert missing.code == 4 and "blk.0.attn_q.weight" in missing.err
    assert cli("picture", tiny_pxi, "-o", tmp_path / "x.doc").code == 2
    assert cli("picture", tiny_pxi, "-o", tmp_path / "x").code == 2
    assert cli("picture", tiny_pxi, "-o", tmp_path / "x.png", "--size", 3).code == 2
    assert cli("picture", tiny_pxi, "-o", tmp_path / "no" / "x.png").code == 4
    assert list(tmp_path.iterdir()) == []


def test_export_gives_the_same_safetensors_back(cli: Cli, tiny_pxi: Path, tiny_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "folder"
    ran = cli("export", tiny_pxi, "-o", out, "--json")
    assert ran.code == 0 and ran.json["format"] == "safetensors"
    assert (out / "config.json").read_bytes() == (tiny_folder / "config.json").read_bytes()
    from safetensors.numpy import load_file

    ours, theirs = load_file(out / "model.safetensors"), load_file(tiny_folder / "model.safetensors")
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert cli("export", tiny_pxi, "-o", out).code == 2
    assert cli("export", tiny_pxi, "-o", out, "--force").code == 0


def test_export_to_the_other_family_and_back(cli: Cli, tiny_pxi: Path, tmp_path: Path) -> None:
    """safetensors -> .pxi -> GGUF -> .pxi -> safetensors -> .pxi: the same answers and token ids all the way."""
    text = tmp_path / "text.txt"
    text.write_text("hello world, the other world 123", encoding="utf-8")

    def score(model: Path) -> dict[str, list[float]]:
        result: dict[str, list[float]] = cli("score", model, "-f", text, "--backend", "reference", "--json").json
        return result

    steps = [("m.gguf", "gguf.pxi"), ("folder", "folder.pxi")]
    model, expected = tiny_pxi, score(tiny_pxi)
    for exported, imported in steps:
        ran = cli("export", model, "-o", tmp_path / exported)
        assert ran.code == 0, ran.err
        model = tmp_path / imported
        ran = cli("import", tmp_path / exported, "-o", model)
        assert ran.code == 0, ran.err
        found = score(model)
        assert found["ids"] == expected["ids"]
        np.testing.assert_allclose(found["logprobs"], expected["logprobs"], atol=1e-4)
    settings = cli("info", model, "--json").json
    assert settings["chat_template"] == cli("info", tiny_pxi, "--json").json["chat_template"]
    assert settings["tokenizer"]["bos"] == 256 and settings["tokenizer"]["eos"] == [257]


def test_snapshots_rollback_and_compact(cli: Cli, copy: Path) -> None:
    with PxiUpdater(copy) as update:
        update.replace_array("output_norm.weight", np.zeros((1, 64), np.float32))
        update.commit(label="zeroed")
    report = cli("snapshots", copy, "--json").json
    assert [(s["generation"], s["label"], s["current"]) for s in report["snapshots"]] == [
        (1, None, False),
        (2, "zeroed", True),
    ]
    assert "zeroed" in cli("snapshots", copy).out
    assert cli("rollback", copy, "--to", 9).code == 4
    assert cli("rollback", copy, "--to", 1, "--json").json["generation"] == 3
    with PxiFile(copy) as file:
        assert file.array("output_norm.weight").any()
    assert "generation 1" in cli("rollback", copy, "--to", 1).out
    sizes = cli("compact", copy, "--json").json
    assert sizes["bytes_after"] < sizes["bytes_before"] and sizes["bytes_after"] == copy.stat().st_size
    assert len(cli("snapshots", copy, "--json").json["snapshots"]) == 1
    assert str(copy) in cli("compact", copy).out
    assert cli("verify", copy).code == 0


def test_doctor_without_llvmlite(cli: Cli, tiny_pxi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backend is missing, nothing else is; and to ask for it is an error with a remedy."""
    monkeypatch.setattr("pixel_llm.cli.machine.PROBE_BYTES", 1 << 20)
    host_features.cache_clear()
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    report = cli("doctor", "--json").json
    assert report["cpu"]["features"] is None
    assert report["backends"]["cpu"] == {"available": False, "why_not": "llvmlite is not installed"}
    shown = cli("doctor")
    assert shown.code == 0 and "not available: llvmlite is not installed" in shown.out
    ran = cli("generate", tiny_pxi, "-p", "hello", "--backend", "cpu")
    assert ran.code == 5 and "llvmlite" in ran.err and "pip install" in ran.err


def test_doctor(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("pixel_llm.cli.machine.PROBE_BYTES", 1 << 20)
    report = cli("doctor", "--json").json
    assert set(report) == {"system", "cpu", "memory", "backends", "adapters", "libraries", "cache"}
    assert report["backends"]["reference"] == {"available": True, "why_not": None}
    assert report["backends"]["gpu"]["available"] == bool(report["adapters"])
    assert [one["index"] for one in report["adapters"]] == list(range(len(report["adapters"])))
    assert report["memory"]["total"] > 0 and report["memory"]["read_gb_s"] > 0
    assert report["cpu"]["usable_threads"] >= 1 and report["cache"]["folder"] == str(tmp_path / "cache")
    shown = cli("doctor")
    assert shown.code == 0 and "reference" in shown.out and "llvmlite" in shown.out
    monkeypatch.setattr("pixel_llm.backends.available_backends", tuple)
    assert cli("doctor").code == 5


def test_pull_prints_the_path_alone_on_stdout(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pixel_llm.download import PullResult

    result = PullResult("tiny", tmp_path / "tiny.gguf", 1234, "00", False, "MIT")
    monkeypatch.setattr("pixel_llm.download.pull", lambda name, **options: result)
    ran = cli("pull", "tiny")
    assert ran.code == 0 and ran.out == f"{tmp_path / 'tiny.gguf'}\n"
    assert "1.2 kB" in ran.err and "licence: MIT" in ran.err
    assert cli("pull", "tiny", "--json").json["path"] == str(tmp_path / "tiny.gguf")


def test_pull_of_an_unknown_name_exits_4(cli: Cli) -> None:
    ran = cli("pull", "gpt-5")
    assert ran.code == 4 and "smollm2-135m" in ran.err


@pytest.mark.parametrize("link", [False, True])
def test_a_model_is_never_replaced_by_what_is_made_from_it(cli: Cli, copy: Path, tmp_path: Path, link: bool) -> None:
    before, target = copy.read_bytes(), copy
    if link:
        target = tmp_path / "link.png"
        target.symlink_to(copy)
    ran = cli("export", copy, "--format", "gguf", "-o", target, "--force")
    assert ran.code == 2 and "the model itself" in ran.err
    if link:
        assert cli("picture", copy, "-o", target, "--force").code == 2
    assert copy.read_bytes() == before and target.exists()


def test_a_folder_that_holds_the_model_is_not_replaced(cli: Cli, tiny_pxi: Path, tmp_path: Path) -> None:
    inside = shutil.copy(tiny_pxi, tmp_path / "model.safetensors")  # a name that an export could have written
    ran = cli("export", inside, "--format", "safetensors", "-o", tmp_path, "--force")
    assert ran.code == 2 and "the model itself" in ran.err
    assert [p.name for p in tmp_path.iterdir()] == ["model.safetensors"]


def test_verify_tells_what_is_harmless(cli: Cli, copy: Path) -> None:
    with PxiUpdater(copy) as update:
        update.replace_array("output_norm.weight", np.zeros((1, 64), np.float32))
        update.commit()
    data = bytearray(copy.read_bytes())
    data[2 * 4096 + 8] ^= 1  # the superblock of generation 1, which a commit of generation 3 would be writing
    copy.write_bytes(data)
    ran = cli("verify", copy, "--json")
    assert ran.code == 0 and ran.json["ok"] and "cut off" in ran.json["notes"][0]
    assert "cut off" in cli("verify", copy).err


def test_a_model_that_says_no_architecture_is_malformed(cli: Cli, copy: Path, tmp_path: Path) -> None:
    with PxiUpdater(copy) as update:
        update.attributes["model"] |= {"spec": {}, "tokenizer": {}}
        update.commit()
    for command in (["info", copy], ["info", copy, "--json"], ["export", copy, "-o", tmp_path / "m.gguf"]):
        ran = cli(*command)
        assert ran.code == 3 and "spec" in ran.err and not ran.out, ran.err


def test_export_needs_sound_tokenizer_settings(cli: Cli, tiny_pxi: Path, tmp_path: Path) -> None:
    assert cli("export", tiny_pxi, "-o", tmp_path / "m.gguf").code == 0
    assert cli("import", tmp_path / "m.gguf", "-o", tmp_path / "m.pxi").code == 0
    with PxiUpdater(tmp_path / "m.pxi") as update:
        del update.attributes["model"]["tokenizer"]["eos"]
        update.commit()
    ran = cli("export", tmp_path / "m.pxi", "-o", tmp_path / "folder")
    assert ran.code == 3 and "eos" in ran.err
