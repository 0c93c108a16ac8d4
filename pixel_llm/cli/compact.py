"""`pixel-llm compact`: keep only the current generation."""

from __future__ import annotations

from pixel_llm.cli.options import JsonOption, ModelArgument

EXAMPLE = "Example: pixel-llm compact smollm2.pxi"


def command(model: ModelArgument, as_json: JsonOption = False) -> None:
    """Rewrite a file with its current generation alone, which frees the room of older ones. Snapshots are lost."""
    from pixel_llm.cli.output import emit_json, human_bytes, progress_bar, say
    from pixel_llm.core.pxi import compact
    from pixel_llm.errors import NotFoundError

    if not model.is_file():
        raise NotFoundError("does not exist", file=model)
    before = model.stat().st_size
    with progress_bar("compacting") as progress:
        compact(model, progress=progress)
    after = model.stat().st_size
    if as_json:
        emit_json({"path": str(model), "bytes_before": before, "bytes_after": after})
    else:
        say(f"{model}: {human_bytes(before)} -> {human_bytes(after)}")
