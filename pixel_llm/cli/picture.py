"""`pixel-llm picture`: a model or one of its tensors as an image file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixel_llm.cli.options import ForceOption, JsonOption, ModelArgument

if TYPE_CHECKING:
    from pixel_llm.formats.model_file import ModelFile

EXAMPLE = "Example: pixel-llm picture smollm2.pxi -o smollm2.png"


def command(
    model: ModelArgument,
    out: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="OUT.png", help="The image; its suffix names the format.", show_default=False
        ),
    ],
    tensor: Annotated[
        str | None,
        typer.Option("--tensor", metavar="NAME", help="One tensor, a pixel a weight.", show_default="the whole model"),
    ] = None,
    size: Annotated[int, typer.Option("--size", help="Pixels of width, at most (of a tensor: height too).")] = 2000,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Draw a picture: the whole model as a contact sheet, layer by layer, or one tensor weight by weight."""
    from pixel_llm.cli.output import emit_json, human_bytes, say
    from pixel_llm.formats.model_file import ModelFile

    with ModelFile.open(model) as file:
        width, height = save_picture(file, out, tensor=tensor, size=size, overwrite=force)
    if as_json:
        emit_json({"path": str(out), "width": width, "height": height, "bytes": out.stat().st_size})
    else:
        say(f"{out}  {width}x{height} pixels, {human_bytes(out.stat().st_size)}")


def save_picture(
    file: ModelFile, out: Path, *, tensor: str | None = None, size: int = 2000, overwrite: bool = False
) -> tuple[int, int]:
    """Draw and write `out`, through a temporary file; returns width and height in pixels."""
    import io
    import os

    from PIL import Image

    from pixel_llm.errors import AlreadyExistsError, InvalidArgumentError
    from pixel_llm.formats.gguf_writer import write_pieces
    from pixel_llm.formats.picture import picture

    form = Image.registered_extensions().get(out.suffix.lower())
    if form is None or form not in Image.SAVE:
        raise InvalidArgumentError(f"{out.suffix or 'no suffix'} names no image format", file=out, remedy="use .png")
    if os.path.lexists(out) and not overwrite:
        raise AlreadyExistsError("exists already", file=out, remedy="choose another name, or --force")
    file.refuse_target(out)
    image = picture(file, tensor, max_size=size)
    data = io.BytesIO()
    try:
        image.save(data, format=form)
    except (OSError, ValueError) as error:
        raise InvalidArgumentError(f"cannot be written as {form}: {error}", file=out, remedy="use .png") from error
    write_pieces(out, [(0, lambda: (data.getvalue(),))], len(data.getvalue()), overwrite=overwrite)
    return image.size
