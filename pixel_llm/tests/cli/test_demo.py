"""The demo, with a tiny model in the place of the one that it downloads."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixel_llm.download import PullResult
from pixel_llm.errors import DownloadError
from pixel_llm.tests.cli.conftest import Cli


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch, tiny_folder: Path) -> None:
    result = PullResult("smollm2-135m", tiny_folder, 1000, "00", True, "MIT")
    monkeypatch.setattr("pixel_llm.download.pull", lambda name, **options: result)


def test_every_step_is_shown(cli: Cli, pulled: None, tmp_path: Path) -> None:
    ran = cli("demo", "--out", tmp_path / "d", "--backend", "reference", "--question", "hello?")
    assert ran.code == 0, ran.err
    assert [line[:5] for line in ran.out.splitlines() if line.startswith("[")] == [f"[{n}/6]" for n in range(1, 7)]
    for words in (
        "already here",
        "lossless",
        "sound",
        "open it with",
        "verify finds it: blk.1.ffn_up",
        "tokens/s",
        "Done",
    ):
        assert words in ran.out
    assert sorted(p.name for p in (tmp_path / "d").iterdir()) == ["smollm2-135m.png", "smollm2-135m.pxi"]


def test_a_failing_step_is_named(cli: Cli, pulled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, **options: object) -> None:
        raise DownloadError("the server cannot be reached")

    def damaged(*arguments: object, **options: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("pixel_llm.cli.picture.save_picture", damaged)
    ran = cli("demo", "--out", tmp_path, "--backend", "reference")
    assert ran.code == 70 and "step 4 of 6 failed" in ran.err and "[5/6]" not in ran.out
    monkeypatch.setattr("pixel_llm.download.pull", broken)
    ran = cli("demo", "--out", tmp_path, "--backend", "reference")
    assert ran.code == 5 and "step 1 of 6 failed" in ran.err and "cannot be reached" in ran.err


def test_damage_that_is_not_found_fails(
    cli: Cli, pulled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pixel_llm.core.pxi import PxiFile, VerifyReport

    sound = VerifyReport()
    monkeypatch.setattr(PxiFile, "verify", lambda self, **options: sound)
    ran = cli("demo", "--out", tmp_path, "--backend", "reference")
    assert ran.code == 1 and "step 5 of 6 failed" in ran.err
    assert not (tmp_path / "damaged.pxi").exists()


def test_a_folder_that_cannot_be_made(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = cli("demo", "--out", tmp_path / "file")
    assert ran.code == 5 and "--out" in ran.err and "PIXEL_LLM_CACHE" not in ran.err
