"""`map build`, `map export`, `locate`, `view`."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import requests

from pixel_llm.formats.model_file import ModelFile
from pixel_llm.tests.cli.conftest import Cli


@pytest.fixture
def copy(tiny_pxi: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tiny_pxi, tmp_path / "tiny.pxi"))


def test_build_once(cli: Cli, copy: Path) -> None:
    report = cli("map", "build", copy, "--json").json
    atlas = Path(report["path"])
    assert report["built"] and atlas.name == "tiny.pxi.atlas" and report["bytes"] == atlas.stat().st_size
    before = atlas.read_bytes()
    assert cli("map", "build", copy, "--json").json == {"path": str(atlas), "bytes": len(before), "built": False}
    assert "up to date" in cli("map", "build", copy).out
    again = cli("map", "build", copy, "--force", "--threads", 1)
    assert again.code == 0 and "of the model" in again.out and atlas.read_bytes() == before
    atlas.write_bytes(before[:-1])
    assert cli("map", "build", copy).code == 0 and atlas.read_bytes() == before
    assert cli("map", "build", copy.parent / "none.pxi").code == 4
    assert cli("verify", copy).code == 0


def test_locate_both_ways(cli: Cli, copy: Path) -> None:
    by_name = cli("locate", copy, "--tensor", "blk.1.attn_v.weight", "--row", 20, "--col", 9, "--json").json
    with ModelFile.open(copy) as model:
        value = model.tensors["blk.1.attn_v.weight"].rows()[20, 9]
    assert np.float32(by_name["value"]) == value
    assert (by_name["layer"], by_name["head"], by_name["encoding"]) == (1, 1, "f32")
    assert cli("locate", copy, "--x", by_name["x"], "--y", by_name["y"], "--json").json == by_name
    shown = cli("locate", copy, "--tensor", "output_norm.weight")
    assert shown.code == 0 and "output_norm.weight" in shown.out and "head" not in shown.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["--x", 1], 2),
        (["--x", 1, "--y", 1, "--tensor", "output_norm.weight"], 2),
        (["--row", 1], 2),
        (["--tensor", "output_norm.weight", "--col", 64], 2),
        (["--tensor", "output_norm.weight", "--row", -1], 2),
        (["--tensor", "nothing"], 4),
        (["--x", -9, "--y", 10**15], 4),
    ],
)
def test_locate_says_what_is_wrong(cli: Cli, copy: Path, arguments: list[object], code: int) -> None:
    ran = cli("locate", copy, *arguments)
    assert ran.code == code and ran.err.startswith("Error") and not ran.out


def test_export(cli: Cli, copy: Path, tmp_path: Path) -> None:
    from pixel_llm.viewer.app import PAGE

    if not (PAGE / "index.html").is_file():
        pytest.skip("the page is not built")
    out = tmp_path / "site"
    report = cli("map", "export", copy, "-o", out, "--json").json
    assert report["path"] == str(out) and (out / "index.html").is_file()
    plane = json.loads((out / "api" / "plane.json").read_text())
    assert (out / plane["models"][0]["pxi"]["url"]).read_bytes() == copy.read_bytes()
    assert cli("map", "export", copy, "-o", out).code == 2
    assert cli("map", "export", copy, "-o", out, "--force").code == 0
    assert cli("map", "export", copy, "-o", tmp_path / "no" / "site").code == 4


def test_view_serves_until_ctrl_c(copy: Path) -> None:
    command = [sys.executable, "-m", "pixel_llm.cli", "view", str(copy), "--port", "0", "--no-browser"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    try:
        assert child.stdout is not None
        url = child.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url), url
        plane = requests.get(url + "api/plane.json", timeout=30).json()
        assert plane["models"][0]["width"] > 0 and copy.with_name("tiny.pxi.atlas").is_file()
    finally:
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    assert child.returncode == 0 and "Traceback" not in err, err


def test_view_says_what_is_wrong(cli: Cli, copy: Path, tmp_path: Path) -> None:
    assert cli("view").code == 2
    assert cli("view", tmp_path / "none.pxi").code == 4
    assert cli("view", copy, copy, "--no-browser").code == 2
    assert cli("view", copy, "--port", 70_000, "--no-browser").code == 2
