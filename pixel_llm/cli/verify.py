"""`pixel-llm verify`: check all that a file holds against its hashes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import typer

from pixel_llm.cli.options import JsonOption, ModelArgument, ThreadsOption

EXAMPLE = "Example: pixel-llm verify smollm2.pxi && echo sound"


def command(model: ModelArgument, threads: ThreadsOption = None, as_json: JsonOption = False) -> None:
    """Check the whole file against the SHA-256 tree inside it; exit 1 and name tensor and band where bytes differ."""
    from pixel_llm.cli.output import console, emit_json, human_bytes, human_seconds, note, progress_bar, say, table
    from pixel_llm.core.pxi import PxiFile
    from pixel_llm.errors import IntegrityError

    start = time.perf_counter()
    failures: list[dict[str, Any]] = []
    notes: list[str] = []
    checked = 0
    try:
        with PxiFile.open(model) as file, progress_bar("verifying") as progress:
            report = file.verify(threads=threads, progress=progress)
        checked, notes = report.bytes_checked, report.notes
        failures = [
            {"page": f.page, "band": f.band, "message": plain(f.message, model, f.page)} for f in report.failures
        ]
    except IntegrityError as error:  # header or index: nothing behind it can be trusted
        failures = [{"page": error.part, "band": None, "message": error.message}]
    seconds = time.perf_counter() - start
    if as_json:
        result = {"path": str(model), "ok": not failures, "bytes_checked": checked, "failures": failures}
        emit_json({**result, "notes": notes, "seconds": round(seconds, 4)})
    elif failures:
        say(f"{model} is damaged:", style="bold red")
        rows = [[f["page"] or "(file)", "" if f["band"] is None else str(f["band"]), f["message"]] for f in failures]
        console().print(table(["page", "band", "what is wrong"], rows, right=(1,)))
        say("Take a sound copy, or import the source again.")
    else:
        rate = human_bytes(checked / seconds) + "/s"
        say(f"{model} is sound: {human_bytes(checked)} checked in {human_seconds(seconds)} ({rate})", style="green")
    for line in notes if not as_json else ():
        note(line)
    if failures:
        raise typer.Exit(1)


def plain(message: str, path: Path, page: str | None) -> str:
    """A failure's message without file and page, which are shown beside it."""
    return message.removeprefix(f"{path}: ").removeprefix(f"{page}: ")
