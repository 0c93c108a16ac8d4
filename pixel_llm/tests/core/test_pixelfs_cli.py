"""The command line of PixelFS: output, JSON, exit codes, and the demo as a program."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from rich.console import Console

from pixel_llm.core import pixelfs_demo
from pixel_llm.core.pixelfs import PAGE, PixelFS, main
from pixel_llm.core.pixelfs_cli import main as cli
from pixel_llm.core.pxi import PxiFile

SCRIPT = Path("pixel_llm") / "core" / "pixelfs.py"
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PIXELFS_ROOT", str(tmp_path / "store"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "store"


def script(*args: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, str(SCRIPT), *map(str, args)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=False, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


def damage(root: Path, path: str, at: int = 5) -> None:
    file = PixelFS(root).info(path).file
    with PxiFile.open(file) as pxi:
        position = pxi.pages[PAGE].offset + at
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)


def test_the_demo_as_a_program(tmp_path: Path) -> None:
    done = script("demo", "--root", tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "90"})
    output = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    for expected in (
        "1024 x 2",
        "3,600 bytes come back, equal",
        "same pixels",
        "intact",
        "damage found",
        'page "data", band 0',
        "refused",
    ):
        assert expected in output
    assert PixelFS(tmp_path).list() == ["demo/rainbow.bin"]
    assert PixelFS(tmp_path).verify("demo/rainbow.bin").ok
    with Image.open(tmp_path / "demo" / "rainbow.bin.pxi") as image:
        assert image.size == (1024, 2)
        assert image.tobytes()[:3600] == pixelfs_demo.rainbow()


def test_the_demo_draws_the_pixels_in_colour(tmp_path: Path) -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, color_system="truecolor", width=100)
    assert pixelfs_demo.run(PixelFS(tmp_path), console)
    data = pixelfs_demo.rainbow()
    red, green, blue = data[:3]
    assert f"38;2;{red};{green};{blue}" in output.getvalue()
    assert output.getvalue().count("\u2580") == 2 * 88


def test_the_demo_fails_loudly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(PixelFS, "read", lambda self, path, offset=0, length=None: b"something else")
    assert cli(["demo", "--root", str(tmp_path)]) == 1
    assert "DIFFERENT" in capsys.readouterr().out


def test_write_read_list_info_verify_delete(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytes(range(256)) * 20
    (tmp_path / "file.bin").write_bytes(data)
    assert cli(["write", "file.bin"]) == 0
    assert cli(["write", "file.bin", "--as", "a/[red]b.bin", "--json"]) == 0
    output = capsys.readouterr().out
    assert "1024 x 2" in output
    written = json.loads(output[output.index("{") :])
    assert (written["path"], written["size"], written["width"], written["height"]) == ("a/[red]b.bin", 5120, 1024, 2)
    assert PixelFS(root).read("a/[red]b.bin") == data

    assert cli(["list"]) == 0
    listing = capsys.readouterr().out
    assert "a/[red]b.bin" in listing and "file.bin" in listing and "5,120" in listing
    assert cli(["list", "a/", "--json"]) == 0
    assert [entry["path"] for entry in json.loads(capsys.readouterr().out)] == ["a/[red]b.bin"]

    assert cli(["info", "file.bin"]) == 0
    assert re.search(r"content +[0-9a-f]{64}", capsys.readouterr().out)
    assert cli(["info", "file.bin", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["content_hash"] == written["content_hash"]

    assert cli(["verify"]) == 0
    assert capsys.readouterr().out.count("ok ") == 2
    assert cli(["verify", "file.bin", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] and report["files"][0]["path"] == "file.bin" and report["files"][0]["failures"] == []

    assert cli(["read", "file.bin", "-o", "out.bin"]) == 0
    assert (tmp_path / "out.bin").read_bytes() == data
    assert cli(["read", "file.bin", "--offset", "250", "--length", "20", "-o", "out.bin"]) == 0
    assert (tmp_path / "out.bin").read_bytes() == data[250:270]
    assert cli(["read", "file.bin", "-o", os.devnull]) == 0

    assert cli(["delete", "file.bin", "a/[red]b.bin"]) == 0
    assert cli(["list"]) == 0
    assert "nothing is stored" in capsys.readouterr().out
    assert cli(["verify"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.bin", "out.bin", "store"]


def test_pipes(root: Path) -> None:
    data = os.urandom(100_000)
    env = {**os.environ, "PIXELFS_ROOT": str(root)}
    assert script("write", "-", "--as", "piped", input=data, env=env).returncode == 0
    assert script("read", "piped", env=env).stdout == data
    part = script("read", "piped", "--offset", 99_990, "--length", 100, env=env)
    assert (part.returncode, part.stdout) == (0, data[99_990:])


def test_a_reader_that_goes_away_ends_it_without_a_word(root: Path) -> None:
    PixelFS(root).write("big", bytes(5_000_000))
    child = subprocess.Popen(
        [sys.executable, str(SCRIPT), "read", "big", "--root", str(root)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None and child.stderr is not None
    assert child.stdout.read(10) == bytes(10)
    child.stdout.close()
    with child.stderr as errors:
        assert errors.read() == b""
    assert child.wait() == -signal.SIGPIPE


def test_damage_is_exit_code_1_and_names_page_and_band(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = PixelFS(root)
    store.write("good", b"fine")
    store.write("bad", bytes(1_500_000))
    damage(root, "bad", at=1_200_000)
    assert cli(["verify"]) == 1
    output = capsys.readouterr().out
    assert "DAMAGED  bad" in output and "band 1" in output and "ok       good" in output
    assert cli(["verify", "bad", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert not report["ok"]
    assert [(f["page"], f["band"]) for f in report["files"][0]["failures"]] == [("data", 1)]

    (tmp_path / "out").write_text("old")
    assert cli(["read", "bad", "-o", "out"]) == 1
    assert "band 1" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "store"]
    assert cli(["read", "bad", "--length", "1000", "-o", "out"]) == 0
    assert (tmp_path / "out").read_bytes() == bytes(1000)

    os.truncate(root / "bad.pxi", 5000)
    assert cli(["list"]) == 1
    assert "damaged" in capsys.readouterr().out
    assert cli(["list", "--json"]) == 1
    assert "error" in json.loads(capsys.readouterr().out)[0]
    assert cli(["verify", "bad"]) == 1
    assert cli(["info", "bad"]) in {1, 3}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["read", "missing"], 4),
        (["info", "missing"], 4),
        (["verify", "missing"], 4),
        (["delete", "missing"], 4),
        (["read", "../secret"], 2),
        (["write", "source", "--as", "/etc/passwd"], 2),
        (["write", "source", "--as", "a\\b"], 2),
        (["write", "source", "--no-overwrite"], 2),
        (["write", "-"], 2),
        (["write"], 2),
        (["write", "absent"], 5),
        (["write", "."], 5),
        (["read", "source", "--offset", "-1"], 2),
        (["read", "source", "-o", "no/such/folder"], 5),
        (["list", "../"], 2),
        (["unknown"], 2),
        (["list", "--unknown"], 2),
    ],
    ids=str,
)
def test_failures_are_one_clear_message_and_a_code(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    (tmp_path / "source").write_bytes(b"1")
    assert cli(["write", "source"]) == 0
    capsys.readouterr()
    assert cli(arguments) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert "Traceback" not in output.err
    assert "rror" in output.err


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["--help"]) == 0
    assert "pixelfs.py demo" in capsys.readouterr().out
    for command in ("demo", "write", "read", "info", "verify", "list", "delete"):
        assert cli([command, "--help"]) == 0
        assert re.search(rf"Examples?:\s.*pixelfs.py {command}", capsys.readouterr().out, re.DOTALL)


def test_main_takes_the_arguments_of_the_process(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["pixelfs.py", "write", "-", "--as", "x"])
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"from standard input")))
    assert main() == 0
    assert PixelFS(root).read("x") == b"from standard input"
    monkeypatch.setattr(sys, "argv", ["pixelfs.py"])
    assert main() == 2


def test_import_is_light() -> None:
    code = (
        "import sys, pixel_llm.core.pixelfs; print([m for m in ('typer', 'rich', 'fsspec', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
