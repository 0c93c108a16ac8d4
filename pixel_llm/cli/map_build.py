"""`pixel-llm map build`: the statistics pyramid of a model, beside it."""

from __future__ import annotations

import dataclasses

from pixel_llm.cli.options import ForceOption, JsonOption, ModelArgument, ThreadsOption

EXAMPLE = "Example: pixel-llm map build smollm2.pxi"


def command(
    model: ModelArgument, threads: ThreadsOption = None, force: ForceOption = False, as_json: JsonOption = False
) -> None:
    """Build the atlas of a model, `MODEL.pxi.atlas`: statistics of blocks of weights, for every zoom of the map.

    It takes at most 4 % of the model's size and is tied to the model's hash. A build that was ended goes on where it
    was when it is started again. An atlas that is up to date is left as it is, unless --force.
    """
    from pixel_llm.atlas.atlas_file import atlas_path
    from pixel_llm.atlas.build import build_atlas, current
    from pixel_llm.atlas.model_layout import layout_of
    from pixel_llm.cli.output import emit_json, human_bytes, human_seconds, note, progress_bar, say
    from pixel_llm.formats.model_file import ModelFile

    with ModelFile.open(model) as file:
        path = atlas_path(model)
        if not force and current(file, layout_of(file), path):
            if as_json:
                emit_json({"path": str(path), "bytes": path.stat().st_size, "built": False})
            else:
                say(f"{path} is up to date")
            return
        with progress_bar("building the map") as progress:
            report = build_atlas(file, overwrite=True, threads=threads, progress=progress)
    if as_json:
        emit_json({**dataclasses.asdict(report), "path": str(report.path), "built": True})
        return
    share = report.bytes / report.model_bytes
    say(f"{report.path}  {human_bytes(report.bytes)}, {share:.1%} of the model, in {human_seconds(report.seconds)}")
    if report.resumed:
        note(f"{report.resumed} tiles came from an earlier build that was ended")
