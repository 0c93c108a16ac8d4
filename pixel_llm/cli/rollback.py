"""`pixel-llm rollback`: go back to an earlier generation."""

from __future__ import annotations

from typing import Annotated

import typer

from pixel_llm.cli.options import JsonOption, ModelArgument

EXAMPLE = "Example: pixel-llm rollback smollm2.pxi --to 1"


def command(
    model: ModelArgument,
    generation: Annotated[
        int, typer.Option("--to", metavar="GENERATION", help="The generation to go back to.", show_default=False)
    ],
    as_json: JsonOption = False,
) -> None:
    """Go back to an earlier generation, as a new one that equals it; nothing is lost."""
    from pixel_llm.cli.output import emit_json, say
    from pixel_llm.core.pxi import rollback

    made = rollback(model, generation)
    if as_json:
        emit_json({"path": str(model), "restored": generation, "generation": made})
    else:
        say(f"{model} is as it was in generation {generation}; this is generation {made}")
