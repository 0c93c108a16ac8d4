"""A tiny model file, and a way to run the command line in this process."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pixel_llm import import_model
from pixel_llm.cli.main import run
from pixel_llm.testing.hf_folder import write_hf_folder
from pixel_llm.testing.tiny import CONFIGS


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """`cli("info", path, stdin=b"…")` runs `pixel-llm info PATH`."""
    monkeypatch.delenv("PIXEL_LLM_DEBUG", raising=False)

    def invoke(*arguments: object, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return invoke


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face folder of a random llama with a context of 20,000 tokens."""
    folder = tmp_path_factory.mktemp("tiny") / "tiny-llama"
    write_hf_folder(folder, {**CONFIGS["llama"], "max_position_embeddings": 20_000})
    return folder


@pytest.fixture(scope="session")
def tiny_pxi(tiny_folder: Path) -> Path:
    """The same as a model file. Tests that change it copy it first."""
    out = tiny_folder.parent / "tiny.pxi"
    import_model(tiny_folder, out)
    return out
