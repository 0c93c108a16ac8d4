"""`pixel-llm locate`: from a weight to its place on the map, and back."""

from __future__ import annotations

from typing import Annotated

import typer

from pixel_llm.cli.options import JsonOption, ModelArgument

EXAMPLE = "Example: pixel-llm locate smollm2.pxi --tensor blk.0.attn_q.weight --row 5 --col 7"


def command(
    model: ModelArgument,
    tensor: Annotated[
        str | None, typer.Option("--tensor", metavar="NAME", help="A tensor.", show_default=False)
    ] = None,
    row: Annotated[int | None, typer.Option("--row", help="Its row.", show_default="0")] = None,
    col: Annotated[int | None, typer.Option("--col", help="Its column.", show_default="0")] = None,
    x: Annotated[int | None, typer.Option("--x", help="A place on the map, in weights.", show_default=False)] = None,
    y: Annotated[int | None, typer.Option("--y", help="A place on the map, in weights.", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Say where a weight lies on the map, or which weight lies at a place; its value either way.

    Give --tensor with --row and --col, or --x with --y. Exit code 4 where the map is empty.
    """
    from pixel_llm.atlas.model_map import ModelMap
    from pixel_llm.cli.output import console, emit_json, facts
    from pixel_llm.errors import InvalidArgumentError, NotFoundError
    from pixel_llm.formats.model_file import ModelFile

    by_place = x is not None and y is not None and (tensor, row, col) == (None, None, None)
    if not by_place and (tensor is None or x is not None or y is not None):
        raise InvalidArgumentError("give --tensor with --row and --col, or --x with --y")
    with ModelFile.open(model) as file:
        plane = ModelMap(file)
        if tensor is not None:
            x, y = plane.pixel(tensor, row or 0, col or 0)
        assert x is not None
        assert y is not None
        element, value = plane.locate(x, y), plane.value(x, y)
        if element is None or value is None:
            raise NotFoundError(f"no weight lies at x {x}, y {y}", file=model)
        encoding = file.tensors[element.tensor].encoding.name
    place = {"x": x, "y": y, "tensor": element.tensor, "row": element.row, "col": element.col}
    more = {"layer": element.layer, "head": element.head, "encoding": encoding}
    if as_json:
        finite = value - value == 0
        emit_json({**place, **more, "value": value if finite else None, "text": repr(value)})
        return
    rows = [(name, str(what)) for name, what in {**place, "value": repr(value), **more}.items() if what is not None]
    console().print(facts(rows))
