"""`pixel-llm import`: a checkpoint becomes a .pxi file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from pixel_llm.cli.options import ForceOption, JsonOption, Quant

EXAMPLE = "Example: pixel-llm import SmolLM2-135M-Instruct.Q4_1.gguf -o smollm2.pxi"


def command(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SRC",
            help="A GGUF file, a .safetensors file beside its config.json, or a Hugging Face folder.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.pxi", help="The file to write.", show_default=False)
    ],
    quant: Annotated[
        Quant,
        typer.Option(
            "--quant",
            metavar="none|q8|q4",
            help="`none` keeps every weight as the source has it; `q8` and `q4` quantise matrices to 8 or 4 bits in "
            "groups of 32.",
        ),
    ] = Quant.none,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Turn a checkpoint into one .pxi file: weights, tokenizer, chat template and a picture of them.

    Nothing is left behind when it fails. Where an encoding cannot hold the source exactly, the largest error is told.
    """
    from pixel_llm.api import import_model
    from pixel_llm.cli.output import console, emit_json, human_bytes, human_seconds, progress_bar, say, table

    with progress_bar("importing") as progress:
        report = import_model(source, out, quant=quant.value, overwrite=force, progress=progress)
    size = report.bytes
    if as_json:
        encodings = {name: dataclasses.asdict(one) for name, one in report.encodings.items()}
        known = {"path": str(out), "bytes": size, "quant": quant.value, "source_sha256": report.sha256}
        emit_json({**known, "encodings": encodings, "seconds": round(report.seconds, 3)})
        return
    rows = [
        [name, str(one.tensors), human_bytes(one.bytes), f"{one.max_error:.3g}" if one.max_error else "lossless"]
        for name, one in report.encodings.items()
    ]
    console().print(table(["encoding", "tensors", "bytes", "largest error"], rows, right=(1, 2, 3)))
    say()
    say(f"{out}  {human_bytes(size)} in {human_seconds(report.seconds)}")
