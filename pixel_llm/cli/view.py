"""`pixel-llm view`: models as a map in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pixel_llm.viewer.library import Library

EXAMPLE = "Example: pixel-llm view smollm2.pxi"


def command(
    models: Annotated[
        list[Path],
        typer.Argument(metavar="MODEL.pxi...", help="Model files; several lie side by side.", show_default=False),
    ],
    port: Annotated[
        int | None, typer.Option("--port", help="Port on 127.0.0.1; 0: any.", show_default="8461, or the next free one")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
) -> None:
    """Show models as a map: from the whole to one weight, with its exact value, in a page on 127.0.0.1.

    The atlas of a model that has none is built first. Ctrl-C ends it.
    """
    import webbrowser

    from pixel_llm.cli.output import note, say

    with open_library(models) as library:
        from pixel_llm.viewer.server import listen, serve

        listening = listen(port)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"

        def ready() -> None:
            say(url)
            note("Ctrl-C ends it")
            if browser:
                webbrowser.open(url)

        with listening:
            serve(library, listening, ready)


def open_library(models: list[Path]) -> Library:
    """The models, with their atlases, which are built where they are missing and can be written."""
    from pixel_llm.atlas.build import build_atlas
    from pixel_llm.cli.output import note, progress_bar
    from pixel_llm.errors import AlreadyExistsError, BackendError, BusyError, StorageError
    from pixel_llm.formats.model_file import ModelFile

    try:
        from pixel_llm.viewer.library import Library
        from pixel_llm.viewer.server import listen  # noqa: F401 - starlette and uvicorn are there
    except ModuleNotFoundError as error:
        raise BackendError(
            f"the viewer needs {error.name}", remedy="install it: pip install 'pixel-llm[viewer]'"
        ) from None
    for path in models:
        with ModelFile.open(path) as file:
            try:
                with progress_bar(f"building the map of {path.name}") as progress:
                    build_atlas(file, progress=progress)
            except AlreadyExistsError:
                pass
            except (StorageError, BusyError) as error:
                note(f"{error}: going on without the atlas of {path.name}; overviews take longer")
    return Library(models)
