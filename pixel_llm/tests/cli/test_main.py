"""The entry point: help, versions, how errors become messages and exit codes, what is imported."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import pixel_llm
from pixel_llm.cli import docs, docs_formats, pull
from pixel_llm.cli.main import EXIT_CODES
from pixel_llm.tests.cli.conftest import Cli

COMMANDS = ["pull", "import", "export", "info", "verify", "picture", "generate", "chat", "score"]
COMMANDS += ["snapshots", "rollback", "compact", "validate", "bench", "doctor", "demo"]


def test_help_lists_every_command(cli: Cli) -> None:
    ran = cli("--help")
    assert ran.code == 0
    assert all(name in ran.out for name in COMMANDS)
    assert "Exit codes" in ran.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(cli: Cli, name: str) -> None:
    ran = cli(name, "--help")
    assert ran.code == 0
    assert f"pixel-llm {name}" in ran.out.split("Example:")[1]


def test_version(cli: Cli) -> None:
    assert cli("--version").out == f"pixel-llm {version('pixel-llm')}\n"


@pytest.mark.parametrize(
    "arguments", [["--nope"], ["info"], ["no-such-command"], ["info", "a", "b"], ["generate", "x", "--backend", "tpu"]]
)
def test_a_wrong_command_line_exits_2(cli: Cli, arguments: list[str]) -> None:
    ran = cli(*arguments)
    assert ran.code == 2 and not ran.out and ran.err


def test_a_missing_file_exits_4(cli: Cli, tmp_path: Path) -> None:
    for command in (["info"], ["verify"], ["snapshots"], ["compact"], ["rollback", "--to", "1"]):
        ran = cli(command[0], tmp_path / "gone.pxi", *command[1:])
        assert (ran.code, ran.out) == (4, "") and "gone.pxi" in ran.err and ran.err.startswith("Error: ")


def test_a_file_that_is_none_exits_3(cli: Cli, tmp_path: Path) -> None:
    text = tmp_path / "[bold]text.txt"  # brackets are no markup
    text.write_text("hello " * 1000, encoding="utf-8")
    for command in ("info", "verify", "snapshots"):
        ran = cli(command, text)
        assert ran.code == 3 and str(text) in ran.err
    assert cli("import", text, "-o", tmp_path / "out.pxi").code == 3
    assert not (tmp_path / "out.pxi").exists()


def test_unexpected_errors_ask_for_a_report(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(name: str, **options: object) -> None:
        raise RuntimeError("boom\x1b[31m")

    monkeypatch.setattr("pixel_llm.download.pull", explode)
    ran = cli("pull", "x")
    assert ran.code == 70 and "RuntimeError: boom" in ran.err and "report" in ran.err
    assert "Traceback" not in ran.err and "\x1b" not in ran.err
    monkeypatch.setenv("PIXEL_LLM_DEBUG", "1")
    with pytest.raises(RuntimeError):
        from pixel_llm.cli.main import run

        run(["pull", "x"])


def test_ctrl_c_exits_130(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(name: str, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pixel_llm.download.pull", interrupted)
    assert cli("pull", "x").code == 130


def test_a_reader_that_leaves_is_no_error(tiny_pxi: Path) -> None:
    command = [sys.executable, "-m", "pixel_llm.cli", "info", str(tiny_pxi), "--tensors"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0  # 1 would say that a check failed


def test_the_command_line_starts_without_heavy_imports() -> None:
    heavy = "numpy llvmlite tokenizers huggingface_hub jinja2 PIL requests pypi_simple psutil portalocker"
    heavy += " sqlalchemy alembic dbos pydantic yaml structlog textual openai ollama genai_prices"
    code = f"import sys, pixel_llm.cli.main; print(sorted(set('{heavy}'.split()) & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_docs_page_is_what_the_commands_say() -> None:
    page = Path(pixel_llm.__file__).parent.parent / "docs" / "cli.md"
    assert page.read_text(encoding="utf-8") == docs.page(), "run: python -m pixel_llm.cli.docs > docs/cli.md"


def test_docs_page_names_commands_and_exit_codes() -> None:
    text = docs.page()
    assert all(f"## pixel-llm {name}\n" in text for name in COMMANDS)
    assert all(f"| {code} | {meaning} |" in text for code, meaning in EXIT_CODES.items())
    assert pull.EXAMPLE.removeprefix("Example: ") in text


def test_public_surface() -> None:
    assert sorted(pixel_llm.__all__) == [
        "Model",
        "PixelLLMError",
        "__version__",
        "export_model",
        "import_model",
        "open",
    ]
    assert all(getattr(pixel_llm, name) is not None for name in pixel_llm.__all__)
    assert set(pixel_llm.__all__) <= set(dir(pixel_llm))
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        pixel_llm.nope


def test_formats_page_is_what_the_tables_say() -> None:
    page = Path(pixel_llm.__file__).parent.parent / "docs" / "formats.md"
    assert page.read_text(encoding="utf-8") == docs_formats.page(), (
        "run: python -m pixel_llm.cli.docs_formats > docs/formats.md"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("options", [["--json"], []])
def test_output_that_cannot_be_written_exits_5(tiny_pxi: Path, options: list[str]) -> None:
    command = [sys.executable, "-m", "pixel_llm.cli", "info", str(tiny_pxi), *options]
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert ran.returncode == 5 and "No space left" in ran.stderr
    assert "defect" not in ran.stderr and "Traceback" not in ran.stderr


def test_what_the_system_refuses_exits_5(cli: Cli, tiny_pxi: Path, tiny_folder: Path, tmp_path: Path) -> None:
    long = tmp_path / ("x" * 300)
    for arguments in (
        ["import", tiny_folder, "-o", f"{long}.pxi"],
        ["import", long, "-o", tmp_path / "m.pxi"],
        ["export", tiny_pxi, "-o", f"{long}.gguf"],
        ["picture", tiny_pxi, "-o", f"{long}.png"],
        ["compact", long],
    ):
        ran = cli(*arguments)
        assert ran.code == 5 and "too long" in ran.err and "defect" not in ran.err, ran.err
    assert list(tmp_path.iterdir()) == []
