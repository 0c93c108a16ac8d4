"""`pixel-llm doctor`: what this machine offers."""

from __future__ import annotations

from typing import Any

import typer

from pixel_llm.cli.options import JsonOption

EXAMPLE = "Example: pixel-llm doctor"


def command(as_json: JsonOption = False) -> None:
    """Show what this machine offers to Pixel-LLM: processor, memory, backends, GPU adapters, libraries, cache folder.

    Limits of an adapter are those of WebGPU (https://www.w3.org/TR/webgpu/#limits). An adapter that draws with the
    processor is called a software adapter; it computes the same, and slower than the cpu backend.

    Exits 5 when no backend can run here.
    """
    from pixel_llm.cli import machine
    from pixel_llm.cli.output import console, emit_json, facts, human_bytes

    report: dict[str, Any] = {
        "system": machine.system(),
        "cpu": machine.cpu(),
        "memory": machine.memory(),
        "backends": machine.backends(),
        "adapters": machine.adapters()[0],
        "libraries": machine.libraries(),
        "cache": machine.cache(),
    }
    usable = any(b["available"] for b in report["backends"].values())
    if as_json:
        emit_json(report)
    else:
        system, cpu, memory, cache = (report[key] for key in ("system", "cpu", "memory", "cache"))
        speed = f", read at about {memory['read_gb_s']} GB/s" if memory["read_gb_s"] else ""
        rows = [
            ("Pixel-LLM", system["pixel_llm"]),
            ("Python", f"{system['python']}  {system['executable']}"),
            ("System", f"{system['os']} {cpu['architecture']}"),
            ("Processor", f"{cpu['name']}: {cpu['cores'] or '?'} cores, {cpu['usable_threads']} threads usable"),
            ("Features", _features(cpu["features"])),
            ("Memory", f"{human_bytes(memory['total'])}, {human_bytes(memory['available'])} available{speed}"),
        ]
        rows += [
            (f"Backend {name}", "available" if state["available"] else f"not available: {state['why_not']}")
            for name, state in report["backends"].items()
        ]
        rows += [pair for adapter in report["adapters"] for pair in _adapter_rows(adapter)]
        rows += [
            ("Libraries", ", ".join(f"{name} {version or 'MISSING'}" for name, version in report["libraries"].items())),
            ("Cache", f"{cache['folder']}{'' if cache['writable'] else ' (NOT WRITABLE)'}"),
            ("", f"{human_bytes(cache['used'])} used, {human_bytes(cache['disk_free'])} free on its disk"),
            ("Models", ", ".join(cache["models"]) or "none pulled; try `pixel-llm pull smollm2-135m`"),
        ]
        console().print(facts(rows))
    if not usable:
        raise typer.Exit(5)


def _features(names: list[str] | None) -> str:
    if names is None:
        return "unknown: llvmlite, which tells them, is not installed"
    return " ".join(names) or "none of those that kernels look for"


def _adapter_rows(adapter: dict[str, Any]) -> list[tuple[str, str]]:
    from pixel_llm.cli.output import human_bytes

    kind = "software adapter, runs on the processor" if adapter["software"] else f"{adapter['kind']} GPU"
    limits, memory = adapter["limits"], adapter["memory"]
    features = ", ".join(adapter["features"]) or "none that kernels use"
    textures = f"{limits['texture_2d']:,}² × {limits['texture_layers']:,} layers"
    per_stage = f"{limits['storage_buffers']} storage buffers, {limits['sampled_textures']} textures a stage"
    groups = f"workgroups of {limits['workgroup_invocations']:,}, {human_bytes(limits['workgroup_bytes'])}"
    rows = [
        (f"Adapter {adapter['index']}", f"{adapter['name']}: {kind}{' (default)' if adapter['default'] else ''}"),
        ("", f"{adapter['api']}, driver {adapter['driver']}; features: {features}"),
        ("", f"textures {textures}, bindings {human_bytes(limits['storage_binding_bytes'])}, {per_stage}, {groups}"),
    ]
    if memory is not None:
        whose = "the system's memory" if memory["shared"] else "its memory"
        rows.append(("", f"{human_bytes(memory['free'])} of {human_bytes(memory['total'])} free of {whose}"))
    for speeds in adapter["measured"]:
        size = human_bytes(speeds["weight_bytes"])
        seen = ", ".join(f"{name} {speeds[name]:.1f}" for name in ("texture", "buffer", "cpu") if speeds[name])
        rows.append(("", f"decoding measured with about {size} of weights, tokens/s: {seen}"))
    return rows
