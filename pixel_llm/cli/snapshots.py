"""`pixel-llm snapshots`: the generations that a file keeps."""

from __future__ import annotations

from pixel_llm.cli.options import JsonOption, ModelArgument

EXAMPLE = "Example: pixel-llm snapshots smollm2.pxi"


def command(model: ModelArgument, as_json: JsonOption = False) -> None:
    """List the generations that a file keeps, oldest first. `rollback` goes back to one; `compact` drops them."""
    from pixel_llm.cli.output import console, emit_json, table
    from pixel_llm.core.pxi import PxiFile

    with PxiFile.open(model) as file:
        current = file.generation
        kept = [
            {
                "generation": s.generation,
                "created": str(s.created),
                "label": s.label,
                "root_hash": s.root_hash.hex(),
                "current": s.generation == current,
            }
            for s in file.snapshots()
        ]
    if as_json:
        emit_json({"path": str(model), "generation": current, "snapshots": kept})
        return
    rows = [
        [
            str(s["generation"]),
            str(s["created"]),
            str(s["label"] or ""),
            str(s["root_hash"])[:16],
            "*" * bool(s["current"]),
        ]
        for s in kept
    ]
    console().print(table(["generation", "created", "label", "root hash", "current"], rows, right=(0,)))
