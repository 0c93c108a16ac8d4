"""`pixel-llm export`: a .pxi file becomes GGUF or safetensors again."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pixel_llm.cli.options import ForceOption, JsonOption, ModelArgument

EXAMPLE = "Example: pixel-llm export smollm2.pxi -o smollm2.gguf"


class Format(StrEnum):
    """What to write."""

    gguf = "gguf"
    safetensors = "safetensors"


def command(
    model: ModelArgument,
    out: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="OUT", help="A .gguf file, or a folder for safetensors.", show_default=False
        ),
    ],
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            metavar="gguf|safetensors",
            help="What to write.",
            show_default="gguf where OUT ends so, else safetensors",
        ),
    ] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the model as GGUF or as a Hugging Face folder. What was imported without loss comes back bit for bit."""
    from pixel_llm.api import export_model
    from pixel_llm.cli.output import emit_json, human_bytes, human_seconds, progress_bar, say

    start = time.perf_counter()
    with progress_bar("exporting") as progress:
        written = export_model(model, out, format=form.value if form else None, overwrite=force, progress=progress)
    seconds = time.perf_counter() - start
    files = [p for p in out.rglob("*") if p.is_file()] if out.is_dir() else [out]
    size = sum(p.stat().st_size for p in files)
    if as_json:
        emit_json({"path": str(out), "format": written, "bytes": size, "seconds": round(seconds, 3)})
    else:
        say(f"{out}  {written}, {human_bytes(size)} in {human_seconds(seconds)}")
