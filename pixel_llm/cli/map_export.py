"""`pixel-llm map export`: the map as a folder for any web server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixel_llm.cli.options import ForceOption, JsonOption

EXAMPLE = "Example: pixel-llm map export smollm2.pxi -o site"


def command(
    models: Annotated[
        list[Path],
        typer.Argument(metavar="MODEL.pxi...", help="Model files; several lie side by side.", show_default=False),
    ],
    out: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="The folder to write.", show_default=False)
    ],
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the map as a static site: the page, the models and their atlases, for any web server with range requests.

    The models are copied into it. With --force an earlier export is replaced, never another folder.
    """
    from pixel_llm.cli.output import emit_json, human_bytes, progress_bar, say
    from pixel_llm.cli.view import open_library

    with open_library(models) as library:
        from pixel_llm.viewer.static_site import export_site

        with progress_bar("writing the site") as progress:
            report = export_site(library, out, overwrite=force, progress=progress)
    if as_json:
        emit_json({"path": str(report.path), "files": report.files, "bytes": report.bytes})
        return
    say(f"{report.path}  {report.files} files, {human_bytes(report.bytes)}")
