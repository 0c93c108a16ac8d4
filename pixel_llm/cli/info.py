"""`pixel-llm info`: what a model file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixel_llm.cli.options import JsonOption, ModelArgument

if TYPE_CHECKING:
    from pixel_llm.formats.model_file import ModelFile

EXAMPLE = "Example: pixel-llm info smollm2.pxi --tensors"


def command(
    model: ModelArgument,
    tensors: Annotated[bool, typer.Option("--tensors", help="List every tensor (always in the JSON).")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a model file holds: architecture, encodings, tokenizer, source, licence. Reads no weights."""
    from pixel_llm.cli.output import console, emit_json, facts, human_bytes, human_count, say, table
    from pixel_llm.formats.model_file import ModelFile

    with ModelFile.open(model) as file:
        report = describe(file)
    if as_json:
        emit_json(report)
        return
    spec, source = report["spec"], report["source"]
    attention = f"{spec['heads']} heads of {spec['head_dim']}"
    if spec["kv_heads"] != spec["heads"]:
        attention += f", {spec['kv_heads']} KV heads"
    origin = f"{source.get('kind', '?')} {source.get('file', '')}, quant {source.get('quant', '?')}"
    rows = [
        ("File", f"{report['path']}  {human_bytes(report['bytes'])}"),
        ("Model", f"{spec['architecture']}, {human_count(report['parameters'])} parameters"),
        ("Layers", f"{spec['layers']}, hidden {spec['hidden_size']}, feed-forward {spec['intermediate_size']}"),
        ("Attention", attention),
        ("Context", f"{spec['context_length']} tokens"),
        ("Vocabulary", f"{spec['vocab_size']} tokens, chat template: {'yes' if report['chat_template'] else 'no'}"),
        ("Source", origin),
        ("", f"SHA-256 {source.get('sha256', '?')}"),
        ("Licence", report["licence"] or "not stated"),
        ("Generation", f"{report['generation']} of {report['snapshots']} kept"),
        ("Root hash", report["root_hash"]),
    ]
    out = console()
    out.print(facts(rows))
    say()
    out.print(
        table(
            ["encoding", "tensors", "parameters", "bytes", "bits/weight", "largest error"],
            [
                [
                    name,
                    str(one["tensors"]),
                    human_count(one["parameters"]),
                    human_bytes(one["bytes"]),
                    f"{8 * one['bytes'] / one['parameters']:.2f}",
                    "lossless" if one["lossless"] else f"{one['max_error']:.3g}",
                ]
                for name, one in report["encodings"].items()
            ],
            right=(1, 2, 3, 4, 5),
        )
    )
    if tensors:
        say()
        out.print(
            table(
                ["tensor", "shape", "encoding", "bytes", "source", "largest error"],
                [
                    [
                        t["name"],
                        "x".join(map(str, t["shape"])),
                        t["encoding"],
                        human_bytes(t["bytes"]),
                        t["source_dtype"],
                        "lossless" if t["lossless"] else f"{t['max_error']:.3g}",
                    ]
                    for t in report["tensors"]
                ],
                right=(1, 3, 5),
            )
        )


def describe(file: ModelFile) -> dict[str, Any]:
    """Everything that `info` shows, as JSON values."""
    import math

    from pixel_llm.models import DecoderSpec

    DecoderSpec.from_json(file.spec_json)  # raises where the file says no model that can be shown
    encodings: dict[str, dict[str, Any]] = {}
    listed = []
    for tensor in file.tensors.values():
        count, size = math.prod(tensor.shape), tensor.nbytes
        listed.append(
            {
                "name": tensor.name,
                "shape": list(tensor.shape),
                "encoding": tensor.encoding.name,
                "bytes": size,
                "source_name": tensor.source_name,
                "source_dtype": tensor.source_dtype,
                "lossless": tensor.lossless,
                "max_error": tensor.max_error,
            }
        )
        one = encodings.setdefault(
            tensor.encoding.name, {"tensors": 0, "parameters": 0, "bytes": 0, "lossless": True, "max_error": 0.0}
        )
        one["tensors"] += 1
        one["parameters"] += count
        one["bytes"] += size
        one["lossless"] &= tensor.lossless
        one["max_error"] = max(one["max_error"], tensor.max_error)
    tokenizer = file.tokenizer_json
    return {
        "path": str(file.pxi.path),
        "bytes": file.pxi.path.stat().st_size,
        "generation": file.pxi.generation,
        "snapshots": len(file.pxi.snapshots()),
        "root_hash": file.pxi.root_hash.hex(),
        "parameters": sum(one["parameters"] for one in encodings.values()),
        "spec": file.spec_json,
        "tokenizer": {k: v for k, v in tokenizer.items() if k not in ("chat_template", "specials")},
        "chat_template": tokenizer.get("chat_template"),
        "source": file.source,
        "licence": file.licence,
        "encodings": dict(sorted(encodings.items(), key=lambda item: -item[1]["bytes"])),
        "tensors": listed,
    }
