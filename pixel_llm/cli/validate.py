"""`pixel-llm validate`: a model file against the checkpoint it was made from."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Annotated, Any

import typer

from pixel_llm.cli.options import JsonOption, ModelArgument

EXAMPLE = "Example: pixel-llm validate smollm2.pxi --against SmolLM2-135M-Instruct.Q4_1.gguf"


def command(
    model: ModelArgument,
    against: Annotated[
        Path, typer.Option("--against", metavar="SRC", help="The checkpoint it was imported from.", show_default=False)
    ],
    as_json: JsonOption = False,
) -> None:
    """Compare a model file with its source: every weight, and what the model says about a built-in text.

    Exits 1 when a weight differs by more than the file states (at all, where it is stated to be lossless), or when the
    reference backend's answers differ by more than the bound for how the file was made. The bounds, as mean absolute
    difference of log-probabilities and share of equal most likely tokens: lossless 0.002 and 99.5 %; transcoded (some
    K-quants) 0.02 and 98 %; quantised to q8 0.1 and 90 %, to q4 1.2 and 50 %.
    """
    from pixel_llm import api
    from pixel_llm.cli import agreement
    from pixel_llm.cli.output import console, emit_json, progress_bar, say, table
    from pixel_llm.formats.checkpoint import open_checkpoint

    with api.open(model) as opened:
        checkpoint = open_checkpoint(against)
        try:
            source = agreement.source_of(opened.file, checkpoint)
            with progress_bar("comparing weights", unit="weights") as progress:
                tensors = agreement.compare_tensors(opened.file, source, progress)
            with progress_bar("comparing answers", unit="tokens") as progress:
                logits = agreement.compare_logits(opened.file, source, opened.tokenizer, progress)
        finally:
            checkpoint.close()
        bound = agreement.bound_for(opened.file)
    weights_ok = not any(one.faults for one in tensors.values())
    answers_ok = logits["mean_difference"] <= bound.difference and logits["agreement"] >= bound.agreement
    ok = weights_ok and answers_ok
    if as_json:
        result: dict[str, Any] = {"ok": ok, "path": str(model), "source": str(against)}
        result["encodings"] = {
            name: {key: _finite(value) for key, value in dataclasses.asdict(one).items()}
            for name, one in tensors.items()
        }
        result["logits"] = {key: _finite(value) for key, value in logits.items()}
        emit_json({**result, "bound": dataclasses.asdict(bound)})
    else:
        rows = [
            [
                name,
                str(one.tensors),
                f"{one.max_error:.3g}" if one.max_error else "none",
                f"{one.stated_error:.3g}" if one.stated_error else "none",
                "ok" if not one.faults else f"{one.faults} tensors differ by more",
            ]
            for name, one in tensors.items()
        ]
        columns = ["encoding", "tensors", "largest error", "error stated in the file", "weights"]
        console().print(table(columns, rows, right=(1, 2, 3)))
        say()
        say(
            f"log-probabilities differ by {logits['mean_difference']:.6f} on average (at most {bound.difference}), "
            f"the most likely token is the same in {100 * logits['agreement']:.1f} % of {logits['tokens']} places "
            f"(at least {100 * bound.agreement:.1f} %, the bound for {bound.name} files)"
        )
        say("they agree" if ok else "THEY DO NOT AGREE", style="green" if ok else "bold red")
    if not ok:
        raise typer.Exit(1)


def _finite(value: float | int) -> float | int | None:
    return value if math.isfinite(value) else None
